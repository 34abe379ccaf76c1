"""Exclusion groups from the first line to the start: what is free is told while writing, and no two share somebody."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from experiments.commands import CreateExperiment, EditExperiment, ScheduleStart, StartExperiment, StopExperiment
from experiments.errors import PartTaken
from experiments.execute import execute
from experiments.model import Experiment, Status, StopReason
from experiments.permissions import Role
from experiments.running import Booking, Rollout
from experiments.targeting import Exclusion
from handlers import create, start
from handlers.booked import run_booked
from tests.databases import Place
from tests.experiments.stages import KEY
from tests.handlers.asking import Asking, submitted
from tests.handlers.test_booked import START, at, booked, now, said
from tests.storage.samples import approved, draft, world_on
from tests.worlds import ADA, BO, CHEN, MONDAY, WORKSPACE, MemoryWorld

HALF = Exclusion(group="checkout", share=5_000)


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


async def beside(bench: MemoryWorld) -> None:
    """Price has the first half of the group."""
    await approved(bench.world, "price", exclusion=HALF)
    await execute(StartExperiment(key="price"), ADA, bench.world)


async def test_what_is_free_is_told_in_the_form_and_what_is_taken_in_the_next(bench: MemoryWorld) -> None:
    await beside(bench)
    await draft(bench.world, "colour", title="Colour")
    ask = Asking(bench)
    await ask(create.edit.by_command, "colour")
    form = (await ask(create.submit_what, view=submitted(ask.opened())))["view"]
    assert "Free in" not in str(form)
    safety = (await ask(create.submit_design, view=submitted(form, exclusion="checkout 40-80")))["view"]
    assert "⚠️ In the exclusion group checkout, “Green checkout button” (price) has 0 % to 50 %." in str(safety)
    await ask(create.edit.by_command, "colour")
    form = (await ask(create.submit_what, view=submitted(ask.opened())))["view"]
    assert "Free in checkout: 50 % to 100 %." in str(form)
    safety = (await ask(create.submit_design, view=submitted(form, exclusion="checkout 50-80")))["view"]
    assert "✅ Its part of the exclusion group is free: 30 % of checkout, from 50 % to 80 %." in str(safety)


async def test_the_start_says_what_is_in_the_way_and_offers_no_button(bench: MemoryWorld) -> None:
    await beside(bench)
    await approved(bench.world, "colour", exclusion=HALF)
    ask = Asking(bench, CHEN)
    await ask(start.start.by_command, "colour")
    refused = ask.opened()
    assert "❌ In the exclusion group checkout, “Green checkout button” (price) has 0 % to 50 %." in str(refused)
    assert "It cannot start yet." in str(refused)
    assert "submit" not in refused
    await execute(StopExperiment(key="price", reason=StopReason.COMPLETED), ADA, bench.world)
    await ask(start.start.by_command, "colour")
    await ask(start.start.submit, view=submitted(ask.opened()))
    assert bench.tables.experiments["colour"].status is Status.RUNNING


async def test_a_form_that_is_open_when_the_part_is_taken_is_refused_at_submit(bench: MemoryWorld) -> None:
    await approved(bench.world, "colour", exclusion=HALF)
    ask = Asking(bench)
    await ask(start.start.by_command, "colour")
    await beside(bench)
    with pytest.raises(PartTaken, match="Free in checkout: 50 % to 100 %"):
        await ask(start.start.submit, view=submitted(ask.opened()))
    assert bench.tables.experiments["colour"].status is Status.APPROVED


async def test_the_start_names_nothing_that_the_person_may_not_read(bench: MemoryWorld) -> None:
    await beside(bench)
    made = await approved(bench.world, "colour", exclusion=HALF)
    bench.tables.experiments["colour"] = made.evolve(project="search")
    stranger = CHEN.model_copy(update={"role": Role.OUTSIDER, "projects": {"search": Role.REVIEWER}})
    bench.people.actors[CHEN.user] = stranger
    ask = Asking(bench, stranger)
    await ask(start.start.by_command, "colour")
    assert "an experiment of another project has 0 % to 50 %" in str(ask.opened())
    assert "(price" not in str(ask.opened())


async def project(bench: MemoryWorld, key: str, name: str, **more: Any) -> str:
    """What the second step says to somebody who typed this project in the first one."""
    command = CreateExperiment(key=key, title=key.title(), project=name)
    await execute(command, ADA, bench.world)
    ask = Asking(bench, more.get("by", ADA))
    await ask(create.edit.by_command, key)
    return str((await ask(create.submit_what, view=submitted(ask.opened())))["view"])


async def test_a_mistyped_project_is_asked_about_once_it_is_the_only_one_of_its_name(bench: MemoryWorld) -> None:
    assert "Did you mean" not in await project(bench, "first-one", "checkout")
    assert "Nothing else is in the project “chekout” yet. Did you mean *checkout*?" in await project(
        bench, "second-one", "chekout"
    )
    assert "Did you mean *checkout*?" in await project(bench, "third-one", "Checkout")
    for key, name in (("fourth-one", "checkout"), ("fifth-one", "growth"), ("sixth-one", "成長"), ("last-one", "増長")):
        assert "Did you mean" not in await project(bench, key, name)
    await execute(EditExperiment(key="second-one", project="checkout"), ADA, bench.world)
    assert "Did you mean *checkout*?" in await project(bench, "another-one", "chekout")


async def test_a_project_that_somebody_may_not_see_is_not_proposed(bench: MemoryWorld) -> None:
    await project(bench, "first-one", "checkout")
    stranger = ADA.model_copy(update={"role": Role.OUTSIDER, "projects": {"chekout": Role.EXPERIMENTER}})
    assert "Did you mean" not in await project(bench, "second-one", "chekout", by=stranger)


WHOLE = Exclusion(group="checkout", share=10_000)


async def in_group(bench: MemoryWorld, status: Status, stop_at: datetime | None = None) -> None:
    """Another experiment, which has the whole group, and the booked one, which wants a part of it."""
    other = Booking(start_at=MONDAY, stop_at=stop_at, tz="UTC", by=ADA.user, at=MONDAY) if stop_at else None
    price = now(bench).evolve(key="price", title="Price", status=Status.RUNNING, booking=other)
    bench.tables.experiments["price"] = price.evolve(
        status=status, design=price.design.model_copy(update={"exclusion": WHOLE})
    )
    mine = now(bench)
    design = mine.design.model_copy(update={"exclusion": Exclusion(group="checkout", share=5_000)})
    approval = mine.approval.model_copy(update={"design_hash": design.hash}) if mine.approval else None
    bench.tables.experiments[KEY] = mine.evolve(design=design, approval=approval)


@pytest.mark.parametrize("before", [timedelta(minutes=15), timedelta(0)])
@pytest.mark.parametrize("status", [Status.RUNNING, Status.PAUSED])
async def test_whose_part_of_a_group_is_taken_is_suspended_with_who_has_it(
    before: timedelta, status: Status, bench: MemoryWorld
) -> None:
    await booked(bench)
    await in_group(bench, status)
    assert await at(bench, START - timedelta(minutes=16)) == 0
    assert await at(bench, START - before) == 1
    assert (now(bench).status, now(bench).booking) == (Status.APPROVED, None)
    words = bench.tables.records[len(bench.tables.records)].sentence
    assert "“Price” (price" in words
    assert "has 0 % to 100 %" in words
    assert "Nothing is free in checkout." in words
    assert said(bench).count("suspended") == 1


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.STOPPED, Status.ROLLING_OUT])
async def test_what_is_not_live_keeps_no_part_of_a_group(status: Status, bench: MemoryWorld) -> None:
    await booked(bench)
    await in_group(bench, Status.RUNNING)
    taken = bench.tables.experiments.pop("price")
    plan = Rollout(variant="control", stages=(10_000,), by=ADA.user, at=MONDAY, stage_at=MONDAY)
    booking = Booking(start_at=START + timedelta(days=1), tz="UTC", by=ADA.user, at=MONDAY)
    approval = {"design_hash": taken.design.hash, "by": BO.user, "at": MONDAY}
    other = {"status": status, "rollout": plan, "booking": booking, "approval": approval}
    bench.tables.experiments["price"] = Experiment.model_validate({**dict(taken), **other})
    await at(bench, START)
    assert now(bench).status is Status.RUNNING


async def test_one_may_be_booked_for_the_moment_at_which_another_stops(bench: MemoryWorld) -> None:
    await booked(bench)
    await in_group(bench, Status.RUNNING, stop_at=START)
    assert await at(bench, START - timedelta(minutes=15)) == 0
    assert await at(bench, START) == 2
    assert now(bench).status is Status.RUNNING
    assert bench.tables.experiments["price"].status is Status.STOPPED


async def test_when_the_other_does_not_stop_after_all_nothing_starts(bench: MemoryWorld) -> None:
    await booked(bench, by=BO)
    await in_group(bench, Status.RUNNING, stop_at=START)
    bench.people.actors[ADA.user] = ADA.model_copy(update={"role": Role.VIEWER})
    bench.tables.experiments["price"] = bench.tables.experiments["price"].evolve(owner=CHEN.user)
    await at(bench, START)
    assert bench.tables.experiments["price"].status is Status.RUNNING
    assert now(bench).status is Status.APPROVED
    assert "“Price” (price) has 0 % to 100 %" in bench.tables.records[len(bench.tables.records)].sentence


async def test_of_two_booked_for_one_moment_one_starts_on_whatever_replica(place: Place) -> None:
    bench = MemoryWorld()
    replicas = [await place.open() for _ in range(2)]
    worlds = [world_on(database, bench) for database in replicas]
    for key, first in (("price", 0), ("colour", 4_000)):
        await approved(worlds[0], key, exclusion=Exclusion(group="checkout", first=first, share=5_000))
        await execute(ScheduleStart(key=key, start_at=START), ADA, worlds[0])
    for moment in (START - timedelta(minutes=10), START, START + timedelta(minutes=1)):
        bench.clock.time = moment
        await asyncio.gather(*(run_booked(world) for world in worlds * 3))
    async with replicas[0].reading(WORKSPACE) as uow:
        commands = [record.command for record in await uow.audit.all()]
        states = {key: (await uow.experiments.find(key)).status for key in ("price", "colour")}
    assert set(states.values()) == {Status.RUNNING, Status.APPROVED}
    assert (commands.count("StartExperiment"), commands.count("SuspendSchedule")) == (1, 1)
    for database in replicas:
        await database.close()
