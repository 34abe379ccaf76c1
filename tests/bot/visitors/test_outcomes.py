"""What people do follows from what is true: rates, values, delays, history, segments, fading, outliers and bots."""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.visitors.outcomes import HOUR, REACTION, Observed, exposure_line, iso, lines_of, observed
from bot.visitors.people import DAY, Population
from bot.visitors.scenario import Scenario, TrueKind, TrueMetric

START = 20_000 * DAY
BASE = {"experiment": "checkout", "people_per_day": 60_000}


class Day:
    """What everybody does of one day, half of them in treatment."""

    def __init__(self, *metrics: TrueMetric, until: int = START + DAY, **more: Any) -> None:
        self.scenario = Scenario.model_validate({**BASE, "metrics": metrics, **more})
        self.found: dict[tuple[str, str], list[Observed]] = {}
        self._waited: dict[tuple[str, str], list[NDArray[np.int64]]] = {}
        self.values: dict[tuple[str, str], NDArray[np.float64]] = {}
        self.visits = list(Population(self.scenario, START).between(START, until))
        self.people = {"control": 0, "treatment": 0}
        self.lines: list[dict[str, Any]] = []
        for visits in self.visits:
            variants = ["treatment" if unit[-1] in "13579bdf" else "control" for unit in visits.units]
            for variant, age in zip(variants, visits.age, strict=True):
                self.people[variant] += not age
            arms = np.array(variants)
            for each in observed(self.scenario, visits, variants, visits.times, START):
                self.lines += map(json.loads, lines_of(each, visits.units)) if len(self.lines) < 5_000 else ()
                for variant in self.people:
                    rows = arms[each.rows] == variant
                    part = Observed(each.metric, each.rows[rows], each.times[rows], each.values[rows])
                    self.found.setdefault((each.metric, variant), []).append(part)
                    waited = (each.times - visits.times[each.rows])[rows]
                    self._waited.setdefault((each.metric, variant), []).append(waited)
        for place, parts in self.found.items():
            self.values[place] = np.concatenate([part.values for part in parts])

    def waited_for(self, metric: str, variant: str) -> NDArray[np.int64]:
        """Microseconds between each visit and its values."""
        return np.concatenate(self._waited[metric, variant])


def close(found: float, true: float, error: float) -> None:
    assert abs(found - true) < 4.5 * error, f"{found} is not {true} ± {error}"


def metric(kind: TrueKind, baseline: float, **more: Any) -> TrueMetric:
    return TrueMetric.model_validate({"metric": "it", "kind": kind, "baseline": baseline, **more})


def test_a_proportion_has_its_rate_and_its_effect() -> None:
    day = Day(metric(TrueKind.PROPORTION, 0.12, effects={"*": 0.5}))
    for variant, rate in (("control", 0.12), ("treatment", 0.18)):
        n = day.people[variant]
        assert set(day.values["it", variant]) == {1.0}
        close(len(day.values["it", variant]) / n, rate, (rate * (1 - rate) / n) ** 0.5)


def test_people_who_come_back_convert_once() -> None:
    day = Day(metric(TrueKind.PROPORTION, 0.5), people_per_day=500, returning=0.9, until=START + 3 * DAY)
    assert sum(map(len, day.values.values())) == pytest.approx(0.5 * 1_500, rel=0.15)


def test_a_mean_has_its_mean_and_its_spread() -> None:
    day = Day(metric(TrueKind.MEAN, 20, spread=0.8, effects={"treatment": -0.1}))
    for variant, mean in (("control", 20), ("treatment", 18)):
        values = day.values["it", variant]
        assert len(values) == day.people[variant]
        close(values.mean(), mean, values.std() / len(values) ** 0.5)
        close(np.log(values).std(), 0.8, 0.8 / (2 * len(values)) ** 0.5)


def test_a_latency_has_its_median_and_several_values_a_visit() -> None:
    day = Day(metric(TrueKind.LATENCY, 180, spread=0.5, per_visit=3, effects={"*": 0.3}), people_per_day=20_000)
    for variant, median in (("control", 180), ("treatment", 234)):
        values = day.values["it", variant]
        assert len(values) / day.people[variant] == pytest.approx(3, rel=0.03)
        assert np.median(values) == pytest.approx(median, rel=0.02)


def test_a_ratio_has_its_share_of_its_denominator() -> None:
    day = Day(
        metric(TrueKind.RATIO, 0.02, per_visit=6, denominator="requests", effects={"*": 1.0}), people_per_day=30_000
    )
    for variant, rate in (("control", 0.02), ("treatment", 0.04)):
        requests = day.values["requests", variant].sum()
        close(day.values["it", variant].sum() / requests, rate, (rate * (1 - rate) / requests) ** 0.5)
        assert requests / day.people[variant] == pytest.approx(6, rel=0.03)


