"""The significance picture: bands, p, threshold, planned end, and what happens at the edges."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from charts import style
from charts.canvas import Card
from charts.significance import _draw, _height, describe, significance
from experiments.pictures.significance import Significance, significance_of
from experiments.readout import Look, Readout, Trail
from tests.charts import readings, samples


class Drawn:
    """A drawn card to ask questions of."""

    def __init__(self, about: Readout | Significance) -> None:
        data = about if isinstance(about, Significance) else significance_of(about)
        self.card = Card(style.WIDTH, _height(data))
        panels = _draw(self.card, data)
        self.upper, self.lower, *more = panels or (None, None)
        self.width = more[0] if more else None

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.card.words]

    def line(self, axes: Any, label: str) -> Any:
        return next(line for line in axes.lines if line.get_label() == label)


def test_the_lines_go_through_the_looks() -> None:
    readout = samples.readout()
    looks = readout.trails[0].looks
    drawn = Drawn(readout)
    upper, lower = (drawn.line(axes, "bigger-button") for axes in (drawn.upper, drawn.lower))
    assert list(upper.get_xdata()) == [look.day for look in looks]
    assert list(upper.get_ydata()) == [look.difference for look in looks]
    assert list(lower.get_ydata()) == [look.p for look in looks]


def test_the_band_ends_at_the_interval_of_the_last_look() -> None:
    readout = samples.readout()
    last = readout.trails[0].looks[-1]
    (band,) = [each for each in Drawn(readout).upper.collections if each.get_label() == "band of bigger-button"]
    at_last = [y for x, y in band.get_paths()[0].vertices if x == pytest.approx(last.day)]
    assert min(at_last) == pytest.approx(last.lower)
    assert max(at_last) == pytest.approx(last.upper)


def test_zero_threshold_and_planned_end_are_marked() -> None:
    drawn = Drawn(samples.readout())
    assert list(drawn.line(drawn.upper, "zero").get_ydata()) == [0, 0]
    assert list(drawn.line(drawn.lower, "threshold").get_ydata()) == [0.05, 0.05]
    assert drawn.lower.get_yscale() == "log"
    for axes in (drawn.upper, drawn.lower):
        (end,) = [lines for lines in axes.collections if lines.get_label() == "planned end"]
        assert end.get_segments()[0][0][0] == 14
    assert {"threshold α = 0.05", "planned end, day 14", "Days since start"} <= set(drawn.texts)


def test_the_threshold_is_in_view_when_p_is_large() -> None:
    drawn = Drawn(samples.several())
    low, high = drawn.lower.get_ylim()
    assert low < 0.05 < 1 < high


def test_only_the_primary_metric_is_drawn_one_line_per_treatment() -> None:
    drawn = Drawn(samples.several())
    lines = {line.get_label(): line for line in drawn.upper.lines if line.get_label() in {"small", "large"}}
    assert set(lines) == {"small", "large"}
    assert len({(line.get_color(), line.get_marker(), line.is_dashed()) for line in lines.values()}) == 2


def test_at_most_six_series_and_it_says_what_is_left_out() -> None:
    drawn = Drawn(samples.crowded())
    assert len([text for text in drawn.texts if "variant-" in text and len(text) < 20]) == 6
    assert any("2 more treatments are not drawn" in text for text in drawn.texts)
    assert "2 more treatments are left out" in describe(significance_of(samples.crowded()))


def test_names_beside_lines_do_not_cover_each_other() -> None:
    trails = tuple(samples.trail(treatment=f"same-{place}") for place in range(6))
    drawn = Drawn(samples.readout(trails=trails))
    for start in ("same-", "p = "):
        heights = sorted(each.y for each in drawn.card.words if start in each.text)
        assert len(heights) == 6
        assert min(b - a for a, b in pairwise(heights)) >= style.SMALL


def test_p_of_zero_stands_on_the_floor_with_words() -> None:
    drawn = Drawn(samples.extreme())
    values = drawn.line(drawn.lower, "bigger-button").get_ydata()
    assert min(values) == pytest.approx(1e-12)
    assert drawn.line(drawn.lower, "below the scale").get_marker() == "v"
    assert "p < 1e−12" in drawn.texts


def test_one_look_is_a_bar_with_its_interval() -> None:
    readout = samples.one_look()
    look = readout.trails[0].looks[0]
    drawn = Drawn(readout)
    bars = [lines.get_segments()[0] for lines in drawn.upper.collections if hasattr(lines, "get_segments")]
    assert any([tuple(end) for end in bar] == [(0.5, look.lower), (0.5, look.upper)] for bar in bars)
    assert any(text.startswith("1 look;") for text in drawn.texts)


def test_no_looks_and_a_broken_sample_ratio_are_words() -> None:
    assert "No looks yet" in Drawn(samples.empty()).texts
    still_numbers = samples.broken().model_copy(update={"trails": samples.readout().trails})
    drawn = Drawn(still_numbers)
    assert drawn.upper is None
    assert "⚠ No lift is shown" in drawn.texts
    assert "0.00412" not in describe(significance_of(still_numbers))


def test_looks_without_a_bound_or_number_do_not_break_the_picture() -> None:
    inf, nan = float("inf"), float("nan")
    looks = (
        Look(day=1, n=2, difference=nan, lower=nan, upper=nan, p=nan),
        Look(day=2, n=3, difference=-5.0, lower=-inf, upper=inf, p=1.0),
        Look(day=3, n=900, difference=-4.0, lower=-6.0, upper=-2.0, p=0.01),
    )
    drawn = Drawn(samples.readout(trails=(Trail(metric="conversion", treatment="bigger-button", looks=looks),)))
    low, high = drawn.upper.get_ylim()
    assert low < -6 < 0 < high < 10


def test_a_difference_that_never_varies_has_a_scale() -> None:
    look = Look(day=1, n=200, difference=0.0, lower=0.0, upper=0.0, p=1.0)
    drawn = Drawn(samples.readout(trails=(Trail(metric="conversion", treatment="b", looks=(look,)),)))
    low, high = drawn.upper.get_ylim()
    assert low < 0 < high


def test_past_the_planned_end_all_looks_are_in_view() -> None:
    drawn = Drawn(samples.crowded())
    assert drawn.upper.get_xlim()[1] >= 15


def test_the_description_has_the_same_facts() -> None:
    words = describe(significance_of(samples.readout()))
    for fact in ("day 6 of 14", "sample ratio as planned", "bigger-button +0.41 points", "p = 0.002",
                 "the threshold of 0.05", "p = 0.002, below", "24 looks"):  # fmt: skip
        assert fact in words


@pytest.mark.parametrize("name", ["hostile", "crowded"])
def test_the_picture_is_wide_and_light_and_its_words_fit(name: str) -> None:
    readout = getattr(samples, name)()
    png = significance(significance_of(readout))
    assert int.from_bytes(png[16:20]) >= 1200
    assert len(png) <= 150_000
    assert len(describe(significance_of(readout))) <= 2000


@pytest.mark.parametrize("p", [0.053, 0.05, 0.047])
def test_a_p_near_the_threshold_does_not_stand_on_its_line(p: float) -> None:
    readout = samples.readout()
    trail = readout.trails[0]
    looks = (*trail.looks[:-1], trail.looks[-1].model_copy(update={"p": p}))
    drawn = Drawn(readout.model_copy(update={"trails": (trail.model_copy(update={"looks": looks}),)}))
    heights = {each.text: 1 - each.y / drawn.card.height for each in drawn.card.words}
    apart = (heights[f"p = {p:.3f}"] - heights["threshold α = 0.05"]) * drawn.card.height
    assert abs(apart) > style.SMALL * 0.9
    assert (apart > 0) == (p >= 0.05)


@pytest.mark.parametrize(
    ("reading", "title", "safety"),
    [
        ("guarded", "Always-valid p, smallest so far", "Safe to read at every look."),
        ("group_sequential", "Group-sequential p, smallest so far", "Safe to read at the planned looks."),
        ("fixed", "Fixed-horizon p of each look", "Only the look at the planned end counts."),
    ],
)
def test_p_is_named_by_the_method(reading: str, title: str, safety: str) -> None:
    readout = readings.ALL[reading]()
    texts = Drawn(readout).texts
    assert f"{title} (lower is stronger evidence)" in texts
    assert any(safety in text for text in texts)
    assert f"Difference and {title.split(' p')[0].lower()} p over time" in describe(significance_of(readout))


def test_a_method_without_a_name_of_its_own_is_called_as_it_is_called() -> None:
    drawn = Drawn(samples.readout(method="bootstrap"))
    assert "Bootstrap p of each look (lower is stronger evidence)" in drawn.texts
    assert any(text.endswith("at the last one.") for text in drawn.texts)


def test_proportions_are_in_points_and_other_metrics_in_their_unit() -> None:
    shares, euros = Drawn(readings.fixed()), Drawn(readings.cuped())
    assert "Difference in percentage points, per user (band: 95 % interval of each look)" in shares.texts
    assert [label.get_text() for label in shares.upper.get_yticklabels()] == ["0", "+1", "+2"]
    assert "Difference, € per user (band: 95 % interval of each look)" in euros.texts


def test_the_family_of_the_primary_metric_is_named() -> None:
    texts = Drawn(readings.families()).texts
    assert any(text.endswith("Adjusted: Holm over 2 treatments.") for text in texts)


def test_while_a_design_is_only_monitored_there_is_nothing_to_draw() -> None:
    readout = readings.monitoring()
    drawn = Drawn(readout)
    assert drawn.upper is None
    assert "Nothing to read yet" in drawn.texts
    assert "Nothing to read yet: monitoring only" in describe(significance_of(readout))


def test_trails_without_a_primary_metric_are_in_their_own_unit() -> None:
    assert "Difference, own unit (band: 95 % interval of each look)" in Drawn(samples.readout(comparisons=())).texts


def test_a_last_look_without_bounds_is_scaled_by_its_difference() -> None:
    look = Look(day=2, n=3, difference=-5.0, lower=float("-inf"), upper=float("inf"), p=1.0)
    drawn = Drawn(samples.readout(trails=(Trail(metric="conversion", treatment="bigger-button", looks=(look,)),)))
    low, high = drawn.upper.get_ylim()
    assert low < -5 < 0 < high < 10
