"""The checklist: what is the case, what to do about it, and what nobody can review without."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from experiments.checklist import MOST_DAYS, PART, Item, Overlap, State, checklist, custom_code, overlaps
from experiments.design import Design, Metric, MetricKind, MetricRole, Variant
from experiments.model import Experiment, Status
from experiments.running import Phase
from experiments.sizing import sizing
from experiments.targeting import Exclusion

HYPOTHESIS = "If the button is bigger then more people buy, because they see it."
RATE = Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION)
GUARD = Metric(key="latency", role=MetricRole.GUARDRAIL)
ARMS = (Variant(key="control", weight=5000, is_control=True), Variant(key="bigger", weight=5000))
COMPLETE = Design(hypothesis=HYPOTHESIS, variants=ARMS, metrics=(RATE, GUARD))
AT = datetime(2026, 5, 1, tzinfo=UTC)


def changed(**changes: Any) -> Design:
    return Design.model_validate({**dict(COMPLETE), **changes})


def item(code: str, design: Design = COMPLETE, **known: Any) -> Item:
    return next(each for each in checklist(design, **known) if each.code == code)


def experiment(key: str = "mine", **stated: Any) -> Experiment:
    known = {"workspace": "T1", "title": key.title(), "owner": "U1", "created_at": AT, "updated_at": AT}
    return Experiment.model_validate({**known, "key": key, "design": COMPLETE, **stated})


def running(key: str = "other", **stated: Any) -> Experiment:
    return experiment(key, **{"status": Status.RUNNING, **stated})


def test_a_complete_design_passes_everything_that_can_be_known() -> None:
    sized = sizing(changed(smallest_effect=0.2, planned_units=12_000), baseline=0.12, per_day=3_000)
    found = checklist(COMPLETE, sizing=sized)
    assert [each.code for each in found] == [
        "hypothesis", "variants", "primary_metric", "guardrail", "power", "weeks", "overlap",
    ]  # fmt: skip
    assert {each.state for each in found} == {State.PASSED}
    assert not any(each.blocks for each in found)


designs = st.builds(
    changed,
    hypothesis=st.sampled_from(["", "Something", HYPOTHESIS]),
    variants=st.sampled_from([(), ARMS]),
    metrics=st.sampled_from([(), (RATE,), (GUARD,), (RATE, GUARD)]),
    planned_days=st.integers(1, 60),
)


@given(designs)
def test_what_blocks_is_what_makes_a_review_impossible(design: Design) -> None:
    blocking = [each for each in checklist(design) if each.blocks]
    assert {each.code for each in blocking} == set(design.missing())
    assert {each.state for each in blocking} <= {State.FAILED}


@given(designs)
def test_every_item_is_a_sentence_with_its_own_code(design: Design) -> None:
    found = checklist(design, custom=["Legal has seen it", "Legal has seen it"])
    assert len({each.code for each in found}) == len(found)
    assert all(each.words for each in found)


@pytest.mark.parametrize(
    ("hypothesis", "state", "words"),
    [
        ("", State.FAILED, "The hypothesis is empty. Write: if … then … because …"),
        (HYPOTHESIS, State.PASSED, "The hypothesis says if, then and because."),
        (HYPOTHESIS.upper(), State.PASSED, "The hypothesis says if, then and because."),
        ("A bigger button sells more", State.FAILED, "has no “if” and no “then” and no “because”."),
        ("If x then y", State.FAILED, "has no “because”."),
        ("Lifting it strengthens sales, because of course", State.FAILED, "has no “if” and no “then”."),
        ("If x, then y because …", State.FAILED, "The hypothesis still has gaps (…). Fill them in."),
    ],
)
def test_the_hypothesis_says_if_then_and_because_as_whole_words(hypothesis: str, state: State, words: str) -> None:
    found = item("hypothesis", changed(hypothesis=hypothesis))
    assert found.state is state
    assert words in found.words


def test_power_is_unknown_until_the_traffic_is_known() -> None:
    found = item("power")
    assert found.state is State.UNKNOWN
    assert found.words == (
        "The power to find a change of 2.0 % is not known. "
        "Say where the primary metric stands and how many users a day come."
    )
    without_traffic = item("power", sizing=sizing(COMPLETE, baseline=0.12))
    assert without_traffic.state is State.UNKNOWN
    assert "Say how many users come a day" in without_traffic.words


def test_too_little_power_says_what_would_be_enough() -> None:
    design = changed(smallest_effect=0.05)
    found = item("power", design, sizing=sizing(design, baseline=0.12, per_day=3_000))
    assert found.state is State.FAILED
    assert not found.blocks
    assert "In the planned 14 days the power to find a change of 5.0 % is 15.1 %; 80 % is the least" in found.words
    assert found.words.endswith("Plan 56 days and 159,428 users, or look for a larger effect.")
    enough = changed(smallest_effect=0.05, planned_days=56, planned_units=159_428)
    assert item("power", enough, sizing=sizing(enough, baseline=0.12, per_day=3_000)).state is State.PASSED


def test_nobody_is_told_to_plan_longer_than_a_design_may_run() -> None:
    Design(planned_days=MOST_DAYS)
    with pytest.raises(ValidationError):
        Design(planned_days=MOST_DAYS + 1)
    design = changed(smallest_effect=0.05)
    found = item("power", design, sizing=sizing(design, baseline=0.12, per_day=100))
    assert found.words.endswith("It would take 1,596 days: look for a larger effect, or let more users take part.")


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (1, "1 day is not whole weeks, so some weekdays count more than others. Plan 7 days."),
        (7, "It runs 1 whole week."),
        (15, "15 days are not whole weeks, so some weekdays count more than others. Plan 21 days."),
        (21, "It runs 3 whole weeks."),
    ],
)
def test_whole_weeks(days: int, words: str) -> None:
    found = item("weeks", changed(planned_days=days))
    assert found.words == words
    assert (found.state is State.PASSED) is (days % 7 == 0)


def test_a_variant_without_traffic_fails() -> None:
    idle = changed(variants=(ARMS[0].model_copy(update={"weight": 10_000}), ARMS[1].model_copy(update={"weight": 0})))
    assert item("variants", idle).state is State.FAILED
    assert "No traffic goes to bigger." in item("variants", idle).words
    assert item("variants").words == "The weights sum to 100 % (control 50 % and bigger 50 %); control is the control."


def test_overlapping_experiments_are_listed() -> None:
    found = item(
        "overlap", overlaps=(Overlap("a1", "Red", "also measures x"), Overlap("b1", "Blue", "also measures y"))
    )
    assert found.state is State.FAILED
    assert not found.blocks
    assert found.words == (
        "The same users are in “Red” (a1: also measures x) and “Blue” (b1: also measures y). "
        "Wait until those have ended, or agree with whoever runs them that they do not touch each other."
    )


def test_other_parts_of_one_exclusion_group_share_nobody() -> None:
    first, second, wide = (
        changed(exclusion=Exclusion(group="checkout", first=begin, share=share))
        for begin, share in ((0, 5_000), (5_000, 5_000), (4_000, 5_000))
    )
    elsewhere = changed(exclusion=Exclusion(group="search", first=5_000, share=5_000))
    assert overlaps(experiment(design=first), [running(design=second)]) == ()
    for other in (wide, elsewhere, COMPLETE):
        assert len(overlaps(experiment(design=first), [running(design=other)])) == 1


def test_the_part_of_an_exclusion_group_is_told_where_somebody_looked() -> None:
    design = changed(exclusion=Exclusion(group="checkout", first=0, share=5_000))
    assert not [each for each in checklist(design) if each.code == PART]
    assert not [each for each in checklist(COMPLETE, taken="") if each.code == PART]
    free, taken = item(PART, design, taken=""), item(PART, design, taken="In the group, price has it.")
    assert free == (
        PART, "Its part of the exclusion group is free: 50 % of checkout, from 0 % to 50 %.", State.PASSED, False
    )  # fmt: skip
    assert taken == (PART, "In the group, price has it.", State.FAILED, False)


def test_an_overlap_shares_a_metric_or_needs_more_than_all_traffic() -> None:
    alone = changed(metrics=(RATE.model_copy(update={"key": "revenue"}),))
    both = "also measures conversion and latency and together they take 200 % of the users"
    half = {"exposure": 5_000}
    assert overlaps(experiment(), [running()]) == (Overlap("other", "Other", both),)
    assert overlaps(experiment(), [running(design=alone)])[0].why == "together they take 200 % of the users"
    shared = overlaps(experiment(design=changed(**half)), [running(design=changed(**half))])
    assert [each.why for each in shared] == ["also measures conversion and latency"]
    assert overlaps(experiment(design=changed(**half)), [running(design=alone.model_copy(update=half))]) == ()


def test_the_present_exposure_counts_and_not_the_planned_one() -> None:
    alone = changed(metrics=(RATE.model_copy(update={"key": "revenue"}),))
    phase = Phase(number=1, started_at=AT, weights={"control": 5000, "bigger": 5000}, exposure=5_000)
    mine = experiment(design=changed(exposure=5_000))
    assert overlaps(mine, [running(design=alone, phases=(phase,))]) == ()
    assert overlaps(mine, [running(design=alone)]) != ()


@pytest.mark.parametrize(
    "other",
    [
        experiment("other"),
        running(status=Status.STOPPED),
        running(project="shop"),
        running(workspace="T2"),
        running(design=changed(unit="session")),
        running("mine"),
    ],
)
def test_what_does_not_reach_the_same_units_is_no_overlap(other: Experiment) -> None:
    assert overlaps(experiment(), [other]) == ()


def test_overlaps_come_by_key_whatever_the_order() -> None:
    others = [running(key) for key in ("b1", "a1", "c1")]
    assert [each.key for each in overlaps(experiment(), others)] == ["a1", "b1", "c1"]
    assert overlaps(experiment(), others) == overlaps(experiment(), others[::-1])


def test_the_projects_own_items_wait_for_a_reviewer() -> None:
    own = ["Legal has seen it", "Support knows"]
    found = checklist(COMPLETE, custom=own, ticked=("Support knows",))[-2:]
    assert [(each.words, each.state) for each in found] == [(own[0], State.UNKNOWN), (own[1], State.PASSED)]
    assert [each.code for each in found] == [custom_code(words) for words in own]
    assert not any(each.blocks for each in found)
