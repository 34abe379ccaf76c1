"""The size of a design: as `bunsen size` says it, for the design as it is written, refused in words with a field."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.design import Correction, Design, Direction, Limit, Method, Metric, MetricKind, MetricRole, Variant
from experiments.errors import BunsenError
from experiments.sizing import chance_words, sizing
from experiments.stats.design import power
from experiments.stats.plan import Plan
from experiments.stats.population import Population
from experiments.stats.solving import Question, Way

RATE = Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION)
SEQUENTIAL = [Method.ALWAYS_VALID, Method.GROUP_SEQUENTIAL]
WAYS: dict[Method, Way] = {
    Method.ALWAYS_VALID: "always-valid",
    Method.GROUP_SEQUENTIAL: "group-sequential",
    Method.FIXED: "fixed",
    Method.WELCH: "fixed",
}


def variants(*weights: int) -> tuple[Variant, ...]:
    return tuple(
        Variant(key=f"arm-{place}" if place else "control", weight=weight, is_control=not place)
        for place, weight in enumerate(weights)
    )


def design(*weights: int, **stated: Any) -> Design:
    arms = variants(*(weights or (5000, 5000)))
    return Design.model_validate({"variants": arms, "metrics": (RATE,), "smallest_effect": 0.05, **stated})


def refused(planned: Design, **known: Any) -> BunsenError:
    with pytest.raises(BunsenError) as caught:
        sizing(planned, **known)
    return caught.value


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("weights", [(5000, 5000), (4000, 3000, 3000), (8000, 2000)])
def test_it_says_what_the_command_line_says(method: Method, weights: tuple[int, ...]) -> None:
    plan = Plan(relative=True, shares=tuple(map(float, weights)))
    asked = Question(Population.proportion(0.12), plan, WAYS[method], 0.05, None, 3_000).solved(WAYS[method])
    found = sizing(design(*weights, method=method), baseline=0.12, per_day=3_000)
    assert found.units == pytest.approx(sum(asked.arms), rel=1e-4)
    assert found.planned_units == pytest.approx(asked.compared, rel=1e-4)
    assert found.days == asked.days


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("per_day", [500, 3_000])
def test_a_design_that_takes_what_it_needs_has_the_power(method: Method, per_day: float) -> None:
    needed = sizing(design(method=method), baseline=0.12, per_day=per_day)
    assert needed.days is not None
    planned = design(method=method, planned_days=needed.days, planned_units=needed.planned_units)
    found = sizing(planned, baseline=0.12, per_day=per_day)
    assert found.power is not None
    assert found.power >= 0.795
    assert found.minimum_effect is not None
    assert found.minimum_effect <= 0.0505


@pytest.mark.parametrize("method", [Method.FIXED, Method.ALWAYS_VALID])
def test_the_smallest_effect_it_says_is_found_with_the_planned_power(method: Method) -> None:
    first = sizing(design(method=method), baseline=0.12, per_day=3_000)
    assert first.minimum_effect is not None
    again = sizing(
        design(method=method, planned_units=42_000, smallest_effect=first.minimum_effect), baseline=0.12, per_day=3_000
    )
    assert again.power == pytest.approx(0.8, abs=1e-4)
    assert again.is_powered


def test_a_fixed_design_has_the_power_of_its_days() -> None:
    found = sizing(design(method=Method.FIXED, exposure=5_000), baseline=0.12, per_day=6_000)
    assert found.power == pytest.approx(float(power(Population.proportion(0.12), 0.006, 42_000)))
    assert found.is_powered is False


@given(st.sampled_from(SEQUENTIAL), st.integers(1_000, 200_000), st.integers(1_000, 200_000))
def test_a_design_tuned_to_other_units_is_no_better(method: Method, tuned: int, per_day: int) -> None:
    alone = sizing(design(method=Method.FIXED, planned_days=28), baseline=0.2, per_day=per_day / 28)
    found = sizing(design(method=method, planned_days=28, planned_units=tuned), baseline=0.2, per_day=per_day / 28)
    assert found.power is None or alone.power is None or found.power <= alone.power + 0.01


def test_a_group_sequential_design_counts_no_unit_after_its_end() -> None:
    early = design(method=Method.GROUP_SEQUENTIAL, planned_units=21_000, planned_days=7)
    late = early.model_copy(update={"planned_days": 28})
    assert sizing(early, baseline=0.12, per_day=3_000).power == sizing(late, baseline=0.12, per_day=3_000).power


def test_a_group_sequential_design_far_from_its_end_has_spent_little() -> None:
    near, far = (
        sizing(design(method=Method.GROUP_SEQUENTIAL, planned_units=units), baseline=0.12, per_day=7_000)
        for units in (98_000, 400_000)
    )
    assert near.power is not None
    assert far.power is not None
    assert near.power > 0.75 > 0.1 > far.power


def test_before_the_first_planned_look_nothing_can_be_found() -> None:
    found = sizing(design(method=Method.GROUP_SEQUENTIAL, planned_units=10**6), baseline=0.12, per_day=1_000)
    assert (found.power, found.is_powered) == (None, None)
    assert found.unknown == "The first planned look comes at 50,000 units; there are fewer in the planned 14 days."
    assert found.unknown in found.words


def test_without_traffic_days_and_power_are_unknown() -> None:
    found = sizing(design(method=Method.FIXED), baseline=0.12)
    assert (found.days, found.power, found.minimum_effect) == (None, None, None)
    assert found.words == (
        "94,070 users (47,035 in each variant) find a change of 5.0 % with 80 % power. "
        "Say how many users come a day to see how long that takes."
    )


def test_the_words_with_traffic() -> None:
    found = sizing(design(2000, 8000, planned_units=30_000), baseline=0.12, per_day=3_000)
    assert found.words == (
        "245,612 users (control 49,123 and arm-1 196,489) find a change of 5.0 % with 80 % power, in 84 days. "
        "In the planned 14 days the power is 10.6 %; planned for that, a change of 12.4 % has 80 %. "
        "It is planned for 30,000 users; 245,612 suit it better."
    )


def test_less_exposure_takes_longer_and_more_treatments_need_more() -> None:
    def days(planned: Design) -> int:
        return sizing(planned, baseline=0.12, per_day=3_000).days or 0

    assert days(design(exposure=2_500)) > 3 * days(design())
    three = design(3334, 3333, 3333, method=Method.FIXED)
    alone = three.model_copy(update={"correction": Correction.NONE})
    assert sizing(three, baseline=0.12).units > 1.2 * sizing(alone, baseline=0.12).units


def test_a_rate_that_should_fall_may_start_near_everybody() -> None:
    falls = design(metrics=(RATE.model_copy(update={"direction": Direction.DOWN}),), method=Method.FIXED)
    assert sizing(falls, baseline=0.97).units > 0
    assert refused(design(method=Method.FIXED), baseline=0.97).field == "smallest_effect"
    mirrored = design(method=Method.FIXED, smallest_effect=0.05 * 0.7 / 0.3)
    assert sizing(falls, baseline=0.7).units == sizing(mirrored, baseline=0.3).units


def test_a_draft_without_variants_or_metrics_is_sized_as_two_equal_arms() -> None:
    draft = Design(smallest_effect=0.05, method=Method.FIXED)
    assert sizing(draft, baseline=0.12).arms == {"control": 47_035, "treatment": 47_035}
    mean = sizing(draft, baseline=20, sd=30)
    assert mean.units == pytest.approx(2 * 14_130, rel=0.01)
    assert sizing(draft, baseline=20, sd=30, per_day=1).days is not None


@pytest.mark.parametrize(
    ("planned", "known", "field", "words"),
    [
        (design(), {"baseline": 0}, "baseline", "A baseline rate lies between 0 and 1"),
        (design(), {"baseline": float("nan")}, "baseline", "A baseline rate lies between 0 and 1"),
        (design(), {"baseline": 0.1, "sd": 1}, "sd", "leave out the standard deviation"),
        (design(metrics=()), {"baseline": 20, "sd": 0}, "sd", "above 0"),
        (design(metrics=()), {"baseline": 20, "sd": float("inf")}, "sd", "above 0"),
        (design(metrics=()), {"baseline": -1, "sd": 2}, "baseline", "needs a baseline above 0"),
        (
            design(metrics=(RATE.model_copy(update={"kind": MetricKind.QUANTILE}),)),
            {"baseline": 20},
            "sd",
            "A mean needs its standard deviation per unit.",
        ),
        (design(), {"baseline": 0.1, "per_day": 0}, "per_day", "Say how many users come a day: a number above 0."),
        (design(), {"baseline": 0.1, "per_day": float("nan")}, "per_day", "a number above 0"),
        (design(smallest_effect=9), {"baseline": 0.5}, "smallest_effect", "out of the range from 0 to 1"),
        (design(10_000, 0), {"baseline": 0.5}, "variants", "arm-1 would get no traffic"),
    ],
)
def test_what_cannot_be_planned_is_refused_at_its_field(
    planned: Design, known: dict[str, float], field: str, words: str
) -> None:
    error = refused(planned, **known)
    assert error.field == field
    assert words in error.words


@given(st.floats(0.001, 0.9), st.floats(0.5, 1e7), st.sampled_from(Method), st.integers(1, 60))
def test_every_traffic_gets_a_sentence_or_the_reason_why_not(
    rate: float, daily: float, method: Method, days: int
) -> None:
    found = sizing(design(method=method, planned_days=days), baseline=rate, per_day=daily)
    assert found.days is not None
    assert found.days % 7 == 0
    assert found.unknown if found.power is None else 0 <= found.power <= 1
    assert "nan" not in found.words


def test_power_is_never_rounded_up() -> None:
    assert chance_words(0.79999) == "79.9 %"
    assert chance_words(0.8 - 1e-12) == "80 %"


def test_nothing_heavy_is_loaded_before_somebody_asks() -> None:
    code = "import sys, experiments.sizing; print(*{'numpy', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == []


def test_a_guardrail_does_not_change_the_size() -> None:
    guard = Metric(key="latency", role=MetricRole.GUARDRAIL, limit=Limit(harm=0.1))
    assert sizing(design(metrics=(guard, RATE)), baseline=0.12) == sizing(design(), baseline=0.12)
