"""The timeline's picture: bars, shares and marks at their moments, words that keep apart, and what is cut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts import style
from charts.canvas import Card
from charts.parts.moments import moments
from charts.timeline import BAR, LANE, STRIP, _draw, _height, describe, timeline
from experiments.commands import (
    AddNote,
    ConfigureTraffic,
    LogDecision,
    PauseExperiment,
    ResumeExperiment,
    StopExperiment,
)
from experiments.model import StopReason
from experiments.pictures.timeline import LANES, Timeline
from tests.charts.layout import covering, outside
from tests.charts.pictures.timeline import EXAMPLES, Life

HOUR = timedelta(hours=1)


class Drawn:
    """A drawn card to ask questions of."""

    def __init__(self, data: Timeline) -> None:
        self.data = data
        self.card = Card(style.WIDTH, _height(data))
        self.lanes, self.shares = _draw(self.card, data) or (None, None)
        self.texts = [each.text for each in self.card.words]

    def named(self, axes: Any, label: str) -> Any:
        return next((each for each in (*axes.collections, *axes.lines) if each.get_label() == label), None)

    def bars(self, manner: str) -> list[tuple[float, float, float]]:
        """From when to when, and how far down each bar of this manner is."""
        found = self.named(self.lanes, manner)
        corners = [path.vertices for path in found.get_paths()] if found else []
        return [(float(each[0][0]), float(each[1][0]), float(each[0][1])) for each in corners]

    def at(self, words: str) -> tuple[float, float]:
        return next((each.x, each.y) for each in self.card.words if each.text == words)


def test_every_stretch_is_a_bar_in_its_lane() -> None:
    drawn = Drawn(EXAMPLES["ordinary"]())
    for manner in ("active", "waiting", "paused", "planned"):
        assert np.allclose(
            drawn.bars(manner),
            [
                ((each.start - drawn.data.start) / HOUR, (each.end - drawn.data.start) / HOUR,
                 STRIP + LANE * LANES.index(each.lane) + (LANE - BAR) / 2)
                for each in drawn.data.stretches if each.manner == manner
            ],
        )  # fmt: skip


def test_a_stretch_of_minutes_can_be_seen_in_a_year() -> None:
    drawn = Drawn(EXAMPLES["a_year"]())
    pixel = drawn.lanes.get_xlim()[1] / drawn.lanes.bbox.width
    assert min(end - start for start, end, _ in drawn.bars("active")) >= 3 * pixel * (1 - 1e-9)


def test_what_is_planned_is_dashed_and_hollow() -> None:
    drawn = Drawn(EXAMPLES["running"]())
    found = drawn.named(drawn.lanes, "planned")
    assert found.get_linestyle()[0][1]
    assert found.get_facecolor().size == 0
    assert drawn.named(drawn.shares, "planned").is_dashed()
    assert "planned" in drawn.texts


def test_the_step_line_has_every_level() -> None:
    drawn = Drawn(EXAMPLES["ordinary"]())
    line = drawn.named(drawn.shares, "seen")
    steps = list(zip(line.get_xdata(), line.get_ydata(), strict=True))
    for level in drawn.data.levels:
        assert ((level.at - drawn.data.start) / HOUR, level.share / 100) in steps
    assert all(before[0] == after[0] or before[1] == after[1] for before, after in pairwise(steps)), "no slopes"
    assert steps[0][1] == 0
    assert steps[-1] == ((drawn.data.now - drawn.data.start) / HOUR if drawn.data.now else 0, 50)
    low, high = drawn.shares.get_ylim()
    assert low < 0 < 95 < high
    assert [label.get_text() for label in drawn.shares.get_yticklabels()] == ["0", "50", "100"]


def test_now_plans_and_phases_go_through_both_panels() -> None:
    drawn = Drawn(EXAMPLES["ordinary"]())
    for axes in (drawn.lanes, drawn.shares):
        for label, moment in (
            ("now", drawn.data.now), ("plans", drawn.data.plans[0].at), ("phases", drawn.data.phases[0]),
        ):  # fmt: skip
            [segment] = drawn.named(axes, label).get_segments()
            assert segment[0][0] == pytest.approx((moment - drawn.data.start) / HOUR)
    assert {"now", "planned end 23 Mar 08:40", "phase 2"} <= set(drawn.texts)
    assert drawn.named(Drawn(EXAMPLES["a_year"]()).lanes, "now") is None


def test_marks_are_numbered_from_left_to_right_and_told_below() -> None:
    drawn = Drawn(EXAMPLES["ordinary"]())
    badges = [drawn.at(f"{number}")[0] for number in range(1, 13)]
    assert badges == sorted(badges)
    rows = [drawn.at(mark.words)[1] for mark in drawn.data.marks if drawn.texts.count(mark.words) == 1]
    assert rows == sorted(rows)
    assert "1 more mark is not drawn." in drawn.texts
    shapes = {label: drawn.named(drawn.lanes, label) for label in ("approval", "change", "alarm", "decision")}
    assert len({each.get_paths()[0].vertices.shape for each in shapes.values()}) >= 3, "told apart by shape"
    assert [len(each.get_offsets()) for each in shapes.values()] == [1, 8, 2, 1]


def test_badges_keep_apart_on_the_card() -> None:
    drawn = Drawn(EXAMPLES["crowded"]())
    badges = [drawn.at(f"{number}")[0] for number in range(1, 13)]
    assert min(after - before for before, after in pairwise(badges)) >= 30
    assert max(badges) < style.WIDTH - style.MARGIN


def test_lanes_say_how_long_they_took_and_what_was_decided() -> None:
    assert {"17 days 20 hours", "2 days", "18 hours"} <= set(Drawn(EXAMPLES["ordinary"]()).texts)
    life = Life().started().after(days=2).does(StopExperiment, reason=StopReason.HARM)
    life.does(LogDecision, outcome="abandon", reasoning="It does harm.")
    assert "abandon" in Drawn(life.seen()).texts
    assert "rolled out" in Drawn(EXAMPLES["rolled_out"]()).texts


def test_a_plan_beyond_the_picture_is_told_at_its_edge() -> None:
    drawn = Drawn(EXAMPLES["booked"]())
    assert "booked stop 12 Mar 2026 11:40 UTC →" in drawn.texts
    assert "booked start 5 Mar 11:40" in drawn.texts


def test_the_description_has_the_same_facts() -> None:
    words = describe(EXAMPLES["ordinary"]())
    for fact in (
        "Timeline of “Shorter sign-up form”. Rolling out: 50 % of everybody sees a treatment.",
        "Draft 1 day 7 hours, review 1 day 17 hours, run 17 days 20 hours, analysis 2 days",
        "reached 0 % from 23 Mar 04:40, 10 % from 25 Mar 22:40", "planned end 23 Mar 08:40.",
        "Marks (10 others): 25 Mar 04:40 decision, Decided to ship: Conversion rose by 4 %", "29 Mar 02:40 change",
    ):  # fmt: skip
        assert fact in words


def test_without_a_log_there_are_words() -> None:
    drawn = Drawn(EXAMPLES["empty"]())
    assert drawn.lanes is None
    assert "Nothing happened yet" in drawn.texts


@pytest.mark.parametrize("name", ["ordinary", "crowded", "a_year"])
def test_the_picture_is_wide_and_light_and_its_words_fit(name: str) -> None:
    data = EXAMPLES[name]()
    png = timeline(data)
    assert int.from_bytes(png[16:20]) == style.WIDTH
    assert len(png) <= 150_000
    assert 0 < len(describe(data)) <= 1_900


@settings(deadline=None, max_examples=12)
@given(gaps=st.lists(st.floats(1, 3e7), min_size=1, max_size=14), seed=st.integers(0, 99), later=st.floats(0, 1e7))
def test_whatever_happens_when_is_drawn_within_the_card(gaps: list[float], seed: int, later: float) -> None:
    dice, life, paused = np.random.default_rng(seed), Life().started(), False
    for gap in gaps:
        life.after(seconds=gap)
        if dice.random() < 0.3:
            life.does(AddNote, text=f"note {gap}")
        elif dice.random() < 0.4:
            share = int(dice.integers(1, 9_999))
            if share != life.experiment.weights["short"]:
                life.does(ConfigureTraffic, weights={"control": 10_000 - share, "short": share})
        else:
            life.does(ResumeExperiment if paused else PauseExperiment)
            paused = not paused
    drawn = Drawn(life.seen(seconds=later))
    right = drawn.lanes.get_xlim()[1]
    for manner in ("active", "waiting", "paused", "planned"):
        assert all(0 <= start < end <= right * 1.01 for start, end, _ in drawn.bars(manner))
    assert covering(drawn.card) == []
    assert outside(drawn.card) == []
    assert len(describe(drawn.data)) <= 1_900


@settings(deadline=None)
@given(start=st.integers(0, 3 * 10**9), minutes=st.floats(1, 2e7),
       most=st.integers(3, 12))  # fmt: skip
def test_round_moments_are_few_in_order_and_within(start: int, minutes: float, most: int) -> None:
    begin = datetime.fromtimestamp(start, UTC)
    end = begin + timedelta(minutes=minutes)
    found = moments(begin, end, most)
    assert 1 <= len(found) <= most
    assert all(begin <= at <= end for at, _ in found)
    assert [at for at, _ in found] == sorted({at for at, _ in found})