def test_an_effect_that_begins_later_leaves_the_hours_before_alone() -> None:
    day = Day(metric(TrueKind.MEAN, 10, effects={"*": {"relative": 1.0, "after_hours": 6}}))
    parts = day.found["it", "treatment"]
    values, times = (np.concatenate([getattr(part, name) for part in parts]) for name in ("values", "times"))
    assert set(values[times < START + 6 * HOUR]) == {10.0}
    assert set(values[times > START + 6 * HOUR + REACTION]) == {20.0}


def test_an_effect_that_fades_does_so_by_the_days_since_the_first_visit() -> None:
    scenario = {"people_per_day": 2_000, "returning": 1.0, "return_days": 2, "until": START + 3 * DAY}
    day = Day(metric(TrueKind.MEAN, 10, effects={"*": {"relative": 1.0, "fades_days": 1}}), **scenario)
    expected = {round(10 * (1 + math.exp(-age)), 6) for age in (0, 1, 2)}
    assert {round(value, 6) for value in day.values["it", "treatment"]} == expected
    assert set(day.values["it", "control"]) == {10.0}


def test_levels_differ_in_baseline_and_effect() -> None:
    segment = {
        "attribute": "device",
        "levels": [{"name": "phone", "share": 0.5, "baseline": 2, "effect": 0}, {"name": "desktop", "share": 0.5}],
    }
    day = Day(metric(TrueKind.MEAN, 10, effects={"*": 0.5}), people_per_day=2_000, segments=[segment])
    assert set(day.values["it", "control"]) == {20.0, 10.0}
    assert set(day.values["it", "treatment"]) == {20.0, 15.0}


def test_a_share_of_the_values_is_far_out() -> None:
    day = Day(metric(TrueKind.MEAN, 10, outliers={"share": 0.01, "factor": 50}))
    values = np.concatenate(list(day.values.values()))
    assert set(values) == {10.0, 500.0}
    close((values == 500).mean(), 0.01, (0.01 / len(values)) ** 0.5)


def test_what_is_delayed_comes_with_its_own_time() -> None:
    day = Day(metric(TrueKind.PROPORTION, 1.0, delay_hours=5), metric(TrueKind.MEAN, 10, metric="other"))
    waited = (day.waited_for("it", "control") - REACTION) / HOUR
    close(waited.mean(), 5, 5 / len(waited) ** 0.5)
    assert set(day.waited_for("other", "control")) == {REACTION}


def test_the_value_from_before_knows_the_person_and_not_the_variant() -> None:
    day = Day(metric(TrueKind.MEAN, 20, spread=0.8, steadiness=0.6, history_days=7, effects={"*": 1.0}))
    for variant, mean in (("control", 20), ("treatment", 40)):
        waited, values = day.waited_for("it", variant), day.values["it", variant]
        before, after = values[waited < 0], values[waited > 0]
        assert len(before) == len(after) == day.people[variant]
        assert waited.min() >= -7 * DAY - 60 * 10**6
        close(before.mean(), 20, before.std() / len(before) ** 0.5)
        close(after.mean(), mean, after.std() / len(after) ** 0.5)
        correlation = np.corrcoef(np.log(before), np.log(after))[0, 1]
        close(correlation, 0.6, 1 / len(before) ** 0.5)


def test_a_bot_sends_thousands_within_the_hour() -> None:
    day = Day(metric(TrueKind.MEAN, 10, spread=1), people_per_day=1e-9, bots={"per_day": 20, "events": 3_000})
    bots = sum(int(visits.is_bot.sum()) for visits in day.visits)
    assert bots > 0
    assert sum(map(len, day.values.values())) == 3_000 * bots
    for variant in ("control", "treatment"):
        waited = day.waited_for("it", variant)
        assert waited.min() >= REACTION
        assert waited.max() <= HOUR


def test_lines_are_events_as_they_are_sent() -> None:
    day = Day(metric(TrueKind.MEAN, 20, spread=1, history_days=3), people_per_day=100)
    units = {unit for visits in day.visits for unit in visits.units}
    for line in day.lines:
        assert set(line) == {"type", "metric", "unit", "value", "time"}
        assert line["type"] == "observation"
        assert line["metric"] == "it"
        assert line["unit"] in units
        assert math.isfinite(line["value"])
        assert datetime.fromisoformat(line["time"]).tzinfo is not None
    assert iso(np.array([START])) == ["2024-10-04T00:00:00.000000Z"]
    told = json.loads(exposure_line("checkout", 2, 'ä"', "u\n1", iso(np.array([START]))[0], {"country": "DE"}))
    assert told == {
        "type": "exposure",
        "experiment": "checkout",
        "variant": 'ä"',
        "unit": "u\n1",
        "time": "2024-10-04T00:00:00.000000Z",
        "attributes": {"country": "DE"},
        "phase": 2,
    }
    assert "phase" not in json.loads(exposure_line("checkout", None, "b", "u", "", {}))
