"""The canary's picture: where values, limits and intervals stand, what is said beside them, and what is cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts import style
from charts.canary import _draw, _height, canary, describe
from charts.canvas import Card
from charts.parts.lanes import Lane, lane
from experiments.pictures.canary import Canary, CanaryMetric
from tests.charts.layout import covering, outside
from tests.charts.pictures.canary import EXAMPLES, experiment, shown


class Drawn:
    """A drawn card to ask questions of."""

    def __init__(self, data: Canary) -> None:
        self.data = data
        self.card = Card(style.WIDTH, _height(data))
        self.values, self.intervals = _draw(self.card, data) or (None, None)
        self.texts = [each.text for each in self.card.words]

    def lane(self, key: str) -> Lane:
        height = 156 if len(self.data.metrics) <= 3 else 124
        place = next(at for at, each in enumerate(self.data.metrics) if each.key == key)
        return lane(self.data.metrics[place], place * height, height)

    def lines(self, axes: Any, label: str) -> list[tuple[float, float, float, float]]:
        """From where to where each line of this name goes."""
        (found,) = [each for each in axes.collections if each.get_label() == label]
        return [(*start, *end) for start, end in found.get_segments()]

    def dots(self, axes: Any, label: str) -> list[tuple[float, float]]:
        found = [each for each in axes.collections if each.get_label() == label]
        return [(float(x), float(y)) for each in found for x, y in each.get_offsets()]


def test_every_window_stands_at_its_time_and_value() -> None:
    drawn = Drawn(EXAMPLES["ordinary"]())
    for arm in ("stable", "canary"):
        wanted = [
            ((at + 0.5) / 2, drawn.lane(each.key).y(value))
            for each in drawn.data.metrics
            for at, value in getattr(each, arm)
        ]
        assert np.allclose(sorted(drawn.dots(drawn.values, arm)), sorted(wanted))


def test_a_larger_value_stands_higher() -> None:
    drawn = Drawn(EXAMPLES["ordinary"]())
    one = drawn.lane("latency-p95")
    assert one.y(480) < one.y(420)
    assert one.top < one.y(one.high) < one.y(one.low) < one.top + one.height


def test_bars_reach_from_one_end_of_the_interval_to_the_other_around_the_shift() -> None:
    drawn = Drawn(EXAMPLES["in_a_step"]())
    [errors, *others] = drawn.data.metrics
    assert errors.lower is not None
    assert errors.upper is not None
    assert errors.shift is not None
    assert errors.stable_mean is not None
    place = drawn.lane("error-rate").y
    ends = [place(errors.stable_mean + end) for end in (errors.lower, errors.upper)]
    assert drawn.lines(drawn.intervals, "interval") == [pytest.approx((0.5, ends[0], 0.5, ends[1]))]
    assert drawn.dots(drawn.intervals, "shift") == [pytest.approx((0.5, place(errors.stable_mean + errors.shift)))]
    assert len(drawn.lines(drawn.intervals, "stable")) == 1 + len(others), "means without a judgement have no bar"


def test_limits_cross_the_whole_lane_and_the_gate_all_lanes() -> None:
    drawn = Drawn(EXAMPLES["ordinary"]())
    limited = [drawn.lane(each.key).limit for each in drawn.data.metrics if each.limit is not None]
    for axes, right in ((drawn.values, 30), (drawn.intervals, 1)):
        assert [(start, end, y) for start, y, end, _ in drawn.lines(axes, "limit")] == [
            (0, right, pytest.approx(y)) for y in limited
        ]
    [(x, _, _, _)] = drawn.lines(drawn.values, "gate")
    assert x == 30
    assert "judged 10:00" in drawn.texts
    assert drawn.texts.count("limit") == 3


def test_a_limit_that_lies_far_away_does_not_flatten_the_values() -> None:
    each = CanaryMetric(**{**EXAMPLES["ordinary"]().metrics[0].model_dump(), "limit": 0.9})
    assert lane(each, 0, 100).limit is None
    assert lane(each, 0, 100).high < 0.03


def test_lines_do_not_cross_a_gap() -> None:
    drawn = Drawn(EXAMPLES["gaps"]())
    lines = [segment for each in drawn.values.collections[1:] if hasattr(each, "get_segments")
             and each.get_label().startswith("_") for segment in each.get_segments()]  # fmt: skip
    assert lines
    assert max(end[0] - start[0] for start, end in lines) == pytest.approx(0.5)


def test_what_failed_is_told_by_colour_shape_and_word() -> None:
    drawn = Drawn(EXAMPLES["ordinary"]())
    assert [drawn.lane(each.key).marker for each in drawn.data.metrics] == ["o", "s", "o", "o"]
    assert drawn.lane("latency-p95").colour == style.ORANGE
    assert [text for text in drawn.texts if text[0] in "✓✕◇○" and text[1:2] == " "] == [
        "✓ 5 %", "○ 50 %", "✓ as good", "✕ higher", "✓ as good", "✓ as good",
    ]  # fmt: skip


def test_units_n_directions_and_time_are_said() -> None:
    drawn = Drawn(EXAMPLES["ordinary"]())
    assert {
        "per request", "critical · ↓ good", "limit 25 % worse", "↑ good", "n = 60 and 60",
        "Minutes since the step began", "Score 75 of 100", "marginal from 75, passes from 95",
    } <= set(drawn.texts)  # fmt: skip
    assert any(text.startswith("as of 9 Mar 2026 10:00 UTC · n = 60 windows of 30 seconds") for text in drawn.texts)
    assert "Days since the step began" in Drawn(EXAMPLES["hostile"]()).texts


def test_the_steps_say_what_is_behind_and_ahead() -> None:
    running, gone = Drawn(EXAMPLES["in_a_step"]()).texts, Drawn(EXAMPLES["rolled_back"]()).texts
    assert {"✓ 5 %", "▶ 25 %", "○ 50 %", "ahead", "now, since 9 Mar 09:30", "9 Mar 09:00 to 09:30"} <= set(running)
    assert {"✓ 5 %", "✓ 25 %", "✕ 50 %", "9 Mar 10:00 to 10:17"} <= set(gone)
    assert {"■ 25 %", "paused, since 9 Mar 09:30"} <= set(Drawn(EXAMPLES["paused"]()).texts)
    assert "not reached" in Drawn(EXAMPLES["stopped_early"]()).texts


def test_before_the_gate_there_is_no_score_and_no_verdict_of_what_is_not_critical() -> None:
    drawn = Drawn(EXAMPLES["in_a_step"]())
    assert drawn.texts.count("◇ not judged") == 3
    assert not any(text.startswith("Score") for text in drawn.texts)
    assert "not judged yet" in describe(drawn.data)


def test_without_a_canary_there_are_words() -> None:
    drawn = Drawn(EXAMPLES["empty"]())
    assert drawn.values is None
    assert "No canary to show" in drawn.texts
    assert describe(drawn.data).endswith(
        "It has no canary: its variants get the traffic that was planned, all at once."
    )
    assert "No values yet" in Drawn(EXAMPLES["begun"]()).texts


def test_what_is_cut_is_counted() -> None:
    data = EXAMPLES["hostile"]()
    assert "3 more metrics are not drawn." in Drawn(data).texts
    assert "3 more metrics are left out." in describe(data)


def test_the_description_has_the_same_facts() -> None:
    words = describe(EXAMPLES["ordinary"]())
    for fact in ("“New ranking service”", "canary beside stable, step 2 of 3, 25 % of the traffic", "Score 75 of 100",
                 "A person has to decide.", "error-rate (critical): 1.2 % beside 1.2 %",
                 "latency-p95: 476.3 beside 409", "shift +68.5 (59.1 to 77.1), higher"):  # fmt: skip
        assert fact in words


@pytest.mark.parametrize("name", ["ordinary", "hostile", "extreme"])
def test_the_picture_is_wide_and_light_and_its_words_fit(name: str) -> None:
    data = EXAMPLES[name]()
    png = canary(data)
    assert int.from_bytes(png[16:20]) == style.WIDTH
    assert len(png) <= 150_000
    assert 0 < len(describe(data)) <= 1_900


@settings(deadline=None, max_examples=10)
@given(
    scale=st.sampled_from([1e-9, 1.0, 1e15, -3e4]), spread=st.sampled_from([0.0, 1e-12, 0.2, 5.0]),
    windows=st.integers(0, 90), factor=st.floats(0.2, 3), seed=st.integers(0, 1000), missing=st.floats(0, 1),
)  # fmt: skip
def test_whatever_comes_stays_in_its_lane(
    scale: float, spread: float, windows: int, factor: float, seed: int, missing: float
) -> None:
    made, dice = experiment(), np.random.default_rng(seed)
    samples = {
        metric.key: {
            arm: tuple(
                float("nan") if dice.random() < missing else scale * times * (1 + spread * float(dice.normal()))
                for _ in range(windows)
            )
            for arm, times in (("stable", 1.0), ("canary", factor))
        }
        for metric in made.design.metrics
    }
    drawn = Drawn(shown(made, samples, windows / 2 + 0.1))
    total = 124 * len(drawn.data.metrics)
    for axes in (drawn.values, drawn.intervals):
        for x, y in [*drawn.dots(axes, "stable"), *drawn.dots(axes, "canary"), *drawn.dots(axes, "shift")]:
            assert 0 <= x <= axes.get_xlim()[1]
            assert 0 <= y <= total
    assert covering(drawn.card) == []
    assert outside(drawn.card) == []
    assert len(describe(drawn.data)) <= 1_900
