"""The picture of predictions: points where they belong, the line of agreement, the curve or why there is none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts.hypotheses import NOTHING, _draw, _height, describe
from experiments.pictures.hypotheses import Hypotheses, hypotheses_of
from experiments.running import Prediction
from tests.charts.pictures import hypotheses as examples
from tests.charts.plots import Drawn, artist, holds
from tests.experiments.pictures.attempts import NOW, attempt


def drawn(data: Hypotheses) -> Drawn:
    return Drawn(_draw, _height(data), data)


def test_effects_stand_at_what_was_predicted_and_measured_with_their_intervals() -> None:
    said = Prediction(by="U0ADA", at=NOW - timedelta(days=30), probability=0.7, effect=0.05)
    data = hypotheses_of([attempt(1, 0.03).evolve(predictions=(said,))], "", "", NOW)
    axes, _, _ = drawn(data).axes
    ((x, y),) = artist(axes, "better").get_offsets()
    assert (x, y) == (pytest.approx(5), pytest.approx(3))
    ((low, high),) = artist(axes, "intervals better").get_segments()
    assert (low[1], high[1]) == (pytest.approx(1), pytest.approx(5))
    line = artist(axes, "just as predicted")
    assert list(line.get_xdata()) == list(line.get_ydata())
    assert artist(axes, "zero").get_segments()[0][0][1] == 0


def test_the_curve_shows_what_came_true_with_intervals_the_base_rate_and_counts() -> None:
    data = examples.team()
    _, curve, bars = drawn(data).axes
    line = artist(curve, "curve")
    assert list(line.get_xdata()) == [each.forecast for each in data.tenths]
    assert list(line.get_ydata()) == [each.observed for each in data.tenths]
    ends = [(segment[0][1], segment[1][1]) for segment in artist(curve, "intervals").get_segments()]
    assert ends == [(each.interval.lower, each.interval.upper) for each in data.tenths if each.interval]
    assert artist(curve, "base rate").get_segments()[0][0][1] == pytest.approx(data.came_true / data.forecasts)
    assert curve.get_ylim() == (0, 1)
    heights = [path.vertices[:, 1].max() for path in artist(bars, "forecasts").get_paths()]
    assert heights == [each.count for each in data.tenths]


def test_few_forecasts_make_hollow_points() -> None:
    data = examples.person()
    _, curve, _ = drawn(data).axes
    assert len(artist(curve, "tenths of few").get_offsets()) == sum(each.count < 3 for each in data.tenths)
    assert "A hollow point of the curve rests on fewer than 3 forecasts." in drawn(data).texts


def test_without_a_curve_it_says_why_and_shows_the_rest() -> None:
    made = drawn(examples.few())
    _, curve, bars = made.axes
    assert [line.get_label() for line in curve.lines] == []
    assert "A calibration curve needs 20" in " ".join(made.texts)
    assert len(artist(bars, "forecasts").get_paths()) == len(examples.few().tenths)
    assert made.texts.count("from 20 forecasts on") == 3


def test_the_parts_of_the_score_stand_in_a_row() -> None:
    data = examples.team()
    assert data.score is not None
    texts = drawn(data).texts
    assert {f"{data.score.score:.3f}", f"{data.score.uncertainty:.3f}", "Resolution", "="} <= {*texts}


def test_the_farthest_from_their_prediction_are_named() -> None:
    data = examples.few()
    farthest = max(data.guesses, key=lambda each: abs(each.measured - each.predicted))
    assert drawn(data).written(farthest.title)


def test_without_predictions_it_says_what_to_do() -> None:
    made = drawn(examples.silent())
    assert made.axes is None
    assert any("/experiment predict" in each for each in made.texts)
    assert "5 have no prediction of Ada Meyer" in describe(examples.silent())
    assert _height(examples.empty()) == NOTHING


def test_the_words_say_the_score_and_the_curve() -> None:
    words = describe(examples.person())
    assert words.startswith("What we expected, and what happened: 16 of 44 came true; the forecasts are 33.6 % worse")
    assert "33.6 % worse than always saying 36.4 %; too sure of themselves" in words
    assert "Brier score 0.309" in words
    assert "Came true, by what was said:" in words


@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(
            st.floats(-0.9, 1e15),
            st.floats(1e-9, 1e12),
            st.floats(0, 1),
            st.none() | st.floats(-1, 10),
            st.text(max_size=60),
        ),
        max_size=26,
    )
)
def test_whatever_comes_it_draws_and_describes(made: list[tuple[float, float, float, float | None, str]]) -> None:
    some = [
        attempt(number, lift, error, title=f"T {title}"[:100]).evolve(
            predictions=(Prediction(by="U0ADA", at=NOW, probability=odds, effect=effect),)
        )
        for number, (lift, error, odds, effect, title) in enumerate(made)
    ]
    data = hypotheses_of(some, "", "", NOW)
    holds("hypotheses", data, describe)
    assert drawn(data).out_of_bounds == []
