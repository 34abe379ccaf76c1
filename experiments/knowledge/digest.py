"""The digest of one channel: what started, finished and was decided in a period, and what needs people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from experiments.knowledge.patterns import Trial, patterns_of
from experiments.model import Experiment, Outcome, Status
from experiments.texts import Frozen


class Entry(Frozen):
    """An experiment with a line about what happened to it."""

    key: str
    title: str
    words: str = ""


class Decided(Frozen):
    """A decision with the first line of its reasoning."""

    key: str
    title: str
    outcome: Outcome
    reasoning: str


class Need(Frozen):
    """What waits for somebody: the experiment, what has to be done, and by whom (empty: anybody)."""

    key: str
    title: str
    what: str
    who: tuple[str, ...] = ()


class Digest(Frozen):
    """A period from `since` to `until`; `patterns` are lines about tags, resting on `pattern_experiments`."""

    since: datetime
    until: datetime
    started: tuple[Entry, ...] = ()
    finished: tuple[Entry, ...] = ()
    decided: tuple[Decided, ...] = ()
    needs_people: tuple[Need, ...] = ()
    patterns: tuple[str, ...] = ()
    pattern_experiments: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell: patterns alone are no news."""
        return not (self.started or self.finished or self.decided or self.needs_people)


def digest_of(experiments: Iterable[Experiment], trials: Sequence[Trial], since: datetime, until: datetime) -> Digest:
    """The digest of these experiments; what happened at `since` belongs to it, what happens at `until` to the next.

    `trials` are the ended experiments of the whole workspace, from which the pattern lines are read.
    """
    known = tuple(experiments)

    def within(at: datetime | None) -> bool:
        return at is not None and since <= at < until

    return Digest(
        since=since,
        until=until,
        started=tuple(_started(each) for each in known if within(each.started_at)),
        finished=tuple(_finished(each) for each in known if within(each.stopped_at)),
        decided=tuple(decided for each in known for decided in _decided(each) if within(_decided_at(each))),
        needs_people=tuple(need for each in known for need in _needs(each, until)),
        patterns=tuple(pattern.summary for pattern in patterns_of(trials)),
        pattern_experiments=len(trials),
    )


def _started(experiment: Experiment) -> Entry:
    return Entry(key=experiment.key, title=experiment.title, words=f"planned for {experiment.design.planned_days} days")


def _finished(experiment: Experiment) -> Entry:
    reason = experiment.stop_reason.words if experiment.stop_reason else ""
    return Entry(
        key=experiment.key, title=experiment.title, words=": ".join(filter(None, (reason, experiment.stop_note)))
    )


def _decided(experiment: Experiment) -> Iterator[Decided]:
    if decision := experiment.decision:
        yield Decided(
            key=experiment.key,
            title=experiment.title,
            outcome=decision.outcome,
            reasoning=next(iter(decision.reasoning.splitlines()), ""),
        )


def _decided_at(experiment: Experiment) -> datetime | None:
    return experiment.decision.at if experiment.decision else None


def _needs(experiment: Experiment, now: datetime) -> Iterator[Need]:
    def need(what: str, *who: str) -> Need:
        return Need(key=experiment.key, title=experiment.title, what=what, who=who)

    match experiment.status:
        case Status.IN_REVIEW if experiment.review:
            late = " and is late" if experiment.review.due_at <= now else ""
            yield need(f"the review waits for an answer{late}", *experiment.review.awaited)
        case Status.APPROVED:
            yield need("approved, to be started", experiment.owner)
        case Status.STOPPED if experiment.owes_decision:
            yield need("stopped, the decision is owed", experiment.owner)
        case Status.RUNNING if experiment.started_at:
            over = (now - experiment.started_at).days - experiment.design.planned_days
            if over > 0:
                yield need(f"planned end passed {over} {'day' if over == 1 else 'days'} ago", experiment.owner)
        case _:
            return
