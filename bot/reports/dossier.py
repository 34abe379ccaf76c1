"""The report for programs: everything as one JSON document, and the comparisons as a CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from typing import Any

from bot.reports.document import readout_out, written
from experiments.audit import AuditRecord
from experiments.model import Experiment, Note, NoteState
from experiments.readout import Comparison, Interval, Readout
from experiments.report import Report

SCHEMA = "bunsen.report/1"
# What a record was made from stays out: rows of data by the thousand, and what somebody predicted before the start.
LEFT_OUT_OF_RECORDS = {"workspace", "key", "payload", "delivery"}
HEAD = (
    "experiment", "readout", "as_of", "dimension", "level",
    "metric", "role", "kind", "unit", "direction",
    "control", "control_units", "control_mean", "treatment", "treatment_units", "treatment_mean",
    "difference", "difference_lower", "difference_upper", "lift", "lift_lower", "lift_upper",
    "p", "fixed_p", "lift_error", "standing", "refused", "family", "variance_left",
    "limit", "limit_scale", "guardrail", "harm", "harm_p",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Cell = str | int | float | None


def as_json(report: Report) -> bytes:
    """The whole report as JSON, with `"schema": "bunsen.report/1"`; the readout as `bunsen analyze --json` says it."""
    return written(
        {
            "schema": SCHEMA,
            "bunsen": report.version,
            "made_at": report.made_at.isoformat(),
            "as_of": report.as_of.isoformat(),
            "configuration_hash": report.experiment.design.hash,
            "experiment": _experiment(report.experiment),
            "readout": _readout(report.experiment, report.readout) if report.readout else None,
            "notes": [_note(note) for note in report.notes],
            "audit": [_record(record) for record in report.records],
            "names": dict(report.names),
        }
    ).encode()


def as_csv(report: Report) -> bytes:
    """One comparison a row, those of segments with their dimension and level, after RFC 4180.

    It begins with the mark by which spreadsheets know UTF-8. A text that one of them would run as a formula gets an
    apostrophe in front; numbers stay numbers, and what is not known is empty.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    if report.readout:
        for row in _rows(report.readout):
            writer.writerow([_inert(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _experiment(experiment: Experiment) -> dict[str, Any]:
    """Predictions are told from the start on, and not before."""
    told = [prediction.model_dump(mode="json") for prediction in experiment.told_predictions]
    return {**experiment.model_dump(mode="json", exclude={"predictions"}), "predictions": told}


def _readout(experiment: Experiment, readout: Readout) -> dict[str, Any]:
    """`crossed` belongs to files of single units and stays out."""
    return {
        "number": readout.number,
        "as_of": readout.as_of.isoformat(),
        "design_hash": readout.design_hash,
        "progress": readout.progress,
        **readout_out(experiment.design, readout).model_dump(mode="json", exclude={"crossed"}),
    }


def _note(note: Note) -> dict[str, Any]:
    made = note.model_dump(mode="json")
    return {**made, "text": None} if note.state is NoteState.DELETED else made


def _record(record: AuditRecord) -> dict[str, Any]:
    return record.model_dump(mode="json", exclude=LEFT_OUT_OF_RECORDS)


def _rows(readout: Readout) -> Iterator[tuple[Cell, ...]]:
    start = (readout.key, readout.number, readout.as_of.isoformat())
    for each in readout.comparisons:
        yield (*start, "", "", *_cells(each))
    for segments in readout.segments:
        for level, each in segments.levels.items():
            yield (*start, segments.dimension, level, *_cells(each))


def _cells(each: Comparison) -> tuple[Cell, ...]:
    limit = each.limit
    return (
        each.metric,
        each.role.value,
        each.kind.value,
        each.unit,
        each.direction.value,
        *(each.control.variant, each.control.n, each.control.mean),
        *(each.treatment.variant, each.treatment.n, each.treatment.mean),
        *(each.difference, *_bounds(each.interval)),
        *(each.relative, *_bounds(each.relative_interval)),
        *(each.p, each.fixed_p, each.relative_error),
        *(each.standing.value, each.refused, each.family, each.variance_left),
        *((limit.harm, limit.scale.value) if limit else (None, None)),
        *(each.guardrail and each.guardrail.value, each.harm, each.harm_p),
    )


def _bounds(interval: Interval | None) -> tuple[float | None, float | None]:
    return (interval.lower, interval.upper) if interval else (None, None)


def _inert(cell: Cell) -> Cell:
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else None
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
