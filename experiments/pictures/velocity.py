"""9.10 velocity: how many experiments start and finish, how long each part of the way takes, and what they taught."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from experiments.knowledge.learning import Learning, Lesson, learning_of
from experiments.knowledge.outcomes import ended_of, has_outcome
from experiments.knowledge.patterns import share_interval
from experiments.model import Experiment
from experiments.numerals import counted
from experiments.pictures.basis import Basis
from experiments.pictures.durations import Spread, spreads_of
from experiments.pictures.funnel import Step, steps_of
from experiments.readout import Interval
from experiments.texts import Frozen

MONTHS = 12
RECENT = 3


class Month(Frozen):
    """What began and ended in one month (UTC); `partial` where it is still running or only in part within the time."""

    first: datetime
    started: int
    finished: int
    partial: bool = False

    @property
    def words(self) -> str:
        return f"{self.first:%b %Y}"


class Rate(Frozen):
    """A share of `of` with its interval; without any, None and `refused` in words."""

    name: str
    count: int = 0
    of: int = 0
    share: float | None = None
    interval: Interval | None = None
    refused: str = ""


class Velocity(Frozen):
    """All of it for the time from `since` to `until`. `pace` is the mean of finished experiments in the last full
    months, `before` that of as many months before them. `lessons` counts what the ended ones taught."""

    basis: Basis
    since: datetime
    until: datetime
    months: tuple[Month, ...] = ()
    pace: float | None = None
    before: float | None = None
    spreads: tuple[Spread, ...] = ()
    steps: tuple[Step, ...] = ()
    rates: tuple[Rate, ...] = ()
    lessons: dict[Lesson, int] = {}
    brought_in: int = 0

    @property
    def is_empty(self) -> bool:
        return not any(each.reached for each in self.steps) and not any(
            each.started or each.finished for each in self.months
        )


def velocity_of(experiments: Iterable[Experiment], now: datetime, days: int | None = None) -> Velocity:
    """The picture's data for the last so many days, or for this month and the eleven before it.

    Experiments whose data were brought in, and that never ran here, have lessons but no way; they are counted.
    """
    known = tuple(experiments)
    until = now.astimezone(UTC)
    since = since_of(until, days)

    def within(at: datetime | None) -> bool:
        return at is not None and since <= at <= until

    ended = [each for each in known if has_outcome(each) and within(finished_at(each))]
    made = [each for each in known if within(each.created_at) and not _is_brought_in(each)]
    months = months_of(known, since, until)
    learning, rates = _rates(ended)
    return Velocity(
        basis=Basis(
            title="Velocity",
            as_of=max((each.updated_at for each in known), default=until),
            facts=(counted(len(known), "experiment"), "months in UTC"),
        ),
        since=since,
        until=until,
        months=months,
        **paces_of(months),
        spreads=spreads_of(known, within),
        steps=steps_of(made),
        rates=rates,
        lessons=learning.lessons if learning else {},
        brought_in=sum(within(finished_at(each)) for each in known if _is_brought_in(each)),
    )


def since_of(until: datetime, days: int | None) -> datetime:
    """When a time of so many days began; without any, the first moment of the eleventh month before."""
    return until - timedelta(days=days) if days else month_before(until, MONTHS - 1)


def finished_at(experiment: Experiment) -> datetime | None:
    """When it came to an end: stopped, or rolled back; of data that were brought in, when they came."""
    if experiment.stopped_at:
        return experiment.stopped_at
    if experiment.decision and has_outcome(experiment):
        return experiment.decision.at
    return experiment.data_at if has_outcome(experiment) else None


def _is_brought_in(experiment: Experiment) -> bool:
    return experiment.started_at is None and experiment.data_version > 0


def month_before(moment: datetime, months: int) -> datetime:
    """The first moment of the month so many months before that of `moment`.

    >>> month_before(datetime(2026, 3, 31, tzinfo=UTC), 11)
    datetime.datetime(2025, 4, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    at = moment.year * 12 + moment.month - 1 - months
    return moment.replace(year=at // 12, month=at % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0)


def months_between(since: datetime, until: datetime) -> list[datetime]:
    """The first moment of every month that this time touches."""
    first, last = month_before(since, 0), month_before(until, 0)
    count = (last.year - first.year) * 12 + last.month - first.month
    return [month_before(last, count - place) for place in range(count + 1)]


def months_of(known: Sequence[Experiment], since: datetime, until: datetime) -> tuple[Month, ...]:
    """What started and finished here in every month of this time."""
    firsts = months_between(since, until)
    places = {(first.year, first.month): place for place, first in enumerate(firsts)}
    started, finished = [0] * len(firsts), [0] * len(firsts)
    for each in known:
        stopped = each.stopped_at if each.started_at else None
        for at, counts in ((each.started_at, started), (stopped, finished)):
            if at is not None and since <= at <= until:
                at = at.astimezone(UTC)
                counts[places[at.year, at.month]] += 1
    return tuple(
        Month(first=first, started=began, finished=ended, partial=first < since or place == len(firsts) - 1)
        for place, (first, began, ended) in enumerate(zip(firsts, started, finished, strict=True))
    )


def paces_of(months: Sequence[Month]) -> dict[str, float | None]:
    """The mean of the last full months and of those before, without leading months in which nothing was known yet."""
    full = [each for each in months if not each.partial]
    first = next((place for place, each in enumerate(full) if each.started or each.finished), len(full))
    full = full[first:]
    recent, earlier = full[-RECENT:], full[-2 * RECENT : -RECENT]
    return {"pace": _mean(recent), "before": _mean(earlier) if len(earlier) == RECENT else None}


def _mean(months: Sequence[Month]) -> float | None:
    return sum(each.finished for each in months) / len(months) if months else None


def _rates(ended: Sequence[Experiment]) -> tuple[Learning | None, tuple[Rate, ...]]:
    """Success and learning rate, and how many of those that ended have a written decision."""
    lessons = [lesson for each in ended if (lesson := ended_of(each))]
    names = ("Success rate", "Learning rate", "Written decision")
    if not lessons:
        refused = "nothing has ended"
        return None, tuple(Rate(name=name, refused=refused) for name in names)
    found = learning_of(lessons)
    written = sum(each.decision is not None for each in ended)
    learned = round(found.learning_rate * found.experiments)
    wins = found.lessons[Lesson.WIN]
    return found, (
        Rate(name=names[0], count=wins, of=found.experiments, share=found.win_rate, interval=found.win_interval),
        Rate(name=names[1], count=learned, of=found.experiments, share=found.learning_rate,
             interval=found.learning_interval),
        Rate(name=names[2], count=written, of=len(ended), share=written / len(ended),
             interval=share_interval(written, len(ended))),
    )  # fmt: skip
