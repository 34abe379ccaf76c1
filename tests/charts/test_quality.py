"""The quality picture: lines through the looks, bands to their intervals, phases parted, and what is said and cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts.parts import courses
from charts.quality import describe, quality
from experiments.pictures.levels import Course, Point
from experiments.pictures.quality import Quality
from tests.charts.drawn import Drawn
from tests.charts.pictures import quality as examples


def drawn_of(data: Quality) -> Drawn:
    return Drawn("quality", data)


def test_lines_go_through_the_looks_and_bands_to_their_intervals() -> None:
    drawn = drawn_of(examples.ordinary())
    for panel, shown in enumerate((drawn.data.levels, drawn.data.differences, drawn.data.agreement)):
        for course in shown:
            line = drawn.line(panel, course.variant)
            assert list(line.get_xdata()) == [point.day for point in course.points]
            assert list(line.get_ydata()) == [point.value for point in course.points]
            (band,) = [each for each in drawn.panels[panel].collections if each.get_label() == f"band {course.variant}"]
            ends = [y for path in band.get_paths() for x, y in path.vertices if x == course.last.day]
            assert (min(ends), max(ends)) == pytest.approx((course.last.lower, course.last.upper))


def test_only_the_difference_has_a_zero_line_and_all_panels_share_the_days() -> None:
    drawn = drawn_of(examples.ordinary())
    zeros = [[line for line in axes.lines if line.get_label() == "zero"] for axes in drawn.panels]
    assert [len(each) for each in zeros] == [0, 1, 0]
    assert list(zeros[1][0].get_ydata()) == [0, 0]
    assert len({axes.get_xlim() for axes in drawn.panels}) == 1
    for axes in drawn.panels:
        (end,) = [each for each in axes.collections if each.get_label() == "planned end"]
        assert end.get_segments()[0][0][0] == 14


def test_units_and_n_and_the_good_direction_are_said() -> None:
    drawn = drawn_of(examples.ordinary())
    assert drawn.says("helpful, % per answer (band: 95 % always-valid interval")
    assert drawn.says("Difference to control, percentage points (band: 95 % interval of each look), ↑ good")
    assert drawn.says("n at the newest look: control 7,700, short-prompt 7,700, no-examples 7,700")
    assert drawn.says("Days since start")
    assert drawn.says("Judge and person agree, % of the answers both saw")
    assert [label.get_text() for label in drawn.panels[1].get_yticklabels()] == ["−10", "−5", "0", "+5", "+10"]
    assert drawn.says("as of 13 Mar 2026 09:00 UTC · readout 3 · day 11 of 14 · n = 23,100 · always-valid")
    assert drawn_of(examples.extreme()).says("↓ good")


def test_a_level_that_is_known_well_stays_in_sight_however_far_it_was() -> None:
    points = tuple(Point(float(day), 10**6, 7.0 + day, 6.99 + day, 7.01 + day) for day in range(1, 25))
    wild = Point(0.5, 100, 90.0, 10.0, 170.0)
    low, high = courses.reach([Course(variant="control", stretches=((wild, *points),))])
    assert low < 8.0
    assert 31.0 < high < 40.0


def test_lines_are_named_at_their_ends_with_their_value() -> None:
    drawn = drawn_of(examples.ordinary())
    ends = {"● short-prompt 63.8 %", "✚ control 61.0 %", "● short-prompt +2.8", "■ no-examples −0.57"}
    assert ends <= set(drawn.texts)


def test_a_phase_is_parted_with_words_and_not_joined_across() -> None:
    drawn = drawn_of(examples.in_phases())
    assert drawn.says("phase 2, from day 6")
    line = drawn.line(0, "control")
    days = list(line.get_xdata())
    assert np.isnan(days[6])
    assert [each for each in days if not np.isnan(each)] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    for axes in drawn.panels:
        (uprights,) = [each for each in axes.collections if each.get_label() == "phases"]
        assert [segment[0][0] for segment in uprights.get_segments()] == [6.0]


def test_variants_differ_in_more_than_colour() -> None:
    drawn = drawn_of(examples.crowded())
    lines = [drawn.line(0, course.variant) for course in drawn.data.levels]
    assert len({line.get_color() for line in lines}) == 6
    assert len({line.get_marker() for line in lines}) == 6
    assert drawn.says("3 more treatments are not drawn")
    assert drawn.says("n at the newest look: 24,000 per variant")


def test_what_cannot_be_said_is_words() -> None:
    empty = drawn_of(examples.empty())
    assert empty.says("No data for helpful from control yet")
    assert empty.says("It is drawn as soon as there are enough.")
    broken = drawn_of(examples.broken())
    assert broken.panels == ()
    assert broken.says("⚠ No lift is shown")
    assert broken.says("The split is broken")
    early = drawn_of(examples.early())
    assert len(early.panels) == 2
    assert early.says("No difference yet. Too early")
    assert "+" not in describe(examples.early())
    one = drawn_of(examples.one_variant())
    assert one.says("No data for helpful from short-prompt yet.")


def test_a_single_look_is_a_bar_for_each_variant_side_by_side() -> None:
    drawn = drawn_of(examples.one_point())
    bars = {
        tuple(each.get_color()[0]): each.get_segments()[0]
        for each in drawn.panels[0].collections
        if getattr(each, "get_linewidth", None) and list(each.get_linewidth()) == [4]
    }
    places = [float(segment[0][0]) for segment in bars.values()]
    assert len(places) == 2
    assert max(places) - min(places) > 0
    ends = sorted((float(segment[0][1]), float(segment[1][1])) for segment in bars.values())
    assert np.array(ends) == pytest.approx(np.array(sorted((c.last.lower, c.last.upper) for c in drawn.data.levels)))


def test_a_difference_that_is_not_that_of_the_levels_says_so() -> None:
    data = examples.ordinary()
    adjusted = tuple(each.model_copy(update={"variance_left": 0.5}) for each in data.comparisons)
    assert drawn_of(data.model_copy(update={"comparisons": adjusted})).says("(CUPED); the levels above are not.")
    assert not drawn_of(data).says("CUPED")


@pytest.mark.parametrize("name", examples.EXAMPLES)
def test_every_example_is_wide_light_and_described(name: str) -> None:
    data = examples.EXAMPLES[name]()
    png = quality(data)
    assert int.from_bytes(png[16:20]) == 1400
    assert len(png) <= 150_000
    words = describe(data)
    assert 50 < len(words) <= 1_900
    assert Quality.model_validate_json(data.model_dump_json()) == data


def test_the_description_has_the_same_facts() -> None:
    words = describe(examples.ordinary())
    for fact in ("day 11 of 14", "short-prompt 63.8 % (62.2 % to 65.5 %, n = 7,700)", "better, p = 0.019",
                 "Judge and person agree: control 90.8 %"):  # fmt: skip
        assert fact in words


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0.0, 0.05, 0.1], ["0", "0.05", "0.10"]),
        ([-5.0, 0.0, 5.0], ["−5", "0", "5"]),
        ([0.0, 2e8, 4e8], ["0", "2e+08", "4e+08"]),
        ([1.9e-9, 2e-9, 2.1e-9], ["1.9e−09", "2.0e−09", "2.1e−09"]),
        ([3e15 - 2e8, 3e15, 3e15 + 2e8], ["−200,000,000", "3.00e+15", "+200,000,000"]),
    ],
)
def test_ticks_are_told_apart(values: list[float], labels: list[str]) -> None:
    assert courses.tick_labels(values) == labels


numbers = st.floats(-1e15, 1e15, allow_nan=False).map(lambda value: round(value, 9))


@st.composite
def drawn_courses(draw: st.DrawFn) -> Course:
    days = sorted(draw(st.sets(st.integers(1, 400), min_size=1, max_size=12)))
    points = []
    for day in days:
        value, below, above = draw(numbers), abs(draw(numbers)), abs(draw(numbers))
        points.append(Point(float(day), draw(st.integers(100, 10**15)), value, value - below, value + above))
    cut = draw(st.integers(1, len(points)))
    stretches = tuple(tuple(part) for part in (points[:cut], points[cut:]) if part)
    return Course(variant=draw(st.text(min_size=1, max_size=80)), stretches=stretches)


@settings(max_examples=12)
@given(st.lists(drawn_courses(), min_size=1, max_size=6), st.sampled_from(["control", "$\\x_%"]))
def test_whatever_comes_is_drawn_inside_the_card_and_described(shown: list[Course], metric: str) -> None:
    data = examples.ordinary().model_copy(
        update={
            "levels": tuple(shown),
            "differences": tuple(shown[:5]),
            "agreement": (),
            "metric": metric,
            "places": {},
        }
    )
    drawn = drawn_of(data)
    for axes in drawn.panels:
        low, high = axes.get_ylim()
        assert low < high
        assert all(low <= course.last.value <= high for course in shown) or axes is not drawn.panels[0]
        box = axes.get_position()
        assert 0 < box.x0 < box.x1 < 1
        assert 0 < box.y0 < box.y1 < 1
    assert len(describe(data)) <= 1_900
