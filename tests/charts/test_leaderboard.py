"""The leaderboard picture: where values and intervals stand, how the front looks, what is said and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts import frame, style
from charts.leaderboard import FRONT, INDENT, NAME, ROW, TOP, _draw, _height, describe, place_of
from experiments.pictures.leaderboard import Leaderboard
from experiments.pictures.measures import Column
from tests.charts.pictures import leaderboard as examples
from tests.charts.plots import Drawn, artist, holds
from tests.experiments.pictures.contests import METRICS, Truth, board_of, contest


def drawn(data: Leaderboard) -> Drawn:
    return Drawn(_draw, _height(data), data)


def test_every_value_stands_in_its_interval_and_in_its_row() -> None:
    data = examples.dataset()
    axes = drawn(data).axes
    for measure in data.measures:
        place = place_of(measure, data)
        bars = artist(axes, f"intervals {measure.column}").get_segments()
        points = {float(y): float(x) for label in ("on", "off")
                  for x, y in artist(axes, f"{measure.column} {label} the front").get_offsets()}  # fmt: skip
        for rank, (entry, ((left, y), (right, _))) in enumerate(zip(data.entries, bars, strict=True)):
            score = entry.scores[measure.column]
            assert TOP + ROW * rank < y < TOP + ROW * (rank + 1)
            assert (left, right) == (pytest.approx(place.x(score.lower)), pytest.approx(place.x(score.upper)))
            assert points[float(y)] == pytest.approx(place.x(score.value))
            assert left <= points[float(y)] <= right


def test_columns_do_not_run_into_each_other() -> None:
    data = examples.dataset()
    first, second, third = (place_of(each, data) for each in data.measures)
    assert first.x(first.high) < second.left
    assert second.x(second.high) < third.left
    assert third.left + third.pitch <= FRONT


def test_the_front_has_its_own_shape_colour_and_sign() -> None:
    data = examples.dataset()
    made = drawn(data)
    on = artist(made.axes, "quality on the front").get_offsets()
    assert len(on) == sum(each.on_front for each in data.entries)
    assert made.texts.count("◆") == len(on)
    assert made.written("◆ on the front").startswith("◆ on the front: no other is at least as good in every column")
    bars = artist(made.axes, "chances").get_segments()
    shares = [(line[1][0] - FRONT) / (frame.RIGHT - FRONT - 30) for line in bars]
    assert shares == [pytest.approx(each.chance) for each in data.entries]


def test_entries_come_in_order_with_their_numbers() -> None:
    data = examples.dataset()
    rows = {each.y: each.text for each in drawn(data).card.words if each.x == NAME + INDENT}
    assert [rows[TOP + ROW * rank + 33] for rank in range(5)] == [each.model for each in data.entries]
    assert "short v3 · 3 runs" in rows.values()
    assert "n = 1,800" in drawn(data).texts


def test_courses_end_at_the_right_and_share_a_scale() -> None:
    data = examples.dataset()
    lines = artist(drawn(data).axes, "courses quality").get_segments()
    assert [len(line) for line in lines] == [len(each.scores[Column.QUALITY].trend) for each in data.entries]
    heights = [max(y for _, y in line) - min(y for _, y in line) for line in lines]
    spans = [max(each.scores[Column.QUALITY].trend) - min(each.scores[Column.QUALITY].trend) for each in data.entries]
    ratios = [height / span for height, span in zip(heights, spans, strict=True) if span]
    assert ratios == [pytest.approx(ratios[0]) for _ in ratios]
    assert max(heights) <= ROW / 2


def test_another_version_is_named_and_not_compared() -> None:
    data = examples.dataset()
    words = drawn(data).written("Not compared")
    assert (
        words == "⚠ Not compared: support-qa version 2 (5 entries). Other versions ask other questions than version 3."
    )
    colours = {each.text: each.colour for each in drawn(data).card.words}
    assert colours[words] == style.ORANGE
    assert "Not compared: support-qa version 2" in describe(data)


def test_the_words_say_who_leads_how_surely_and_who_is_on_the_front() -> None:
    words = describe(examples.dataset())
    assert words.startswith(
        "Models and prompts: support-qa, version 3, by accuracy. sonata-large · prompt short v3 has "
    )
    assert "the best with a probability of " in words
    assert "in quality, cost and latency together" in words
    assert "not every entry has it" in describe(examples.without_latency())
    assert "Compared within one experiment: its variants share their traffic." in drawn(examples.online()).written(
        "Percent: how likely"
    )
    assert "6 more are ranked and not drawn." in describe(examples.crowded())
    assert "is alone here" in describe(examples.one())


def test_what_an_entry_lacks_is_said_in_its_place() -> None:
    data = examples.without_latency()
    words = describe(data.model_copy(update={"entries": (data.entries[0], data.entries[3])}))
    assert "quarry-70b · prompt long v7: 82.7 % (79.6 % to 85.7 %), no cost, below 1 %;" in words


def test_what_is_not_measured_is_said_in_its_place() -> None:
    assert drawn(examples.without_latency()).texts.count("not measured") == 2


def test_without_entries_it_says_why_and_what_to_do() -> None:
    for data in (examples.empty(), examples.nameless(), examples.too_few()):
        assert drawn(data).axes is None
        assert _height(data) == frame.NOTICE_HEIGHT
    assert "Name a model or a prompt" in " ".join(drawn(examples.empty()).texts)


@settings(max_examples=12)
@given(
    st.dictionaries(
        st.text(min_size=1, max_size=30),
        st.builds(Truth, st.floats(0.0, 1.0), st.floats(0, 1e15), st.floats(1e-9, 1e9)),
        min_size=2, max_size=4,
    ),
    st.integers(1, 3),
)  # fmt: skip
def test_whatever_comes_it_draws_and_describes(truths: dict[str, Truth], columns: int) -> None:
    named = {f"arm-{place}": truth for place, truth in enumerate(truths.values())}
    configs = {f"arm-{place}": {"model": name, "prompt": {name: [1]}} for place, name in enumerate(truths)}
    data = board_of([contest("any", configs, named, metrics=METRICS[:columns])])
    holds("leaderboard", data, describe)
    assert drawn(data).out_of_bounds == []
