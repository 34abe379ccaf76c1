"""How a running experiment is: in trouble, in need of a look or healthy, and why."""

from __future__ import annotations

from datetime import datetime, timedelta

from experiments.design import Method
from experiments.model import Experiment, Status
from experiments.numerals import counted
from experiments.pictures.read import planned_end
from experiments.readout import GuardrailState, Readout, Severity, VerdictStatus
from experiments.texts import Frozen, Words

SILENT = timedelta(days=3)
FIRST_DATA = timedelta(days=1)
MOST_OVER = timedelta(days=1)


class Level(Words):
    TROUBLE = "trouble"
    NEEDS_A_LOOK = "needs_a_look"
    HEALTHY = "healthy"


LEVELS = tuple(Level)
"""From the worst on."""


class Condition(Frozen):
    """`reason` says in a sentence what is wrong, or of a healthy one what comes next."""

    level: Level
    reason: str


def condition_of(
    experiment: Experiment, now: datetime, readout: Readout | None = None, missing_since: datetime | None = None
) -> Condition:
    """Its condition by what is kept with it, and by its newest readout where there is one.

    `missing_since` is when data of a guardrail stopped coming: what is missing is never healthy.
    """
    if trouble := _trouble(experiment, readout, missing_since):
        return Condition(level=Level.TROUBLE, reason=trouble)
    if remark := _remark(experiment, now, readout):
        return Condition(level=Level.NEEDS_A_LOOK, reason=remark)
    return Condition(level=Level.HEALTHY, reason=_progress(experiment, readout))


def _trouble(experiment: Experiment, readout: Readout | None, missing_since: datetime | None) -> str:
    reading = experiment.reading
    if readout is not None:
        if readout.blocked:
            return first_sentence(readout.blocked.words)
        if breached := [each for each in readout.comparisons if each.guardrail is GuardrailState.BREACHED]:
            others = f" and {counted(len(breached) - 1, 'other')}" if len(breached) > 1 else ""
            return f"{breached[0].metric} in {breached[0].treatment.variant}{others} is past its limit."
    elif reading and (reading.invalid or reading.harmed):
        return "Its data do not hold, so no lift is shown." if reading.invalid else "A guardrail is past its limit."
    if missing_since is not None:
        return f"Data of a guardrail are missing since {missing_since:%-d %b %H:%M} UTC."
    if _advice(experiment, readout) is VerdictStatus.ROLL_BACK:
        return "Its rule says to roll back."
    if experiment.status is Status.PAUSED and _is_of_now(experiment):
        return f"Paused by its guardrail: {experiment.breach.words if experiment.breach else ''}"
    return ""


def _remark(experiment: Experiment, now: datetime, readout: Readout | None) -> str:
    if experiment.status is Status.PAUSED:
        return "It is paused, no units come."
    if readout is not None:
        if warning := next((each for each in readout.findings if each.severity is Severity.WARNING), None):
            return first_sentence(warning.words)
    elif experiment.data_at and now - experiment.data_at > SILENT:
        return f"No data since {experiment.data_at:%-d %b %H:%M} UTC."
    start = experiment.started_at
    if not experiment.data_version and start and now - start > FIRST_DATA:
        return "No data have arrived since it was started."
    if _is_of_now(experiment) and experiment.breach:
        return f"A guardrail warned on {experiment.breach.at:%-d %b}: {experiment.breach.words}"
    end = planned_end(experiment)
    if end and now - end >= MOST_OVER:
        return f"Its planned end passed {counted((now - end).days, 'day')} ago."
    return ""


def _progress(experiment: Experiment, readout: Readout | None) -> str:
    """What comes next for an experiment without trouble; no lift, for which there is no room with its interval."""
    match _advice(experiment, readout):
        case VerdictStatus.SHIP:
            return "Ready to decide: its rule says to ship."
        case VerdictStatus.REVIEW:
            return "Ready to decide: its rule leaves it to people."
        case None | VerdictStatus.NO_DATA:
            return "No data yet."
        case _ if experiment.design.method is Method.FIXED:
            return "It is read once, at its planned end."
        case _ if readout is not None and readout.is_early:
            return "Too early for a verdict."
        case _ if readout is not None and readout.verdict.days_left:
            return f"Nothing is clear yet; about {counted(readout.verdict.days_left, 'day')} left."
        case _:
            return "Nothing is clear yet."


def _advice(experiment: Experiment, readout: Readout | None) -> VerdictStatus | None:
    if readout is not None:
        return readout.verdict.status
    return experiment.reading.status if experiment.reading else None


def _is_of_now(experiment: Experiment) -> bool:
    """Whether the monitor acted in the present phase."""
    breach, phase = experiment.breach, experiment.phase
    return breach is not None and (phase is None or breach.phase == phase.number)


def first_sentence(words: str) -> str:
    """The first sentence of a finding, without what explains it.

    >>> first_sentence("The split is broken: b got 40 % instead of 50 %, p < 0.001. Units went missing.")
    'The split is broken: b got 40 % instead of 50 %, p < 0.001.'
    """
    first, stop, _ = words.partition(". ")
    return f"{first}." if stop else first
