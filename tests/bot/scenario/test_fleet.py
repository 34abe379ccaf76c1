"""Three levels over the wire: the fleet narrowed in place, its menus as one types, set-up, a slip of the finger."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from experiments.commands import CreateExperiment
from experiments.execute import execute
from experiments.permissions import Actor
from experiments.ports import World
from handlers import home as home_handler
from handlers.forms import about
from tests.bot.scenario.lab import ADA, BO, CHANNEL, DEE, Lab, button, eventually

NOT_A_MEMBER = "C0GENERAL"


async def home(lab: Lab, user: str = ADA) -> dict[str, Any]:
    """The Home tab after it was opened anew, with the picture of what runs."""
    before = (await lab.state(user))["home"]
    await lab.control("home", user=user)
    await lab.sandbox.courier.settled()
    await lab.desk.drained()
    return await another(lab, before, user)


async def another(lab: Lab, before: dict[str, Any] | None, user: str = ADA) -> dict[str, Any]:
    async def shown() -> dict[str, Any] | None:
        tab: dict[str, Any] | None = (await lab.state(user))["home"]
        return tab if tab and (before is None or tab["hash"] != before["hash"]) else None

    found: dict[str, Any] = await eventually(shown)
    return found


def element(blocks: list[dict[str, Any]], name: str) -> tuple[str, dict[str, Any]]:
    """The menu or field of this name and the block it stands in."""
    for block in blocks:
        for each in [*block.get("elements", ()), *([block["element"]] if "element" in block else [])]:
            if each.get("action_id", "").startswith(name):
                return block["block_id"], each
    raise AssertionError(f"no {name} in {blocks}")


async def chooses(lab: Lab, name: str, value: str, container: dict[str, Any], blocks: Any, user: str = ADA) -> None:
    """The person chooses from a menu, or types into a field, of a message or of the Home tab; what comes of it."""
    await uses(lab, name, value, container, blocks, user)
    await lab.settled()


async def uses(lab: Lab, name: str, value: str, container: dict[str, Any], blocks: Any, user: str) -> None:
    block_id, made = element(blocks, name)
    kind = made["type"]
    chosen: dict[str, Any] = {"value": value}
    if kind == "conversations_select":
        chosen = {"selected_conversation": value}
    elif kind == "static_select":
        chosen = {"selected_option": next(each for each in made["options"] if each["value"] == value)}
    action = {"type": kind, "block_id": block_id, "action_id": made["action_id"], **chosen}
    state = {"values": {block_id: {made["action_id"]: {"type": kind, **chosen}}}}
    answer = await lab.control("action", user=user, container=container, action=action, state=state)
    assert answer["ok"], answer


async def fleet_of(lab: Lab, count: int) -> None:
    ada = Actor(workspace=lab.world.workspace, user=ADA)
    for number in range(count):
        made = CreateExperiment(key=f"number-{number:03}", title=f"Number {number}")
        await execute(made, ada, lab.world)


async def test_a_list_is_narrowed_and_paged_in_its_place(lab: Lab) -> None:
    await fleet_of(lab, 11)
    await lab.types("list")
    answer = await lab.answer()
    assert "Page 1 of 2" in str(answer)
    place = {"type": "message", "channel": CHANNEL, "message_ts": answer["ts"]}
    await lab.control("action", user=ADA, container=place, action=button(answer["blocks"], "fleet_page"))
    await lab.settled()
    second = await lab.answer()
    assert second["ts"] == answer["ts"], "it stands where it stood"
    assert "number-000" in str(second)
    await chooses(lab, "fleet__kind", "prompt_ab", place, second["blocks"])
    assert "No experiment passes" in str(await lab.answer())
    await lab.types("list", user=BO)
    assert "No experiment passes" in str(await lab.answer(BO)), "kept for the channel"


async def test_the_home_tab_is_searched_and_remembers(lab: Lab) -> None:
    await fleet_of(lab, 14)
    tab = await home(lab)
    await chooses(lab, "fleet__text", "number 3", {"type": "home"}, tab["blocks"])
    found = await another(lab, tab)
    assert about(found)["text"] == "number 3"
    assert "number-003" in str(found["blocks"])
    assert "Page" not in str(found["blocks"])
    await chooses(lab, "fleet__status", "Stopped", {"type": "home"}, found["blocks"])
    assert "Nothing found for" in str((await another(lab, found))["blocks"])
    assert "No experiment passes" in str((await home(lab))["blocks"])


async def test_a_picture_that_comes_late_does_not_bring_the_earlier_tab_back(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lab.runs()
    real, drawing, drawn = home_handler.files_of, asyncio.Event(), asyncio.Event()

    async def slowly(pictures: Any, world: World) -> Any:
        if not drawing.is_set():
            drawing.set()
            await drawn.wait()
        return await real(pictures, world)

    monkeypatch.setattr(home_handler, "files_of", slowly)
    await lab.control("home", user=ADA)
    await drawing.wait()
    tab = (await lab.state(ADA))["home"]
    await uses(lab, "fleet__text", "no such thing", {"type": "home"}, tab["blocks"], ADA)

    async def narrowed() -> bool:
        now = (await lab.state(ADA))["home"]
        has_picture = any(block["type"] == "image" for block in now["blocks"])
        return has_picture and about(now)["text"] == "no such thing"

    await eventually(narrowed)
    drawn.set()
    await lab.desk.drained()
    assert await narrowed()


async def test_show_leads_up_to_the_fleet(lab: Lab) -> None:
    running = await lab.runs()
    await lab.types(f"show {running.key}")
    shown = await lab.answer()
    assert "Fleet › *Bigger button*" in str(shown)
    place = {"type": "message", "channel": CHANNEL, "message_ts": shown["ts"]}
    await lab.control("action", user=ADA, container=place, action=button(shown["blocks"], "list"))
    await lab.settled()
    assert "1 experiment" in (await lab.answer())["text"]


async def test_with_many_a_key_is_found_as_it_is_typed(lab: Lab) -> None:
    await fleet_of(lab, 120)
    await lab.types("edit")
    modal = lab.modal()
    block_id, menu = element(modal["blocks"], "key")
    asked = {
        "container": {"type": "view", "view_id": modal["id"]},
        "block_id": block_id,
        "action_id": menu["action_id"],
    }
    found = await lab.control("options", user=ADA, value="number 11", **asked)
    keys = [option["value"] for option in found["options"]]
    assert "number-110" in keys
    assert all("11" in key for key in keys)
    everything = await lab.control("options", user=ADA, value="", **asked)
    assert len(everything["options"]) == 100
    await lab.control("person", id=ADA, is_restricted=True)
    assert (await lab.control("options", user=ADA, value="", **asked))["options"] == [], "a guest may read nothing"


async def test_a_slip_of_the_finger_is_answered_with_what_was_meant(lab: Lab) -> None:
    await fleet_of(lab, 3)
    await lab.types("edit numbr-001")
    answer = await lab.answer()
    assert "Did you mean number-001" in answer["text"]
    assert "`/experiment edit number-001`" in str(answer)
    place = {"type": "message", "channel": CHANNEL, "message_ts": answer["ts"]}
    await lab.control("action", user=ADA, container=place, action=button(answer["blocks"], "show"))
    await lab.settled()
    assert "Fleet › *Number" in str(await lab.answer())


async def test_set_up_from_the_first_visit_to_the_first_experiment(lab: Lab) -> None:
    tab = await home(lab, DEE)
    assert "Connect a channel" in str(tab)
    await chooses(lab, "setup_channel", NOT_A_MEMBER, {"type": "home"}, tab["blocks"], DEE)
    refused = await another(lab, tab, DEE)
    assert "Type /invite @Bunsen there" in str(refused)
    lab.workspace.add_member(lab.workspace.channels[NOT_A_MEMBER], lab.workspace.app.user_id)
    again = button(refused["blocks"], "setup_channel")
    await lab.control("action", user=DEE, container={"type": "home"}, action=again)
    connected = await another(lab, refused, DEE)
    assert "✅ 1. Connect a channel" in str(connected)
    assert await lab.message_with("I am Bunsen", user=DEE, channel=NOT_A_MEMBER)
    await lab.control("action", user=DEE, container={"type": "home"}, action=button(connected["blocks"], "create"))
    assert lab.modal(DEE)["callback_id"] == "create_what"
    await lab.submits(DEE, title="The first one")
    await lab.settled()
    assert "Welcome" not in str(await home(lab, DEE))
