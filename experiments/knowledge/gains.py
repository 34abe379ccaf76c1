"""What winners add up to: as measured, and without the luck that made them winners, each total with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import fsum, sqrt

from experiments.errors import InsufficientData
from experiments.knowledge.learning import Lesson
from experiments.knowledge.outcomes import ended_of, trial_of
from experiments.knowledge.patterns import Trial
from experiments.model import Experiment
from experiments.numerals import counted
from experiments.texts import Frozen

Z = 1.959964
LEVEL = 0.05


class Estimate(Frozen):
    """A value with its 95 % interval."""

    value: float
    lower: float
    upper: float

    @classmethod
    def of(cls, value: float, error: float) -> Estimate:
        """From a value and its standard error."""
        return cls(value=value, lower=value - Z * error, upper=value + Z * error)


class Winner(Frozen):
    """The lift of one winner in the good direction and its standard error, as measured and without its luck."""

    lift: float
    error: float
    corrected: float | None = None
    corrected_error: float | None = None


class Gains(Frozen):
    """For each trial its `Winner`, None where it is none or has no standard error; `refused` says why nothing is
    corrected."""

    winners: tuple[Winner | None, ...]
    refused: str = ""

    @property
    def count(self) -> int:
        return sum(each is not None for each in self.winners)


def counting(experiment: Experiment) -> Trial | None:
    """What an ended experiment adds to such totals: its trial, a winner only where no guardrail was breached."""
    trial, ended = trial_of(experiment), ended_of(experiment)
    if trial is None or ended is None:
        return None
    return trial.model_copy(update={"hit": ended.lesson is Lesson.WIN})


def gains_of(trials: Sequence[Trial]) -> Gains:
    """The winners among the trials with the luck taken out of each, all trials with a standard error telling how much
    luck there is (`winners_curse.corrected`).

    >>> lifts = (0.05, 0.01, -0.01, 0.03, 0.0, 0.02, -0.02, 0.01)
    >>> found = gains_of([Trial(lift=lift, hit=lift > 0.04, variance=0.0004) for lift in lifts])
    >>> found.count, round(found.winners[0].corrected, 6)
    (1, 0.005714)
    """
    from experiments.knowledge.winners_curse import corrected  # numpy and scipy load when the first totals are asked

    measured = [place for place, trial in enumerate(trials) if trial.variance]
    lifts = [trials[place].lift for place in measured]
    errors = [sqrt(trials[place].variance or 0.0) for place in measured]
    hits = [trials[place].hit for place in measured]
    winners: list[Winner | None] = [None] * len(trials)
    for place, lift, error, hit in zip(measured, lifts, errors, hits, strict=True):
        winners[place] = Winner(lift=lift, error=error) if hit else None
    try:
        found = corrected(lifts, errors, hits, LEVEL)
    except InsufficientData as refusal:
        return Gains(winners=tuple(winners), refused=refusal.words)
    for at, place in enumerate(measured):
        if winner := winners[place]:
            spread = float(found.upper[at] - found.effect[at]) / Z
            update = {"corrected": float(found.effect[at]), "corrected_error": spread}
            winners[place] = winner.model_copy(update=update)
    return Gains(winners=tuple(winners))


def added(parts: Iterable[tuple[float, float]]) -> Estimate:
    """The sum of values with their standard errors, taken as independent.

    >>> added([(0.02, 0.003), (0.01, 0.004)]).value
    0.03
    """
    known = tuple(parts)
    return Estimate.of(fsum(value for value, _ in known), sqrt(fsum(error * error for _, error in known)))


def without_error(gains: Gains, trials: Sequence[Trial]) -> str:
    """How many winners are left out of the totals because they have no standard error; empty where none is."""
    lost = sum(trial.hit for trial in trials) - gains.count
    return f"{counted(lost, 'winner')} without a standard error {'is' if lost == 1 else 'are'} left out" if lost else ""
