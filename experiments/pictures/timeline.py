"""9.8 timeline: the way of an experiment from its draft to its rollout, who saw a treatment when, and what happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal, TypeAlias

from experiments.audit import AuditRecord, as_told
from experiments.model import Experiment, Outcome, Status
from experiments.numerals import counted, share
from experiments.pictures.basis import Basis
from experiments.pictures.exposure import Level, exposure_of, projected
from experiments.pictures.read import planned_end
from experiments.texts import Frozen

LaneName: TypeAlias = Literal["draft", "review", "run", "analysis", "decision", "rollout"]
Manner: TypeAlias = Literal["active", "waiting", "paused", "planned"]
Kind: TypeAlias = Literal["approval", "change", "alarm", "note", "decision"]

LANES: tuple[LaneName, ...] = ("draft", "review", "run", "analysis", "decision", "rollout")
MOST_MARKS = 12
MOST = 200
AHEAD = 6
MARGIN = 25
SHORTEST = timedelta(minutes=10)
STANDS: dict[Status, tuple[LaneName, Manner]] = {
    Status.DRAFT: ("draft", "active"),
    Status.IN_REVIEW: ("review", "active"),
    Status.APPROVED: ("review", "waiting"),
    Status.SCHEDULED: ("review", "waiting"),
    Status.RUNNING: ("run", "active"),
    Status.PAUSED: ("run", "paused"),
    Status.STOPPED: ("analysis", "active"),
    Status.ROLLED_BACK: ("analysis", "active"),
    Status.DECIDED: ("decision", "waiting"),
    Status.ROLLING_OUT: ("rollout", "active"),
    Status.ROLLED_OUT: ("rollout", "waiting"),
}
KINDS: dict[str, Kind] = {
    **dict.fromkeys(("ApproveReview", "ConfirmPromotion", "AgreeToLoosening"), "approval"),
    **dict.fromkeys(("ConfigureTraffic", "PauseExperiment", "ResumeExperiment", "StartExperiment"), "change"),
    **dict.fromkeys(("StopExperiment", "RollBack", "PromoteVariant", "AdvanceRollout", "PauseRollout"), "change"),
    **dict.fromkeys(("ResumeRollout", "ChangeGuardrails", "EditExperiment", "ScheduleStart", "Unschedule"), "change"),
    **dict.fromkeys(("RequestChanges", "ExpireReview", "CancelReview", "ArchiveExperiment"), "change"),
    **dict.fromkeys(("RaiseAlarm", "SuspendSchedule"), "alarm"),
    "AddNote": "note",
    "LogDecision": "decision",
}
RANK: tuple[Kind, ...] = ("alarm", "decision", "approval", "change", "note")
"""What is kept first where not everything has room."""
TURNS = ("StartExperiment", "StopExperiment", "RollBack", "PromoteVariant")
TO_COME = frozenset({Status.SCHEDULED, Status.RUNNING, Status.PAUSED})
"""States in which what was planned for the run is still ahead."""


class Stretch(Frozen):
    """From when to when it was in a lane, and how: at work, waiting for somebody, paused, or as planned."""

    lane: LaneName
    start: datetime
    end: datetime
    manner: Manner = "active"


class Mark(Frozen):
    """Something that happened at one moment, in the words of the log."""

    at: datetime
    kind: Kind
    words: str


class Plan(Frozen):
    """A moment that was planned or booked."""

    at: datetime
    words: str


class Timeline(Frozen):
    """The way of an experiment between `start` and `end` of the picture; `now` only where it still goes on.

    `levels` are the share of everybody who saw a treatment, each from its moment on; `ahead` those that are planned.
    `phases` are when other weights began. `left_out` marks had no room. Where there is nothing to show, `refused` says
    why.
    """

    basis: Basis
    standing: str = ""
    alarming: bool = False
    unit: str = ""
    start: datetime
    end: datetime
    now: datetime | None = None
    stretches: tuple[Stretch, ...] = ()
    levels: tuple[Level, ...] = ()
    ahead: tuple[Level, ...] = ()
    phases: tuple[datetime, ...] = ()
    plans: tuple[Plan, ...] = ()
    beyond: str = ""
    marks: tuple[Mark, ...] = ()
    left_out: int = 0
    outcome: Outcome | None = None
    decided_at: datetime | None = None
    refused: str = ""

    def lasted(self, lane: LaneName) -> timedelta:
        """How long it was in a lane by then, also while it waited there."""
        mine = [each for each in self.stretches if each.lane == lane and each.manner != "planned"]
        return sum((max(timedelta(), min(each.end, self.basis.as_of) - each.start) for each in mine), timedelta())


def timeline_of(experiment: Experiment, records: Sequence[AuditRecord], now: datetime) -> Timeline:
    """The way of an experiment by its log, oldest record first."""
    if not records:
        facts = (f"design {experiment.design.hash[:8]}",)
        basis = Basis(title=experiment.title, as_of=experiment.updated_at, facts=facts)
        at = experiment.created_at
        return Timeline(basis=basis, start=at, end=at, refused="Nothing is written in its log.")
    first, last = records[0].at, records[-1].at
    reached = max(last, now) if goes_on(experiment) else last
    levels = exposure_of(experiment, records)
    plans, ahead = _plans(experiment), projected(experiment, reached)
    pending = [each for each in plans if each.at > reached and experiment.status in TO_COME]
    horizon = reached + AHEAD * max(reached - first, SHORTEST)
    known = [*(each.at for each in pending), *(each.at for each in ahead)]
    end = max([reached, *(at for at in known if reached < at <= horizon)])
    if end > reached or not goes_on(experiment):
        end += max((end - first) / MARGIN, SHORTEST / MARGIN)
    later = [plan for plan in pending if plan.at > end]
    marks = _marks(records)
    kept = sorted(sorted(marks, key=_rank)[:MOST_MARKS], key=lambda each: each[1].at)
    return Timeline(
        basis=Basis(
            title=experiment.title,
            as_of=reached,
            facts=(counted(len(records), "entry") + " in its log", f"design {experiment.design.hash[:8]}"),
        ),
        standing=_standing(experiment, levels),
        alarming=_is_alarming([mark for _, mark in marks]),
        unit=experiment.design.unit.words,
        start=first,
        end=max(end, first + SHORTEST / 10),
        now=reached if goes_on(experiment) else None,
        stretches=(
            *_stretches(experiment, records, reached, end),
            *_planned(experiment, reached, end),
        ),
        levels=levels[-MOST:],
        ahead=tuple(each for each in ahead if each.at <= end) if goes_on(experiment) else (),
        phases=tuple(phase.started_at for phase in experiment.phases[1:]),
        plans=tuple(plan for plan in plans if first <= plan.at <= (end if pending else reached)),
        beyond="; ".join(f"{plan.words} {_moment(plan.at)}" for plan in later),
        marks=tuple(mark for _, mark in kept),
        left_out=len(marks) - len(kept),
        outcome=experiment.decision.outcome if experiment.decision else None,
        decided_at=experiment.decision.at if experiment.decision else None,
    )


def goes_on(experiment: Experiment) -> bool:
    """Whether something is still to come, so that time passes in the picture."""
    match experiment.status:
        case Status.ARCHIVED | Status.ROLLED_OUT:
            return False
        case Status.DECIDED:
            return experiment.decision is not None and experiment.decision.outcome is Outcome.SHIP
        case Status.ROLLED_BACK:
            return experiment.decision is None
        case _:
            return True


def _stretches(
    experiment: Experiment, records: Sequence[AuditRecord], reached: datetime, end: datetime
) -> list[Stretch]:
    """One stretch for each time it was in a state that has a lane; what was rolled back is analysed until somebody
    decides, and what is rolled out stays so to the end of the picture."""
    changes = [records[0], *(after for before, after in pairwise(records) if after.status_after != before.status_after)]
    decided = experiment.decision.at if experiment.decision else None
    found = []
    for place, record in enumerate(changes):
        status = record.status_after
        if status is None or status not in STANDS:
            continue
        is_last = place == len(changes) - 1
        until = (end if status is Status.ROLLED_OUT else reached) if is_last else changes[place + 1].at
        if status is Status.ROLLED_BACK and decided is not None:
            until = min(until, max(decided, record.at))
        if status is Status.DECIDED and is_last and not goes_on(experiment):
            until = record.at
        lane, manner = STANDS[status]
        if until > record.at:
            found.append(Stretch(lane=lane, start=record.at, end=until, manner=manner))
    return found[-MOST:]


def _planned(experiment: Experiment, now: datetime, end: datetime) -> Iterator[Stretch]:
    """What is still to come of the run or of the rollout, as far as the picture reaches."""
    steps = projected(experiment, now)
    if not steps or not goes_on(experiment):
        return
    lane: LaneName = "rollout" if experiment.status is Status.ROLLING_OUT else "run"
    start, until = max(now, steps[0].at), min(end, steps[-1].at)
    if start < until:
        yield Stretch(lane=lane, start=start, end=until, manner="planned")


def _plans(experiment: Experiment) -> list[Plan]:
    """The moments that were planned or booked, in their order."""
    plans = []
    if experiment.booking and experiment.status is Status.SCHEDULED:
        plans.append(Plan(at=experiment.booking.start_at, words="booked start"))
    if experiment.booking and experiment.booking.stop_at:
        plans.append(Plan(at=experiment.booking.stop_at, words="booked stop"))
    if end := planned_end(experiment):
        plans.append(Plan(at=end, words="planned end"))
    return sorted(plans, key=lambda each: each.at)


def _marks(records: Sequence[AuditRecord]) -> list[tuple[AuditRecord, Mark]]:
    """What people look for in the log: not the edits of a draft, nor that data were read."""
    marks = []
    for record in as_told(records):
        breach, kind = record.payload.get("breach"), KINDS.get(record.command)
        if kind is None or (record.command == "EditExperiment" and record.status_before is Status.DRAFT):
            continue
        if record.command == "ConfirmPromotion" and record.status_after == record.status_before:
            kind = "change"
        words = record.sentence
        if breach:
            kind = "alarm"
            words = words if breach["words"] in words else f"{words}: {breach['words']}"
        words = " ".join(words.split())[:200]
        marks.append((record, Mark(at=record.at, kind=kind, words=words[:1].upper() + words[1:])))
    return marks


def _rank(marked: tuple[AuditRecord, Mark]) -> tuple[int, int, float]:
    """What has room first: alarms and decisions; of changes the start and the end, then weights; the newest of each."""
    record, mark = marked
    weight = 0 if record.command in TURNS else 1 if record.command == "ConfigureTraffic" else 2
    return RANK.index(mark.kind), weight, -mark.at.timestamp()


def _is_alarming(marks: Sequence[Mark]) -> bool:
    """Whether an alarm is the newest of all that happened but notes."""
    happened = [mark for mark in marks if mark.kind != "note"]
    return bool(happened) and happened[-1].kind == "alarm"


def _standing(experiment: Experiment, levels: Sequence[Level]) -> str:
    """Where it stands, in one sentence."""
    status, seen = experiment.status, f"{share(levels[-1].share)} of everybody" if levels else "nobody"
    outcome = f"decided to {experiment.decision.outcome.words}" if experiment.decision else "without a decision"
    match status:
        case Status.RUNNING | Status.ROLLING_OUT:
            return f"{status.words.capitalize()}: {seen} sees a treatment."
        case Status.PAUSED:
            return f"Paused: everybody gets {experiment.control.key} until it is resumed."
        case Status.ROLLED_OUT:
            return f"Rolled out to {seen}.".replace("100 % of ", "")
        case Status.ROLLED_BACK:
            return f"Rolled back, {outcome}: everybody gets {experiment.control.key}."
        case Status.STOPPED | Status.DECIDED:
            return f"{'Decided' if experiment.decision else 'Stopped'}, {outcome}."
        case Status.ARCHIVED:
            return f"Archived, {outcome}."
        case Status.SCHEDULED if experiment.booking:
            return f"Scheduled to start on {_moment(experiment.booking.start_at)}."
        case _:
            return f"{status.words.capitalize()}: nobody sees a treatment yet."


def _moment(at: datetime) -> str:
    return f"{at:%-d %b %Y %H:%M} UTC"
