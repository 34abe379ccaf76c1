"""Looking at every new batch: how often a design without an effect, or at its limit, is ever called clear."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from experiments.stats import always_valid
from experiments.stats.estimates import Estimates, of_means
from experiments.stats.harm import harms
from experiments.stats.moments import Floats, Moments
from simulations.draws import accumulated, blocks, flat, lognormal
from simulations.promise import Obtained, Promise, share

LOOKS = 1_000
PER_LOOK = 100
PARTS_BEFORE_FIRST = 10
ALPHA = 0.05

Draw: TypeAlias = Callable[[np.random.Generator, int], Moments]
Read: TypeAlias = Callable[[Estimates, Estimates], Floats]


def normal(dice: np.random.Generator, runs: int, mean: float = 0.0) -> Moments:
    """100 new units at each of 1 000 looks, as all of these but the lognormal one."""
    sums = PER_LOOK * mean + np.sqrt(PER_LOOK) * dice.standard_normal((runs, LOOKS))
    return accumulated(PER_LOOK, sums, dice.chisquare(PER_LOOK - 1, sums.shape) + np.square(sums) / PER_LOOK)


def bernoulli(dice: np.random.Generator, runs: int, rate: float) -> Moments:
    """Units that convert at this rate."""
    hits = dice.binomial(PER_LOOK, rate, (runs, LOOKS)).astype(np.float64)
    return accumulated(PER_LOOK, hits, hits)


def skewed(dice: np.random.Generator, runs: int) -> Moments:
    """Lognormal: 100 units at the first look, ten new ones at every other."""
    parts = LOOKS + PARTS_BEFORE_FIRST - 1
    units = PER_LOOK // PARTS_BEFORE_FIRST
    values = lognormal(dice, (units, runs * parts))
    sums = values.sum(axis=0, dtype=np.float64).reshape(runs, parts)
    squares = np.square(values, out=values).sum(axis=0, dtype=np.float64).reshape(runs, parts)
    return accumulated(units, sums, squares, first=PARTS_BEFORE_FIRST)


def difference(control: Estimates, treatment: Estimates, planned_units: int = 5_000) -> Floats:
    """The always-valid p of a difference at every look; 1 where it is refused."""
    found = always_valid.compare_always_valid(control, treatment, always_valid.mixing(ALPHA, planned_units))
    return _at_every_look(found.p, found.rows, found.status.size)


def breach(control: Estimates, treatment: Estimates, limit: float = 0.0) -> Floats:
    """The one-sided p against “the harm is at most `limit` of control”, where less is better."""
    found = harms(control, treatment, good=-1, rho2=always_valid.mixing(2 * ALPHA, 5_000), limit=limit)
    return _at_every_look(found.p_breached, found.rows, found.status.size)


def ever(dice: np.random.Generator, runs: int, control: Draw, treatment: Draw, read: Read = difference) -> Obtained:
    """How many runs are called clear at any of their looks."""
    hits = []
    for size in blocks(runs):
        arms = [of_means(flat(draw(dice, size))) for draw in (control, treatment)]
        hits.append(read(*arms).reshape(size, -1).min(axis=1) <= ALPHA)
    return share(np.concatenate(hits))


def _at_every_look(p: Floats, rows: NDArray[np.intp], looks: int) -> Floats:
    full = np.ones(looks)
    full[rows] = p
    return full


FALSE_POSITIVE = "always-valid: ever a false positive in 1 000 looks"
FALSE_STOP = "one-sided always-valid: ever a false stop in 1 000 looks"
DRAWS: dict[str, Draw] = {
    "normal": normal,
    "Bernoulli 5 %": partial(bernoulli, rate=0.05),
    "Bernoulli 1 %": partial(bernoulli, rate=0.01),
    "lognormal": skewed,
}
PROMISES = (
    *(
        Promise(FALSE_POSITIVE, data, "at most", ALPHA, partial(ever, control=draw, treatment=draw))
        for data, draw in DRAWS.items()
    ),
    *(
        Promise(
            FALSE_POSITIVE,
            f"{data}, tuned to 500 units",
            "at most",
            ALPHA,
            partial(ever, control=DRAWS[data], treatment=DRAWS[data], read=partial(difference, planned_units=500)),
        )
        for data in ("Bernoulli 1 %", "lognormal")
    ),
    Promise(
        FALSE_STOP,
        "normal, harm at its limit of 2 %",
        "at most",
        ALPHA,
        partial(
            ever,
            control=partial(normal, mean=2.0),
            treatment=partial(normal, mean=2.04),
            read=partial(breach, limit=0.02),
        ),
    ),
    Promise(
        FALSE_STOP,
        "Bernoulli 1 %, no harm allowed",
        "at most",
        ALPHA,
        partial(ever, control=DRAWS["Bernoulli 1 %"], treatment=DRAWS["Bernoulli 1 %"], read=breach),
    ),
)
