"""Reminders: a review at half and at the end of its time, an owed decision after two and seven days, each once."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from experiments.announcements import Event
from experiments.commands import ApproveReview, EditExperiment, RequestReview
from experiments.execute import execute
from experiments.model import Status
from experiments.policy import Policies, Project
from experiments.preferences import Preferences
from handlers.reminders import remind
from storage import Database
from tests.databases import Place
from tests.experiments.stages import KEY, lead_to
from tests.storage.samples import draft, in_review, world_on
from tests.worlds import ADA, BO, MemoryWorld


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


def given(bench: MemoryWorld) -> list[tuple[str, str]]:
    rows = [row.announcement for row in bench.tables.outbox.values()]
    return [(each.surface, each.payload["which"]) for each in rows if each.surface.endswith("_reminder")]


async def requested(bench: MemoryWorld) -> tuple[Any, Any]:
    experiment = await lead_to(Status.IN_REVIEW, bench)
    assert experiment.review is not None
    return experiment.review.requested_at, experiment.review.due_at


async def test_a_review_is_remembered_at_half_and_at_the_end_of_its_time(bench: MemoryWorld) -> None:
    start, due = await requested(bench)
    half = start + (due - start) / 2
    seen = []
    for moment in (half - timedelta(seconds=1), half, due - timedelta(seconds=1), due, due + timedelta(days=4)):
        bench.clock.time = moment
        seen.append(await remind(bench.world))
    assert seen == [0, 1, 0, 1, 0]
    assert given(bench) == [("review_reminder", "half"), ("review_reminder", "due")]


async def test_it_hangs_from_the_card_and_wakes_the_dispatcher(bench: MemoryWorld) -> None:
    _, due = await requested(bench)
    bench.clock.time, before = due, bench.nudges
    await remind(bench.world)
    said = [row.announcement for row in bench.tables.outbox.values()][-1]
    assert (said.stream, said.thread_of, said.channel) == (KEY, "card", "C0EXPERIMENTS")
    assert bench.nudges == before + 1


async def test_who_slept_over_half_time_is_told_the_end_only(bench: MemoryWorld) -> None:
    _, due = await requested(bench)
    bench.clock.time = due + timedelta(hours=1)
    assert await remind(bench.world) == 1
    assert given(bench) == [("review_reminder", "due")]


async def test_a_withdrawn_review_is_not_remembered(bench: MemoryWorld) -> None:
    _, due = await requested(bench)
    await execute(EditExperiment(key=KEY, hypothesis="If otherwise, then less."), ADA, bench.world)
    bench.clock.time = due
    assert await remind(bench.world) == 0


async def test_an_answered_review_is_not_remembered(bench: MemoryWorld) -> None:
    _, due = await requested(bench)
    design = bench.tables.experiments[KEY].design
    await execute(ApproveReview(key=KEY, design_hash=design.hash), BO, bench.world)
    bench.clock.time = due
    assert await remind(bench.world) == 0


async def test_the_next_review_has_reminders_of_its_own(bench: MemoryWorld) -> None:
    _, due = await requested(bench)
    bench.clock.time = due
    await remind(bench.world)
    await execute(EditExperiment(key=KEY, hypothesis="If otherwise, then less."), ADA, bench.world)
    again = await execute(RequestReview(key=KEY), ADA, bench.world)
    assert again.review is not None
    assert await remind(bench.world) == 0
    bench.clock.time = again.review.due_at
    assert await remind(bench.world) == 1


async def test_a_decision_is_asked_for_after_two_and_after_seven_days(bench: MemoryWorld) -> None:
    stopped = await lead_to(Status.STOPPED, bench)
    assert stopped.stopped_at is not None
    seen = []
    for hours in (47, 48, 49, 24 * 7 - 1, 24 * 7, 24 * 30):
        bench.clock.time = stopped.stopped_at + timedelta(hours=hours)
        seen.append(await remind(bench.world))
    assert seen == [0, 1, 0, 0, 1, 0]
    assert given(bench) == [("decision_reminder", "owed")] * 2


async def test_a_decided_experiment_is_left_in_peace(bench: MemoryWorld) -> None:
    await lead_to(Status.DECIDED, bench)
    bench.clock.advance(days=8)
    assert await remind(bench.world) == 0


async def test_without_a_channel_who_asked_in_vain_is_told_directly(bench: MemoryWorld) -> None:
    await draft(bench.world, channel="")
    await execute(RequestReview(key="checkout-button"), ADA, bench.world)
    bench.clock.advance(days=60)
    assert await remind(bench.world) == 1
    said = [row.announcement for row in bench.tables.outbox.values()][-1]
    assert (said.surface, said.channel, said.thread_of) == ("review_expired", ADA.user, "")


async def asked_by_name(bench: MemoryWorld, **more: Any) -> Any:
    await draft(bench.world, **more)
    asked = await execute(RequestReview(key="checkout-button", reviewers=("U0BO", "U0CHEN")), ADA, bench.world)
    assert asked.review is not None
    return asked.review


def to_people(bench: MemoryWorld) -> list[tuple[str, str]]:
    rows = [row.announcement for row in bench.tables.outbox.values()]
    return [(each.channel, each.payload["which"]) for each in rows if "which" in each.payload and "to" in each.payload]


async def test_who_missed_the_deadline_is_told_directly_and_once(bench: MemoryWorld) -> None:
    review = await asked_by_name(bench)
    for moment in (review.due_at - timedelta(seconds=1), review.due_at, review.due_at + timedelta(hours=9)):
        bench.clock.time = moment
        await remind(bench.world)
    assert to_people(bench) == [("U0BO", "due"), ("U0CHEN", "due")]


async def test_who_answered_in_time_is_not_told(bench: MemoryWorld) -> None:
    async with bench.world.uow("T0SANDBOX") as uow:
        both = Policies(version=1, projects=(Project(name="general", required_approvals=2),))
        await uow.policies.save(await uow.policies.get(), both)
    review = await asked_by_name(bench)
    await execute(ApproveReview(key="checkout-button", design_hash=review.design_hash), BO, bench.world)
    bench.clock.time = review.due_at
    await remind(bench.world)
    assert to_people(bench) == [("U0CHEN", "due")]


async def test_quiet_hours_put_it_off_and_an_answer_meanwhile_ends_it(bench: MemoryWorld) -> None:
    review = await asked_by_name(bench)
    sleep = {"quiet_from": time(0, 0), "quiet_until": time(23, 59), "tz": "UTC"}
    async with bench.world.uow("T0SANDBOX") as uow:
        for user in ("U0BO", "U0CHEN"):
            await uow.preferences.save(Preferences.model_validate({"subject": user, **sleep}))
    bench.clock.time = review.due_at
    await remind(bench.world)
    assert to_people(bench) == []
    async with bench.world.uow("T0SANDBOX") as uow:
        await uow.preferences.save(Preferences(subject="U0BO"))
    await remind(bench.world)
    assert to_people(bench) == [("U0BO", "due")]
    await execute(ApproveReview(key="checkout-button", design_hash=review.design_hash), BO, bench.world)
    bench.clock.advance(days=1)
    await remind(bench.world)
    assert to_people(bench) == [("U0BO", "due")]


@pytest.mark.parametrize(
    "choice", [{"muted_until": datetime(2099, 1, 1, tzinfo=UTC)}, {"events": (Event.ALARM,)}], ids=["muted", "unwanted"]
)
async def test_who_wants_no_such_news_is_left_in_peace(bench: MemoryWorld, choice: dict[str, Any]) -> None:
    review = await asked_by_name(bench)
    async with bench.world.uow("T0SANDBOX") as uow:
        await uow.preferences.save(Preferences.model_validate({"subject": "U0BO", **choice}))
    bench.clock.time = review.due_at
    await remind(bench.world)
    assert to_people(bench) == [("U0CHEN", "due")]


async def test_without_a_channel_half_time_is_told_directly_too(bench: MemoryWorld) -> None:
    review = await asked_by_name(bench, channel="")
    bench.clock.time = review.requested_at + (review.due_at - review.requested_at) / 2
    assert await remind(bench.world) == 2
    assert to_people(bench) == [("U0BO", "half"), ("U0CHEN", "half")]


async def test_a_restart_repeats_nothing_and_neither_do_two_replicas(place: Place) -> None:
    bench = MemoryWorld()
    database: Database = await place.open()
    await in_review(world_on(database, bench))
    bench.clock.advance(days=60)
    assert await remind(world_on(database, bench)) == 1
    await database.close()
    reopened, replica = await place.open(), await place.open()
    assert await remind(world_on(reopened, bench)) == 0
    bench.clock.advance(days=1)
    assert await remind(world_on(replica, bench)) == 0
    await reopened.close()
    await replica.close()
