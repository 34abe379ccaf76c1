"""9.3 latency: the quantiles of every variant, their differences to control, how its units' values are spread, and how
many units came."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.aggregate import Aggregate
from experiments.design import Direction, Metric, MetricKind
from experiments.model import Experiment
from experiments.pictures.arrivals import arrivals_of, is_short
from experiments.pictures.basis import Basis
from experiments.pictures.distribution import Distribution, distribution_of
from experiments.pictures.levels import Course, Level, course_of, newest_level, of_metric, spans_of
from experiments.pictures.quality import MOST_TREATMENTS, no_difference
from experiments.pictures.read import basis_of
from experiments.quantile_names import family_of
from experiments.readout import Comparison, Readout, Severity
from experiments.texts import Frozen

MOST_ROWS = 18
NO_QUANTILE = (
    "This experiment measures no quantile. Give its next design a metric of kind quantile, such as latency-p95 in ms."
)
FROM_PROMETHEUS = (
    "There are no units to draw. Its quantiles come from Prometheus, in windows of time, so there is no interval of a "
    "unit's time. Guardrails are judged on them all the same."
)


class Quantile(Frozen):
    """One quantile of what is measured: its `levels` in control and treatments, and the `comparisons` to control."""

    metric: str
    quantile: float
    levels: tuple[Level, ...]
    comparisons: tuple[Comparison, ...] = ()


class Latency(Frozen):
    """A family of quantile metrics, the lowest quantile first, with an order-statistics interval each.

    `distribution` is how the values behind them are spread, where the data tell. `arrivals` are the units that came to
    each variant per day, or per hour where `hourly`. `withheld` says why no
    difference may be shown, `refused` why nothing can be. `not_drawn` counts quantiles without room, `left_out`
    treatments.
    """

    basis: Basis
    family: str
    unit: str
    direction: Direction
    alpha: float
    quantiles: tuple[Quantile, ...] = ()
    distribution: Distribution | None = None
    arrivals: tuple[Course, ...] = ()
    hourly: bool = False
    phases: tuple[float, ...] = ()
    places: dict[str, int] = {}
    left_out: int = 0
    not_drawn: int = 0
    warnings: tuple[str, ...] = ()
    refused: str = ""
    withheld: str = ""


def families_of(experiment: Experiment) -> dict[str, tuple[Metric, ...]]:
    """The quantile metrics by what they measure, in the order of the design; the lowest quantile first."""
    found: dict[str, list[Metric]] = {}
    for metric in experiment.design.metrics:
        if metric.kind is MetricKind.QUANTILE and not metric.query:
            found.setdefault(family_of(metric.key), []).append(metric)
    return {name: tuple(sorted(members, key=lambda each: each.quantile)) for name, members in found.items()}


def latency_of(
    experiment: Experiment, rows: Sequence[Aggregate], readout: Readout, *, family: str, variant: str = ""
) -> Latency:
    """The picture of one family, of all treatments or of one `variant` against control."""
    members = families_of(experiment).get(family, ())
    data = Latency(
        basis=basis_of(readout),
        family=family,
        unit=members[0].unit if members else "",
        direction=members[0].direction if members else Direction.DOWN,
        alpha=readout.alpha,
        warnings=tuple(each.words for each in readout.findings if each.severity is Severity.WARNING),
    )
    if not members:
        asked = any(each.kind is MetricKind.QUANTILE for each in experiment.design.metrics)
        return data.model_copy(update={"refused": FROM_PROMETHEUS if asked else NO_QUANTILE})
    if readout.blocked:
        return data.model_copy(update={"refused": f"No lift is shown. {readout.blocked.words}"})
    treatments = [each.key for each in experiment.design.treatments]
    drawn = [each for each in treatments if variant in ("", each)][:MOST_TREATMENTS]
    arms = [experiment.control.key, *drawn]
    shown = _some(members, max(1, MOST_ROWS // len(arms)))
    now = [row for row in rows if row.day > spans_of(experiment)[-1].start]
    found = [_quantile(each, arms, now, readout, experiment) for each in shown]
    distribution = distribution_of(now, [each.key for each in members], arms)
    if distribution is None and not any(level.value is not None for each in found for level in each.levels):
        return data.model_copy(update={"refused": found[0].levels[0].refused})
    withheld = no_difference(readout, [compared for each in found for compared in each.comparisons])
    if withheld:
        found = [each.model_copy(update={"comparisons": ()}) for each in found]
    return data.model_copy(
        update={
            "quantiles": tuple(found),
            "distribution": distribution,
            "arrivals": tuple(each for each in arrivals_of(rows, experiment) if each.variant in arms),
            "hourly": is_short(rows),
            "phases": tuple(phase.day for phase in experiment.phases[1:]),
            "places": {each: treatments.index(each) % MOST_TREATMENTS for each in drawn},
            "left_out": 0 if variant else len(treatments) - len(drawn),
            "not_drawn": len(members) - len(shown),
            "withheld": withheld,
        }
    )


def _some(members: Sequence[Metric], most: int) -> list[Metric]:
    """At most so many, the highest among them and the others spread evenly."""
    if len(members) <= most:
        return list(members)
    step = (len(members) - 1) / max(most - 1, 1)
    return [members[len(members) - 1 - round(place * step)] for place in range(most)][::-1]


def _quantile(
    metric: Metric, arms: Sequence[str], rows: Sequence[Aggregate], readout: Readout, experiment: Experiment
) -> Quantile:
    mine = of_metric(rows, metric.key)
    return Quantile(
        metric=metric.key,
        quantile=metric.quantile,
        levels=tuple(newest_level(course_of(metric, each, mine, experiment)) for each in arms),
        comparisons=tuple(
            each
            for key in arms[1:]
            for each in readout.comparisons
            if (each.metric, each.treatment.variant) == (metric.key, key)
        ),
    )
