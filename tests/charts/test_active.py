"""The picture of all that runs: rows in order, meters, dates on one scale, what is cut, and words of all kinds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts import active as chart
from charts import frame
from charts.active import DATES_WIDTH, POWER, POWER_WIDTH, ROW, SAMPLE, SAMPLE_WIDTH, _draw, _height, describe
from charts.letters import text_width
from charts.style import MARGIN, SMALL
from experiments.pictures.active import Active, Power, Projected, Sample
from experiments.pictures.condition import Condition, Level
from tests.charts.layout import outside
from tests.charts.pictures import active as examples
from tests.charts.plots import Drawn, artist, holds
from tests.experiments.pictures.attempts import NOW


def drawn(data: Active) -> Drawn:
    return Drawn(_draw, _height(data), data)


def test_a_row_for_each_the_troubled_first() -> None:
    data = examples.usual()
    made = drawn(data)
    titles = [each.text for each in sorted(made.card.words, key=lambda each: each.y) if each.text in
              {row.title for row in data.rows}]  # fmt: skip
    assert titles == [row.title for row in data.rows]
    assert {"■ 2 in trouble", "▲ 3 to be looked at", "● 5 healthy"} <= {*made.texts}
    assert "error-rate in treatment is past its limit." in made.texts
    assert "running · day 25 of 21" in made.texts


def test_meters_are_filled_as_far_as_it_goes() -> None:
    data = examples.usual()
    meters, _ = drawn(data).axes
    for name, left, width, shares in (
        ("sample", SAMPLE, SAMPLE_WIDTH, [row.sample.share for row in data.rows]),
        ("power", POWER, POWER_WIDTH, [row.power.now for row in data.rows]),
    ):
        lines = artist(meters, name).get_segments()
        known = [(place, share) for place, share in enumerate(shares) if share is not None]
        assert len(lines) == len(known) < len(shares), "what is not known has no meter"
        for line, (place, share) in zip(lines, known, strict=True):
            assert line[0][0] == left - MARGIN
            assert line[1][0] == pytest.approx(left - MARGIN + max(2, width * share))
            assert ROW * place < line[0][1] < ROW * (place + 1)
    marks = artist(meters, "planned power").get_segments()
    assert len(marks) == sum(row.power.planned is not None for row in data.rows)


def test_dates_lie_on_one_scale_of_days_from_now() -> None:
    data = examples.usual()
    _, dates = drawn(data).axes
    low, high = dates.get_xlim()
    assert low < 0 < high
    firsts = [(row.projected.first - NOW) / timedelta(days=1) for row in data.rows if row.projected.first]
    assert [line[0][0] for line in artist(dates, "projected").get_segments()] == pytest.approx(firsts)
    ends = [(row.end - NOW) / timedelta(days=1) for row in data.rows if row.end]
    assert [float(x) for x, _ in artist(dates, "planned end").get_offsets()] == pytest.approx(ends)
    assert all(line[1][0] == 0 for line in artist(dates, "so far").get_segments())
    assert "dash" in repr(artist(dates, "ahead").get_linestyle()) or artist(dates, "ahead").get_linestyle()[0][1]


def test_dates_beyond_the_scale_go_on_with_an_arrow() -> None:
    _, dates = drawn(examples.extreme()).axes
    assert dates.get_xlim()[1] <= 90
    assert len(artist(dates, "goes on").get_offsets()) == 2


def test_day_ticks_are_few_and_stay_apart() -> None:
    for data in (examples.usual(), examples.extreme(), examples.one()):
        made = drawn(data)
        labels = [each.text for each in made.card.tick_labels()]
        assert 1 <= len(labels) <= 4
        assert sum(text_width(each, SMALL) for each in labels) < DATES_WIDTH


def test_what_has_no_room_is_counted() -> None:
    data = examples.crowded()
    assert len(data.rows) == 16
    assert drawn(data).written("more running") == "34 more running experiments not drawn, none of them pressing more."
    assert "46 more experiments not told here." in describe(data)
    assert len(drawn(data).texts) <= 165


def test_where_nothing_runs_it_says_what_to_do() -> None:
    made = drawn(examples.empty())
    assert made.axes is None
    assert "Nothing is running" in made.texts
    assert _height(examples.empty()) == frame.NOTICE_HEIGHT
    assert "/experiment create" in describe(examples.empty())


def test_a_reason_without_room_ends_where_it_is_whole() -> None:
    long = "The split is broken: control got 51.6 % of the units instead of 50.0 %, 708 units too many."
    assert chart._brief(long, bold=True) == "The split is broken."
    assert chart._brief("Short, and whole.", bold=False) == "Short, and whole."


def test_the_words_tell_the_first_ones_with_their_dates() -> None:
    words = describe(examples.usual())
    assert words.startswith("Running experiments, 10: 2 in trouble, 3 to be looked at, 5 healthy.")
    assert "past its limit" in words
    assert "Nov 2026" in words


SHARES = st.none() | st.floats(0, 1)
DAYS = st.none() | st.integers(-4_000, 200_000)


@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=120), st.sampled_from(Level), st.text(max_size=200),
                  st.integers(0, 10**15), SHARES, SHARES, SHARES, DAYS, DAYS),
        max_size=5,
    )
)  # fmt: skip
def test_whatever_comes_it_draws_and_describes(made: list[tuple[object, ...]]) -> None:
    usual = examples.one()
    rows = []
    for title, level, reason, units, share, now, planned, began, first in made:
        when = {} if first is None else {"first": NOW + timedelta(days=int(str(first))),  # type: ignore[call-overload]
                                         "last": NOW + timedelta(days=int(str(first)) + 9)}  # fmt: skip
        rows.append(usual.rows[0].model_copy(update={
            "title": title, "condition": Condition(level=level, reason=reason),
            "sample": Sample(units=units, needed=units if share else None, share=share),
            "power": Power(now=now, planned=planned), "projected": Projected(words="some time", **when),
            "began": None if began is None else NOW + timedelta(days=min(0, int(str(began)))),
        }))  # fmt: skip
    data = usual.model_copy(update={"rows": tuple(rows), "total": len(rows)})
    holds("active", data, describe)
    assert outside(drawn(data).card) == []
