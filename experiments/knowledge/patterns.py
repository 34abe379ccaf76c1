"""Patterns: experiments that share a tag, project or kind, read together, with how often such a streak is mere luck.

The label is a rule of thumb over all lifts. Beside it stand the share of hits with its interval, and per metric and
unit the average effect and that of the next such experiment, adjusted for how many such effects are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import comb, fsum
from typing import Literal

from pydantic import FiniteFloat

from experiments.errors import InsufficientData
from experiments.numerals import counted, percent, percent_range
from experiments.readout import Interval
from experiments.texts import Frozen, Words

Grouping = Literal["tag", "project", "kind"]

STRONG, WEAK = 0.015, 0.005
HALF = 0.5
ENOUGH = 3
DIGITS = 12
RAREST = 1_000_000
ALPHA = 0.05


class Trial(Frozen):
    """One ended experiment: its tags, the lift of its primary metric in the good direction (0.02 = 2 % better), and
    whether that was a hit, that is significant in the good direction.

    `variance` is the squared standard error of the lift; with it, the trial enters the pooled effect of its `metric`
    and `unit`. `project` and `kind` place it in patterns of these.

    >>> Trial(tags=("pricing",), lift=0.02, hit=True, variance=0.0001, metric="conversion", unit="user").project
    ''
    """

    tags: tuple[str, ...] = ()
    lift: FiniteFloat
    hit: bool
    variance: float | None = None
    metric: str = ""
    unit: str = ""
    project: str = ""
    kind: str = ""


class Signal(Words):
    """The label of a pattern."""

    HIGH = "HIGH"
    MODERATE = "MODERATE"
    LOW = "LOW"


class Pooled(Frozen):
    """The effect of several experiments on one metric of one unit, as a lift in the good direction.

    `interval` covers the average effect, `prediction` the effect of the next experiment of this kind; `tau` is how far
    true effects spread, `i2` the share of the spread that is not noise. `adjusted_p` is safe for picking among all the
    pooled effects that were looked at together. When `refused` is set there is no number to show and it says why.
    """

    metric: str
    unit: str
    experiments: int
    lift: float | None = None
    interval: Interval | None = None
    prediction: Interval | None = None
    tau: float | None = None
    i2: float | None = None
    p: float | None = None
    adjusted_p: float | None = None
    refused: str | None = None

    @property
    def words(self) -> str:
        """“click per user, 5 experiments: +2.1 % (95 % interval +1.0 % to +3.2 %; the next one −1.0 % to +5.2 %)”."""
        name = " per ".join(filter(None, (self.metric, self.unit))) or "all metrics"
        count = counted(self.experiments, "experiment")
        if self.lift is None:
            return f"{name}, {count}: {self.refused}"
        return (
            f"{name}, {count}: {percent(self.lift, signed=True)} "
            f"(95 % interval {_ends(self.interval)}; the next one {_ends(self.prediction)})"
        )


class Pattern(Frozen):
    """What the experiments of one `tag` (or project, or kind, as `by` says) say together.

    `hit_interval` is the 95 % interval of the share of positive ones (Wilson 1927); `pooled` has one effect per metric
    and unit of the trials that carry a variance.
    """

    tag: str
    by: Grouping = "tag"
    experiments: int
    positive: int
    average_lift: float
    signal: Signal
    hit_interval: Interval
    pooled: tuple[Pooled, ...] = ()

    @property
    def hit_rate(self) -> float:
        return self.positive / self.experiments

    @property
    def label(self) -> str:
        """The signal; below three experiments with their number, since two of a kind are no pattern yet."""
        return self.signal.value if self.experiments >= ENOUGH else f"{self.signal.value} (n = {self.experiments})"

    @property
    def words(self) -> str:
        """“pricing: HIGH, 5 of 5 positive, average +3.2 % (5 of 5 by chance: once in 32 tags)”."""
        score = f"{self.positive} of {self.experiments}"
        odds = once_in(self.positive, self.experiments)
        often = f"{odds:,}" if odds <= RAREST else f"more than {RAREST:,}"
        luck = f" ({score} by chance: once in {often} {self.by}s)" if odds > 1 and self.experiments > 1 else ""
        return f"{self.tag}: {self.label}, {score} positive, average {percent(self.average_lift, signed=True)}{luck}"

    @property
    def summary(self) -> str:
        """The same, and what its experiments say pooled: “…; together +3.1 % (1.0 % to 5.2 %), the next one …”.

        Of several metrics that with the most experiments, by name where it is not that of all of them.
        """
        known = [each for each in self.pooled if each.lift is not None]
        pooled = max(known, key=lambda each: each.experiments, default=None)
        if pooled is None or pooled.lift is None or pooled.interval is None:
            return self.words
        name = "" if pooled.experiments == self.experiments else f"{pooled.metric} of {pooled.experiments} "
        together = f"{name}together {percent(pooled.lift, signed=True)}"
        ahead = ""
        if pooled.prediction and None not in (pooled.prediction.lower, pooled.prediction.upper):
            ahead = f", the next one {percent_range(pooled.prediction.lower, pooled.prediction.upper)}"
        return f"{self.words}; {together} ({percent_range(pooled.interval.lower, pooled.interval.upper)}){ahead}"


def patterns_of(trials: Iterable[Trial], by: Grouping = "tag") -> tuple[Pattern, ...]:
    """One pattern per tag, project or kind, strongest first; trials without one belong to none.

    Effects are pooled with random effects (DerSimonian & Laird 1986, the interval as in `stats.meta.pooled`) and
    adjusted over all patterns together for the false discovery rate (Benjamini & Hochberg 1995). Refuses nothing: an
    effect that cannot be pooled says why.

    >>> found = patterns_of([Trial(tags=("pricing",), lift=lift, hit=True) for lift in (0.03, 0.04, 0.05)])
    >>> found[0].words
    'pricing: HIGH, 3 of 3 positive, average +4.0 % (3 of 3 by chance: once in 8 tags)'
    """
    members: dict[str, list[Trial]] = {}
    for trial in trials:
        for name in dict.fromkeys(trial.tags if by == "tag" else filter(None, (getattr(trial, by),))):
            members.setdefault(name, []).append(trial)
    found = _adjusted([_pattern(name, by, each) for name, each in members.items()])
    order = list(Signal)
    return tuple(sorted(found, key=lambda each: (order.index(each.signal), -each.experiments, each.tag)))


def share_interval(count: int, of: int) -> Interval:
    """The 95 % interval of a share (Wilson 1927).

    >>> found = share_interval(5, 5)
    >>> round(found.lower, 4), found.upper
    (0.5655, 1.0)
    """
    from experiments.stats.proportions import wilson  # numpy and scipy load when the first patterns are asked for

    bounds = wilson(count, of, ALPHA)
    return Interval(lower=float(bounds.lower), upper=float(bounds.upper))


def _pattern(name: str, by: Grouping, trials: list[Trial]) -> Pattern:
    positive = sum(trial.hit for trial in trials)
    average = round(fsum(trial.lift / len(trials) for trial in trials), DIGITS)
    return Pattern(
        tag=name,
        by=by,
        experiments=len(trials),
        positive=positive,
        average_lift=average,
        signal=signal_of(average, positive / len(trials)),
        hit_interval=share_interval(positive, len(trials)),
        pooled=tuple(_pooled(trials)),
    )


def _pooled(trials: list[Trial]) -> Iterator[Pooled]:
    """One effect per metric and unit."""
    measured: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for trial in trials:
        if trial.variance is not None:
            measured.setdefault((trial.metric, trial.unit), []).append((trial.lift, trial.variance))
    for (metric, unit), effects in measured.items():
        from experiments.stats.meta import pooled  # as above

        lifts, variances = zip(*effects, strict=True)
        try:
            found = pooled(lifts, variances, ALPHA)
        except InsufficientData as refusal:
            yield Pooled(metric=metric, unit=unit, experiments=len(effects), refused=refusal.words)
            continue
        yield Pooled(
            metric=metric,
            unit=unit,
            experiments=len(effects),
            lift=found.estimate,
            interval=Interval.of(found.lower, found.upper),
            prediction=Interval.of(found.prediction_lower, found.prediction_upper),
            tau=found.tau2**0.5,
            i2=found.i2,
            p=found.p,
        )


def _adjusted(patterns: list[Pattern]) -> list[Pattern]:
    """With every p adjusted over all of them."""
    raw = [each.p for pattern in patterns for each in pattern.pooled if each.p is not None]
    if not raw:
        return patterns
    from experiments.stats.multiplicity import adjust  # as above

    safe = iter(adjust(raw, "bh").tolist())

    def adjusted(each: Pooled) -> Pooled:
        return each if each.p is None else each.model_copy(update={"adjusted_p": next(safe)})

    return [
        pattern.model_copy(update={"pooled": tuple(adjusted(each) for each in pattern.pooled)}) for pattern in patterns
    ]


def signal_of(average_lift: float, hit_rate: float) -> Signal:
    """HIGH from 1.5 % on average and half of them positive; else LOW up to 0.5 % or up to half; else MODERATE.

    >>> signal_of(0.03, 0.5).value, signal_of(0.01, 0.6).value, signal_of(0.01, 0.5).value
    ('HIGH', 'MODERATE', 'LOW')
    """
    if average_lift >= STRONG and hit_rate >= HALF:
        return Signal.HIGH
    if average_lift <= WEAK or hit_rate <= HALF:
        return Signal.LOW
    return Signal.MODERATE


def once_in(positive: int, experiments: int) -> int:
    """In how many tags of as many experiments one has at least so many positives when each is a coin toss.

    >>> once_in(5, 5), once_in(3, 5)
    (32, 2)
    """
    at_least = sum(comb(experiments, count) for count in range(positive, experiments + 1))
    return ((2 << experiments) + at_least) // (2 * at_least)


def _ends(interval: Interval | None) -> str:
    if interval is None or None in (interval.lower, interval.upper):
        return "not known yet"
    return percent_range(interval.lower, interval.upper, signed=True)
