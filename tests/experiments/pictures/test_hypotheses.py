"""Predictions against outcomes: the score and its parts, who is counted, what is refused, and which side is good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from experiments.design import Direction
from experiments.model import Experiment, Status
from experiments.pictures.hypotheses import MOST, Hypotheses, hypotheses_of
from experiments.readout import Standing
from experiments.running import Prediction
from tests.charts.pictures.hypotheses import predicted
from tests.experiments.pictures.attempts import NOW, attempt, fleet


def told(number: int, *said: tuple[str, float, float | None], lift: float = 0.03, **changes: object) -> Experiment:
    """An ended experiment that these people predicted: who, how likely, how large."""
    made = tuple(Prediction(by=by, at=NOW, probability=odds, effect=effect) for by, odds, effect in said)
    return attempt(number, lift, **changes).evolve(predictions=made)


def of(*some: Experiment, by: str = "", whose: str = "") -> Hypotheses:
    return hypotheses_of(some, by, whose, NOW)


def test_the_score_is_the_mean_squared_error_of_what_the_team_said_on_average() -> None:
    data = of(
        told(1, ("U0ADA", 0.9, None), ("U0BO", 0.7, None)),
        told(2, ("U0ADA", 0.4, None), lift=-0.03),
    )
    assert (data.forecasts, data.predictions, data.came_true) == (2, 3, 1)
    assert data.score is not None
    assert data.score.score == pytest.approx((0.2**2 + 0.4**2) / 2)
    assert data.score.uncertainty == 0.25
    assert data.score.skill == pytest.approx(1 - 0.1 / 0.25)


def test_a_persons_own_score_leaves_out_the_others() -> None:
    some = told(1, ("U0ADA", 0.9, 0.01), ("U0BO", 0.1, 0.05)), told(2, ("U0BO", 0.4, None))
    mine = of(*some, by="U0ADA", whose="Ada")
    assert (mine.forecasts, mine.predictions) == (1, 1)
    assert mine.score is not None
    assert mine.score.score == pytest.approx(0.01)
    assert mine.guesses[0].predicted == 0.01
    assert mine.missing == ("1 has no prediction of Ada",)


def test_the_parts_add_up_and_agree_with_the_curve() -> None:
    data = of(*predicted(fleet(60, seed=5)))
    score = data.score
    assert score is not None
    assert score.reliability is not None
    assert score.resolution is not None
    assert score.rest is not None
    assert score.score == pytest.approx(score.reliability - score.resolution + score.uncertainty + score.rest)
    rate = data.came_true / data.forecasts
    assert sum(each.count for each in data.tenths) == data.forecasts
    by_hand = sum(each.count * (each.observed - (each.forecast or 0)) ** 2 for each in data.tenths) / data.forecasts
    assert score.reliability == pytest.approx(by_hand)
    by_hand = sum(each.count * (each.observed - rate) ** 2 for each in data.tenths) / data.forecasts
    assert score.resolution == pytest.approx(by_hand)
    assert abs(score.rest) < 0.01


def test_below_twenty_there_is_no_curve_and_no_verdict_but_what_is_there() -> None:
    few = of(*[told(number, ("U0ADA", 0.7, 0.02)) for number in range(19)])
    assert few.refused == "A calibration curve needs 20 predictions with an outcome; here are 19."
    assert (few.calibration, few.verdict) == (None, "")
    assert few.score is not None
    assert (few.score.reliability, few.score.score) == (None, pytest.approx(0.09))
    assert [(each.lower, each.count, each.came_true, each.forecast) for each in few.tenths] == [(0.7, 19, 19, None)]
    assert len(few.guesses) == 19


def test_being_too_sure_is_told_from_being_too_careful() -> None:
    sure = [told(number, ("U0ADA", 0.9, None), lift=0.03 if number % 2 else -0.03) for number in range(40)]
    careful = [told(number, ("U0ADA", 0.6, None)) for number in range(40)]
    assert of(*sure).verdict == "too sure of themselves"
    assert of(*careful).verdict == "too careful: surer would have been right"
    right = [told(number, ("U0ADA", 0.5 + (number % 2) / 10, None), lift=0.03 if number % 2 else -0.03)
             for number in range(40)]  # fmt: skip
    assert of(*right).verdict != "too sure of themselves"


def test_effects_are_turned_so_that_up_is_good() -> None:
    falls = told(1, ("U0ADA", 0.8, -0.05), lift=-0.03, direction=Direction.DOWN)
    (guess,) = of(falls).guesses
    assert (guess.predicted, guess.measured, guess.standing) == (0.05, 0.03, Standing.BETTER)
    assert (guess.lower, guess.upper) == (pytest.approx(0.01), pytest.approx(0.05))
    assert guess.is_held
    assert (of(falls).smaller, of(falls).held) == (1, 1)


def test_what_has_no_outcome_is_counted_with_its_reason_and_private_predictions_stay_so() -> None:
    unread = told(1, ("U0ADA", 0.8, None)).evolve(reading=None)
    draft = told(2, ("U0ADA", 0.8, None)).evolve(
        status=Status.DRAFT, started_at=None, stopped_at=None, decision=None, data_version=0
    )
    data = of(unread, draft, attempt(3))
    assert (data.forecasts, data.score, data.base_rate) == (0, None, None)
    assert data.missing == ("1 has no prediction", "1 has no lift: their data allow none, or nobody has read them")


def test_the_newest_effects_are_kept_and_all_are_counted() -> None:
    data = of(*[told(number, ("U0ADA", 0.7, 0.9)) for number in range(MOST + 5)])
    assert (len(data.guesses), data.effects, data.smaller) == (MOST, MOST + 5, MOST + 5)


def test_it_holds_up_to_its_newest_reading() -> None:
    some = [told(number, ("U0ADA", 0.7, None), ended=NOW - timedelta(days=9 + number)) for number in range(3)]
    assert of(*some).basis.as_of == NOW - timedelta(days=9)
    assert of().basis.as_of == NOW
