"""The health context of many experiments at once: everything the checks judge, computed in a few calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from experiments.aggregate import Aggregate
from experiments.analysis import pairing
from experiments.analysis.pairing import EVERYBODY, SINCE_EXPOSURE, Pair, Phase, Table
from experiments.checks.context import Balance, HealthContext, PhaseRatio, Shaped, SinceExposure
from experiments.design import Design, MetricKind, MetricRole
from experiments.model import Experiment, Status
from experiments.stats.balance import balances
from experiments.stats.comparison import compare
from experiments.stats.estimates import Estimates, of_means
from experiments.stats.moments import Moments
from experiments.stats.sample_ratio import sample_ratios
from experiments.stats.skew import largest_share, proportion_skewness

SECONDS_PER_DAY = 86_400
FEWEST = 2
MOST_DIGITS = 4


class Provenance(NamedTuple):
    """What is known of the data beside the numbers: of `seen` units, `crossed` were in two variants and left out; the
    `phases` of the experiment, when its weights changed while it ran."""

    crossed: int = 0
    seen: int = 0
    phases: tuple[Phase, ...] = ()


class Case(NamedTuple):
    """An experiment with its data in order: by series, in pairs, and how far they reach.

    Days count from `since`, the day on which its newest phase began (0 where its weights never changed), and `design`
    has the variants and weights of that phase: estimates never mix phases.
    """

    experiment: Experiment
    design: Design
    table: Table
    pairs: tuple[Pair, ...]
    day: float
    since: float
    provenance: Provenance


def case_of(experiment: Experiment, rows: Sequence[Aggregate], provenance: Provenance) -> Case:
    """The rows of the newest phase put in order; those up to the day on which it began belong to the one before.

    >>> from datetime import UTC
    >>> from experiments.from_rows import design_of
    >>> rows = [Aggregate("clicks", arm, day, 500, 2.0, 1.0) for day in (6.0, 7.0) for arm in ("control", "blue")]
    >>> start = datetime(2026, 3, 2, tzinfo=UTC)
    >>> shop = Experiment(workspace="T1", key="shop", title="Shop", owner="U1", created_at=start, updated_at=start)
    >>> case = case_of(shop.evolve(design=design_of(rows, key="shop")), rows, Provenance())
    >>> case.day, [len(pair.control) for pair in case.pairs]
    (7.0, [2])
    """
    since = experiment.phase.day if experiment.phase else 0.0
    newest = [row._replace(day=row.day - since) for row in rows if row.day > since] if since else rows
    table, design = pairing.tabulate(newest), _present(experiment)
    day = max((moment for series in table.values() for moment in series), default=0.0)
    return Case(experiment, design, table, pairing.pairs(design, table), day, since, provenance)


def _present(experiment: Experiment) -> Design:
    """The design with the weights of the newest phase, without the variants that get no traffic any more."""
    if len(experiment.phases) < 2:
        return experiment.design
    weights = experiment.weights
    present = [each.model_copy(update={"weight": weights[each.key]}) for each in experiment.design.variants]
    return experiment.design.model_copy(update={"variants": tuple(each for each in present if each.weight)})


def contexts(cases: Sequence[Case], now: datetime) -> list[HealthContext]:
    """What the health checks look at, one context per case.

    >>> from datetime import UTC
    >>> from experiments.from_rows import design_of
    >>> rows = [Aggregate("clicks", arm, 7.0, n, 2.0, 1.0) for arm, n in (("control", 5_000), ("blue", 4_000))]
    >>> now = datetime(2026, 3, 9, tzinfo=UTC)
    >>> shop = Experiment(workspace="T1", key="shop", title="Shop", owner="U1", created_at=now, updated_at=now)
    >>> case = case_of(shop.evolve(design=design_of(rows, key="shop")), rows, Provenance())
    >>> (context,) = contexts([case], now)
    >>> context.units, context.ratios[0].test.rejects
    ({'control': 5000, 'blue': 4000}, True)
    """
    counted = [pairing.counted_on(case.design, case.table) for case in cases]
    return [
        HealthContext(
            weights={variant.key: variant.weight for variant in case.design.variants},
            units=pairing.units(case.design, case.table, metric),
            day=case.day,
            has_data=any(row.n > 0 for series in case.table.values() for row in series.values()),
            ratios=ratios,
            age=_age(case, now),
            rhythm=pairing.rhythm(_moments(case, metric)),
            silent=pairing.silent(case.design, case.table),
            crossed=case.provenance.crossed,
            seen=case.provenance.seen,
            balance=balance,
            shapes=_shapes(case),
            since_exposure=_since_exposure(case),
            left_out=pairing.left_out(case.design, case.table),
        )
        for case, metric, ratios, balance in zip(cases, counted, _ratios(cases, counted), _balances(cases), strict=True)
    ]


def _age(case: Case, now: datetime) -> float | None:
    """How many days ago the newest data were measured; None where no more are expected."""
    if case.experiment.status is not Status.RUNNING or case.experiment.started_at is None:
        return None
    return max((now - case.experiment.started_at).total_seconds() / SECONDS_PER_DAY - case.since - case.day, 0.0)


def _moments(case: Case, metric: str | None) -> list[float]:
    if not case.design.variants:
        return []
    return list(case.table.get((metric or "", case.design.control.key, EVERYBODY), {}))


def _phases(case: Case) -> tuple[Phase, ...]:
    whole = Phase(0.0, {variant.key: variant.weight for variant in case.design.variants})
    return case.provenance.phases or (whole,)


def _ratios(cases: Sequence[Case], counted: Sequence[str | None]) -> list[tuple[PhaseRatio, ...]]:
    """Every phase of every case tested in one call; phases without units or with one arm have no test."""
    asked = []
    for number, (case, metric) in enumerate(zip(cases, counted, strict=True)):
        phases = _phases(case)
        ends = [phase.from_day for phase in phases[1:]] + [case.day]
        asked += [
            (number, phase, pairing.unit_history(case.design, case.table, metric, phase, end))
            for phase, end in zip(phases, ends, strict=True)
        ]
    asked = [each for each in asked if each[2]]
    found: list[list[PhaseRatio]] = [[] for _ in cases]
    if asked:
        width = max(len(history[0]) for _, _, history in asked)
        sizes = np.array([len(history) for _, _, history in asked])
        counts = np.zeros((int(sizes.sum()), width))
        weights = np.zeros((len(asked), width))
        starts = np.cumsum(sizes) - sizes
        for at, (number, phase, history) in enumerate(asked):
            arms = len(history[0])
            counts[starts[at] : starts[at] + sizes[at], :arms] = history
            weights[at, :arms] = [phase.weights.get(each.key, 0) for each in cases[number].design.variants]
        planned = np.array([cases[number].design.planned_units for number, _, _ in asked], dtype=np.float64)
        tests = sample_ratios(counts, starts, weights, planned)
        for row in tests.rows.tolist():
            number, phase, history = asked[row]
            keys = [variant.key for variant in cases[number].design.variants]
            units = dict(zip(keys, history[-1], strict=True))
            found[number].append(PhaseRatio(phase.from_day, phase.weights, units, tests.at(row)))
    return [tuple(each) for each in found]


def _balances(cases: Sequence[Case]) -> list[tuple[Balance, ...]]:
    """The covariates of every pair that has them, treatment against control."""
    asked = [
        (number, pair)
        for number, case in enumerate(cases)
        for pair in case.pairs
        if pair.has_covariate and not pair.segment
    ]
    found: list[list[Balance]] = [[] for _ in cases]
    if asked:
        sizes = np.array([len(pair.control) for _, pair in asked])
        planned = np.array([cases[number].design.planned_units for number, _ in asked], dtype=np.float64)
        tests = balances(
            _covariates([row for _, pair in asked for row in pair.control]),
            _covariates([row for _, pair in asked for row in pair.treatment]),
            np.cumsum(sizes) - sizes,
            planned,
        )
        for row in tests.rows.tolist():
            number, pair = asked[row]
            difference, p = tests.at(row)
            found[number].append(Balance(pair.metric.key, pair.treatment_key, difference, p))
    return [tuple(each) for each in found]


def _covariates(rows: Sequence[Aggregate]) -> Moments:
    table = np.array(
        [(row.n, row.covariate.mean, row.covariate.variance) for row in rows if row.covariate], dtype=np.float64
    )
    return Moments.given(*table.T)


def _shapes(case: Case) -> tuple[Shaped, ...]:
    """How lopsided each metric is in each variant, where that is known: of a proportion always."""
    found = []
    for metric in case.design.metrics:
        for variant in case.design.variants:
            row = pairing.newest(case.table.get((metric.key, variant.key, EVERYBODY), {}))
            if row is None or row.n < FEWEST:
                continue
            if row.shape is not None and metric.kind is not MetricKind.PROPORTION:
                share = float(largest_share(row.n, row.mean, row.shape.largest)) if row.mean > 0 else None
                found.append(Shaped(metric.key, variant.key, row.n, row.shape.skewness, share))
            elif metric.kind is MetricKind.PROPORTION and 0 < row.mean < 1:
                found.append(Shaped(metric.key, variant.key, row.n, float(proportion_skewness(row.mean)), None))
    return tuple(found)


def _means(rows: Sequence[Aggregate | None]) -> Estimates:
    table = np.array([row[3:6] if row else (0, 0.0, 0.0) for row in rows], dtype=np.float64)
    return of_means(Moments.given(*table.T))


def _since_exposure(case: Case) -> tuple[SinceExposure, ...]:
    """The effect on the primary metrics by whole days since exposure, from the segments of that name."""
    names = {name for _, _, name in case.table if pairing.dimension_of(name) == SINCE_EXPOSURE}
    days = sorted(
        (int(level), name)
        for name in names
        if (level := pairing.level_of(name)).isdecimal() and len(level) <= MOST_DIGITS
    )
    if not days:
        return ()
    found = []
    for metric in [each for each in case.design.metrics if each.role is MetricRole.PRIMARY]:
        for treatment in case.design.treatments:
            arms = (
                [pairing.newest(case.table.get((metric.key, variant, name), {})) for _, name in days]
                for variant in (case.design.control.key, treatment.key)
            )
            compared = compare(*map(_means, arms))
            if compared.rows.size:
                when = tuple(days[row][0] for row in compared.rows.tolist())
                effects, errors = tuple(compared.effect.tolist()), tuple(compared.se.tolist())
                found.append(SinceExposure(metric.key, treatment.key, when, effects, errors, metric.unit))
    return tuple(found)
