"""The comparison picture: what the axes show, in which order, and what is never shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from matplotlib.colors import to_hex

from charts import frame, style
from charts.canvas import Card
from charts.comparison import HEAD, MOST_TOLD, _draw, _height, comparison, describe
from charts.letters import text_width
from experiments.design import MetricRole
from experiments.pictures.comparison import only
from experiments.readout import Finding, Interval, Readout, Severity, Standing
from tests.charts import readings, samples


class Drawn:
    """A drawn card to ask questions of."""

    def __init__(self, readout: Readout) -> None:
        self.card = Card(style.WIDTH, _height(readout))
        self.axes = _draw(self.card, readout)

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.card.words]

    def height_of(self, words: str) -> float:
        """Distance from the top edge; smaller is higher up."""
        return next(each.y / self.card.height for each in self.card.words if words in each.text)

    def points(self, metric: str) -> list[tuple[float, str, bool, float]]:
        """Of a metric's rows: where the point is, its shape, whether it is hollow, and its size."""
        heights = [each.y + 5 - (frame.TOP + HEAD) for each in self.card.words if each.text == metric]
        found = []
        for some in self.axes.collections:
            if some.get_label().startswith("points "):
                sizes, faces = some.get_sizes(), some.get_facecolors()
                for at, (x, y) in enumerate(some.get_offsets()):
                    if any(abs(y - height) < 1 for height in heights):
                        hollow = to_hex(faces[at]).upper() == style.CARD
                        found.append((float(x), some.get_label()[-1], hollow, float(sizes[at])))
        return found

    def ends(self) -> list[float]:
        return [float(end[0][0]) for lines in self._labelled("ends") for end in lines.get_segments()]

    def arrows(self, way: str) -> list[float]:
        return [float(x) for some in self._labelled(way) for x, _ in some.get_offsets()]

    def _labelled(self, label: str) -> list[Any]:
        return [each for each in self.axes.collections if each.get_label() == label]


def one(**changes: object) -> Readout:
    return samples.readout(comparisons=(samples.compared(**changes),))


def test_the_interval_ends_where_it_ends_in_percent() -> None:
    drawn = Drawn(one())
    assert [point[0] for point in drawn.points("conversion")] == pytest.approx([4.1])
    assert drawn.ends() == pytest.approx([1.2, 7.0])


def test_zero_is_marked_and_in_view() -> None:
    drawn = Drawn(one())
    low, high = drawn.axes.get_xlim()
    zero = next(lines for lines in drawn.axes.collections if lines.get_label() == "zero")
    assert [segment[0][0] for segment in zero.get_segments()] == [0.0]
    assert low < 0 < high


def test_rows_are_in_order_and_guardrails_below_the_line() -> None:
    drawn = Drawn(samples.readout())
    order = ["conversion", "revenue", "cost-per-order", "Guardrails", "latency-p95", "error-rate"]
    heights = [drawn.height_of(name) for name in order]
    assert heights == sorted(heights)
    heavy = [box for box in drawn.card.figure.artists if box.get_facecolor()[:3] == pytest.approx(_rgb(style.INK))]
    (line,) = [1 - box.get_y() for box in heavy]
    assert drawn.height_of("cost-per-order") < line < drawn.height_of("latency-p95")


