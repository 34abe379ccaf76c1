"""The cost picture: bars to their intervals, ranges around zero, and what has to be filled in for more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts.cost import cost, describe
from experiments.pictures.cost import Cost
from experiments.pictures.levels import Level
from experiments.pictures.returns import Return
from experiments.readout import Interval
from tests.charts.drawn import Drawn
from tests.charts.pictures import cost as examples


def drawn_of(data: Cost) -> Drawn:
    return Drawn("cost", data)


def test_bars_end_where_their_intervals_do() -> None:
    drawn = drawn_of(examples.ordinary())
    for panel, spent in enumerate((drawn.data.per_unit, drawn.data.per_success)):
        assert drawn.bars(panel) == [pytest.approx((each.lower, each.upper)) for each in spent]
        points = [line for line in drawn.panels[panel].lines if line.get_label() == "value"]
        assert [line.get_xdata()[0] for line in points] == [each.value for each in spent]
        assert len({line.get_marker() for line in points}) == len({line.get_color() for line in points}) == 3


def test_returns_are_ranges_around_zero_held_against_what_was_spent() -> None:
    drawn = drawn_of(examples.ordinary())
    wanted = [
        (each.lower, each.upper)
        for found in drawn.data.returns
        for each in (found.savings, found.worth, found.together)
    ]
    assert drawn.bars(2) == [pytest.approx(each) for each in wanted]
    uprights = {each.get_label(): each for each in drawn.panels[2].collections}
    assert uprights["zero"].get_segments()[0][0][0] == 0
    assert uprights["mark"].get_segments()[0][0][0] == pytest.approx(3_800)
    assert drawn.says("the experiment so far: EUR 3,800")
    assert drawn.says("return +83.6 % to +335.3 %")
    assert drawn.says("In 30 days at full traffic, EUR")
    assert drawn.says("324,000 eligible units")


def test_units_and_n_and_how_wide_are_said() -> None:
    drawn = drawn_of(examples.ordinary())
    assert {"€ per chat, 95 % interval", "€ per solved, widest possible interval", "18,000"} <= set(drawn.texts)
    assert drawn.says("aggregated apart, so the interval allows for any correlation")
    exact = drawn_of(examples.exact())
    assert exact.says("measured as one")
    assert not exact.says("aggregated apart")


def test_without_prices_it_says_what_to_fill_in() -> None:
    drawn = drawn_of(examples.unfunded())
    assert drawn.says("For the return, state in the settings of project chats")
    assert not drawn.says("return +")
    assert "what one more of solved is worth" in describe(examples.unfunded())
    assert len(drawn.bars(2)) == 1


def test_what_cannot_be_said_is_words() -> None:
    assert drawn_of(examples.costless()).says("This experiment measures no cost")
    assert drawn_of(examples.broken()).panels == ()
    early = drawn_of(examples.early())
    assert len(early.panels) == 2
    assert early.says("What full traffic would bring is said once a difference may be.")
    assert drawn_of(examples.one_variant()).says("No data for model-cost from small yet.")


def test_what_has_no_room_is_counted() -> None:
    drawn = drawn_of(examples.crowded())
    assert len(drawn.bars(0)) == 6
    assert len(drawn.bars(2)) == 9
    assert drawn.says("5 more treatments are not drawn")


@pytest.mark.parametrize("name", examples.EXAMPLES)
def test_every_example_is_wide_light_and_described(name: str) -> None:
    data = examples.EXAMPLES[name]()
    png = cost(data)
    assert int.from_bytes(png[16:20]) == 1400
    assert len(png) <= 150_000
    assert 50 < len(describe(data)) <= 1_900
    assert Cost.model_validate_json(data.model_dump_json()) == data


numbers = st.floats(-1e15, 1e15, allow_nan=False)
ends = st.one_of(st.none(), numbers)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, high = draw(ends), draw(ends)
    if low is not None and high is not None:
        low, high = sorted((low, high))
    return Interval(lower=low, upper=high)


@st.composite
def spendings(draw: st.DrawFn) -> Level:
    low, value, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    return Level(variant=draw(st.text(min_size=1, max_size=40)), n=draw(st.integers(100, 10**15)), value=value,
                    lower=low, upper=high)  # fmt: skip


@settings(max_examples=12)
@given(st.lists(spendings(), min_size=1, max_size=6), st.lists(st.tuples(intervals(), intervals()), max_size=3))
def test_whatever_comes_is_drawn_inside_the_card_and_described(
    spent: list[Level], ranges: list[tuple[Interval, Interval]]
) -> None:
    returns = tuple(
        Return(variant=f"v{at}", savings=one, worth=other, together=other, ratio=one)
        for at, (one, other) in enumerate(ranges)
    )
    data = examples.ordinary().model_copy(
        update={"per_unit": tuple(spent), "per_success": tuple(spent), "returns": returns, "places": {}}
    )
    drawn = drawn_of(data)
    for axes in drawn.panels:
        low, high = axes.get_xlim()
        assert low < high
        box = axes.get_position()
        assert 0 < box.x0 < box.x1 < 1
        assert 0 < box.y0 < box.y1 < 1
    for panel in range(len(drawn.panels)):
        low, high = drawn.panels[panel].get_xlim()
        for bars in (each for each in drawn.panels[panel].collections if each.get_label() == "intervals"):
            assert all(low <= float(x) <= high for start, end in bars.get_segments() for x in (start[0], end[0]))
    assert len(describe(data)) <= 1_900
