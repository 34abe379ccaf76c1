"""Two people choose for one channel at the same time, and nothing that either of them chose is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from experiments.commands import CreateExperiment
from experiments.execute import execute
from experiments.preferences import Preferences, Style, prefer
from handlers import notifications, subscribe
from handlers.surfaces.kit import View
from tests.databases import Place
from tests.handlers.asking import CHANNEL, Asking, submitted
from tests.worlds import ADA, BO, WORKSPACE, MemoryWorld

EACH = 8


@pytest.fixture
async def bench() -> MemoryWorld:
    bench = MemoryWorld()
    for key in ("faster-search", "bolder-button"):
        await execute(CreateExperiment(key=key, title=key, channel="C0SEARCH"), ADA, bench.world)
    async with bench.world.uow(WORKSPACE) as uow:
        await uow.preferences.save(Preferences(subject=CHANNEL, experiments=("faster-search",), tags=("old",)))
    return bench


def two(bench: MemoryWorld) -> tuple[Asking, Asking]:
    return Asking(bench), Asking(bench, BO)


def choosing(form: View, *experiments: str, **answers: Any) -> View:
    """The form sent with these experiments chosen."""
    sent = submitted(form, **answers)
    chosen = [{"value": key} for key in experiments]
    state = {"type": "multi_static_select", "selected_options": chosen}
    sent["state"]["values"]["experiments"] = {"experiments": state}
    return sent


async def test_what_one_adds_and_another_takes_away_both_hold(bench: MemoryWorld) -> None:
    ada, bo = two(bench)
    await ada(subscribe.by_command)
    first = ada.opened()
    await bo(subscribe.by_command)
    second = bo.opened()
    await ada(subscribe.submit, view=choosing(first, "faster-search", "bolder-button", tags="old, pricing"))
    await bo(subscribe.submit, view=choosing(second, tags="old, checkout"))
    for person in (ada, bo):
        await person.afterwards()
    after = bench.tables.preferences[CHANNEL]
    assert after.experiments == ("bolder-button",)
    assert after.tags == ("old", "pricing", "checkout")
    assert after.events is None
    assert after.changed_by == BO.user


async def test_a_form_changes_only_what_was_changed_in_it(bench: MemoryWorld) -> None:
    ada, bo = two(bench)
    for person in (ada, bo):
        await person(notifications.open_notifications)
    form = ada.opened()
    await ada(notifications.submit, view=submitted(form, quiet_from="22:00", quiet_until="07:00"))
    await bo(notifications.submit, view=submitted(form, style="compact"))
    after = bench.tables.preferences[CHANNEL]
    assert (after.quiet_from, after.quiet_until, after.style) == (time(22), time(7), Style.COMPACT)
    await ada(notifications.submit, view=submitted(form, quiet_from="23:00", quiet_until="06:00", tz="Asia/Kolkata"))
    after = bench.tables.preferences[CHANNEL]
    assert (after.quiet_from, after.quiet_until, after.style) == (time(23), time(6), Style.COMPACT)
    assert after.tz == "Asia/Kolkata"


async def test_the_first_choices_of_a_place_are_not_lost_to_one_another(place: Place) -> None:
    databases = [await place.open() for _ in range(2)]
    worlds = [replace(MemoryWorld().world, uow=each.uow, reading=each.reading) for each in databases]

    async def follow(replica: int, number: int) -> None:
        def change(before: Preferences) -> Preferences:
            return before.model_copy(update={"experiments": (*before.experiments, f"exp-{replica}-{number}")})

        await prefer(CHANNEL, ADA, worlds[replica], change)

    await asyncio.gather(*(follow(replica, number) for number in range(EACH) for replica in range(2)))
    async with databases[0].reading(WORKSPACE) as reading:
        assert len((await reading.preferences.get(CHANNEL)).experiments) == 2 * EACH
    for each in databases:
        await each.close()
