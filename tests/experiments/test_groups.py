"""Exclusion groups: what is taken and free, and that no two that are live ever share somebody."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.commands import (
    Command,
    PauseExperiment,
    ResumeExperiment,
    RollBack,
    StartExperiment,
    StopExperiment,
)
from experiments.design import Design
from experiments.errors import AlreadyDone, IllegalTransition, PartTaken
from experiments.execute import execute
from experiments.groups import free_in, gaps, in_group, obstacle
from experiments.model import Experiment, Status, StopReason
from experiments.permissions import Role
from experiments.targeting import EVERYBODY, Exclusion
from tests.storage.samples import METRICS, VARIANTS
from tests.worlds import ADA, BO, CHEN, MONDAY, MemoryWorld

STRANGER = CHEN.model_copy(update={"role": Role.OUTSIDER, "projects": {"search": Role.REVIEWER}})


def part(first: int, end: int, group: str = "checkout") -> Exclusion:
    return Exclusion(group=group, first=first * 100, share=(end - first) * 100)


def live(key: str, taken: Exclusion | None = None, **stated: Any) -> Experiment:
    known = {"workspace": ADA.workspace, "title": key.title(), "owner": ADA.user, "status": Status.RUNNING}
    times = {"created_at": MONDAY, "updated_at": MONDAY}
    return Experiment.model_validate({**known, **times, "key": key, "design": {"exclusion": taken}, **stated})


def approved(bench: MemoryWorld, key: str, taken: Exclusion | None) -> Experiment:
    """One that may be started."""
    design = Design(variants=VARIANTS, metrics=METRICS, exclusion=taken)
    approval = {"design_hash": design.hash, "by": BO.user, "at": MONDAY}
    made = live(key, status=Status.APPROVED, design=design, approval=approval)
    bench.tables.experiments[key] = made
    return made


async def begun(bench: MemoryWorld, key: str, taken: Exclusion | None) -> Experiment:
    approved(bench, key, taken)
    return await execute(StartExperiment(key=key), ADA, bench.world)


parts = st.builds(
    lambda group, first, share: Exclusion(group=group, first=first, share=min(share, EVERYBODY - first)),
    st.sampled_from(["checkout", "search"]),
    st.integers(0, EVERYBODY - 1),
    st.integers(1, 4_000),
)


@given(st.lists(parts.filter(lambda each: each.group == "checkout"), max_size=6), st.integers(0, EVERYBODY - 1))
def test_every_place_is_taken_or_free_and_never_both(taken: list[Exclusion], place: int) -> None:
    free = gaps((each.first, each.end) for each in taken)
    assert any(first <= place < end for first, end in free) is not any(each.holds(place) for each in taken)
    assert all(end < begins for (_, end), (begins, _) in pairwise(free))


@given(parts, st.lists(parts, max_size=5))
def test_there_is_an_obstacle_where_parts_overlap_and_nowhere_else(mine: Exclusion, others: list[Exclusion]) -> None:
    them = [live(f"other-{number}", each) for number, each in enumerate(others)]
    found = obstacle(live("mine", mine), [*them, live("mine", mine)], ADA)
    assert bool(found) is any(mine.overlaps(each) for each in others)


def test_the_refusal_names_who_has_it_which_part_and_what_is_free() -> None:
    them = [live("price", part(0, 60)), live("search-box", part(0, 100, "search"))]
    assert obstacle(live("colour", part(50, 100)), them, ADA) == (
        "In the exclusion group checkout, “Price” (price) has 0 % to 60 %. This experiment's 50 % to 100 % overlaps, "
        "so they would share people. Free in checkout: 60 % to 100 %. Choose a free part, or wait until that has ended."
    )
    full = [live("blue", part(60, 100), status=Status.PAUSED), *them]
    assert obstacle(live("colour", part(50, 100)), full, ADA) == (
        "In the exclusion group checkout, “Blue” (blue, paused) has 60 % to 100 % and “Price” (price) has 0 % to 60 %. "
        "This experiment's 50 % to 100 % overlaps, so they would share people. Nothing is free in checkout. "
        "Wait until those have ended."
    )
    crowd = [live(f"arm-{number}", part(number, number + 1)) for number in range(9)]
    assert "and 6 more." in obstacle(live("colour", part(0, 100)), crowd, ADA)


def test_what_somebody_may_not_read_is_not_named_to_them() -> None:
    price = live("price", part(0, 60), project="shop")
    words = obstacle(live("colour", part(50, 100), project="search"), [price], STRANGER)
    assert words.startswith("In the exclusion group checkout, an experiment of another project has 0 % to 60 %.")
    assert "rice" not in words
    paused = price.evolve(status=Status.PAUSED)
    assert "a paused experiment of another project" in obstacle(live("colour", part(50, 100)), [paused], STRANGER)


def test_what_is_free_beside_an_experiment() -> None:
    them = [live("price", part(0, 25)), live("colour", part(50, 60)), live("search-box", part(0, 100, "search"))]
    assert free_in("checkout", them, but="") == "Free in checkout: 25 % to 50 % and 60 % to 100 %."
    assert free_in("checkout", them, but="colour") == "Free in checkout: 25 % to 100 %."
    assert free_in("new-group", them, but="") == "Free in new-group: 0 % to 100 %."


async def test_what_would_share_people_is_not_started_until_the_other_has_ended() -> None:
    bench = MemoryWorld()
    await begun(bench, "price", part(0, 50))
    await begun(bench, "footer", part(50, 75))
    await begun(bench, "search-box", part(0, 100, "search"))
    await begun(bench, "everywhere", None)
    ready = approved(bench, "colour", part(25, 60))
    kept = bench.tables.copy()
    with pytest.raises(PartTaken, match=r"“Footer” \(footer\) has 50 % to 75 % and “Price” \(price\) has 0 % to 50 %"):
        await execute(StartExperiment(key=ready.key), ADA, bench.world)
    assert bench.tables == kept
    await execute(StopExperiment(key="price", reason=StopReason.COMPLETED), ADA, bench.world)
    await execute(RollBack(key="footer"), ADA, bench.world)
    assert (await execute(StartExperiment(key=ready.key), ADA, bench.world)).status is Status.RUNNING


async def test_a_paused_experiment_keeps_its_part_and_is_resumed() -> None:
    bench = MemoryWorld()
    await begun(bench, "price", part(0, 50))
    await execute(PauseExperiment(key="price"), ADA, bench.world)
    approved(bench, "colour", part(49, 100))
    with pytest.raises(PartTaken, match=r"“Price” \(price, paused\)"):
        await execute(StartExperiment(key="colour"), ADA, bench.world)
    assert (await execute(ResumeExperiment(key="price"), ADA, bench.world)).status is Status.RUNNING


async def test_what_was_live_together_before_this_was_refused_can_be_paused_and_resumed() -> None:
    bench = MemoryWorld()
    await begun(bench, "price", part(0, 50))
    bench.tables.experiments["colour"] = live("colour", part(25, 75))
    await execute(PauseExperiment(key="price"), ADA, bench.world)
    assert (await execute(ResumeExperiment(key="price"), ADA, bench.world)).status is Status.RUNNING


CHANGES: dict[str, Callable[[str], Command]] = {
    "start": lambda key: StartExperiment(key=key),
    "pause": lambda key: PauseExperiment(key=key),
    "resume": lambda key: ResumeExperiment(key=key),
    "stop": lambda key: StopExperiment(key=key, reason=StopReason.OTHER),
}


@given(st.lists(parts, min_size=2, max_size=5), st.data())
async def test_whatever_is_done_no_two_live_ones_share_somebody(taken: list[Exclusion], data: st.DataObject) -> None:
    bench = MemoryWorld()
    there = [approved(bench, f"arm-{number}", each).key for number, each in enumerate(taken)]
    steps = st.lists(st.tuples(st.sampled_from(there), st.sampled_from(sorted(CHANGES))), max_size=20)
    for key, change in data.draw(steps):
        mine = part_of(bench.tables.experiments[key])
        hindered = any(mine.overlaps(other) for other in held(bench))
        try:
            await execute(CHANGES[change](key), ADA, bench.world)
        except (IllegalTransition, AlreadyDone):
            continue
        except PartTaken:
            assert change == "start"
            assert hindered
        assert not any(one.overlaps(other) for one, other in combinations(held(bench), 2))


def part_of(experiment: Experiment) -> Exclusion:
    assert experiment.design.exclusion
    return experiment.design.exclusion


def held(bench: MemoryWorld) -> list[Exclusion]:
    """The parts of all that are live."""
    return [part_of(each) for each in bench.tables.experiments.values() if each.is_live]


def test_as_many_are_looked_at_as_fit_into_a_group() -> None:
    assert in_group("checkout").limit == EVERYBODY
