"""The calculator's curve: a plan that is too short, one that suits, a mean, without traffic, hostile and huge ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from experiments.design import Design, Expectation, Method, Metric, MetricKind, MetricRole, Variant
from experiments.pictures.size import Size, size_of
from tests.experiments.pictures.attempts import CONVERSION, NOW, VARIANTS
from tests.handlers.surfaces.situations import bait

TOLD = "From the 4 newest measured experiments of checkout: conversion 12.4 % in control, 3,800 users a day."
REVENUE = Metric(key="revenue", role=MetricRole.PRIMARY, kind=MetricKind.MEAN)


def design(**changes: Any) -> Design:
    usual = {"variants": VARIANTS, "metrics": (CONVERSION,), "smallest_effect": 0.05, "planned_days": 14,
             "planned_units": 50_000}  # fmt: skip
    return Design.model_validate({**usual, **changes})


def short() -> Size:
    """Two weeks are too few for this effect."""
    return size_of("Shorter sign-up form", design(), Expectation(baseline=0.124, per_day=3_800), TOLD, NOW)


def enough() -> Size:
    """One look at the end of four weeks is enough."""
    plan = design(method=Method.FIXED, planned_days=28)
    return size_of("Shorter sign-up form", plan, Expectation(baseline=0.124, per_day=3_800), "", NOW)


def revenue() -> Size:
    """A mean with its spread, three treatments, looked at in groups."""
    keys = ("control", "two", "three", "four")
    arms = tuple(Variant(key=key, weight=2_500, is_control=key == "control") for key in keys)
    plan = design(
        variants=arms,
        metrics=(REVENUE,),
        method=Method.GROUP_SEQUENTIAL,
        smallest_effect=0.02,
        exposure=5_000,
        planned_units=212_000,
    )
    return size_of("Bundles", plan, Expectation(baseline=43.5, sd=61.0, per_day=90_000), "", NOW)


def in_a_form() -> Size:
    """For the calculator, in which it is small."""
    return short().model_copy(update={"at_a_glance": True})


def in_a_form_extreme() -> Size:
    return extreme().model_copy(update={"at_a_glance": True})


def without_traffic() -> Size:
    return size_of("Shorter sign-up form", design(), Expectation(baseline=0.124), "", NOW)


def empty() -> Size:
    return size_of("Shorter sign-up form", Design(), None, "", NOW)


def impossible() -> Size:
    """An effect that would leave the rates there are."""
    return size_of("Nearly everybody", design(smallest_effect=0.5), Expectation(baseline=0.9, per_day=100), "", NOW)


def one_day() -> Size:
    return size_of(
        "A day", design(planned_days=1, method=Method.FIXED), Expectation(baseline=0.5, per_day=10**6), "", NOW
    )


def year() -> Size:
    """A tiny effect that takes longer than anybody runs it."""
    plan = design(planned_days=365, smallest_effect=0.004)
    return size_of("Patience", plan, Expectation(baseline=0.03, per_day=900), "", NOW)


def hostile() -> Size:
    plan = design(metrics=(CONVERSION.model_copy(update={"unit": bait(40)}),))
    return size_of(bait(110), plan, Expectation(baseline=0.124, per_day=3_800), "שלום " + bait(180), NOW)


def extreme() -> Size:
    plan = design(metrics=(REVENUE,), smallest_effect=1e-4, planned_units=10**12, planned_days=400)
    return size_of("Everybody", plan, Expectation(baseline=1e15, sd=1e16, per_day=10**12), "", NOW)


EXAMPLES: dict[str, Callable[[], Size]] = {
    "short": short,
    "enough": enough,
    "revenue": revenue,
    "in_a_form": in_a_form,
    "in_a_form_extreme": in_a_form_extreme,
    "without_traffic": without_traffic,
    "empty": empty,
    "impossible": impossible,
    "one_day": one_day,
    "year": year,
    "hostile": hostile,
    "extreme": extreme,
}
GOLDEN = ("short", "enough", "revenue", "in_a_form")
