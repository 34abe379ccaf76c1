"""The portfolio picture: rows in order, bars on one scale, rates on 0 to 100 %, lifts around zero, what is cut."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts import frame, style
from charts.parts.lifts import scale_of
from charts.portfolio import (
    HITS,
    HITS_WIDTH,
    LIFTS,
    LIFTS_WIDTH,
    ROW,
    SPARK_TALL,
    STRIP,
    TOP,
    _draw,
    _height,
    describe,
)
from experiments.pictures.portfolio import Lift, Portfolio, portfolio_of
from experiments.policy import Policies
from experiments.readout import Interval
from tests.charts.layout import covering, outside
from tests.charts.pictures import portfolio as examples
from tests.charts.plots import Drawn, artist, holds
from tests.experiments.pictures.attempts import NOW, attempt


def drawn(data: Portfolio) -> Drawn:
    return Drawn(_draw, _height(data), data)


def lift(value: float, lower: float | None, upper: float | None) -> Lift:
    return Lift(metric="m", experiments=3, value=value, interval=Interval(lower=lower, upper=upper))


def test_a_row_for_each_project_the_busiest_first() -> None:
    data = examples.year()
    names = {each.project for each in data.holdings}
    placed = sorted((each.y, each.text) for each in drawn(data).card.words if each.text in names)
    assert [name for _, name in placed] == [each.project for each in data.holdings]
    assert {"■ 2 running, 1 in trouble", "– none running", "nothing undecided"} <= {*drawn(data).texts}


def test_bars_of_months_are_on_one_scale_for_all_projects() -> None:
    data = examples.year()
    board = drawn(data).axes
    most = max(count for each in data.holdings for count in each.months)
    tall = [abs(line[1][1] - line[0][1]) for line in artist(board, "finished").get_segments()]
    full = [count for each in data.holdings for count, partial in zip(each.months, data.partial, strict=True)
            if count and not partial]  # fmt: skip
    assert tall == [pytest.approx(SPARK_TALL * count / most) for count in full]
    assert artist(board, "so far").get_alpha() < 1


def test_hit_rates_stand_on_nought_to_a_hundred_with_their_intervals() -> None:
    data = examples.year()
    board = drawn(data).axes
    known = [(place, each) for place, each in enumerate(data.holdings) if each.hit_interval]
    places = [(float(x), float(y)) for x, y in artist(board, "hit rates").get_offsets()]
    assert places == [(pytest.approx(HITS + HITS_WIDTH * each.hits / each.trials), TOP + ROW * place + STRIP)
                      for place, each in known]  # fmt: skip
    for line, (_, each) in zip(artist(board, "hit intervals").get_segments(), known, strict=True):
        assert each.hit_interval is not None
        assert line[0][0] == pytest.approx(HITS + HITS_WIDTH * (each.hit_interval.lower or 0))


def test_lifts_stand_around_zero_with_their_intervals() -> None:
    data = examples.year()
    board = drawn(data).axes
    scale = scale_of([each.lift for each in data.holdings], LIFTS, LIFTS_WIDTH)
    assert scale.low < 0 < scale.high
    ends = [(line[0][0], line[1][0]) for line in artist(board, "lift intervals").get_segments()]
    lifts = [each.lift for each in data.holdings if each.lift and each.lift.interval]
    assert ends == [(pytest.approx(scale.across(each.interval.lower or -9)), pytest.approx(scale.across(
        each.interval.upper or 9))) for each in lifts if each.interval]  # fmt: skip
    assert scale.across(0.0) in {x for x, _ in scale.ticks}
    hollow, better = artist(board, f"lifts {style.MUTED}"), artist(board, f"lifts {style.BLUE}")
    assert len(better.get_offsets()) == sum((each.interval.lower or -1) > 0 for each in lifts if each.interval)
    assert len(hollow.get_offsets()) + len(better.get_offsets()) == len(lifts)


def test_one_far_beyond_the_others_does_not_flatten_them() -> None:
    usual = [lift(0.02, 0.01, 0.03), lift(-0.01, -0.03, 0.01), lift(0.01, 0.0, 0.02)]
    scale = scale_of([*usual, lift(0.0, -0.9, 0.9), lift(3.0, 2.0, 4.0), None], 0, 100)
    assert scale.high < 0.3
    open_end = scale_of([lift(0.02, None, 0.03)], 0, 100)
    assert open_end.low < 0 < open_end.high
    assert scale_of([None], 0, 100).low < 0
    board = drawn(examples.extreme()).axes
    assert len(artist(board, "goes on <").get_offsets()) == len(artist(board, "goes on >").get_offsets()) == 1


def test_what_has_no_room_is_counted() -> None:
    data = examples.crowded()
    assert drawn(data).written("more projects") == "25 more projects with less to tell are not drawn."
    assert "35 more projects not told here." in describe(data)
    assert len(drawn(data).texts) <= 150


def test_the_words_tell_all_together_and_the_busiest() -> None:
    words = describe(examples.year())
    assert words.startswith("Portfolio, 1 Dec 2025 to 20 Nov 2026: 6 projects. 86 finished, hit rate 34 % (25 to 44 %)")
    assert "checkout 26 finished" in words
    assert "conversion +3.2 % (2.2 to 4.2 %)" in words


def test_where_nothing_has_ended_nothing_is_made_up() -> None:
    made = drawn(examples.running())
    assert made.texts.count("not known") == 4
    assert "no hit rate yet" in describe(examples.running())


def test_without_projects_it_says_what_to_do() -> None:
    made = drawn(examples.empty())
    assert (made.axes, _height(examples.empty())) == (None, frame.NOTICE_HEIGHT)
    assert "Nothing to show" in made.texts


@pytest.mark.parametrize("name", examples.EXAMPLES)
def test_every_example_keeps_to_the_card(name: str) -> None:
    data = examples.EXAMPLES[name]()
    holds("portfolio", data, describe)
    card = drawn(data).card
    assert (covering(card), outside(card)) == ([], [])


@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(
            st.floats(-0.99, 1e9), st.floats(1e-9, 1e6), st.floats(0, 900), st.text("ab🚀\u202e %$", max_size=60)
        ),
        max_size=9,
    )
)
def test_whatever_comes_it_draws_and_describes(made: list[tuple[float, float, float, str]]) -> None:
    some = [attempt(n, value, error, ended=NOW - timedelta(days=ago), project=f"p{name}"[:60])
            for n, (value, error, ago, name) in enumerate(made)]  # fmt: skip
    data = portfolio_of(some, Policies(), NOW)
    holds("portfolio", data, describe)
    assert outside(drawn(data).card) == []
