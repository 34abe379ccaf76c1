"""A portfolio of made-up running experiments as columns, and its reading with health, correction and verdict."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.analysis.deciding import STATUSES, Circumstances, decide, treatments_of
from experiments.analysis.panel import Panel, Role, Settings
from experiments.analysis.reading import read_panel
from experiments.analysis.verdict import TOO_EARLY
from experiments.checks import examine
from experiments.checks.context import HealthContext, PhaseRatio
from experiments.readout import Finding, Severity, VerdictStatus
from experiments.stats.estimates import of_means
from experiments.stats.moments import Floats, Moments
from experiments.stats.sample_ratio import sample_ratios

TREATMENTS = 2
ROLES = (Role.PRIMARY, Role.SECONDARY, Role.SECONDARY, Role.GUARDRAIL, Role.COST)
PLANNED = 20_000.0
WEIGHTS = {"control": 3_334, "treatment-1": 3_333, "treatment-2": 3_333}


@dataclass(frozen=True, slots=True)
class Portfolio:
    """`panel` has a look per comparison; `units` (experiments, arms) and `day` (experiments,) are what health reads."""

    panel: Panel
    units: Floats
    day: Floats


def portfolio(experiments: int) -> Portfolio:
    """So many experiments with five metrics and two treatments each, a fifth of the effects real."""
    dice = np.random.default_rng(11)
    size = experiments * len(ROLES) * TREATMENTS
    units = dice.multinomial(30_000, [1 / 3] * 3, experiments).astype(np.float64)
    owner = np.repeat(np.arange(experiments), len(ROLES) * TREATMENTS)
    treatment = np.tile(np.arange(TREATMENTS), experiments * len(ROLES))
    role = np.tile(np.repeat(np.array(ROLES, dtype=np.int8), TREATMENTS), experiments)
    metric = np.repeat(np.arange(experiments * len(ROLES)), TREATMENTS)
    effect = np.where(dice.random(size) < 0.2, 0.15, 0.0)
    n_c, n_t = units[owner, 0], units[owner, 1 + treatment]
    base = dice.normal(10, 2 / np.sqrt(n_c[::TREATMENTS])).repeat(TREATMENTS)
    family = np.where(role == Role.PRIMARY, metric, len(metric) + owner * len(Role) + role)
    panel = Panel.of(
        of_means(Moments.given(n_c, base, np.full(size, 4.0))),
        of_means(Moments.given(n_t, dice.normal(10 + effect, 2 / np.sqrt(n_t)), np.full(size, 4.0))),
        day=7.0,
        experiment=owner,
        arm=owner * TREATMENTS + treatment,
        family=family,
        role=role,
        limit=0.01,
        relative=True,
        planned_units=PLANNED,
    )
    return Portfolio(panel, units, np.full(experiments, 7.0))


def read_portfolio(data: Portfolio) -> list[VerdictStatus]:
    """The verdict on every experiment, through the same calls as a single readout."""
    count = len(data.day)
    weights = np.tile(np.array(list(WEIGHTS.values()), dtype=np.float64), (count, 1))
    tests = sample_ratios(data.units, np.arange(count), weights, np.full(count, PLANNED))
    findings: list[tuple[Finding, ...]] = []
    for number, (units, day) in enumerate(zip(data.units.astype(int).tolist(), data.day.tolist(), strict=True)):
        named = dict(zip(WEIGHTS, units, strict=True))
        ratio = PhaseRatio(0.0, WEIGHTS, named, tests.at(number))
        findings.append(examine(HealthContext(WEIGHTS, named, day, True, ratios=(ratio,))))
    flags = _flags(findings)
    reading = read_panel(data.panel, Settings())
    treatments = treatments_of(data.panel, reading)
    yes, no = np.ones(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
    given = Circumstances(*flags, over=no, live=yes, sequential=yes, do_no_harm=no)
    return [STATUSES[code] for code in decide(data.panel, reading, treatments, given).tolist()]


def _flags(findings: list[tuple[Finding, ...]]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    blocked = [any(each.severity is Severity.BLOCKS_LIFT for each in found) for found in findings]
    early = [any(each.code in TOO_EARLY for each in found) for found in findings]
    return np.array(blocked, dtype=np.bool_), np.array(early, dtype=np.bool_)


def main() -> None:
    """Time and memory of ten thousand experiments."""
    data = portfolio(10_000)
    begun = time.perf_counter()
    statuses = read_portfolio(data)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(statuses):,} experiments × {len(ROLES)} metrics × {TREATMENTS} treatments, health, correction, verdict: "
        f"{seconds * 1e3:.0f} ms, {peak:.0f} MB in all with the interpreter and its libraries"
    )


if __name__ == "__main__":
    main()