def _rgb(colour: str) -> Sequence[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def test_a_row_says_everything_in_words_and_marks() -> None:
    texts = Drawn(one()).texts
    assert {"conversion", "bigger-button · ↑ good", "4,988", "vs 5,012", "+4.1 %", "1.2 to 7.0 %", "+0.41 points",
            "per user", "✓ better", "p = 0.012"} <= set(texts)  # fmt: skip


def test_the_verdict_is_a_word_a_mark_and_a_shape_beside_the_colour() -> None:
    drawn = Drawn(samples.readout())
    assert {"✓ better", "✕ worse", "○ unclear"} <= set(drawn.texts)
    shapes = {name: drawn.points(name)[0][1:3] for name in ("conversion", "latency-p95", "revenue")}
    assert shapes == {"conversion": ("o", False), "latency-p95": ("s", False), "revenue": ("o", True)}


def test_the_sample_ratio_is_said_before_any_lift() -> None:
    drawn = Drawn(samples.readout())
    assert drawn.height_of("Sample ratio as planned") < drawn.height_of("+4.1 %")


@pytest.mark.parametrize(
    ("interval", "arrows"),
    [
        (Interval(lower=0.012, upper=None), {"<": 0, ">": 1}),
        (Interval(lower=None, upper=0.07), {"<": 1, ">": 0}),
        (Interval(lower=None, upper=None), {"<": 1, ">": 1}),
        (Interval(lower=float("-inf"), upper=0.07), {"<": 1, ">": 0}),
    ],
)
def test_an_open_interval_ends_in_an_arrow(interval: Interval, arrows: dict[str, int]) -> None:
    drawn = Drawn(one(relative_interval=interval))
    assert {arrow: len(drawn.arrows(arrow)) for arrow in arrows} == arrows


def test_a_wild_interval_is_cut_with_arrows_and_keeps_its_numbers() -> None:
    drawn = Drawn(samples.several())
    low, high = drawn.axes.get_xlim()
    assert -30 < low < -5
    assert 4 < high < 30
    assert len(drawn.arrows("<")) == len(drawn.arrows(">")) == 2
    assert "at least −800.0 %" in drawn.texts


def test_control_too_close_to_zero_is_words_and_not_a_lift() -> None:
    drawn = Drawn(one(relative=None, relative_interval=None))
    assert "control too close to zero" in drawn.texts
    assert {"+0.41 points", "0.12 to 0.70 points"} <= set(drawn.texts)
    assert not drawn.points("conversion") + drawn.ends()


def test_a_refused_comparison_says_why_and_shows_no_number() -> None:
    drawn = Drawn(samples.readout(comparisons=(samples.several().comparisons[-1],)))
    assert "No number: only 1 unit in large so far" in drawn.texts
    assert not [text for text in drawn.texts if text.startswith("+")]


def test_no_lift_is_drawn_while_the_sample_ratio_is_broken() -> None:
    still_numbers = samples.broken().model_copy(update={"comparisons": samples.readout().comparisons})
    for readout in (samples.broken(), still_numbers):
        drawn = Drawn(readout)
        assert drawn.axes is None
        assert "⚠ No lift is shown" in drawn.texts
        assert any(text.startswith("The split is off") for text in drawn.texts)
        assert not [text for text in drawn.texts if "+4.1 %" in text]
        assert "+4.1 %" not in describe(readout)
        assert "No lift is shown: the split is off" in describe(readout)


def test_no_data_says_so() -> None:
    assert "No data have arrived yet." in Drawn(samples.empty()).texts


def test_names_are_shown_literally_and_elided() -> None:
    drawn = Drawn(samples.hostile())
    assert any(text.startswith("$x_1$ \\frac{1}") and text.endswith("…") for text in drawn.texts)


def test_too_many_rows_leave_out_secondary_metrics_before_guardrails() -> None:
    drawn = Drawn(samples.crowded())
    assert "12 more comparisons are not drawn." in drawn.texts
    assert any("Guardrails" in text for text in drawn.texts)
    guardrails = {each.metric for each in samples.crowded().comparisons if each.role is MetricRole.GUARDRAIL}
    assert sum(text in guardrails for text in drawn.texts) == 8


def test_the_footer_says_as_of_when_how_many_how_and_which_design() -> None:
    assert (
        "as of 9 Mar 2026 09:00 UTC · readout 24 · day 6 of 14 · n = 10,000 · always-valid · α 0.05 · design 1a2b3c4d"
        in Drawn(samples.readout()).texts
    )


def test_warnings_stand_beside_the_numbers() -> None:
    assert "⚠ refunds has fewer than 100 units in large; wait before you read it." in Drawn(samples.several()).texts


def test_the_description_has_the_same_facts() -> None:
    words = describe(samples.readout())
    for fact in ("day 6 of 14", "sample ratio as planned", "control 5,012 (50.1 %, planned 50 %)",
                 "of bigger-button against control with 95 % intervals: conversion (primary): +4.1 % (1.2 % to",
                 "7.0 %), p = 0.012, better", "latency-p95 (guardrail): +3.1 %", "worse"):  # fmt: skip
        assert fact in words
    assert "conversion of large (primary): +1.0 %" in describe(samples.several())


def test_what_the_words_have_no_room_for_is_counted_and_never_a_guardrail() -> None:
    crowded = samples.crowded()
    assert f"{len(crowded.comparisons) - MOST_TOLD} more are not told here" in describe(crowded)
    others = [each for each in crowded.comparisons if each.role is not MetricRole.GUARDRAIL]
    alarm = samples.compared("errors", "variant-a", role=MetricRole.GUARDRAIL)
    assert "errors of variant-a" in describe(crowded.model_copy(update={"comparisons": (*others, alarm)}))


@pytest.mark.parametrize("name", ["several", "hostile", "extreme", "crowded"])
def test_the_description_fits_an_alt_text(name: str) -> None:
    assert 50 < len(describe(getattr(samples, name)())) <= 2000


def test_the_picture_is_wide_and_light() -> None:
    png = comparison(samples.crowded())
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20]) >= 1200
    assert len(png) <= 150_000


