"""Group-sequential designs: the α of all looks together, by recursion and on data."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import accumulate

import numpy as np

from experiments.stats.comparison import compare
from experiments.stats.estimates import of_means
from experiments.stats.group_sequential import GroupSequential, Rule, WangTsiatis
from experiments.stats.moments import Moments
from experiments.stats.spending import OBRIEN_FLEMING, POCOCK, Spending
from simulations.draws import blocks, normal
from simulations.promise import Obtained, Promise, share

ALPHA = 0.05
UNITS_PER_PART = 500
PARTS = 20
UNEVEN = (0.15, 0.3, 0.55, 0.8, 1.0)


def spent(_: np.random.Generator, runs: int, rule: Rule) -> Obtained:
    """The chance to stop at any of 5 uneven looks, without simulation."""
    stops = GroupSequential(rule).exits(UNEVEN)
    return Obtained(float((stops.up + stops.down).sum()))


def stopped(dice: np.random.Generator, runs: int, rule: Rule) -> Obtained:
    """How many runs of normal data without an effect stop at any of these looks, 10 000 units per arm in all."""
    looks = np.rint(np.array(UNEVEN) * PARTS).astype(np.intp) - 1
    boundary = GroupSequential(rule).boundary(UNEVEN).z
    hits = []
    for size in blocks(runs, 5_000):
        control, treatment = (list(accumulate(_parts(dice, size), Moments.merge)) for _ in range(2))
        z = np.stack([compare(of_means(control[at]), of_means(treatment[at]), test="z").statistic for at in looks])
        hits.append((np.abs(z) >= boundary[:, None]).any(axis=0))
    return share(np.concatenate(hits))


def _parts(dice: np.random.Generator, runs: int) -> Iterator[Moments]:
    return (normal(dice, runs, UNITS_PER_PART) for _ in range(PARTS))


RULES: dict[str, Rule] = {
    "O'Brien–Fleming type": OBRIEN_FLEMING,
    "Pocock type": POCOCK,
    "Kim–DeMets, ρ = 2": Spending("kim-demets", 2),
    "Hwang–Shih–DeCani, γ = −4": Spending("hwang-shih-decani", -4),
    "Wang–Tsiatis, Δ = 0.25": WangTsiatis(0.25),
}
PROMISES = (
    *(
        Promise(
            "group-sequential: α of all looks, by recursion", data, "within", ALPHA, partial(spent, rule=rule), 5e-5
        )
        for data, rule in RULES.items()
    ),
    *(
        Promise(
            "group-sequential: ever a false positive",
            f"normal; {data}",
            "within",
            ALPHA,
            partial(stopped, rule=rule),
            runs=50_000,
        )
        for data, rule in RULES.items()
    ),
)
