"""The picture of directions: shares and effects where they belong, both intervals, what is sure, and what is said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts.patterns import NOTHING, _draw, _height, describe
from experiments.pictures.patterns import Patterns, patterns_picture_of
from tests.charts.pictures import patterns as examples
from tests.charts.plots import Drawn, artist, holds
from tests.experiments.pictures.attempts import NOW, attempt


def drawn(data: Patterns) -> Drawn:
    return Drawn(_draw, _height(data), data)


def test_hit_rates_stand_in_their_intervals_beside_that_of_all() -> None:
    data = examples.tags()
    hits, _ = drawn(data).axes
    assert [x for x, _ in artist(hits, "hit rates").get_offsets()] == [
        each.pattern.hit_rate for each in data.directions
    ]
    ends = [(line[0][0], line[1][0]) for line in artist(hits, "intervals").get_segments()]
    assert ends == [(each.pattern.hit_interval.lower, each.pattern.hit_interval.upper) for each in data.directions]
    assert artist(hits, "all together").get_segments()[0][0][0] == pytest.approx(data.hits / data.experiments)
    assert hits.get_xlim() == (0, 1)


def test_effects_have_both_intervals_around_zero() -> None:
    data = examples.tags()
    _, effects = drawn(data).axes
    first = data.directions[0].effect
    assert first is not None
    assert first.lift is not None
    assert first.interval is not None
    assert first.prediction is not None
    line = artist(effects, "intervals").get_segments()[0]
    assert (line[0][0], line[1][0]) == (
        pytest.approx((first.interval.lower or 0) * 100),
        pytest.approx((first.interval.upper or 0) * 100),
    )
    ahead = artist(effects, "the next one").get_segments()[0]
    assert ahead[0][0] == pytest.approx((first.prediction.lower or 0) * 100)
    assert artist(effects, "effects").get_offsets()[0][0] == pytest.approx(first.lift * 100)
    assert artist(effects, "zero").get_segments()[0][0][0] == 0


def test_what_is_surely_worse_is_a_square_and_what_may_be_nothing_is_hollow() -> None:
    data = examples.tags()
    _, effects = drawn(data).axes
    pop_ups = next(each.effect for each in data.directions if each.pattern.tag == "pop-ups")
    assert pop_ups is not None
    assert [x for x, _ in artist(effects, "worse").get_offsets()] == [pytest.approx((pop_ups.lift or 0) * 100)]
    fills = artist(effects, "effects").get_facecolors()
    assert len({tuple(fill) for fill in fills}) > 1


def test_one_that_cannot_be_pooled_has_words_and_no_bar() -> None:
    made = drawn(examples.one())
    _, effects = made.axes
    assert len(artist(effects, "intervals").get_segments()) == 0
    assert {"average +3.0 %", "one alone: no interval", "▲ HIGH (n = 1)"} <= {*made.texts}


def test_an_interval_that_does_not_fit_goes_on_beyond_the_picture() -> None:
    _, effects = drawn(examples.extreme()).axes
    assert effects.get_xlim()[1] < 1e4
    assert len(artist(effects, "intervals goes on <").get_offsets()) == 1
    assert len(artist(effects, "the next one goes on >").get_offsets()) >= 1


def test_luck_and_what_is_not_drawn_are_said() -> None:
    assert "luck: once in 256" in drawn(examples.tags()).texts
    made = drawn(examples.crowded())
    assert "25 weaker tags not drawn." in made.texts
    assert "25 weaker tags not drawn." in describe(examples.crowded())
    assert "Not here: 7 have no tag." in drawn(examples.tags()).texts


def test_without_patterns_it_says_what_to_do() -> None:
    made = drawn(examples.untagged())
    assert made.axes is None
    assert any("group by project or kind" in each for each in made.texts)
    assert _height(examples.empty()) == NOTHING


def test_the_words_say_the_strongest_first() -> None:
    words = describe(examples.tags())
    assert words.startswith("What works, by direction: checkout: HIGH, 8 of 8 hits, together +3.2 %")
    assert "4 HIGH, 0 MODERATE, 10 LOW; of all together 22 of 71 were hits (31.0 %)." in words


@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(st.floats(-0.9, 1e12), st.floats(1e-6, 1e9), st.lists(st.sampled_from("abcd"), max_size=3)),
        max_size=14,
    )
)
def test_whatever_comes_it_draws_and_describes(made: list[tuple[float, float, list[str]]]) -> None:
    some = [attempt(number, lift, error, tags=tuple(tags)) for number, (lift, error, tags) in enumerate(made)]
    data = patterns_picture_of(some, "tag", NOW)
    holds("patterns", data, describe)
    assert drawn(data).out_of_bounds == []
