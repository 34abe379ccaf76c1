"""The order of the rules, and what is served of an experiment at every stage of its life."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.assignment import Assignment, Flag, Why, assign, bucket, flag_of
from experiments.model import Experiment, Status
from experiments.targeting import Exclusion
from experiments.targeting_lines import audience_from
from tests.experiments.stages import KEY, lead_to
from tests.worlds import WORKSPACE, MemoryWorld

S = Status
SALT = "0123456789abcdef"
UNITS = [f"user-{number}" for number in range(300)]
NOT_FOUND = {S.DRAFT, S.IN_REVIEW, S.ARCHIVED}
SPLIT = {S.RUNNING}
ROLLOUT = {S.ROLLING_OUT, S.ROLLED_OUT}
VARIANTS = (
    {"key": "control", "weight": 5000, "is_control": True},
    {"key": "treatment", "weight": 3000},
    {"key": "other", "weight": 2000},
)


def flag(**more: Any) -> Flag:
    given: dict[str, Any] = {
        "key": "button",
        "workspace": "T0LAB",
        "project": "shop",
        "salt": SALT,
        "serves": "split",
        "control": "control",
        "variants": ("control", "treatment"),
        "weights": (0, 10_000),
        **more,
    }
    return Flag(**given)


def outside(group: str, unit: str) -> Exclusion:
    """A place in the group that this unit has no part in."""
    return Exclusion(group=group, first=(bucket("group", group, unit) + 1) % 10_000, share=1)


def test_each_rule_comes_before_those_after_it() -> None:
    unit = next(unit for unit in UNITS if bucket("holdout", "T0LAB", unit) < 5000)
    refusing: list[tuple[Why, dict[str, Any]]] = [
        (Why.NOT_EXPOSED, {"exposure": 0}),
        (Why.OTHER_EXPERIMENT, {"exclusion": outside("checkout", unit)}),
        (Why.HOLDOUT, {"holdout": 5000}),
        (Why.NOT_TARGETED, {"audience": audience_from("country is DE")}),
        (Why.NOT_SERVING, {"serves": "control"}),
    ]
    given: dict[str, Any] = {}
    assert assign(flag(), unit, {}) == Assignment("treatment", Why.ASSIGNED, exposed=True)
    for why, more in refusing:
        assert assign(flag(**more), unit, {}) == Assignment("control", why, exposed=False)
        given |= more
        assert assign(flag(**given), unit, {}) == Assignment("control", why, exposed=False)
    given["overrides"] = {unit: "treatment"}
    assert assign(flag(**given), unit, {}) == Assignment("treatment", Why.TESTER, exposed=False)
    assert assign(flag(**given), f"{unit}0", {}).why is Why.NOT_SERVING


def test_a_rollout_is_for_the_whole_audience_but_the_holdout() -> None:
    unit = next(unit for unit in UNITS if bucket("holdout", "T0LAB", unit) < 5000)
    rolled = {"serves": "rollout", "variants": ("treatment", "control"), "weights": (10_000, 0), "exposure": 0}
    given = {**rolled, "exclusion": outside("checkout", unit)}
    assert assign(flag(**given), unit, {}) == Assignment("treatment", Why.ASSIGNED, exposed=True)
    assert assign(flag(**given, holdout=5000), unit, {}) == Assignment("control", Why.HOLDOUT, exposed=False)
    german = flag(**given, audience=audience_from("country is DE"))
    assert assign(german, unit, {"country": "FR"}) == Assignment("control", Why.NOT_TARGETED, exposed=False)
    assert assign(german, unit, {"country": "DE"}).variant == "treatment"
    waiting = flag(**{**given, "weights": (0, 10_000)}, overrides={"tester-1": "treatment"})
    assert assign(waiting, unit, {}) == Assignment("control", Why.ASSIGNED, exposed=True)
    assert assign(waiting, "tester-1", {}) == Assignment("treatment", Why.TESTER, exposed=False)


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@settings(deadline=None)
@given(
    st.text(st.characters(), max_size=40),
    st.dictionaries(st.sampled_from(["country", "age", "app_version", "x"]), ODD),
)
def test_it_never_raises_and_never_depends_on_anything_else(unit: str, attributes: dict[str, object]) -> None:
    drawn = flag(
        weights=(5000, 5000),
        exposure=9000,
        holdout=100,
        exclusion=Exclusion(group="checkout", share=9000),
        audience=audience_from("country is not DE\nage greater than 1\napp_version at least 2"),
    )
    once = assign(drawn, unit, attributes)
    assert once == assign(drawn, unit, dict(reversed(attributes.items())))
    assert once.exposed is (once.why is Why.ASSIGNED)
    assert assign(flag(weights=(5000, 5000)), unit, attributes) == assign(flag(weights=(5000, 5000)), unit, {})


@pytest.mark.parametrize("unit", ["", "\x00", "\ud800", "\udfff\ud800", "x" * 100_000, "👩‍👩‍👧‍👦"])
def test_any_text_is_a_unit(unit: str) -> None:
    assert 0 <= bucket("variant", SALT, unit) < 10_000
    assert assign(flag(), unit, {}).variant == "treatment"
    assert bucket("variant", SALT, unit) != bucket("variant", SALT, f"{unit} ")


@pytest.mark.parametrize("weights", [(5000, 4000), (10_001, -1), (10_000,), (5000, 5000, 0)])
def test_weights_share_out_everything(weights: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="do not share out everything"):
        flag(weights=weights)


@pytest.mark.parametrize("status", Status, ids=str)
async def test_what_is_served_at_every_stage(status: Status) -> None:
    served = flag_of(await lead_to(status, MemoryWorld()), 0)
    if status in NOT_FOUND:
        assert served is None
        return
    assert served is not None
    assert served.serves == ("split" if status in SPLIT else "rollout" if status in ROLLOUT else "control")
    drawn = {assign(served, unit, {}) for unit in UNITS}
    if status in SPLIT:
        assert {each.variant for each in drawn} == {"control", "treatment"}
    elif status in ROLLOUT:
        assert ("control" in {each.variant for each in drawn}) is (status is S.ROLLING_OUT)
        assert all(each.exposed for each in drawn)
    else:
        assert drawn == {Assignment("control", Why.NOT_SERVING, exposed=False)}


async def running() -> Experiment:
    return await lead_to(S.RUNNING, MemoryWorld())


def served(experiment: Experiment, holdout: int = 0) -> Flag:
    found = flag_of(experiment, holdout)
    assert found is not None
    return found


async def test_a_flag_has_all_that_the_experiment_says() -> None:
    before = await running()
    audience, place = audience_from("country is DE"), Exclusion(group="checkout", first=100, share=200)
    design = before.design.model_copy(update={"audience": audience, "exclusion": place})
    phase = before.phases[0].model_copy(
        update={"number": 3, "exposure": 700, "weights": {"control": 1, "treatment": 9999}}
    )
    testers = {"user-1": "treatment", "user-2": "gone"}
    after = before.model_copy(update={"design": design, "phases": (phase,), "overrides": testers})
    assert served(after, 250) == Flag(
        key=KEY,
        workspace=WORKSPACE,
        project="general",
        salt=served(before).salt,
        serves="split",
        control="control",
        variants=("control", "treatment"),
        weights=(1, 9999),
        exposure=700,
        audience=audience,
        overrides={"user-1": "treatment"},
        exclusion=place,
        holdout=250,
        phase=3,
        values={"control": "control", "treatment": "treatment"},
    )


async def test_the_salt_is_of_the_attempt() -> None:
    begun = datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=UTC)
    before = (await running()).model_copy(update={"created_at": begun})
    wanted = hashlib.sha256(f"{WORKSPACE}/{KEY}/2026-03-02T09:00:00.000005+00:00".encode()).hexdigest()[:16]
    assert served(before).salt == wanted
    elsewhere = begun.astimezone(timezone(timedelta(hours=9)))
    same: list[dict[str, Any]] = [{"created_at": elsewhere}, {"title": "Other"}, {"phases": before.phases * 2}]
    for change in same:
        assert served(before.model_copy(update=change)).salt == wanted
    others: list[dict[str, Any]] = [
        {"workspace": "T1"},
        {"key": f"{KEY}-2nd"},
        {"created_at": begun + timedelta(seconds=1)},
    ]
    for change in others:
        assert served(before.model_copy(update=change)).salt != wanted


async def test_a_rollout_counts_its_stages_on_from_the_phases() -> None:
    before = await lead_to(S.ROLLING_OUT, MemoryWorld())
    assert before.rollout is not None
    first, last = served(before), served(before.model_copy(update={"rollout": _at(before, 1)}))
    assert (first.variants, first.weights, first.phase) == (("treatment", "control"), (1000, 9000), 2)
    assert (last.weights, last.phase) == ((10_000, 0), 3)
    held = before.rollout.model_copy(update={"stages": (1000, 9500), "stage": 1, "holdback": 500})
    assert served(before.model_copy(update={"rollout": held})).weights == (9500, 500)
    many = before.design.model_validate({**dict(before.design), "variants": VARIANTS})
    drawn = served(before.model_copy(update={"design": many, "overrides": {"user-1": "other"}}))
    assert (drawn.variants, drawn.weights) == (("treatment", "control", "other"), (1000, 9000, 0))
    assert drawn.values.keys() == set(drawn.variants)
    assert assign(drawn, "user-1", {}).variant == "other"


def _at(before: Experiment, stage: int) -> object:
    return before.rollout.model_copy(update={"stage": stage}) if before.rollout else None


async def test_what_was_rolled_out_is_served_on_when_it_was_put_away() -> None:
    rolled = await lead_to(S.ROLLED_OUT, MemoryWorld())
    away = rolled.model_copy(update={"status": S.ARCHIVED, "archived_from": S.ROLLED_OUT})
    assert served(away) == served(rolled)
    back = rolled.model_copy(update={"status": S.ARCHIVED, "archived_from": S.ROLLED_BACK})
    assert flag_of(back, 0) is None


async def test_a_stage_reaches_those_whom_the_exposure_would_reach_first() -> None:
    before = await lead_to(S.ROLLING_OUT, MemoryWorld())
    rolled = served(before)
    for unit in UNITS:
        assert (assign(rolled, unit, {}).variant == "treatment") is (bucket("exposure", rolled.salt, unit) < 1000)


@pytest.mark.parametrize(
    ("configs", "values"),
    [
        (({}, {}), ("control", "treatment")),
        (({"value": True}, {"value": False}), (True, False)),
        (({"value": "a"}, {"value": ""}), ("a", "")),
        (({"value": 1}, {"value": 2}), (1, 2)),
        (({"value": 1}, {"value": 0.5}), (1.0, 0.5)),
        (({"value": 1}, {"value": True}), ({"value": 1}, {"value": True})),
        (({"value": 1}, {"value": "1"}), ({"value": 1}, {"value": "1"})),
        (({"value": None}, {"value": None}), ({"value": None}, {"value": None})),
        (({"value": 2**60}, {"value": 0.5}), ({"value": 2**60}, {"value": 0.5})),
        (({"value": [1]}, {"value": [2]}), ({"value": [1]}, {"value": [2]})),
        (({"value": 1}, {"value": 2, "model": "x"}), ({"value": 1}, {"value": 2, "model": "x"})),
        (({}, {"model": "x"}), ({}, {"model": "x"})),
        (({"value": 1}, {}), ({"value": 1}, {})),
    ],
)
async def test_the_value_of_a_variant(configs: tuple[dict[str, Any], ...], values: tuple[Any, ...]) -> None:
    before = await running()
    pairs = zip(before.design.variants, configs, strict=True)
    variants = tuple(variant.model_copy(update={"config": config}) for variant, config in pairs)
    found = served(before.model_copy(update={"design": before.design.model_copy(update={"variants": variants})})).values
    assert tuple(found.values()) == values
    assert [type(value) for value in found.values()] == [type(value) for value in values]


async def test_a_value_that_is_no_number_everywhere_stays_in_its_configuration() -> None:
    before = await running()
    variants = tuple(each.model_copy(update={"config": {"value": math.nan}}) for each in before.design.variants)
    found = served(before.model_copy(update={"design": before.design.model_copy(update={"variants": variants})})).values
    assert all(isinstance(value, dict) for value in found.values())


def test_nobody_is_served_an_experiment_without_variants() -> None:
    bare = Experiment(
        workspace=WORKSPACE,
        key=KEY,
        title="Bigger button",
        status=S.STOPPED,
        owner="U0ADA",
        created_at=datetime(2026, 3, 2, tzinfo=UTC),
        updated_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    assert flag_of(bare, 0) is None
