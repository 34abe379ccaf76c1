"""Portfolio: every project with what it finishes, how often it wins, how its main metric goes, and how it is now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from experiments.knowledge.outcomes import effect_of, good, has_outcome, trial_of
from experiments.knowledge.patterns import Pattern, Pooled, patterns_of, share_interval
from experiments.model import LIVE, Experiment
from experiments.numerals import counted
from experiments.pictures.basis import Basis
from experiments.pictures.condition import LEVELS, Level, condition_of
from experiments.pictures.trends import Trend, trend_of
from experiments.pictures.velocity import Month, finished_at, months_of, paces_of, since_of
from experiments.policy import Policies
from experiments.readout import Interval
from experiments.texts import Frozen

MOST = 14
DAY = 86_400


class Lift(Frozen):
    """What the experiments of one metric gained together, or the only one alone, in the good direction."""

    metric: str
    experiments: int
    value: float | None = None
    interval: Interval | None = None
    refused: str = ""


class Holding(Frozen):
    """One project. `months` have what finished in each; `hits` of `trials` that ended with a number were clear wins.
    `lift` and `trend` are of its main metric, which most of its experiments measured; None where there is none.
    `running` counts its running experiments by condition; `owed` are stopped ones without a decision, the oldest of
    which has waited for `oldest` days."""

    project: str
    department: str = ""
    months: tuple[int, ...] = ()
    finished: int = 0
    pace: float | None = None
    hits: int = 0
    trials: int = 0
    hit_interval: Interval | None = None
    lift: Lift | None = None
    trend: Trend | None = None
    running: dict[Level, int] = {}
    owed: int = 0
    oldest: float | None = None

    @property
    def live(self) -> int:
        return sum(self.running.values())


class Portfolio(Frozen):
    """The busiest projects of the time from `since` to `until`, and `total` for all `projects`; `partial` tells which
    months are not all within it. Keys of what needs people: the `oldest_owed` and the first that is in `trouble`."""

    basis: Basis
    since: datetime
    until: datetime
    holdings: tuple[Holding, ...] = ()
    projects: int = 0
    partial: tuple[bool, ...] = ()
    total: Holding
    oldest_owed: str = ""
    trouble: str = ""


def portfolio_of(
    experiments: Iterable[Experiment], policies: Policies, now: datetime, days: int | None = None
) -> Portfolio:
    """The picture's data for the last so many days, or for this month and the eleven before it; what runs and what is
    owed is as of now."""
    known = tuple(experiments)
    until = now.astimezone(UTC)
    since = since_of(until, days)
    ended = [each for each in known if has_outcome(each) and _within(finished_at(each), since, until)]
    patterns = {each.tag: each for each in patterns_of(filter(None, map(trial_of, ended)), "project")}
    members: dict[str, list[Experiment]] = {}
    for each in known:
        members.setdefault(each.project, []).append(each)
    held = [
        _holding(name, some, [each for each in ended if each.project == name], patterns.get(name), since, until)
        for name, some in members.items()
    ]
    some = [each.model_copy(update={"department": policies.project(each.project).department}) for each in held
            if each.finished or each.trials or each.live or each.owed]  # fmt: skip
    some.sort(key=lambda each: (-each.finished - each.live, -each.owed, each.project))
    owed = sorted((each.stopped_at, each.key) for each in known if each.owes_decision and each.stopped_at)
    troubled = sorted(each.key for each in known if _is_troubled(each, until))
    months = months_of((), since, until)
    return Portfolio(
        basis=Basis(
            title="Portfolio",
            as_of=max((each.updated_at for each in known), default=until),
            facts=(counted(len(some), "project"), counted(len(known), "experiment"), "months in UTC"),
        ),
        since=since,
        until=until,
        holdings=tuple(some[:MOST]),
        projects=len(some),
        partial=tuple(each.partial for each in months),
        total=_total(some, months_of(known, since, until)),
        oldest_owed=owed[0][1] if owed else "",
        trouble=troubled[0] if troubled else "",
    )


def _within(at: datetime | None, since: datetime, until: datetime) -> bool:
    return at is not None and since <= at <= until


def _is_troubled(experiment: Experiment, now: datetime) -> bool:
    return experiment.is_live and condition_of(experiment, now).level is Level.TROUBLE


def _holding(
    name: str, some: Sequence[Experiment], ended: Sequence[Experiment], pattern: Pattern | None,
    since: datetime, now: datetime,
) -> Holding:  # fmt: skip
    months = months_of(some, since, now)
    live = Counter(condition_of(each, now).level for each in some if each.status in LIVE)
    waits = [(now - each.stopped_at).total_seconds() / DAY for each in some if each.owes_decision and each.stopped_at]
    main = _main(pattern) if pattern else None
    return Holding(
        project=name,
        **_finished(months),
        **_hits(pattern.positive if pattern else 0, pattern.experiments if pattern else 0),
        lift=_lift(main, ended) if main else None,
        trend=trend_of(some, (main.metric, main.unit), since, now) if main else None,
        running={level: live[level] for level in LEVELS},
        owed=len(waits),
        oldest=max(waits, default=None),
    )


def _finished(months: Sequence[Month]) -> dict[str, object]:
    counts = tuple(each.finished for each in months)
    return {"months": counts, "finished": sum(counts), "pace": paces_of(months)["pace"]}


def _hits(hits: int, trials: int) -> dict[str, object]:
    return {"hits": hits, "trials": trials, "hit_interval": share_interval(hits, trials) if trials else None}


def _main(pattern: Pattern) -> Pooled | None:
    """The metric with the most experiments, its name deciding between several."""
    return min(pattern.pooled, key=lambda each: (-each.experiments, each.metric), default=None)


def _lift(main: Pooled, ended: Sequence[Experiment]) -> Lift:
    if main.experiments == 1:
        return _alone(main, ended)
    return Lift(metric=main.metric, experiments=main.experiments, value=main.lift, interval=main.interval,
                refused=main.refused or "")  # fmt: skip


def _alone(main: Pooled, ended: Sequence[Experiment]) -> Lift:
    effects = [effect for each in ended if (effect := effect_of(each)) and effect.error]
    own = next(effect for effect in effects if effect.metric == main.metric)
    value, interval = good(own)
    return Lift(metric=main.metric, experiments=1, value=value, interval=interval)


def _total(some: Sequence[Holding], months: Sequence[Month]) -> Holding:
    running: Mapping[Level, int] = sum((Counter(each.running) for each in some), Counter())
    hits, trials = (sum(getattr(each, name) for each in some) for name in ("hits", "trials"))
    return Holding(
        project="all projects",
        **_finished(months),
        **_hits(hits, trials),
        running={level: running[level] for level in LEVELS},
        owed=sum(each.owed for each in some),
        oldest=max((each.oldest for each in some if each.oldest is not None), default=None),
    )