def test_a_guardrail_is_read_by_its_state_and_its_own_p() -> None:
    drawn = Drawn(readings.guarded())
    assert {"✕ breached", "✓ healthy", "○ inconclusive", "harm p < 0.001", "harm p = 1"} <= set(drawn.texts)
    assert any(text.endswith("harm p: for harm past its limit, always-valid") for text in drawn.texts)
    assert drawn.points("latency-p95")[0][1] == "s"
    assert "error-rate (guardrail): −3.6 % (−12.2 % to 4.1 %), harm p = 1, healthy" in describe(readings.guarded())


def test_a_marker_does_not_hide_a_narrow_interval() -> None:
    drawn = Drawn(readings.guarded())
    assert drawn.points("latency-p95")[0][3] < drawn.points("conversion")[0][3]


def test_while_a_design_is_only_monitored_there_is_an_estimate_and_nothing_to_read() -> None:
    readout = readings.monitoring()
    drawn = Drawn(readout)
    assert {"◇ monitoring", "No intervals yet", "+7.4 %", "+0.76 points"} <= set(drawn.texts)
    about_effects = [text for text in drawn.texts if not text.startswith("harm p")]
    assert not [
        text for text in about_effects if "p = " in text or "p < " in text or " to " in text or "unclear" in text
    ]
    assert not drawn.ends() + drawn.arrows("<") + drawn.arrows(">")
    assert [drawn.points(name)[0][1:3] for name in ("conversion", "revenue")] == [("D", True)] * 2
    assert "✓ healthy" in drawn.texts, "a guardrail is judged at every look"
    words = describe(readout)
    assert "without intervals before the planned end: conversion (primary): +7.4 %, monitoring" in words
    assert "too close to zero" not in words


def test_the_families_are_named() -> None:
    words = "Adjusted: Holm over 2 treatments (conversion); Benjamini–Hochberg over 4 comparisons (2 metrics)"
    assert words in Drawn(readings.families()).texts
    assert words in describe(readings.families())


def test_what_a_covariate_took_out_of_the_variance_is_said() -> None:
    assert "Less variance through CUPED: revenue 49.0 %" in Drawn(readings.cuped()).texts


@pytest.mark.parametrize("most", [0.07, 70.0, 7e5, 7e9])
def test_labels_of_the_axis_do_not_touch(most: float) -> None:
    drawn = Drawn(one(relative=most / 2, relative_interval=Interval(lower=-most, upper=most)))
    labels = [label.get_text() for label in drawn.axes.get_xticklabels()]
    assert len(labels) >= 1
    assert sum(text_width(label, style.SMALL) for label in labels) < 300


def test_an_interval_beyond_the_picture_is_an_arrow_at_its_edge() -> None:
    far = samples.compared("refunds", role=MetricRole.SECONDARY, relative=9.0,
                           relative_interval=Interval(lower=8.0, upper=10.0))  # fmt: skip
    drawn = Drawn(samples.readout(comparisons=(samples.compared(), far)))
    edge = drawn.axes.get_xlim()[1]
    assert edge < 30
    assert edge in drawn.arrows("<") + drawn.arrows(">")
    assert not drawn.points("refunds")
    assert {"+900.0 %", "800.0 to 1,000.0 %"} <= set(drawn.texts)


def test_monitoring_without_a_relative_change_shows_the_difference_alone() -> None:
    bare = {"relative": None, "relative_interval": None, "interval": None, "p": None}
    drawn = Drawn(one(standing=Standing.MONITORING, **bare))
    assert {"control too close to zero", "none", "+0.41 points", "◇ monitoring"} <= set(drawn.texts)
    assert not [text for text in drawn.texts if " to " in text and "close" not in text]


def test_the_subject_says_which_of_several_are_shown() -> None:
    families = readings.families()
    assert "Every metric, treatment against control" in Drawn(families).texts
    assert "Every metric, bold against control" in Drawn(only(families, treatment="bold")).texts
    secondary = Drawn(only(families, role=MetricRole.SECONDARY, treatment="quiet"))
    assert "Secondary metrics, quiet against control" in secondary.texts
    assert "conversion" not in secondary.texts


def test_before_the_minimum_run_time_there_is_nothing_to_compare() -> None:
    early = Finding(code="minimum_run_time", severity=Severity.INFORMATION, words="Too early for a verdict.")
    readout = samples.readout(findings=(early,))
    drawn = Drawn(readout)
    assert drawn.axes is None
    assert {"Too early to compare", "Too early for a verdict."} <= set(drawn.texts)
    assert "+4.1 %" not in describe(readout)


def test_however_many_rows_there_are_few_artists() -> None:
    few, many = (len(Drawn(each).axes.collections) for each in (samples.readout(), samples.crowded()))
    assert many <= few <= 10
