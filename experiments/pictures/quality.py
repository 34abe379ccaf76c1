"""9.1 quality: a metric of every variant over the days, the difference to control, and how far judges agree."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.aggregate import Aggregate
from experiments.design import Direction, Metric, MetricKind
from experiments.model import Experiment
from experiments.pictures.basis import Basis
from experiments.pictures.levels import Course, course_of, difference_of, of_metric
from experiments.pictures.read import basis_of, compared_in, warnings_of, why_early
from experiments.readout import Comparison, Readout, Standing
from experiments.texts import Frozen

LEVELS = (MetricKind.MEAN, MetricKind.PROPORTION, MetricKind.RATIO)
AGREEMENT = "judge-agreement"
"""By convention a proportion: 1 where the model that judges and a person say the same of one answer."""
MOST_TREATMENTS = 5


class Quality(Frozen):
    """One metric: its `levels` in control and treatments, its `differences` to control with what the readout says of
    them (`comparisons`, in the same order), and the `agreement` of judge and person where it is measured.

    `refused` says why nothing can be shown, `withheld` why no difference may be. `phases` are the days on which new
    phases began, `planned_end` that on which the newest has run as long as planned. `left_out` counts treatments beyond
    those that are drawn, whose `places` give them the same look whatever is chosen.
    """

    basis: Basis
    metric: str
    unit: str
    kind: MetricKind
    direction: Direction
    alpha: float
    planned_end: float
    phases: tuple[float, ...] = ()
    levels: tuple[Course, ...] = ()
    differences: tuple[Course, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    places: dict[str, int] = {}
    agreement: tuple[Course, ...] = ()
    warnings: tuple[str, ...] = ()
    left_out: int = 0
    refused: str = ""
    withheld: str = ""


def metrics_of(experiment: Experiment) -> tuple[Metric, ...]:
    """The metrics that have a level to show: those that events make means, proportions or ratios of."""
    return tuple(each for each in experiment.design.metrics if each.kind in LEVELS and not each.query)


def cast_of(experiment: Experiment, variant: str) -> tuple[list[str], dict[str, int], int]:
    """The treatments that are drawn, all or one `variant`; their places, which are the same whatever is chosen; and how
    many have no room."""
    treatments = [each.key for each in experiment.design.treatments]
    drawn = [each for each in treatments if variant in ("", each)][:MOST_TREATMENTS]
    places = {each: treatments.index(each) % MOST_TREATMENTS for each in drawn}
    return drawn, places, 0 if variant else len(treatments) - len(drawn)


def quality_of(
    experiment: Experiment,
    rows: Sequence[Aggregate],
    readout: Readout,
    *,
    metric: str,
    variant: str = "",
) -> Quality:
    """The picture of one metric, of all treatments or of one `variant` against control."""
    chosen = next((each for each in metrics_of(experiment) if each.key == metric), None)
    if chosen is None:
        return Quality(
            basis=basis_of(readout), metric=metric, unit="", kind=MetricKind.MEAN,
            direction=Direction.UP, alpha=readout.alpha, planned_end=_planned_end(experiment, readout),
            refused="This experiment measures no mean, proportion or ratio. Add one to its next design.",
        )  # fmt: skip
    data = Quality(
        basis=basis_of(readout),
        metric=chosen.key,
        unit=chosen.unit,
        kind=chosen.kind,
        direction=chosen.direction,
        alpha=readout.alpha,
        planned_end=_planned_end(experiment, readout),
        warnings=warnings_of(readout),
    )
    if readout.blocked:
        return data.model_copy(update={"refused": f"No lift is shown. {readout.blocked.words}"})
    drawn, places, left_out = cast_of(experiment, variant)
    mine = of_metric(rows, chosen.key)
    levels = tuple(course_of(chosen, each, mine, experiment) for each in (experiment.control.key, *drawn))
    if not any(course.stretches for course in levels):
        return data.model_copy(update={"refused": levels[0].refused})
    comparisons = compared_in(readout, metric, drawn)
    withheld = no_difference(readout, comparisons)
    agreement = next((each for each in metrics_of(experiment) if each.key == AGREEMENT != chosen.key), None)
    judged = of_metric(rows, AGREEMENT) if agreement else []
    return data.model_copy(
        update={
            "phases": tuple(phase.day for phase in experiment.phases[1:]),
            "levels": levels,
            "differences": () if withheld else _differences(experiment, readout, metric, drawn),
            "comparisons": () if withheld else comparisons,
            "places": places,
            "agreement": tuple(
                course for each in (experiment.control.key, *drawn) if agreement
                and (course := course_of(agreement, each, judged, experiment)).stretches
            ),
            "left_out": left_out,
            "withheld": withheld,
        }
    )  # fmt: skip


def _differences(experiment: Experiment, readout: Readout, metric: str, drawn: Sequence[str]) -> tuple[Course, ...]:
    since = experiment.phase.day if experiment.phase else 0.0
    trails = {trail.treatment: trail for trail in readout.trails if trail.metric == metric}
    return tuple(difference_of(trails[each], since) for each in drawn if each in trails and trails[each].looks)


def no_difference(readout: Readout, comparisons: Sequence[Comparison]) -> str:
    """Why no difference may be shown, if none may."""
    if early := why_early(readout):
        return f"No difference yet. {early}"
    if comparisons and all(each.standing is Standing.MONITORING for each in comparisons):
        return (
            f"Monitoring only: this design is read once, at its planned end on day {readout.planned_days:,}. "
            "Until then no difference is shown."
        )
    if not any(each.difference is not None for each in comparisons):
        why = next((each.refused for each in comparisons if each.refused), "No data from both variants yet.")
        return f"No difference: {why}"
    return ""


def _planned_end(experiment: Experiment, readout: Readout) -> float:
    return (experiment.phase.day if experiment.phase else 0.0) + readout.planned_days
