"""The portfolio picture: rows in order, bars on one scale, rates on 0 to 100 %, lifts around zero, trends by month."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts import frame, style
from charts.canvas import Card
from charts.parts.lifts import scale_of
from charts.parts.trends import WIDTH, Corner, trend_words, trends_on
from charts.portfolio import BASE, HITS, LIFTS, ROW, SCALE, SHARES, STRIP, TALL, TOP, TRENDS, _draw, _height, describe
from experiments.knowledge.gains import Estimate
from experiments.model import Outcome
from experiments.pictures.portfolio import Lift, Portfolio, portfolio_of
from experiments.pictures.trends import Trend
from experiments.policy import Policies
from experiments.readout import Interval
from tests.charts.layout import outside
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
    assert {"■ 1 of 2 in trouble", "▲ 3 of 8 to look at", "● 2 healthy", "– none", "nothing undecided"} <= {
        *drawn(data).texts
    }


def test_bars_of_months_are_on_one_scale_for_all_projects() -> None:
    data = examples.year()
    board = drawn(data).axes
    most = max(count for each in data.holdings for count in each.months)
    tall = [abs(line[1][1] - line[0][1]) for line in artist(board, "finished").get_segments()]
    full = [count for each in data.holdings for count, partial in zip(each.months, data.partial, strict=True)
            if count and not partial]  # fmt: skip
    assert tall == [pytest.approx(TALL * count / most) for count in full]
    assert artist(board, "so far").get_alpha() < 1


def test_hit_rates_stand_on_nought_to_a_hundred_with_their_intervals() -> None:
    data = examples.year()
    board = drawn(data).axes
    known = [(place, each) for place, each in enumerate(data.holdings) if each.hit_interval]
    places = [(float(x), float(y)) for x, y in artist(board, "hit rates").get_offsets()]
    assert places == [(pytest.approx(HITS + SHARES * each.hits / each.trials), TOP + ROW * place + STRIP)
                      for place, each in known]  # fmt: skip
    for line, (_, each) in zip(artist(board, "hit intervals").get_segments(), known, strict=True):
        assert each.hit_interval is not None
        assert line[0][0] == pytest.approx(HITS + SHARES * (each.hit_interval.lower or 0))


def test_lifts_stand_around_zero_with_their_intervals() -> None:
    data = examples.year()
    board = drawn(data).axes
    scale = scale_of([each.lift for each in data.holdings], LIFTS, SCALE)
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
    assert "; 36 more projects not told here." in describe(data)
    assert len(drawn(data).texts) <= 220


def test_the_words_tell_all_together_and_the_busiest() -> None:
    words = describe(examples.year())
    assert "clicks-per-search +3.5 % (2.3 to 4.7 %), 1 of 2 in trouble; assistant" in words
    assert words.endswith("; search +26.2 % (20.9 to 31.4 %, n = 5); assistant +12.0 % (8.5 to 15.6 %, n = 5).")
    assert describe(examples.one()).endswith(" Metric trend: shop no trend yet, only 1 measured it.")
    assert words.startswith("Portfolio, 1 Dec 2025 to 20 Nov 2026: 6 projects. 86 finished, hit rate 34 % (25 to 44 %)")
    assert "checkout with 26 finished" in words
    assert "conversion +3.2 % (2.2 to 4.2 %)" in words


def test_where_nothing_has_ended_nothing_is_made_up() -> None:
    made = drawn(examples.running())
    assert made.texts.count("not known") == 6
    assert "no hit rate yet" in describe(examples.running())


def test_without_projects_it_says_what_to_do() -> None:
    made = drawn(examples.empty())
    assert (made.axes, _height(examples.empty())) == (None, frame.NOTICE_HEIGHT)
    assert "Nothing to show" in made.texts


def of(data: Portfolio, project: str) -> tuple[int, Trend]:
    """The row of a project and its trend."""
    (found,) = [(n, each.trend) for n, each in enumerate(data.holdings) if each.project == project and each.trend]
    return found


def trend_at(trend: Trend) -> tuple[Any, Card]:
    """A board on which one trend stands 40 pixels tall, its lower left corner at 100, 200."""
    card = Card(400, 300)
    board = card.axes(0, 0, 400, 300)
    board.set_xlim(0, 400)
    board.set_ylim(300, 0)
    trends_on(card, board, [(Corner(100.0, 200.0), trend)], 40, 210)
    return board, card


def summed(*sums: tuple[float, float]) -> tuple[Estimate, ...]:
    return tuple(Estimate.of(*each) for each in sums)


def test_a_trend_is_a_staircase_of_months_from_zero() -> None:
    data = examples.trends()
    board = drawn(data).axes
    place, trend = of(data, "climbing")
    line = artist(board, "trends").get_segments()[place]
    bottom = TOP + ROW * place + BASE
    step = WIDTH / len(data.partial)
    assert tuple(line[0]) == pytest.approx((TRENDS, bottom)), "it begins at the line of nothing"
    assert [float(x) for x, _ in line[1:]] == pytest.approx([
        TRENDS + step * (n + edge) for n in range(len(data.partial)) for edge in (0, 1)
    ])  # fmt: skip
    most = max(each.upper for each in trend.corrected)
    assert float(line[-1][1]) == pytest.approx(bottom - TALL * trend.corrected[-1].value / most)
    heights = [float(y) for _, y in line]
    assert heights == sorted(heights, reverse=True), "every month something was added"


def test_a_trend_has_its_band_and_zero_on_a_scale_of_its_own() -> None:
    board, _ = trend_at(Trend(experiments=2, shipped=2, measured=summed((0.0, 0.0), (-0.02, 0.01)), refused="Too few."))
    (zero,) = artist(board, "nothing shipped").get_segments()
    low, high = Estimate.of(-0.02, 0.01).lower, 0.0
    assert [tuple(end) for end in zero] == [(100, 160), (100 + WIDTH, 160)], "all below zero hangs from its line"
    (band,) = artist(board, "trend bands").get_paths()
    heights = [float(y) for _, y in band.vertices]
    assert (min(heights), max(heights)) == pytest.approx((160, 200))
    (line,) = artist(board, "trends").get_segments()
    assert float(line[-1][1]) == pytest.approx(200 - 40 * (-0.02 - low) / (high - low))


@pytest.mark.parametrize(
    ("value", "colour"), [(0.03, style.BLUE), (-0.03, style.ORANGE), (0.01, style.MUTED), (0.0, style.MUTED)]
)
def test_the_end_of_a_trend_shows_whether_it_is_clear_of_zero(value: float, colour: str) -> None:
    board, _ = trend_at(Trend(experiments=2, shipped=1, measured=summed((value, 0.01))))
    ends = {
        each: len(artist(board, f"trend ends {each}").get_offsets()) for each in (style.BLUE, style.ORANGE, style.MUTED)
    }
    assert ends == {each: int(each == colour) for each in ends}


def test_what_was_measured_stands_thin_beside_what_is_without_luck() -> None:
    both = Trend(experiments=6, shipped=2, measured=summed((0.05, 0.01)), corrected=summed((0.02, 0.01)))
    board, card = trend_at(both)
    ((thin,), (line,)) = (artist(board, label).get_segments() for label in ("trends as measured", "trends"))
    assert float(thin[-1][1]) < float(line[-1][1]), "up is more"
    assert [each.text for each in card.words] == ["+5.0 %"]
    board, card = trend_at(both.model_copy(update={"corrected": ()}))
    assert len(artist(board, "trends as measured").get_segments()) == 0
    assert [each.text for each in card.words] == ["measured"]


def test_a_trend_says_its_newest_value_or_why_there_is_none() -> None:
    data = examples.trends()
    texts = drawn(data).texts
    assert {"+21.4 %", "16.8 to 26.0 %, n = 8", "+22.0 %"} <= {*texts}
    said = {each.project: trend_words(each.trend) for each in data.holdings}
    assert said["just one"] == ("", "no trend yet", "only 1 measured it")
    assert said["abandoned"] == said["taken back"] == ("", "nothing shipped", "")
    assert said["without error"] == ("", "not known", "no standard error")
    assert said["quicker pages"][0] == "+9.0 %", "less of a latency is better"
    assert trend_words(None)[1] == "not known"
    assert (
        drawn(data)
        .written("Shipped, but in no trend")
        .endswith("1 without a lift of the main metric and 1 without a standard error.")
    )
    assert len(artist(drawn(data).axes, "trends").get_segments()) == 6


@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(
            st.floats(-0.99, 1e9),
            st.floats(1e-9, 1e6),
            st.floats(0, 900),
            st.sampled_from(Outcome),
            st.sampled_from(("", "ab", "🚀" * 50, "\u202ea %$" * 9)),
        ),
        max_size=9,
    )
)
def test_whatever_comes_it_draws_and_describes(made: list[tuple[float, float, float, Outcome, str]]) -> None:
    some = [attempt(n, value, error, ended=NOW - timedelta(days=ago), outcome=outcome, project=f"p{name}"[:60])
            for n, (value, error, ago, outcome, name) in enumerate(made)]  # fmt: skip
    data = portfolio_of(some, Policies(), NOW)
    holds("portfolio", data, describe)
    assert outside(drawn(data).card) == []
