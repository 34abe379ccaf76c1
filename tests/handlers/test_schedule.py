"""Schedule and unschedule: times as people type them, in their own zone; and the start by hand."""

from __future__ import annotations

import pytest

from experiments.errors import BadInput
from experiments.model import Status
from handlers import schedule, start
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import Asking, submitted
from tests.worlds import ADA, MemoryWorld


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


@pytest.fixture
def ask(bench: MemoryWorld) -> Asking:
    return Asking(bench)


async def test_a_typed_time_is_that_of_the_person_and_what_became_of_it_is_said(bench: MemoryWorld) -> None:
    await lead_to(Status.APPROVED, bench)
    bench.people.actors[ADA.user] = ADA
    ask = Asking(bench)
    await ask(schedule.schedule.by_command, KEY, "2026-03-29", "02:30")
    form = ask.opened()
    assert "does not exist in Europe/Berlin" in str(form)
    await ask(schedule.schedule.submit, view=submitted(form))
    booking = bench.tables.experiments[KEY].booking
    assert booking is not None
    assert (booking.start_at.isoformat(), booking.tz) == ("2026-03-29T01:30:00+00:00", "Europe/Berlin")
    await ask(schedule.unschedule.by_command, KEY)
    await ask(schedule.unschedule.submit, view=submitted(ask.opened()))
    assert bench.tables.experiments[KEY].status is Status.APPROVED


async def test_no_time_at_all_is_said_before_a_form_opens(bench: MemoryWorld, ask: Asking) -> None:
    await lead_to(Status.APPROVED, bench)
    with pytest.raises(BadInput) as refused:
        await ask(schedule.schedule.by_command, KEY, "soon")
    assert refused.value.field == "start_at"


async def test_the_form_begins_with_the_next_morning_of_the_person(bench: MemoryWorld) -> None:
    await lead_to(Status.APPROVED, bench)
    bench.people.actors[ADA.user] = ADA.model_copy(update={"tz": "Asia/Kolkata"})
    ask = Asking(bench)
    await ask(schedule.schedule.by_command, KEY)
    assert "09:00 (Asia/Kolkata)" in str(ask.opened())


async def test_the_start_names_what_gets_in_its_way(bench: MemoryWorld, ask: Asking) -> None:
    approved = await lead_to(Status.APPROVED, bench)
    other = approved.evolve(key="live-one", title="Live one", status=Status.RUNNING)
    bench.tables.experiments["live-one"] = other
    await ask(start.start.by_command, KEY)
    form = ask.opened()
    assert "Live one" in str(form)
    assert "submit" in form
    await ask(start.start.submit, view=submitted(form))
    assert bench.tables.experiments[KEY].status is Status.RUNNING
