"""9.2 cost: what a unit and a success cost in each variant, what full traffic would save, and what that returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import copysign, sqrt

from experiments.aggregate import Aggregate, Companion
from experiments.design import Design, Direction, Metric, MetricKind, MetricRole
from experiments.model import Experiment
from experiments.pictures.arrivals import eligible_per_day
from experiments.pictures.basis import Basis
from experiments.pictures.levels import Level, course_of, newest_level, of_metric, spans_of
from experiments.pictures.quality import cast_of, no_difference
from experiments.pictures.read import basis_of, compared_in, warnings_of
from experiments.pictures.returns import PER_UNIT, Return, currency_of, returns_of
from experiments.policy import Project
from experiments.readout import Comparison, Interval, Readout
from experiments.texts import Frozen

A_MONTH = 30
NO_COST = (
    "This experiment measures no cost. Give a metric of the next design the role cost, "
    "or a unit of money such as € per user."
)


class Cost(Frozen):
    """One cost metric: `per_unit` and `per_success` in every variant, and the `returns` of 30 days at full traffic.

    A `success` is one of the primary metric; its cost is `exact` where the design measures the ratio, else its interval
    is the widest that any correlation of the two could make. `refused` says why nothing can be shown, `no_success` and
    `withheld` why a part cannot. `spent` is what the experiment has cost so far, `missing` what would have to be known
    for more. `saved_in` is what savings are counted in, `in_money` whether that is the money of the
    project, in which all returns are then; `units` are the eligible units of 30 days.
    """

    basis: Basis
    metric: str
    unit: str
    direction: Direction
    alpha: float
    per_unit: tuple[Level, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    success: str = ""
    per_success: tuple[Level, ...] = ()
    exact: bool = False
    no_success: str = ""
    returns: tuple[Return, ...] = ()
    units: float | None = None
    saved_in: str = ""
    in_money: bool = False
    spent: float | None = None
    missing: tuple[str, ...] = ()
    places: dict[str, int] = {}
    left_out: int = 0
    warnings: tuple[str, ...] = ()
    refused: str = ""
    withheld: str = ""


def cost_metrics(experiment: Experiment) -> tuple[Metric, ...]:
    """Those with the role cost; where there are none, those whose unit is money."""
    usable = [each for each in experiment.design.metrics if not each.query and each.kind is not MetricKind.QUANTILE]
    costs = tuple(each for each in usable if each.role is MetricRole.COST)
    return costs or tuple(each for each in usable if currency_of(each.unit))


def cost_of(
    experiment: Experiment,
    rows: Sequence[Aggregate],
    readout: Readout,
    project: Project,
    *,
    metric: str,
    variant: str = "",
) -> Cost:
    """The picture of one cost metric, of all treatments or of one `variant` against control."""
    chosen = next((each for each in cost_metrics(experiment) if each.key == metric), None)
    data = Cost(
        basis=basis_of(readout),
        metric=metric,
        unit=chosen.unit if chosen else "",
        direction=chosen.direction if chosen else Direction.DOWN,
        alpha=readout.alpha,
        warnings=warnings_of(readout),
    )
    if chosen is None:
        return data.model_copy(update={"refused": NO_COST})
    if readout.blocked:
        return data.model_copy(update={"refused": f"No lift is shown. {readout.blocked.words}"})
    drawn, places, left_out = cast_of(experiment, variant)
    present = spans_of(experiment)[-1]
    now = [row for row in rows if row.day > present.start]
    arms = [experiment.control.key, *drawn]
    plain = chosen.model_copy(update={"kind": MetricKind.MEAN}) if chosen.kind is MetricKind.RATIO else chosen
    spent = of_metric(now, chosen.key)
    per_unit = [newest_level(course_of(plain, each, spent, experiment)) for each in arms]
    if not any(each.value is not None for each in per_unit):
        return data.model_copy(update={"refused": per_unit[0].refused})
    comparisons = compared_in(readout, metric, drawn)
    withheld = no_difference(readout, comparisons)
    success, per_success, exact, no_success = _successes(experiment, now, chosen, arms)
    per_day = eligible_per_day(rows, experiment)
    units = per_day * A_MONTH if per_day else None
    returned = returns_of(
        experiment, readout, project, chosen, drawn, units,
        _numerators(experiment.design, spent, drawn) if chosen.kind is MetricKind.RATIO else None,
    )  # fmt: skip
    shown = {
        "per_unit": tuple(per_unit),
        "comparisons": () if withheld else comparisons,
        "success": success,
        "per_success": per_success,
        "exact": exact,
        "no_success": no_success,
        "units": units,
        "places": places,
        "left_out": left_out,
        "withheld": withheld,
    }
    return data.model_copy(update=shown if withheld else {**shown, **returned._asdict()})


def _successes(
    experiment: Experiment, rows: Sequence[Aggregate], cost: Metric, arms: Sequence[str]
) -> tuple[str, tuple[Level, ...], bool, str]:
    """What a success is, its cost in each variant, whether the design measures that, and why it has none."""
    primary = experiment.design.primary
    if primary is None or primary.key == cost.key:
        return "", (), False, ""
    measured = next((each for each in experiment.design.metrics if _is_ratio_to(each, primary, cost)), None)
    if measured is not None:
        mine = of_metric(rows, measured.key)
        return primary.key, tuple(newest_level(course_of(measured, each, mine, experiment)) for each in arms), True, ""
    if primary.kind not in PER_UNIT or primary.direction is Direction.DOWN or primary.query:
        why = f"No cost per success: {primary.key} does not count successes per unit."
        return primary.key, (), False, why
    ratio = cost.model_copy(update={"kind": MetricKind.RATIO})
    joined = _joined(of_metric(rows, cost.key), of_metric(rows, primary.key))
    found = tuple(newest_level(course_of(ratio, each, joined, experiment)) for each in arms)
    return primary.key, found, False, ""


def _is_ratio_to(metric: Metric, primary: Metric, cost: Metric) -> bool:
    """Whether it is a cost divided by the primary metric, measured as such."""
    paid = metric.role is MetricRole.COST or bool(currency_of(metric.unit)) or metric.key == cost.key
    return metric.kind is MetricKind.RATIO and metric.denominator == primary.key and paid and not metric.query


def _joined(costs: Sequence[Aggregate], successes: Sequence[Aggregate]) -> list[Aggregate]:
    """Cost ÷ successes of the same variant and day, where the two were aggregated apart.

    Nothing is known of their covariance but that it is at most the product of their standard deviations (Cauchy and
    Schwarz); taken with the sign that makes the ratio vary most, its interval is at least as wide as the true one.
    """
    hits = {(row.variant, row.day): row for row in successes}
    rows = []
    for row in costs:
        hit = hits.get((row.variant, row.day))
        if hit is None or hit.n <= 0:
            continue
        variance = hit.variance * row.n / hit.n
        widest = -copysign(sqrt(max(row.variance, 0.0) * max(variance, 0.0)), row.mean * hit.mean)
        rows.append(row._replace(denominator=Companion(hit.mean, variance, widest), covariate=None, shape=None))
    return rows


def _numerators(design: Design, rows: Sequence[Aggregate], drawn: Sequence[str]) -> Mapping[str, Interval]:
    """The difference in cost per unit where the metric is a ratio, whose readout is about the ratio: always-valid."""
    from experiments.analysis.pairing import EVERYBODY, newest, tabulate
    from experiments.stats.always_valid import compare_always_valid, mixing
    from experiments.stats.estimates import of_means
    from experiments.stats.moments import Moments

    table = tabulate(rows)
    found = {}
    for treatment in drawn:
        arms = [newest(table.get((rows[0].metric, key, EVERYBODY), {})) for key in (design.control.key, treatment)]
        if None in arms:
            continue
        control, treated = (of_means(Moments.given(row.n, row.mean, row.variance)) for row in arms if row)
        rho2 = mixing(design.alpha, design.planned_units)
        compared = compare_always_valid(control, treated, rho2, alpha=design.alpha)
        if compared.rows.size:
            found[treatment] = Interval.of(float(compared.lower[0]), float(compared.upper[0]))
    return found
