"""Segments: four dimensions of one treatment, several treatments, two hundred levels, too few units, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from experiments.aggregate import Aggregate
from experiments.design import Direction, Metric, MetricRole
from experiments.pictures.segments import SegmentMap, segments_of
from tests.charts.readings import CONVERSION, means, shares
from tests.experiments.readings import an_experiment, reading

HOSTILE = "$x_1$ \\frac{1}{2} 100% <!channel> שלום \u202e中文 😀\u200b " + "very-long-" * 6
LIFTS: Mapping[str, Mapping[str, tuple[float, int]]] = {
    "country": {"US": (0.14, 900), "DE": (0.12, 520), "FR": (0.10, 430), "JP": (0.02, 300), "NL": (0.3, 6)},
    "device": {"phone": (0.23, 1_250), "desktop": (-0.07, 780), "tablet": (0.06, 120)},
    "user": {"new": (0.12, 950), "returning": (0.09, 1_200)},
    "time-of-day": {"night": (-0.12, 190), "morning": (0.08, 610), "afternoon": (0.11, 760), "evening": (0.15, 590)},
}
"""Per level of a dimension the lift and the units of a day."""


def by_segment(
    treatments: Mapping[str, float], lifts: Mapping[str, Mapping[str, tuple[float, int]]]
) -> list[Aggregate]:
    """Ten days of conversions of everybody and of every level; a treatment has so much of each level's lift."""
    rate = 0.12
    rows = shares("conversion", {"control": rate, **{key: rate * (1 + 0.1 * part) for key, part in treatments.items()}},
                  days=10, per_day=2_150, seed=31)  # fmt: skip
    seed = 32
    for dimension, levels in lifts.items():
        for level, (lift, per_day) in levels.items():
            rates = {"control": rate, **{key: rate * (1 + lift * part) for key, part in treatments.items()}}
            rows += shares("conversion", rates, days=10, per_day=per_day, seed=seed, segment=f"{dimension}={level}")
            seed += 1
    return rows


def pictured(
    treatments: Mapping[str, float], lifts: Mapping[str, Mapping[str, tuple[float, int]]], title: str, **which: Any
) -> SegmentMap:
    made = an_experiment(*treatments, metrics=(CONVERSION,), planned_units=40_000).evolve(title=title)
    return segments_of(reading(made, by_segment(treatments, lifts)), **which)


def four() -> SegmentMap:
    """One treatment in four dimensions: it helps on phones and not on desktops."""
    return pictured({"shorter-form": 1.0}, LIFTS, "Shorter sign-up form")


def three_treatments() -> SegmentMap:
    return pictured({"bold": 1.0, "quiet": -0.6, "plain": 0.2}, LIFTS, "Three ways to say it")


def six_treatments() -> SegmentMap:
    parts = {f"layout-{letter}": 0.5 * place - 1 for place, letter in enumerate("abcdef")}
    return pictured(parts, {"device": LIFTS["device"], "country": LIFTS["country"]}, "Six layouts")


def two_hundred() -> SegmentMap:
    """More levels than anybody reads."""
    many = {"city": {f"city-{place:03}": (0.1 * ((place * 7) % 5 - 2), 40 + 2 * place) for place in range(200)}}
    return pictured({"shorter-form": 1.0}, {**many, "device": LIFTS["device"]}, "Shorter sign-up form")


def one_level() -> SegmentMap:
    return pictured({"shorter-form": 1.0}, {"country": {"DE": (0.1, 500)}}, "Shorter sign-up form")


def one_dimension() -> SegmentMap:
    return pictured({"shorter-form": 1.0}, LIFTS, "Shorter sign-up form", dimension="device")


def good_when_down() -> SegmentMap:
    """A metric that should fall, below zero in one segment, next to nothing in another."""
    cost = Metric(key="cost", role=MetricRole.PRIMARY, direction=Direction.DOWN, unit="€ per account")
    made = an_experiment("lean", metrics=(cost,))
    rows = means("cost", {"control": 4e6, "lean": 3.8e6}, days=8, deviation=2e6)
    accounts = (("big", 9e6, 8.5e6), ("refund", -2e6, -2.2e6), ("tiny", 1e-9, 1e-9))
    for place, (level, control, lean) in enumerate(accounts):
        deviation = max(abs(control) / 2, 1e-9)
        found = means("cost", {"control": control, "lean": lean}, days=8, deviation=deviation, seed=place)
        rows += [row._replace(segment=f"account={level}") for row in found]
    return segments_of(reading(made.evolve(title="A leaner pipeline"), rows))


def hostile() -> SegmentMap:
    lifts = {
        "l$a_n\\g%": {HOSTILE[:60]: (0.2, 400), "ערבית 😀": (-0.1, 300)},
        HOSTILE[:40]: {"=HYPERLINK(1)": (0.1, 500)},
    }
    return pictured({"shorter-form": 1.0}, lifts, HOSTILE)


def none() -> SegmentMap:
    return pictured({"shorter-form": 1.0}, {}, "Shorter sign-up form")


def broken() -> SegmentMap:
    made = an_experiment("shorter-form", metrics=(CONVERSION,)).evolve(title="Shorter sign-up form")
    rows = [
        row._replace(n=row.n // 2) if row.variant == "control" else row
        for row in by_segment({"shorter-form": 1.0}, {"device": LIFTS["device"]})
    ]
    return segments_of(reading(made, rows))


EXAMPLES: dict[str, Callable[[], SegmentMap]] = {
    "four": four,
    "three_treatments": three_treatments,
    "six_treatments": six_treatments,
    "two_hundred": two_hundred,
    "one_level": one_level,
    "one_dimension": one_dimension,
    "good_when_down": good_when_down,
    "hostile": hostile,
    "none": none,
    "broken": broken,
}
GOLDEN = ("four", "three_treatments", "two_hundred", "hostile")
