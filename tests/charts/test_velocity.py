"""The velocity picture: bars from zero by month, boxes and intervals in days, the way as bars, rates on 0 to 100 %."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts import frame
from charts.parts.pipeline import BARS, WIDTH
from charts.velocity import BELOW, RIGHT, RIGHT_WIDTH, ROW, TOP, _draw, _height, describe, longest
from experiments.pictures.velocity import Velocity, velocity_of
from tests.charts.layout import outside
from tests.charts.pictures import velocity as examples
from tests.charts.plots import Drawn, artist, holds
from tests.experiments.pictures.attempts import NOW
from tests.experiments.pictures.pipelines import ran


def drawn(data: Velocity) -> Drawn:
    return Drawn(_draw, _height(data), data)


def heights(paths: list[object]) -> list[float]:
    return [float(path.vertices[:, 1].max()) for path in paths]  # type: ignore[attr-defined]


def test_bars_by_month_begin_at_zero_and_the_running_month_is_hatched() -> None:
    data = examples.year()
    months, _ = drawn(data).axes
    assert months.get_ylim()[0] == 0
    full = [each for each in data.months if not each.partial]
    for name in ("started", "finished"):
        bars = artist(months, name)
        assert heights(bars.get_paths()) == [getattr(each, name) for each in full if getattr(each, name)]
        assert all(path.vertices[:, 1].min() == 0 for path in bars.get_paths())
        partial = artist(months, f"{name} so far")
        assert heights(partial.get_paths()) == [getattr(data.months[-1], name)]
        assert (bars.get_hatch(), partial.get_hatch()) == (None, "////")
    labels = [each.text for each in drawn(data).card.tick_labels()]
    assert [each for each in labels if each.isalpha()] == [
        "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
    ]  # fmt: skip


def test_lengths_stand_on_one_scale_of_days() -> None:
    data = examples.year()
    _, board = drawn(data).axes
    most = longest(data.spreads)

    def across(days: float | None) -> float:
        assert days is not None
        return RIGHT + RIGHT_WIDTH * days / most

    boxes = [(path.vertices[:, 0].min(), path.vertices[:, 0].max()) for path in
             artist(board, "middle half").get_paths()]  # fmt: skip
    assert boxes == [(pytest.approx(across(each.lower)), pytest.approx(across(each.upper))) for each in data.spreads]
    medians = artist(board, "medians").get_segments()
    assert [line[0][0] for line in medians] == [pytest.approx(across(each.median)) for each in data.spreads]
    ends = [(line[0][0], line[1][0]) for line in artist(board, "median intervals").get_segments()]
    known = [each.interval for each in data.spreads if each.interval]
    assert ends == [(pytest.approx(across(each.lower)), pytest.approx(across(each.upper))) for each in known]
    assert [TOP < line[0][1] < TOP + 3 * ROW for line in medians] == [True] * 3


def test_the_way_is_one_bar_a_stage_in_three_parts() -> None:
    data = examples.year()
    made = drawn(data)
    _, board = made.axes
    most = data.steps[0].reached
    for name, parts in (
        ("went on", [*(each.went_on for each in data.steps[:-1]), data.steps[-1].reached]),
        ("wait", [each.wait for each in data.steps]),
        ("ended", [each.ended for each in data.steps]),
    ):
        wide = [path.vertices[:, 0].max() - path.vertices[:, 0].min() for path in artist(board, name).get_paths()]
        assert wide == [pytest.approx(WIDTH * part / most) for part in parts if part]
    first = artist(board, "went on").get_paths()[0].vertices[:, 0].min()
    assert first == artist(board, "zero").get_segments()[0][0][0] == BARS
    assert {"Draft", "Review", "Approved", "Started", "Finished", "Decided", "Shipped"} <= {*made.texts}


def test_rates_stand_on_nought_to_a_hundred_with_their_intervals() -> None:
    data = examples.year()
    made = drawn(data)
    _, board = made.axes
    places = [float(x) for x, _ in artist(board, "rates").get_offsets()]
    assert places == [pytest.approx(RIGHT + RIGHT_WIDTH * (each.share or 0)) for each in data.rates]
    for line, rate in zip(artist(board, "rate intervals").get_segments(), data.rates, strict=True):
        assert rate.interval is not None
        assert [line[0][0], line[1][0]] == [pytest.approx(RIGHT + RIGHT_WIDTH * (end or 0)) for end in
                                            (rate.interval.lower, rate.interval.upper)]  # fmt: skip
        assert BELOW < line[0][1] < BELOW + 3 * ROW
    assert made.written("26 % (16").endswith("of 54")


def test_numbers_without_room_are_left_to_the_axis() -> None:
    assert not any(each.isdigit() and int(each) > 100 and each in {str(m.finished) for m in examples.crowded().months}
                   for each in drawn(examples.crowded()).texts)  # fmt: skip


def test_the_words_tell_all_four_parts() -> None:
    words = describe(examples.year())
    for part in (
        "57 started, 54 finished",
        "stop to decision 1.8",
        "draft 78, 91 % (83 to 96 %); review 71, 97 % (90 to 99 %), 4 wait",
        "success rate",
        "They taught",
    ):
        assert part.lower() in words.lower()
    assert "3 still on it" in words


def test_a_time_that_begins_within_a_month_says_so() -> None:
    assert drawn(examples.quarter()).written("Aug 2026 from day 22 on")


def test_without_anything_it_says_why_and_what_to_do() -> None:
    made = drawn(examples.empty())
    assert (made.axes, _height(examples.empty())) == (None, frame.NOTICE_HEIGHT)
    assert "Nothing happened in this time" in made.texts
    assert "Choose a longer time" in describe(examples.empty())


@settings(max_examples=10)
@given(
    st.lists(
        st.tuples(st.floats(0, 4_000), st.floats(0, 2_000), st.none() | st.floats(0, 3_000), st.floats(-1, 9)),
        max_size=8,
    ),
    st.none() | st.sampled_from([7, 30, 90]),
)
def test_whatever_comes_it_draws_and_describes(
    made: list[tuple[float, float, float | None, float]], days: int | None
) -> None:
    some = [ran(number, NOW - timedelta(days=ago), lift, 0.01, length, after)
            for number, (ago, length, after, lift) in enumerate(made)]  # fmt: skip
    data = velocity_of(some, NOW, days)
    holds("velocity", data, describe)
    assert outside(drawn(data).card) == []
