"""Readouts as one JSON document with stable names, for pipelines and other programs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import ConfigDict, Field

from experiments.design import FULL_WEIGHT, Correction, DecisionRule, Design, Method
from experiments.intake import BadRow, Intake
from experiments.intake.result import Crossed
from experiments.readout import Comparison, Finding, Readout, Segments, Verdict
from experiments.texts import Frozen

SCHEMA: Literal["bunsen/readout/1"] = "bunsen/readout/1"


class LeftOut(Frozen):
    """A row that could not be used and was left out: the `number` of the line or row, and why."""

    place: Literal["line", "row"]
    number: int
    column: str
    reason: str


class Crossing(Frozen):
    """Units that were in two variants and are left out, of all that were `seen`; only of files of single units."""

    units: int
    seen: int


class LookOut(Frozen):
    """One look: p so far and the interval of the difference at that look; null is an infinite bound."""

    day: float
    n: int
    difference: float
    lower: float | None
    upper: float | None
    p: float | None


class TrailOut(Frozen):
    """All looks at one metric and treatment, oldest first."""

    metric: str
    treatment: str
    looks: tuple[LookOut, ...]


class ExperimentOut(Frozen):
    """The readout of one experiment. `day` is how far its data reach, in days since its start.

    `units` are those of each variant on the primary metric, `weights` the shares they were meant to have (of 1).
    `planned_units` are those of control and one treatment together. Shares and lifts are of 1: 0.02 is 2 %.
    """

    key: str
    day: float
    planned_days: int
    planned_units: int
    method: Method
    correction: Correction
    alpha: float
    rule: DecisionRule
    units: dict[str, int]
    weights: dict[str, float]
    verdict: Verdict
    findings: tuple[Finding, ...]
    comparisons: tuple[Comparison, ...]
    segments: tuple[Segments, ...]
    trails: tuple[TrailOut, ...]
    crossed: Crossing | None


class Document(Frozen):
    """What `bunsen analyze --json` prints. There is no NaN and no Infinity in it.

    `rows` counts all rows of the file, those that were left out included; `exit_code` is that of the command.
    """

    model_config = ConfigDict(title="bunsen/readout/1")

    format: Literal["bunsen/readout/1"] = Field(default=SCHEMA, alias="schema")
    file: str
    rows: int
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    exit_code: int
    experiments: tuple[ExperimentOut, ...]


def document(file: str, intake: Intake, read: Sequence[tuple[Design, Readout]], *, exit_code: int) -> str:
    """The JSON of these readouts with the designs they were read by; a `Document`, see `schema`.

    >>> found = json.loads(document("data.csv", Intake({}, (), 0), [], exit_code=13))
    >>> found["schema"], found["exit_code"]
    ('bunsen/readout/1', 13)
    """
    made = Document(
        schema=SCHEMA,
        file=file,
        rows=intake.total_rows,
        left_out=tuple(_left_out(row) for row in intake.bad_rows),
        notes=intake.notes,
        exit_code=exit_code,
        experiments=tuple(readout_out(design, readout, intake.crossed.get(readout.key)) for design, readout in read),
    )
    return written(made.model_dump(mode="json", by_alias=True))


def written(value: Any) -> str:
    """The JSON of a value made of plain types, with null for infinities and NaN, which JSON does not have.

    >>> written({"lower": -math.inf}).split()
    ['{', '"lower":', 'null', '}']
    """
    return json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False)


def schema() -> dict[str, Any]:
    """The JSON Schema of the document; `docs/readout-1.schema.json` is a copy of it.

    >>> schema()["properties"]["schema"]["const"]
    'bunsen/readout/1'
    """
    return Document.model_json_schema(mode="serialization", by_alias=True)


def _left_out(row: BadRow) -> LeftOut:
    return LeftOut.model_validate({"place": row.place, "number": row.line, "column": row.column, "reason": row.reason})


def readout_out(design: Design, readout: Readout, crossed: Crossed | None = None) -> ExperimentOut:
    """One readout with the design it was read by, as every JSON says it."""
    return ExperimentOut(
        key=readout.key,
        day=readout.day,
        planned_days=readout.planned_days,
        planned_units=design.planned_units,
        method=design.method,
        correction=design.correction,
        alpha=readout.alpha,
        rule=design.rule,
        units=readout.units,
        weights={variant: weight / FULL_WEIGHT for variant, weight in readout.weights.items()},
        verdict=readout.verdict,
        findings=readout.findings,
        comparisons=readout.comparisons,
        segments=readout.segments,
        trails=tuple(TrailOut.model_validate(trail.model_dump()) for trail in readout.trails),
        crossed=crossed and Crossing(units=crossed.units, seen=crossed.seen),
    )


def _finite(value: Any) -> Any:
    """The same without infinities and NaN, which JSON does not have."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list) else value
