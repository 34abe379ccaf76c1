"""The latency picture: a row per quantile and variant, bars to their intervals, the distribution, throughput."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts.latency import describe, latency, words_of
from charts.wording import SENTENCE
from experiments.pictures.latency import Latency
from experiments.pictures.levels import Level
from experiments.readout import Standing
from tests.charts.drawn import Drawn
from tests.charts.pictures import latency as examples


def drawn_of(data: Latency) -> Drawn:
    return Drawn("latency", data)


def test_bars_end_where_their_intervals_do() -> None:
    drawn = drawn_of(examples.ordinary())
    levels = [level for each in drawn.data.quantiles for level in each.levels]
    assert drawn.bars(0) == [pytest.approx((level.lower, level.upper)) for level in levels]
    compared = [one.relative_interval for each in drawn.data.quantiles for one in each.comparisons]
    assert drawn.bars(1) == [pytest.approx((each.lower * 100, each.upper * 100)) for each in compared]
    assert drawn.drawn(1, "zero").get_segments()[0][0][0] == 0


def outline(drawn: Drawn, panel: int, variant: str) -> Any:
    (found,) = [each for each in drawn.panels[panel].patches if each.get_label() == f"outline {variant}"]
    return found.get_data()


def test_outlines_are_the_shares_of_the_units_in_the_same_bins() -> None:
    drawn = drawn_of(examples.ordinary())
    spread = drawn.data.distribution
    for shape in spread.shapes:
        values, edges, baseline = outline(drawn, 2, shape.variant)
        assert tuple(values) == shape.shares
        assert tuple(edges) == spread.edges
        assert baseline == 0
    axes = drawn.panels[2]
    assert axes.get_xlim() == (spread.edges[0], spread.edges[-1])
    assert axes.get_ylim()[0] == 0
    assert axes.get_ylim()[1] > max(share for each in spread.shapes for share in each.shares)
    assert drawn.says("Distribution: share of the units of a variant in each step of 50 ms")
    assert drawn.says("latency, ms")
    assert all(label.get_text().endswith(" %") for label in axes.get_yticklabels())
    assert {"282.6 to 596.6", "257.0 to 537.1", "240.1 to 506.9"} <= set(drawn.texts)
    assert drawn.says("Up to 0.94 % of a variant's units lie off the scale.")


def test_quantiles_stand_on_the_outline_of_their_variant() -> None:
    drawn = drawn_of(examples.ordinary())
    for each in drawn.data.quantiles:
        for level in each.levels:
            values, edges, _ = outline(drawn, 2, level.variant)
            ((x,), (y,)) = drawn.line(2, f"{words_of(each.quantile)} {level.variant}").get_data()
            assert x == level.value
            bins = zip(values, edges[:-1], edges[1:], strict=True)
            assert [y] == [share for share, low, high in bins if low <= x < high]
    names = [each for each in drawn.card.words if each.text in ("median", "p95", "p99") and each.align == "center"]
    assert [each.text for each in sorted(names, key=lambda each: each.x)] == ["median", "p95", "p99"]


def test_where_nothing_is_between_two_humps_the_outline_is_at_nothing() -> None:
    drawn = drawn_of(examples.two_humps())
    values, edges, _ = outline(drawn, 2, "control")
    bins = zip(values, edges[:-1], edges[1:], strict=True)
    between = [share for share, low, high in bins if low >= 120 and high <= 220]
    assert between
    assert max(between) < 0.001


@pytest.mark.parametrize("made", [examples.few, examples.single, examples.all_alike])
def test_what_has_no_interval_yet_is_spread_all_the_same(made: Any) -> None:
    drawn = drawn_of(made())
    assert len(drawn.panels) == 2
    values, _, _ = outline(drawn, 0, "near")
    assert sum(values) == pytest.approx(1)


def test_a_spread_that_is_not_known_is_said() -> None:
    drawn = drawn_of(examples.unknown())
    assert len(drawn.panels) == 3
    assert drawn.says("How the units are spread is not drawn: the data tell their quantiles alone.")
    assert not drawn.says("Distribution")
    assert "middle half" not in describe(examples.unknown())


def test_rows_say_value_difference_and_reading() -> None:
    drawn = drawn_of(examples.ordinary())
    assert {"median", "p95", "p99", "● near", "■ cached", "✚ control"} <= set(drawn.texts)
    assert drawn.says("ms, 95 % always-valid interval")
    assert drawn.says("95 % interval, ↓ good; bars in %, numbers in ms")
    assert drawn.says("near: ✓ median and p95 better, ○ p99 unclear")
    assert drawn.says("✓ better")
    assert drawn.says("p99: 99 % of the units are at or below it")
    assert [label.get_text() for label in drawn.panels[1].get_xticklabels()][-1].endswith(" %")


def test_throughput_stands_below_from_zero_with_its_phases() -> None:
    drawn = drawn_of(examples.in_phases())
    axes = drawn.panels[3]
    assert axes.get_ylim()[0] == 0
    assert drawn.says("Throughput: units per day in each variant")
    assert drawn.says("phase 2, from day 4")
    assert drawn_of(examples.by_the_hour()).says("Throughput: units per hour")


def test_a_long_tail_is_in_powers_of_ten() -> None:
    drawn = drawn_of(examples.long_tail())
    assert drawn.panels[0].get_xscale() == "log"
    assert drawn.panels[1].get_xscale() == "linear"
    assert drawn.panels[2].get_xscale() == "log"
    assert [label.get_text() for label in drawn.panels[2].get_xticklabels()] == ["10", "100", "1,000", "10,000"]
    assert drawn.says("in each of 10 steps per power of ten, ms")
    assert drawn_of(examples.ordinary()).panels[0].get_xscale() == "linear"


def test_what_cannot_be_said_is_words() -> None:
    assert drawn_of(examples.none_measured()).says("This experiment measures no quantile")
    assert drawn_of(examples.broken()).panels == ()
    early = drawn_of(examples.by_the_hour())
    assert len(early.panels) == 3
    assert early.says("No difference yet.")
    assert not early.says("Difference to control")
    assert drawn_of(examples.one_variant()).says("No data for latency-p95 from near yet.")


def test_what_has_no_room_is_counted_and_the_rest_summed_up() -> None:
    drawn = drawn_of(examples.crowded())
    assert drawn.says("2 more quantiles and 3 more treatments are not drawn.")
    assert drawn.says("all else is unclear")
    assert len(drawn.texts) <= 170


@pytest.mark.parametrize("name", examples.EXAMPLES)
def test_every_example_is_wide_light_and_described(name: str) -> None:
    data = examples.EXAMPLES[name]()
    png = latency(data)
    assert int.from_bytes(png[16:20]) == 1400
    assert len(png) <= 150_000
    assert 50 < len(describe(data)) <= 1_900
    assert 2 <= len(SENTENCE.split(describe(data))) <= 4
    assert Latency.model_validate_json(data.model_dump_json()) == data


def test_the_description_has_the_same_facts() -> None:
    words = describe(examples.ordinary())
    for fact in (
        "day 9 of 14: near better in median and p95, unclear in p99; cached better in median, p95 and p99.",
        "p99 near +40.6 (−56.5 to 143.2, p = 0.441)", "median control 409.9 (401.8 to 418.0)",
        "he middle half of the units: control 282.6 to 596.6, near 257.0 to 537.1", "per day now: control 1,469",
    ):  # fmt: skip
        assert fact in words
    crowded = describe(examples.crowded())
    assert "variant-e-with-quite-a-long-name better in median, unclear in p90 and p99; 3 others unclear." in crowded
    assert "all unclear" in describe(nothing_clear(examples.crowded()))


@pytest.mark.parametrize(
    ("unit", "words", "heading"),
    [("ms", "Latency in ms: median", "of 50 ms"), ("per request", "Latency per request: median", "of 50"),
     ("", "Latency: median", "of 50")],
)  # fmt: skip
def test_the_unit_is_said_as_people_say_it(unit: str, words: str, heading: str) -> None:
    data = examples.ordinary().model_copy(update={"unit": unit})
    assert words in describe(data)
    assert f"Distribution: share of the units of a variant in each step {heading}" in drawn_of(data).texts


def nothing_clear(data: Latency) -> Latency:
    quantiles = tuple(
        each.model_copy(
            update={
                "comparisons": tuple(one.model_copy(update={"standing": Standing.UNCLEAR}) for one in each.comparisons)
            }
        )
        for each in data.quantiles
    )
    return data.model_copy(update={"quantiles": quantiles})


@pytest.mark.parametrize(("quantile", "words"), [(0.5, "median"), (0.95, "p95"), (0.999, "p99.9"), (0.29, "p29")])
def test_quantiles_are_named(quantile: float, words: str) -> None:
    assert words_of(quantile) == words


numbers = st.floats(-1e15, 1e15, allow_nan=False)


@st.composite
def levels(draw: st.DrawFn) -> Level:
    low, value, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    return Level(variant=draw(st.text(min_size=1, max_size=40)), n=draw(st.integers(100, 10**15)), value=value,
                 lower=low, upper=high)  # fmt: skip


@settings(max_examples=12)
@given(st.lists(st.lists(levels(), min_size=2, max_size=2), min_size=1, max_size=3))
def test_whatever_comes_is_drawn_inside_the_card_and_described(rows: list[list[Level]]) -> None:
    ordinary = examples.ordinary()
    quantiles = tuple(
        each.model_copy(update={"levels": tuple(found)}) for each, found in zip(ordinary.quantiles, rows, strict=False)
    )
    data = ordinary.model_copy(update={"quantiles": quantiles})
    drawn = drawn_of(data)
    for axes in drawn.panels:
        low, high = axes.get_xlim()
        assert low < high
        box = axes.get_position()
        assert 0 < box.x0 < box.x1 < 1
        assert 0 < box.y0 < box.y1 < 1
    low, high = drawn.panels[0].get_xlim()
    assert all(low <= x <= high for bar in drawn.bars(0) for x in bar)
    assert len(describe(data)) <= 1_900
