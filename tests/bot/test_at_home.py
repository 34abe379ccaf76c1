"""The Home tab follows what its person does from it, as they narrowed it, and leaves others' tabs alone."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.model import Status
from handlers.forms import about
from tests.bot.reception import Reception, new_reception
from tests.experiments.stages import KEY, lead_to
from tests.worlds import WORKSPACE


@pytest.fixture
def reception() -> Reception:
    return new_reception()


async def opens_home(reception: Reception, user: str = "U0ADA", tab: str = "home") -> dict[str, Any]:
    reception.count += 1
    event = {"type": "app_home_opened", "user": user, "tab": tab}
    await reception.desk.event(reception.ack, {"team_id": WORKSPACE, "event_id": f"E{reception.count}", "event": event})
    await reception.desk.drained()
    return dict(published(reception)[-1]["view"])


def published(reception: Reception) -> list[dict[str, Any]]:
    """Every drawing of the tab; that the picture follows is no drawing of its own."""
    calls = reception.slack.made("views.publish")
    return [call for call in calls if all(block["type"] != "image" for block in call["view"]["blocks"])]


async def pauses(reception: Reception, home: dict[str, Any]) -> None:
    """Open the form from the tab, as its menu does, and send it."""
    nowhere = {"channel": {}, "message": {}, "view": home}
    await reception.presses("pause", f"{KEY}@0", user="U0ADA", **nowhere)
    await reception.submits(reception.modal())
    await reception.desk.drained()


async def test_the_tab_is_drawn_anew_when_a_form_opened_from_it_changed_something(reception: Reception) -> None:
    await lead_to(Status.RUNNING, reception.bench)
    home = await opens_home(reception)
    assert "Paused" not in str(home)
    await pauses(reception, home)
    assert len(published(reception)) == 2
    newest = published(reception)[-1]
    assert newest["user_id"] == "U0ADA"
    assert reception.bench.tables.experiments[KEY].status is Status.PAUSED
    assert "paused" in str(newest["view"])


async def test_it_stays_as_it_was_narrowed(reception: Reception) -> None:
    await lead_to(Status.RUNNING, reception.bench)
    home = await opens_home(reception)
    narrowed = {**home, "private_metadata": home["private_metadata"].replace('"any"', '"any"', 1)}
    assert about(narrowed)
    await pauses(reception, narrowed)
    assert about(published(reception)[-1]["view"]) == about(narrowed)


async def test_who_went_to_the_messages_or_acts_in_a_channel_is_not_drawn_a_tab(reception: Reception) -> None:
    await lead_to(Status.RUNNING, reception.bench)
    await opens_home(reception)
    await opens_home(reception, tab="messages")
    before = len(published(reception))
    await reception.types(f"note {KEY} Looks fine")
    await reception.desk.drained()
    assert len(published(reception)) == before


async def test_looking_alone_draws_nothing(reception: Reception) -> None:
    await lead_to(Status.RUNNING, reception.bench)
    home = await opens_home(reception)
    await reception.presses("pause", f"{KEY}@0", user="U0ADA", channel={}, message={}, view=home)
    await reception.desk.drained()
    assert len(published(reception)) == 1
