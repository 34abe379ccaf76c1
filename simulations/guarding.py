"""Guardrails, canaries and winners as the product reads them: false stops, false failures, and the winner's curse."""

from __future__ import annotations

from functools import partial

import numpy as np

from experiments.analysis.panel import Panel, Role, Settings
from experiments.analysis.reading import BREACHED, read_panel
from experiments.knowledge.winners_curse import corrected
from experiments.stats.canary import FAILED, Rule, classify
from experiments.stats.estimates import Estimates, of_means
from experiments.stats.moments import Floats, Moments
from simulations.draws import accumulated, blocks, flat
from simulations.promise import Obtained, Promise, share

ALPHA = 0.05
TREATMENTS, GUARDRAILS, DAYS, PER_DAY = 2, 3, 28, 200
LIMIT, LEVEL = 0.02, 2.0


def ever_stopped(dice: np.random.Generator, runs: int) -> Obtained:
    """How many experiments with every guardrail exactly at its limit are called breached on any of 28 days.

    200 units per arm a day; the treatments share control, the metrics are independent, which is the worst case.
    """
    hits = []
    for size in blocks(runs):
        found = read_panel(_panel(dice, size), Settings(alpha=ALPHA))
        hits.append((found.guardrail.reshape(size, -1) == BREACHED).any(axis=1))
    return share(np.concatenate(hits))


def canary_failed(dice: np.random.Generator, runs: int, samples: int) -> Obtained:
    """How often the canary's judge fails a metric that is the same in both arms."""
    rule = Rule("latency")
    values = np.exp(dice.standard_normal((runs, 2, samples)))
    return share(np.array([classify(theirs, ours, rule).label in FAILED for ours, theirs in values]))


def winners(dice: np.random.Generator, runs: int, experiments: int, spread: float) -> Obtained:
    """The corrected total of the winners ÷ what these are truly worth, over all runs together.

    True effects are normal around 0.5 with this `spread`, measured with errors of 1.
    """
    truth = 0.5 + spread * dice.standard_normal((runs, experiments))
    totals = np.zeros((runs, 2))
    for run, (true, seen) in enumerate(zip(truth, truth + dice.standard_normal(truth.shape), strict=True)):
        done = corrected(seen, np.ones(experiments))
        totals[run] = done.corrected_total, true[done.winners].sum()
    ratio = float(totals[:, 0].sum() / totals[:, 1].sum())
    off = totals[:, 0] - ratio * totals[:, 1]
    return Obtained(ratio, float(off.std() / np.sqrt(runs) / totals[:, 1].mean()))


def _panel(dice: np.random.Generator, runs: int) -> Panel:
    """Experiments by treatments by guardrails, each a comparison with a look a day."""
    control = _arm(dice, (runs, 1, GUARDRAILS), LEVEL)
    treatment = _arm(dice, (runs, TREATMENTS, GUARDRAILS), LEVEL * (1 + LIMIT))
    each = np.arange(runs * TREATMENTS * GUARDRAILS)
    return Panel.of(
        _looks(control, runs),
        _looks(treatment, runs),
        day=np.tile(np.arange(1.0, DAYS + 1), each.size),
        starts=each * DAYS,
        experiment=each // (TREATMENTS * GUARDRAILS),
        arm=each // GUARDRAILS,
        family=each // (TREATMENTS * GUARDRAILS),
        role=Role.GUARDRAIL,
        good=-1.0,
        limit=LIMIT,
        relative=True,
        planned_units=2.0 * PER_DAY * DAYS,
    )


def _arm(dice: np.random.Generator, shape: tuple[int, int, int], mean: float) -> Moments:
    sums = PER_DAY * mean + np.sqrt(PER_DAY) * dice.standard_normal((int(np.prod(shape)), DAYS))
    squares = dice.chisquare(PER_DAY - 1, sums.shape) + np.square(sums) / PER_DAY
    found = accumulated(PER_DAY, sums, squares)
    return Moments(*(each.reshape(*shape, DAYS) for each in (found.n, found.mean, found.m2)))


def _looks(arm: Moments, runs: int) -> Estimates:
    shape = (runs, TREATMENTS, GUARDRAILS, DAYS)
    columns: list[Floats] = [np.broadcast_to(each, shape) for each in (arm.n, arm.mean, arm.m2)]
    return of_means(flat(Moments(*columns)))


PROMISES = (
    Promise(
        "guardrails: ever a false stop in 28 daily looks",
        "normal; 3 guardrails × 2 treatments, harm at its limit of 2 %",
        "at most",
        ALPHA,
        ever_stopped,
    ),
    Promise(
        "canary: a metric without a change fails",
        "lognormal; 60 samples per arm",
        "at most",
        0.02,
        partial(canary_failed, samples=60),
    ),
    *(
        Promise(
            "winner's curse: corrected total ÷ truth",
            f"20 experiments, true effects spread {spread:g} × their errors",
            "within",
            1.0,
            partial(winners, experiments=20, spread=spread),
            0.15,
        )
        for spread in (0.5, 1.0)
    ),
)
