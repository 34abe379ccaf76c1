"""`bunsen analyze`: the readouts of a file, without Slack and without a database, for people and for pipelines."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer

from bot.question import Question, key_named
from bot.reports.document import document
from bot.reports.table import report
from experiments.aggregate import Aggregate
from experiments.analysis.health import Provenance
from experiments.analysis.readouts import Gathered, read_all
from experiments.design import Design
from experiments.errors import BadInput
from experiments.intake import BadRows, Default, Intake, read_aggregates
from experiments.model import Experiment, Status
from experiments.numerals import listed
from experiments.readout import Readout, VerdictStatus
from experiments.slug import slug

WORST_FIRST = (
    VerdictStatus.ROLL_BACK,
    VerdictStatus.UNHEALTHY,
    VerdictStatus.REVIEW,
    VerdictStatus.NO_DATA,
    VerdictStatus.DAYS_LEFT,
    VerdictStatus.SHIP,
)
EXIT_CODES = {
    VerdictStatus.SHIP: 0,
    VerdictStatus.ROLL_BACK: 10,
    VerdictStatus.REVIEW: 11,
    VerdictStatus.UNHEALTHY: 12,
    VerdictStatus.NO_DATA: 13,
    VerdictStatus.DAYS_LEFT: 13,
}
UNREADABLE, MISUSED = 1, 2
PLANNED_DAYS = 14
STANDARD_INPUT = "-"


def analyze(
    file: str,
    question: Question,
    *,
    experiment: str | None = None,
    skip_bad_rows: bool = False,
    as_json: bool = False,
    chart: Path | None = None,
    picture: str = "comparison",
    now: datetime | None = None,
) -> int:
    """Print the readouts of a file (“-” is standard input) and return the exit code of `docs/analyze.md`.

    >>> analyze("/nowhere/data.csv", Question.asked())
    1
    """
    try:
        intake = _read(file, question, skip_bad_rows)
    except OSError as error:
        return _refused(f"{file} cannot be read: {error.strerror or error}.", UNREADABLE)
    except BadRows as error:
        return _refused(f"{error.words}\n(--skip-bad-rows leaves them out.)", UNREADABLE)
    except BadInput as error:
        return _refused(error.words, UNREADABLE)
    for row in intake.bad_rows:
        typer.echo(f"left out: {row.words}", err=True)
    try:
        chosen = _chosen(intake, experiment)
        comparable, notes = _comparable(chosen)
        intake = replace(intake, notes=(*intake.notes, *notes))
        _require_names(question, chosen)
        designs = {key: question.design(key, rows, intake) for key, rows in comparable.items()}
    except BadInput as error:
        return _refused(error.words, MISUSED)
    for note in intake.notes:
        typer.echo(note, err=True)
    moment = now or datetime.now(UTC)
    waits = "planned_days" in question.settings
    cases = [_gathered(key, designs[key], comparable[key], intake, waits, moment) for key in designs]
    readouts = read_all(cases, moment)
    statuses = {readout.verdict.status for readout in readouts} | ({VerdictStatus.NO_DATA} if notes else set())
    code = EXIT_CODES[min(statuses, key=WORST_FIRST.index)]
    if as_json:
        typer.echo(
            document(Path(file).name, intake, list(zip(designs.values(), readouts, strict=True)), exit_code=code)
        )
    elif readouts:
        typer.echo(report(readouts))
    if chart is not None:
        try:
            _draw(picture, list(zip(cases, readouts, strict=True)), chart)
        except OSError as error:
            return _refused(f"{error.filename} cannot be written: {error.strerror or error}.", UNREADABLE)
    return code


def _read(file: str, question: Question, skip_bad_rows: bool) -> Intake:
    day = float(question.settings.get("planned_days", PLANNED_DAYS))
    if file == STANDARD_INPUT:
        default = Default("experiment", day, question.quantiles)
        return read_aggregates(sys.stdin.buffer, origin="standard input", skip_bad_rows=skip_bad_rows, default=default)
    path = Path(file)
    with path.open("rb") as content:
        default = Default(slug(path.stem), day, question.quantiles)
        return read_aggregates(content, origin=path.name, skip_bad_rows=skip_bad_rows, default=default)


def _chosen(intake: Intake, experiment: str | None) -> dict[str, tuple[Aggregate, ...]]:
    if experiment is None:
        return intake.batches
    key = key_named(experiment, "experiment", "--experiment")
    if key not in intake.batches:
        raise BadInput(f"--experiment: there is no {key}; there is {listed(list(intake.batches), 10)}.")
    return {key: intake.batches[key]}


def _comparable(
    batches: Mapping[str, tuple[Aggregate, ...]],
) -> tuple[dict[str, tuple[Aggregate, ...]], list[str]]:
    """The experiments with at least two variants, and what to say of the others."""
    variants = {key: sorted({row.variant for row in rows}) for key, rows in batches.items()}
    notes = [
        f"{key} has no variant but {only[0]}, so there is nothing to compare."
        for key, only in variants.items()
        if len(only) < 2
    ]
    return {key: rows for key, rows in batches.items() if len(variants[key]) > 1}, notes


def _require_names(question: Question, batches: Mapping[str, Sequence[Aggregate]]) -> None:
    """`BadInput` when an option names a metric or variant that is nowhere in the file."""
    metrics = {row.metric for rows in batches.values() for row in rows}
    variants = {row.variant for rows in batches.values() for row in rows}
    _require("--control", [question.control] if question.control else [], variants)
    _require("--primary", [question.primary] if question.primary else [], metrics)
    _require("--direction", question.directions, metrics)
    _require("--guardrail", question.guardrails, metrics)


def _require(option: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise BadInput(f"{option}: there is no {name}; there is {listed(sorted(known), 10)}.", field=option)


def _gathered(
    key: str, design: Design, rows: tuple[Aggregate, ...], intake: Intake, waits: bool, now: datetime
) -> Gathered:
    """The experiment as if it had been run here: ended, or under way where days are left of those that were planned."""
    day = max(row.day for row in rows)
    running = waits and day < design.planned_days
    experiment = Experiment(
        workspace="",
        key=key,
        title=key,
        status=Status.RUNNING if running else Status.STOPPED,
        design=design,
        owner="",
        created_at=now,
        updated_at=now,
        started_at=now - timedelta(days=day) if running else None,
        data_version=1,
        data_day=day,
        data_at=now,
    )
    crossed = intake.crossed.get(key)
    return Gathered(experiment, rows, Provenance(*crossed) if crossed else Provenance())


def _draw(picture: str, drawn: Sequence[tuple[Gathered, Readout]], path: Path) -> None:
    """The picture of one experiment, or of several one each with the key in its name."""
    from bot.pictured import PICTURES
    from charts import CHARTS

    for case, readout in drawn:
        place = path if len(drawn) == 1 else path.with_stem(f"{path.stem}-{readout.key}")
        place.write_bytes(CHARTS[picture](PICTURES[picture](case.experiment, case.rows, readout)))
        typer.echo(f"wrote {place}", err=True)


def _refused(words: str, code: int) -> int:
    typer.echo(words, err=True)
    return code
