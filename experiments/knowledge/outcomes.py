"""What one experiment adds to what many say together: its effect, its trial and the lesson of its end."""

from __future__ import annotations

from experiments.design import Direction
from experiments.knowledge.learning import Ended
from experiments.knowledge.patterns import Trial
from experiments.model import ENDED, Experiment, Status
from experiments.readout import Interval, Standing
from experiments.running import Effect

WITH_OUTCOME = tuple(sorted({*ENDED, Status.ROLLING_OUT, Status.ARCHIVED}))
"""States in which an experiment that was run has said what it has to say."""


def effect_of(experiment: Experiment) -> Effect | None:
    """The effect on the primary metric that stands for the experiment: that of the variant that was shipped, else of
    the first treatment that is clearly better, else of the first of the design; None where no lift may be shown.

    Never simply the largest: the largest of several is so partly by luck.
    """
    effects = (experiment.reading and experiment.reading.effects) or ()
    served = experiment.rollout.variant if experiment.rollout else ""
    shipped = (each for each in effects if each.treatment == served)
    better = (each for each in effects if each.standing is Standing.BETTER)
    return next(iter((*shipped, *better, *effects)), None)


def good(effect: Effect) -> tuple[float, Interval]:
    """Its lift and interval turned so that more is better.

    >>> from experiments.design import MetricKind
    >>> slower = Effect(metric="latency", kind=MetricKind.MEAN, direction=Direction.DOWN, treatment="slow", lift=0.02,
    ...                 lower=0.01, upper=None, standing=Standing.WORSE)
    >>> good(slower)
    (-0.02, Interval(lower=None, upper=-0.01))
    """
    if effect.direction is Direction.UP:
        return effect.lift, Interval(lower=effect.lower, upper=effect.upper)
    lower, upper = (None if each is None else -each for each in (effect.upper, effect.lower))
    return -effect.lift, Interval(lower=lower, upper=upper)


def trial_of(experiment: Experiment) -> Trial | None:
    """What an ended experiment adds to patterns; None where its data allow no number, or it is not over."""
    effect = effect_of(experiment)
    if effect is None or not has_outcome(experiment):
        return None
    return Trial(
        tags=experiment.tags,
        lift=good(effect)[0],
        hit=effect.standing is Standing.BETTER,
        variance=(effect.error or 0.0) ** 2 or None,
        metric=effect.metric,
        unit=experiment.design.unit.words,
        project=experiment.project,
        kind=experiment.design.kind.words,
    )


def ended_of(experiment: Experiment) -> Ended | None:
    """The end of an experiment as the learning rate counts it; None where it is not over or never ran.

    It is powered when every unit of the plan came, or when its interval leaves out any effect worth having.
    """
    if not has_outcome(experiment):
        return None
    reading, effect = experiment.reading, effect_of(experiment)
    if reading is None or reading.invalid or effect is None:
        return Ended(standing=Standing.REFUSED, healthy=False, powered=False)
    upper = good(effect)[1].upper
    enough = effect.units >= experiment.design.planned_units
    return Ended(
        standing=Standing.WORSE if reading.harmed else effect.standing,
        healthy=True,
        powered=enough or (upper is not None and upper < experiment.design.smallest_effect),
    )


def has_outcome(experiment: Experiment) -> bool:
    """Whether it was run and is over."""
    return experiment.status in WITH_OUTCOME and (experiment.started_at is not None or experiment.data_version > 0)
