"""The roi picture: where experiments stand, how far their intervals reach, what is named, and the totals below."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts import frame
from charts.parts import stakes
from charts.roi import _draw, _height, describe
from experiments.pictures.roi import PERCENT, Roi, roi_of
from experiments.policy import Policies
from tests.charts.pictures import roi as examples
from tests.charts.plots import Drawn, artist, holds
from tests.experiments.pictures.attempts import NOW, attempt, policies


def drawn(data: Roi) -> Drawn:
    return Drawn(_draw, _height(data), data)


def test_experiments_stand_at_cost_and_benefit_with_their_intervals() -> None:
    some = [attempt(1, 0.03, days=7), attempt(2, -0.02, 0.005, days=28), attempt(3, 0.01, days=14)]
    data = roi_of(some, Policies(), PERCENT, NOW)
    plane, _ = drawn(data).axes
    for standing, lift, error, days in (("better", 3, 1, 7), ("worse", -2, 0.5, 28), ("unclear", 1, 1, 14)):
        ((x, y),) = artist(plane, standing).get_offsets()
        assert (x, y) == (pytest.approx(days), pytest.approx(lift))
        ((low, high),) = artist(plane, f"intervals {standing}").get_segments()
        assert (low[1], high[1]) == (pytest.approx(lift - 2 * error), pytest.approx(lift + 2 * error))
    assert artist(plane, "zero").get_segments()[0][0][1] == 0
    assert artist(plane, "median cost").get_segments()[0][0][0] == 14


def test_the_surer_the_larger_and_shape_says_what_colour_says() -> None:
    sure, unsure = attempt(1, 0.03, 0.005, days=7), attempt(2, 0.03, 0.012, days=9)
    plane, _ = drawn(roi_of([sure, unsure], Policies(), PERCENT, NOW)).axes
    first, second = artist(plane, "better").get_sizes()
    assert first > second
    legend = drawn(roi_of([sure], Policies(), PERCENT, NOW)).texts
    assert "● better · ■ worse, or a guardrail was breached · ○ unclear: the data do not tell yet" in legend


def test_what_coincides_is_moved_beside_each_other() -> None:
    plane, _ = drawn(roi_of([attempt(number, 0.03 + number / 1e4) for number in range(3)], Policies(), PERCENT,
                            NOW)).axes  # fmt: skip
    across = sorted(float(x) for x, _ in artist(plane, "better").get_offsets())
    pixel = (plane.get_xlim()[1]) / stakes.WIDTH
    assert across[1] == pytest.approx(14)
    assert across[1] - across[0] == pytest.approx(stakes.ASIDE * pixel)


def test_the_largest_are_named_and_no_name_covers_another() -> None:
    made = drawn(examples.money())
    titles = {each.title for each in examples.money().stakes}
    named = [each for each in made.card.words if each.text in titles]
    assert examples.money().stakes[0].title in {each.text for each in named}
    rows = sorted((each.y, each.x) for each in named)
    assert all(below[0] - above[0] > 10 or abs(above[1] - below[1]) > 40 for above, below in pairwise(rows))
    assert len(named) >= 5


def test_one_far_beyond_the_others_stands_at_the_edge_with_its_value() -> None:
    some = [attempt(number, 0.02) for number in range(8)] + [attempt(9, 6.0, 1.0, title="Ten times")]
    made = drawn(roi_of(some, Policies(), PERCENT, NOW))
    plane, _ = made.axes
    assert plane.get_ylim()[1] < 100
    assert len(artist(plane, "goes on ^ better").get_offsets()) == 1
    assert len(artist(plane, "goes on v better").get_offsets()) == 0
    assert made.written("Ten times") == "Ten times (+600.0 %)"


def test_the_quadrants_are_named_and_counted() -> None:
    data = examples.money()
    words = drawn(data).texts
    assert {
        f"Quick wins · {data.quadrants.get('quick_win', 0)}",
        f"Worth it · {data.quadrants.get('worth_it', 0)}",
    } <= {*words}


def test_the_totals_begin_at_zero_and_show_their_intervals() -> None:
    data = examples.money()
    _, totals = drawn(data).axes
    assert data.measured is not None
    assert data.corrected is not None
    bars = [(line[0][0], line[1][0]) for line in artist(totals, "totals").get_segments()]
    assert bars == [(0, pytest.approx(value)) for value in (data.spent, data.measured.value, data.corrected.value)]
    ends = [(line[0][0], line[1][0]) for line in artist(totals, "intervals").get_segments()]
    assert ends[2] == (pytest.approx(data.corrected.lower), pytest.approx(data.corrected.upper))


def test_the_words_say_both_totals_or_why_one_is_missing() -> None:
    assert "as measured" in describe(examples.money())
    assert "without the luck" in describe(examples.money())
    assert "its luck cannot be taken out: the winner's curse can be corrected from 6" in describe(examples.few())
    assert "Not here: 5 have no cost of a day" in describe(examples.mixed())
    assert "220 smaller ones are counted and not drawn" in describe(examples.crowded())
    assert "The winner's curse can be corrected from 6 experiments on; here are 4." in drawn(examples.few()).texts


def test_without_data_it_says_why_and_what_to_do() -> None:
    assert "No experiment here has ended yet" in drawn(examples.empty()).texts
    assert drawn(examples.unknown()).axes is None
    assert any("/experiment settings" in each for each in drawn(examples.unknown()).texts)
    assert _height(examples.empty()) == frame.NOTICE_HEIGHT


@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(st.floats(-0.9, 1e6), st.floats(1e-9, 1e3), st.floats(0.001, 400), st.text(min_size=1, max_size=60)),
        max_size=9,
    ),
    st.floats(1e-9, 1e12),
)
def test_whatever_comes_it_draws_and_describes(made: list[tuple[float, float, float, str]], worth: float) -> None:
    some = [attempt(number, lift, error, days=days, title=f"T {title}"[:100])
            for number, (lift, error, days, title) in enumerate(made)]  # fmt: skip
    data = roi_of(some, policies(worth={"conversion": worth}), "money:EUR", NOW)
    holds("roi", data, describe)
    assert drawn(data).out_of_bounds == []
