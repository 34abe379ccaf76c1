"""`bunsen size`: what it solves for, what it says, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.bot.shell import bunsen


def planned(*arguments: str) -> dict[str, Any]:
    result = bunsen("size", *arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    assert found["schema"] == "bunsen/size/1"
    return found


def plan_of(method: str, *arguments: str) -> dict[str, Any]:
    return next(plan for plan in planned(*arguments)["plans"] if plan["method"] == method)


def refusal(*arguments: str) -> str:
    result = bunsen("size", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr


def test_units_for_an_effect() -> None:
    found = planned("--baseline", "0.2", "--effect", "0.05")
    assert (found["solved_for"], found["method"], found["baseline"]) == ("units", "always-valid", 0.2)
    fixed, sequential, always = found["plans"]
    assert fixed["arms"] == [1092, 1092]
    assert fixed["units"] < sequential["units"] < always["units"] < 2 * fixed["units"]
    assert fixed["relative_effect"] == pytest.approx(0.25)
    assert always["planned_units"] == always["units"]


def test_a_percentage_is_relative_and_a_plain_number_is_not() -> None:
    relative = plan_of("fixed", "--baseline", "20", "--sd", "30", "--effect", "5%")
    absolute = plan_of("fixed", "--baseline", "20", "--sd", "30", "--effect", "1.0")
    assert relative["effect"] == absolute["effect"] == pytest.approx(1.0)
    assert relative["units"] == pytest.approx(absolute["units"], rel=0.06)


@pytest.mark.parametrize("method", ["fixed", "group-sequential", "always-valid"])
def test_units_effect_and_power_agree(method: str) -> None:
    basis = ("--baseline", "0.12", "--method", method)
    units = plan_of(method, *basis, "--effect", "0.01", "--power", "0.9")["units"]
    assert plan_of(method, *basis, "--units", str(units), "--power", "0.9")["effect"] == pytest.approx(0.01, rel=0.02)
    assert plan_of(method, *basis, "--units", str(units), "--effect", "0.01")["power"] == pytest.approx(0.9, abs=0.01)


def test_days_are_whole_weeks() -> None:
    assert plan_of("fixed", "--baseline", "0.12", "--effect", "5%", "--per-day", "3000")["days"] == 35
    assert plan_of("fixed", "--baseline", "0.12", "--units", "9000", "--per-day", "1000")["days"] == 14


def test_days_and_units_a_day_are_units() -> None:
    found = planned("--baseline", "0.12", "--days", "10", "--per-day", "4200")
    assert {plan["units"] for plan in found["plans"]} == {42_000}
    assert {plan["days"] for plan in found["plans"]} == {10}
    assert found["solved_for"] == "effect"


def test_a_covariate_saves_units() -> None:
    basis = ("--baseline", "20", "--sd", "30", "--effect", "0.5")
    plain, adjusted = plan_of("fixed", *basis), plan_of("fixed", *basis, "--correlation", "0.6")
    assert adjusted["units"] / plain["units"] == pytest.approx(1 - 0.36, rel=1e-3)


def test_one_side_needs_fewer_units_and_three_arms_need_more() -> None:
    basis = ("--baseline", "0.12", "--effect", "-5%")
    plain = plan_of("fixed", *basis)["units"]
    assert plan_of("fixed", *basis, "--one-sided")["units"] < plain
    assert len(plan_of("fixed", *basis, "--treatments", "2")["arms"]) == 3
    assert plan_of("fixed", *basis, "--treatments", "2")["units"] > 1.5 * plain
    assert plan_of("fixed", *basis, "--weights", "control=80,new=20")["arms"][1] * 3.99 < plain * 2


def test_the_sentence_says_what_was_solved_for() -> None:
    assert "94,070 units, 35 days (5 weeks), find a change of +5.0 % with 80 % power." in flat(
        "--baseline", "0.12", "--effect", "5%", "--per-day", "3000", "--method", "welch"
    )
    assert (
        "14 days (2 weeks), 42,000 units, find a change of +7.7 % or more with 80 % power. One look at the end"
        in flat("--baseline", "0.12", "--per-day", "3000", "--days", "14", "--method", "group-sequential")
    )
    assert "42,000 units find a change of +5.0 % with 46.5 % power." in flat(
        "--baseline", "0.12", "--effect", "5%", "--units", "42000", "--method", "fixed"
    )
    assert "One look at the end would have 46.5 % power. Plan it with 42,000 planned units." in flat(
        "--baseline", "0.12", "--effect", "5%", "--units", "42000"
    )
    assert "is not worse by more than 2.0 % with 80 % power, if the true change is 0 %." in flat(
        "--baseline", "0.12", "--margin", "2%"
    )
    assert "1 day, 3,000 units, find a change of +0.03 with" in flat(
        "--baseline", "0.12", "--effect", "0.03", "--per-day", "3000", "--days", "1"
    )


def flat(*arguments: str) -> str:
    result = bunsen("size", *arguments)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Give --effect (5% or 0.01), or --units, or --days with --per-day."),
        (("--days", "14"), "Give --effect"),
        (("--effect", "5x"), "--effect: “5x” is not a number like 0.01, or 5% of control."),
        (("--effect", "nan"), "--effect: “nan” is not a number"),
        (("--effect", "5%", "--units", "1000", "--power", "0.9"), "nothing left to solve for"),
        (("--units", "1000", "--days", "3", "--per-day", "9"), "Give either --units, or --days with --per-day."),
        (("--effect", "5%", "--sd", "2", "--kind", "proportion"), "--sd is for means"),
        (("--effect", "5%", "--kind", "mean"), "A mean needs its standard deviation per unit: --sd."),
        (("--effect", "5%", "--correlation", "1"), "--correlation lies between −1 and 1."),
        (("--effect", "5%", "--margin", "0.01"), "a percentage exactly when --effect is one"),
        (("--margin", "-1%"), "--margin is a number above 0"),
        (("--effect", "5%", "--treatments", "2", "--weights", "50,50"), "2 weights, but control and 2 treatments"),
        (("--effect", "5%", "--weights", "50"), "--weights: “50” is not a weight for each of at least two variants"),
        (("--effect", "900%"), "The effect would take the rate out of the range from 0 to 1."),
        (("--effect", "5%", "--alpha", "2"), "A level of significance lies between 0 and 1."),
        (("--units", "3"), "There are fewer than two units in an arm."),
        (("--effect", "0%"), "The effect to find is not on the side of the null"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_words(arguments: tuple[str, ...], words: str) -> None:
    assert words in refusal("--baseline", "0.12", *arguments)


@pytest.mark.parametrize("baseline", ["nan", "inf", "0", "1", "-0.1"])
def test_a_baseline_that_is_no_rate_is_refused(baseline: str) -> None:
    assert "A baseline rate lies between 0 and 1" in refusal("--baseline", baseline, "--effect", "5%")
