"""What people expected before the start against what happened: how likely a success, how large an effect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import fmean
from typing import NamedTuple

from experiments.errors import InsufficientData
from experiments.knowledge.outcomes import effect_of, good, has_outcome, trial_of
from experiments.knowledge.patterns import share_interval
from experiments.model import Experiment
from experiments.numerals import counted
from experiments.pictures.basis import Basis
from experiments.pictures.ended import NO_LIFT, missing, reach
from experiments.readout import Interval, Standing
from experiments.running import Prediction
from experiments.texts import Frozen

MOST = 300
TENTHS = 10
DIGITS = 10
SURE = 0.05


class Score(Frozen):
    """The Brier score, `skill` its gain over always saying the base rate (None where every outcome was the same).

    score = `reliability` − `resolution` + `uncertainty` + `rest`; the first two are those of the curve's tenths, `rest`
    is what forecasts differ within them. They are None as long as there is no curve.
    """

    score: float
    uncertainty: float
    skill: float | None = None
    reliability: float | None = None
    resolution: float | None = None
    rest: float | None = None


class Tenth(Frozen):
    """The forecasts between two tenths: how many came true of how many; their mean and the interval of the share that
    came true, which are None where there are too few forecasts for a curve."""

    lower: float
    upper: float
    count: int
    came_true: int
    forecast: float | None = None
    interval: Interval | None = None

    @property
    def observed(self) -> float:
        return self.came_true / self.count


class Guess(Frozen):
    """A predicted effect beside the measured one with its interval (None: open), both turned so that up is good."""

    key: str
    title: str
    predicted: float
    measured: float
    lower: float | None = None
    upper: float | None = None
    standing: Standing

    @property
    def is_held(self) -> bool:
        """Whether the interval holds what was predicted."""
        above = self.lower is None or self.lower <= self.predicted
        return above and (self.upper is None or self.predicted <= self.upper)


class Hypotheses(Frozen):
    """The forecasts of one person, or of all together, for experiments that have ended.

    Of all together an experiment has one forecast, the average of what its people said, so that each outcome counts
    once. It came true where the primary metric was significantly better at the end: in `base_rate` of them. `score` and
    `calibration` (too sure above 0, with its p) are None without forecasts, the latter also where `refused` says why
    there is no curve; `tenths` then only count. `guesses` are the newest predicted effects; of all of them `smaller`
    came out below the prediction and `held` have it within their interval.
    """

    basis: Basis
    whose: str = ""
    forecasts: int
    predictions: int
    came_true: int
    base_rate: Interval | None = None
    score: Score | None = None
    calibration: tuple[float, float] | None = None
    tenths: tuple[Tenth, ...] = ()
    refused: str = ""
    guesses: tuple[Guess, ...] = ()
    effects: int = 0
    smaller: int = 0
    held: int = 0
    missing: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """How the forecasts fit what happened, in words."""
        if self.calibration is None:
            return ""
        z, p = self.calibration
        if p >= SURE:
            return "no sign of being too sure or too careful"
        return "too sure of themselves" if z > 0 else "too careful: surer would have been right"


class _Forecast(NamedTuple):
    experiment: Experiment
    said: Sequence[Prediction]
    probability: float
    came_true: bool


def hypotheses_of(experiments: Iterable[Experiment], by: str, whose: str, now: datetime) -> Hypotheses:
    """The predictions of the person `by`, called `whose`; without one, those of everybody. Newest experiments first."""
    ended = [each for each in experiments if has_outcome(each)]
    forecasts, unread, silent = [], 0, 0
    for each in ended:
        said = [one for one in each.told_predictions if not by or one.by == by]
        trial = trial_of(each)
        if not said:
            silent += 1
        elif trial is None:
            unread += 1
        else:
            probability = round(fmean(one.probability for one in said), DIGITS)
            forecasts.append(_Forecast(each, said, probability, trial.hit))
    guesses = [guess for each in forecasts if (guess := _guess(each))]
    hits = sum(each.came_true for each in forecasts)
    people = {one.by for each in forecasts for one in each.said}
    facts = [counted(len(forecasts), "experiment"), counted(sum(len(each.said) for each in forecasts), "prediction")]
    if len(people) > 1:
        facts.append(f"{len(people):,} people")
    return Hypotheses(
        basis=Basis(
            title="What we expected, and what happened",
            as_of=reach((each.experiment for each in forecasts), now),
            facts=tuple(facts),
        ),
        whose=whose,
        forecasts=len(forecasts),
        predictions=sum(len(each.said) for each in forecasts),
        came_true=hits,
        base_rate=share_interval(hits, len(forecasts)) if forecasts else None,
        **_calibrated(forecasts),
        guesses=tuple(guesses[:MOST]),
        effects=len(guesses),
        smaller=sum(each.measured < each.predicted for each in guesses),
        held=sum(each.is_held for each in guesses),
        missing=missing({f"no prediction of {whose}" if whose else "no prediction": silent, NO_LIFT: unread}),
    )


def _guess(forecast: _Forecast) -> Guess | None:
    effect = effect_of(forecast.experiment)
    expected = [one.effect for one in forecast.said if one.effect is not None]
    if effect is None or not expected:
        return None
    turned = effect.model_copy(update={"lift": fmean(expected), "lower": None, "upper": None})
    measured, interval = good(effect)
    return Guess(
        key=forecast.experiment.key,
        title=forecast.experiment.title,
        predicted=good(turned)[0] + 0.0,
        measured=measured + 0.0,
        lower=interval.lower,
        upper=interval.upper,
        standing=effect.standing,
    )


def _calibrated(forecasts: Sequence[_Forecast]) -> dict[str, object]:
    """Score, test of calibration and the tenths of the curve."""
    if not forecasts:
        return {}
    from experiments.knowledge.calibration import brier, curve, spiegelhalter  # numpy and scipy load when first asked

    said, true = [each.probability for each in forecasts], [float(each.came_true) for each in forecasts]
    whole = brier(said, true)
    score = Score(score=whole.score, uncertainty=whole.uncertainty, skill=whole.skill)
    found: dict[str, object] = {"score": score}
    try:
        bins = curve(said, true, TENTHS)
    except InsufficientData as refusal:
        return found | {"refused": refusal.words, "tenths": _counted(said, true)}
    try:
        test = spiegelhalter(said, true)
        found["calibration"] = (test.z, test.p)
    except InsufficientData:
        found["calibration"] = None
    tenths = tuple(
        Tenth(
            lower=each.lower,
            upper=each.upper,
            count=each.count,
            came_true=round(each.observed * each.count),
            forecast=each.forecast,
            interval=Interval(lower=each.observed_lower, upper=each.observed_upper),
        )
        for each in bins
    )
    means = {_tenth(each.lower): each.forecast for each in bins}
    parts = brier([means[_tenth(each)] for each in said], true)
    rest = whole.score - (parts.reliability - parts.resolution + whole.uncertainty)
    update = {"reliability": parts.reliability, "resolution": parts.resolution, "rest": rest}
    return found | {"tenths": tenths, "score": score.model_copy(update=update)}


def _tenth(probability: float) -> int:
    """Which tenth a forecast lies in, from 0; the last one holds 100 %, too."""
    return min(int(round(probability * TENTHS, DIGITS - 1)), TENTHS - 1)


def _counted(said: Sequence[float], true: Sequence[float]) -> tuple[Tenth, ...]:
    """How many came true in every tenth that somebody said."""
    members: dict[int, list[float]] = {}
    for probability, outcome in zip(said, true, strict=True):
        members.setdefault(_tenth(probability), []).append(outcome)
    return tuple(
        Tenth(lower=place / TENTHS, upper=(place + 1) / TENTHS, count=len(some), came_true=round(sum(some)))
        for place, some in sorted(members.items())
    )
