"""Starts over the wire: two people at once, one who presses ten times, Slack that repeats itself; starts at a time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.answered import Answered
from experiments.audit import broken_links
from experiments.model import Experiment, Status
from experiments.targeting import Exclusion
from handlers.booked import run_booked
from storage.verify import verify
from tests.bot.scenario.lab import ADA, BO, CHANNEL, Lab, eventually
from tests.bot.web.applications import approve


async def approved(lab: Lab) -> Experiment:
    """Ada writes a draft and Bo approves it."""
    draft = await lab.drafts()
    await lab.types(f"review {draft.key}")
    await lab.submits()
    await lab.presses("approve", await lab.message_with("please review"), user=BO)
    await lab.settled()
    return await lab.experiment(draft.key)


async def started_once(lab: Lab, key: str) -> Experiment:
    """One transition, one record, one line in the thread, and a chain that holds."""
    await lab.settled()
    async with lab.world.reading(lab.world.workspace) as uow:
        records = await uow.audit.all()
    assert [each.command for each in records].count("StartExperiment") == 1
    assert broken_links(records) == []
    assert await verify(lab.database, lab.world.workspace) == []
    told = [each for each in lab.workspace.channels[CHANNEL].messages if "started it (" in str(each)]
    assert len(told) == 1
    experiment = await lab.experiment(key)
    assert experiment.status is Status.RUNNING
    assert len(experiment.phases) == 1
    return experiment


async def test_two_people_start_at_once_and_the_second_hears_who_was_first(lab_on_each_database: Lab) -> None:
    lab = lab_on_each_database
    ready = await approved(lab)
    for user in (ADA, BO):
        await lab.types(f"start {ready.key}", user)
    await asyncio.gather(lab.submits(ADA), lab.submits(BO))
    started = await started_once(lab, ready.key)
    first, second = (ADA, BO) if started.started_by == ADA else (BO, ADA)

    async def knows() -> bool:
        return any("is running already" in str(view) and f"<@{first}>" in str(view) for view in lab.modals(second))

    assert await eventually(knows)
    assert not any("is running already" in str(view) for view in lab.modals(first))


async def test_two_people_start_two_of_one_group_at_once_and_one_hears_what_is_free(lab_on_each_database: Lab) -> None:
    lab = lab_on_each_database
    chosen = {"price": (ADA, Exclusion(group="checkout", share=6_000))}
    chosen["colour"] = (BO, Exclusion(group="checkout", first=5_000, share=5_000))
    for key, (user, part) in chosen.items():
        await approve(lab.world, key, exclusion=part)
        await lab.types(f"start {key}", user)
    await asyncio.gather(*(lab.submits(user) for user, _ in chosen.values()))
    await lab.settled()
    states = {key: (await lab.experiment(key)).status for key in chosen}
    assert sorted(states.values()) == [Status.APPROVED, Status.RUNNING]
    first, second = sorted(states, key=lambda key: states[key], reverse=True)
    held, free = {"price": ("0 % to 60 %", "60 % to 100 %"), "colour": ("50 % to 100 %", "0 % to 50 %")}[first]
    words = f"“{first}” ({first}) has {held}. "
    assert words in str(lab.modals(chosen[second][0]))
    assert f"Free in checkout: {free}." in str(lab.modals(chosen[second][0]))
    assert words not in str(lab.modals(chosen[first][0]))
    assert await verify(lab.database, lab.world.workspace) == []


async def test_who_presses_ten_times_starts_once(lab_on_each_database: Lab) -> None:
    lab = lab_on_each_database
    ready = await approved(lab)
    await lab.types(f"start {ready.key}")
    await asyncio.gather(*(lab.submits() for _ in range(10)))
    await started_once(lab, ready.key)


async def test_slack_repeats_a_submission_three_times(lab_on_each_database: Lab) -> None:
    lab = lab_on_each_database
    ready = await approved(lab)
    await lab.types(f"start {ready.key}")
    await lab.submits()
    index = lab.sandbox.courier.deliveries[-1].index
    for _ in range(3):
        lab.desk.answered = Answered()  # as on another replica, or after a restart
        await lab.control("redeliver", index=index)
    await started_once(lab, ready.key)


async def test_it_starts_and_stops_by_itself(lab_on_each_database: Lab) -> None:
    lab = lab_on_each_database
    ready = await approved(lab)
    await lab.types(f"schedule {ready.key} 2026-03-29 02:30")
    form = await lab.modal_titled("Schedule the start")
    assert "02:30 does not exist in Europe/Berlin that day" in str(form)
    start = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    stop = start + timedelta(days=14)
    await lab.submits(stop_at=int(stop.timestamp()))
    await lab.settled()
    assert (await lab.experiment(ready.key)).status is Status.SCHEDULED
    lab.clock.set(start - timedelta(hours=1))
    await lab.message_with("starts in about an hour")
    assert (await lab.experiment(ready.key)).status is Status.SCHEDULED
    for moment, status in ((start, Status.RUNNING), (stop, Status.STOPPED)):
        lab.clock.set(moment)

        async def reached(wanted: Status = status) -> bool:
            return (await lab.experiment(ready.key)).status is wanted

        assert await eventually(reached)
    assert (await lab.experiment(ready.key)).stop_note == "as scheduled"
    await lab.settled()
    assert await verify(lab.database, lab.world.workspace) == []


async def test_who_left_the_company_starts_nothing_and_the_booking_is_suspended(lab: Lab) -> None:
    ready = await approved(lab)
    await lab.types(f"schedule {ready.key} 2026-03-10 09:00", BO)
    await lab.submits(BO)
    booked = (await lab.experiment(ready.key)).booking
    assert booked is not None
    assert booked.by == BO
    lab.workspace.people[BO].deleted = True
    lab.world.people._people.clear()  # type: ignore[attr-defined]
    lab.clock.set(booked.start_at - timedelta(minutes=15))
    said = await lab.message_with("did not start as scheduled")
    assert "may not start it any more" in str(said)
    assert (await lab.experiment(ready.key)).status is Status.APPROVED
    await lab.settled()


async def test_a_start_is_taken_back(lab: Lab) -> None:
    ready = await approved(lab)
    await lab.types(f"schedule {ready.key} 2026-03-10 09:00")
    await lab.submits()
    await lab.types(f"unschedule {ready.key}")
    await lab.submits()
    await lab.settled()
    assert (await lab.experiment(ready.key)).status is Status.APPROVED
    lab.clock.set(datetime(2026, 3, 10, 9, tzinfo=UTC))
    await run_booked(lab.world)
    await lab.settled()
    assert (await lab.experiment(ready.key)).status is Status.APPROVED


async def test_a_time_that_has_passed_is_said_at_its_field(lab: Lab) -> None:
    ready = await approved(lab)
    await lab.types(f"schedule {ready.key}")
    answer = await lab.submits(start_at=int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()))
    assert "has passed" in answer["errors"]["start_at"]
    assert lab.modal()["title"]["text"] == "Schedule the start"
