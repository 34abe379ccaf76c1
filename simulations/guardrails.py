"""Guardrails looked at every two minutes for two weeks: false stops, the time to stop, gates without units, canaries.

`python -m simulations.guardrails_page` tries these promises alone and writes their tables into docs/guardrails.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from experiments.canary import CanaryPlan
from experiments.design import Direction, Metric, MetricRole
from experiments.guarding.canary import CONFIRMED, between, canary
from experiments.stats import always_valid
from experiments.stats.estimates import Estimates
from experiments.stats.harm import harms, steadied
from experiments.stats.moments import Floats
from experiments.stats.stopping import Arms, Question, Stopping, stopping
from experiments.stats.windows import FEWEST, paired_windows
from simulations.draws import blocks
from simulations.promise import Obtained, Promise, share

ALPHA = 0.05
PLANNED = 5_000
PER_HOUR = 1_000
LOOKS_PER_HOUR = 30
TWO_WEEKS = 14 * 24 * LOOKS_PER_HOUR
FEWEST_UNITS = 100
BLOCK = 25
APPROXIMATE = 0.07
LONGEST = 1_000
METRICS = ("errors", "latency", "cpu", "memory", "cost")
ARMS = ("stable", "canary")
SAMPLES = 60

Draw = Callable[[np.random.Generator, NDArray[np.int64], int, float], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Setting:
    """Experiments with `guardrails` independent metrics, read every two minutes at 1 000 units an hour in both arms.

    Control has this `rate`, treatment `harm` more of what is bad; `share` is treatment's share of the units.
    """

    rate: float = 0.02
    harm: float = 0.0
    good: float = -1.0
    limit: float = 0.0
    relative: bool = False
    share: float = 0.5
    guardrails: int = 1
    proportion: bool = True

    @property
    def treated(self) -> float:
        return self.rate - self.good * self.harm


def bernoulli(dice: np.random.Generator, units: NDArray[np.int64], runs: int, rate: float) -> tuple[Floats, Floats]:
    """Sums and sums of squares of what `units` new units per look bring, accumulated."""
    hits = dice.binomial(units, rate, (runs, units.size)).cumsum(axis=1).astype(np.float64)
    return hits, hits


def lognormal(dice: np.random.Generator, units: NDArray[np.int64], runs: int, mean: float) -> tuple[Floats, Floats]:
    """Values whose logarithm is standard normal, scaled to this mean."""
    starts = np.cumsum(units) - units
    values = mean / np.exp(0.5) * np.exp(dice.standard_normal((runs, int(units.sum())), dtype=np.float32))
    some = units > 0
    sums, squares = np.zeros((2, runs, units.size))
    sums[:, some] = np.add.reduceat(values, starts[some], axis=1)
    squares[:, some] = np.add.reduceat(np.square(values), starts[some], axis=1)
    return sums.cumsum(axis=1), squares.cumsum(axis=1)


def stops(
    dice: np.random.Generator, runs: int, setting: Setting, looks: int = TWO_WEEKS, draw: Draw = bernoulli
) -> NDArray[np.int64]:
    """The look at which one guardrail, with its share of α, stops each run, counted from 1; 0 where it never does."""
    reached = np.arange(1, looks + 1) * PER_HOUR // LOOKS_PER_HOUR
    treated = np.rint(reached * setting.share).astype(np.int64)
    n = np.array([reached - treated, treated])
    new = np.diff(n, axis=1, prepend=0)
    enough = int(np.argmax(n.min(axis=0) >= FEWEST_UNITS))
    found = []
    for size in blocks(runs, max(BLOCK * TWO_WEEKS // looks // 4, 1)):
        control, treatment = (
            _estimates(draw(dice, each, size, rate), count, enough)
            for each, rate, count in zip(new, (setting.rate, setting.treated), n, strict=True)
        )
        found.append(_first(control, treatment, setting, size, enough))
    return np.concatenate(found)


def _estimates(drawn: tuple[Floats, Floats], count: NDArray[np.int64], enough: int) -> Estimates:
    n = count[enough:].astype(np.float64)
    sums, squares = (each[:, enough:] for each in drawn)
    mean = sums / n
    variance = (squares / n - np.square(mean)) * (n / (n - 1))
    wide = np.broadcast_to(n, mean.shape)
    return Estimates.given(wide.ravel(), mean.ravel(), (np.maximum(variance, 0) / n).ravel())


def _first(control: Estimates, treatment: Estimates, setting: Setting, runs: int, enough: int) -> NDArray[np.int64]:
    good, limit, relative = setting.good, setting.limit, setting.relative
    arms = steadied(control, treatment, good=good, limit=limit, relative=relative, proportion=setting.proportion)
    rho2 = always_valid.mixing(2 * ALPHA, PLANNED)
    found = harms(*arms, good=good, limit=limit, relative=relative, rho2=rho2)
    crossed = np.zeros(found.status.size, dtype=np.bool_)
    crossed[found.rows] = found.p_breached * setting.guardrails <= ALPHA
    looks = crossed.reshape(runs, -1)
    return np.where(looks.any(axis=1), looks.argmax(axis=1) + enough + 1, 0)


def ever_stopped(
    dice: np.random.Generator, runs: int, setting: Setting, looks: int = TWO_WEEKS, draw: Draw = bernoulli
) -> Obtained:
    """The share of the runs that are stopped at any look, by any of their guardrails."""
    found = [stops(dice, runs, setting, looks, draw) > 0 for _ in range(setting.guardrails)]
    return share(np.logical_or.reduce(found))


@lru_cache(maxsize=16)
def predicted(setting: Setting) -> Stopping:
    """The distribution of the time to stop that follows from the bound."""
    return stopping(
        Arms.rates(setting.rate, setting.treated, setting.share),
        Question(setting.good, setting.limit, setting.relative, ALPHA, setting.guardrails, PLANNED),
        PER_HOUR / LOOKS_PER_HOUR,
    )


def hours(setting: Setting, quantile: float) -> float:
    """The hours after which this share of the runs should have been stopped."""
    return predicted(setting).quantile(quantile) / PER_HOUR


def time_to_stop(dice: np.random.Generator, runs: int, setting: Setting, quantile: float) -> Obtained:
    """The hours after which this share of the runs has been stopped, with the standard error of that.

    The other guardrails of such an experiment are not harmed; their share of α is gone all the same.
    """
    looks = int(predicted(setting).units[-1] * LOOKS_PER_HOUR / PER_HOUR)
    found = stops(dice, runs, setting, looks)
    taken = np.sort(np.where(found > 0, found, looks + 1)) / LOOKS_PER_HOUR
    at, reach = quantile * runs, np.sqrt(quantile * (1 - quantile) * runs)
    low, middle, high = (taken[int(np.clip(rank, 0, runs - 1))] for rank in (at - reach, at, at + reach))
    return Obtained(float(middle), float(max(high - low, 1 / LOOKS_PER_HOUR) / 2))


def windows_stopped(dice: np.random.Generator, runs: int, correlation: float) -> Obtained:
    """How often a metric without units that is the same in both variants is ever called breached, in 1 000 windows.

    Lognormal noise around the same wave; neighbouring windows of a variant are correlated.
    """
    moments = sorted({*range(FEWEST, 100, 4), *np.geomspace(100, LONGEST, 30).astype(int).tolist()})
    wave = 20 + 5 * np.sin(np.arange(LONGEST) / 200)
    hits = np.zeros(runs, dtype=np.bool_)
    for run in range(runs):
        control, treatment = wave + np.exp(0.5 * _neighbourly(dice, correlation))
        hits[run] = any(
            paired_windows(control[:seen], treatment[:seen], good=-1.0, alpha=ALPHA, relative=False).p_breached <= ALPHA
            for seen in moments
        )
    return share(hits)


def _neighbourly(dice: np.random.Generator, correlation: float) -> Floats:
    """Two rows of standard normal values in which each resembles the one before."""
    shocks = dice.standard_normal((2, LONGEST))
    shocks[:, 1:] *= np.sqrt(1 - correlation**2)
    return np.asarray(lfilter([1.0], [1.0, -correlation], shocks, axis=1))


def canary_went_back(dice: np.random.Generator, runs: int, *, ended: bool) -> Obtained:
    """How often a step of 60 samples goes back though the canary is like stable: five metrics, one of them critical.

    Looked at with every new sample from 20 on; `ended` judges the whole at the end of the step as well.
    """
    metrics = [Metric(key=key, direction=Direction.DOWN, role=MetricRole.GUARDRAIL) for key in METRICS]
    plan, hits = CanaryPlan(critical=METRICS[:1]), np.zeros(runs, dtype=np.bool_)
    for run in range(runs):
        values = np.exp(dice.standard_normal((len(METRICS), 2, SAMPLES)))
        row = 0
        for seen in range(20, SAMPLES + 1):
            critical = {METRICS[0]: dict(zip(ARMS, values[0, :, :seen], strict=True))}
            row = row + 1 if between(critical, plan, metrics, ARMS[0]).critical else 0
            hits[run] |= row >= CONFIRMED
        if ended:
            every = {key: dict(zip(ARMS, arms, strict=True)) for key, arms in zip(METRICS, values, strict=True)}
            hits[run] |= canary(every, plan, metrics, ARMS[0]).grade == "fail"
    return share(hits)


FALSE_STOP = "guardrail every 2 minutes for 2 weeks: ever a false stop"
TIME_TO_STOP = "guardrail every 2 minutes: hours until {:.0%} are stopped"
DOUBLED = Setting(harm=0.02)
STEADY: dict[str, tuple[Setting, int]] = {
    "error rate 2 %, no harm allowed": (Setting(), 10_000),
    "5 guardrails of this kind": (Setting(guardrails=5), 4_000),
    "0.5 points allowed, harm just that": (Setting(limit=0.005, harm=0.005), 4_000),
    "10 % allowed, harm just that": (Setting(limit=0.1, harm=0.002, relative=True), 4_000),
    "5 % canary": (Setting(share=0.05), 4_000),
    "conversion 2 %, 5 % canary": (Setting(good=1.0, share=0.05), 4_000),
    "conversion 2 %, 10 % allowed, 5 % canary": (
        Setting(good=1.0, share=0.05, limit=0.1, harm=0.002, relative=True),
        4_000,
    ),
}
HARMED: dict[str, Setting] = {
    "error rate 2 % → 4 %": DOUBLED,
    "2 % → 4 %, one of 5 guardrails": Setting(harm=0.02, guardrails=5),
    "2 % → 4 %, 0.5 points allowed": Setting(harm=0.02, limit=0.005),
    "2 % → 4 %, 10 % allowed": Setting(harm=0.02, limit=0.1, relative=True),
    "2 % → 4 %, 5 % canary": Setting(harm=0.02, share=0.05),
    "2 % → 3 %": Setting(harm=0.01),
    "conversion 2 % → 1 %": Setting(harm=0.01, good=1.0),
}
PROMISES = (
    *(
        Promise(FALSE_STOP, data, "at most", ALPHA, partial(ever_stopped, setting=setting), runs=runs)
        for data, (setting, runs) in STEADY.items()
    ),
    Promise(
        "guardrail every 2 minutes for 1 day: ever a false stop",
        "lognormal revenue, 5 % canary",
        "at most",
        ALPHA,
        partial(
            ever_stopped,
            setting=Setting(rate=20.0, good=1.0, share=0.05, proportion=False),
            looks=24 * LOOKS_PER_HOUR,
            draw=lognormal,
        ),
        runs=2_000,
    ),
    *(
        Promise(
            TIME_TO_STOP.format(quantile),
            data,
            "within",
            hours(setting, quantile),
            partial(time_to_stop, setting=setting, quantile=quantile),
            APPROXIMATE * hours(setting, quantile),
            runs=4_000,
        )
        for data, setting in HARMED.items()
        for quantile in (0.5, 0.9)
    ),
    *(
        Promise(
            "paired windows: ever a false stop in 1 000 windows",
            f"lognormal on a wave, correlation {correlation:g}",
            "at most",
            ALPHA,
            partial(windows_stopped, correlation=correlation),
            runs=1_000,
        )
        for correlation in (0.0, 0.3, 0.6)
    ),
    Promise(
        "canary: a step goes back without a change",
        "critical metric, 41 looks between",
        "at most",
        0.0068,
        partial(canary_went_back, ended=False),
        runs=1_000,
    ),
    Promise(
        "canary: a step goes back without a change",
        "5 metrics, 1 critical, with the end",
        "at most",
        0.0168,
        partial(canary_went_back, ended=True),
        runs=1_000,
    ),
)
