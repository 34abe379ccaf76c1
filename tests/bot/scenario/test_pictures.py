"""Pictures over the wire: asked for, narrowed in place, another one in their place, drawn and uploaded once."""

from __future__ import annotations

from typing import Any

from tests.bot.scenario.lab import BO, CHANNEL, Lab, eventually
from tests.bot.scenario.test_fleet import element


def image(message: dict[str, Any]) -> dict[str, Any]:
    [found] = [block for block in message["blocks"] if block["type"] == "image"]
    return dict(found)


async def asked(lab: Lab, words: str, starts: str, **where: Any) -> dict[str, Any]:
    """The message with the picture that these words of a command lead to."""
    await lab.types(words, **where)
    await lab.settled()
    message = await lab.message_with(starts, **where)
    assert image(message)["alt_text"].startswith(starts)
    return message


async def chooses(lab: Lab, name: str, value: str, message: dict[str, Any], user: str) -> dict[str, Any]:
    """The same message after a menu below the picture was used: Slack sends the state of all of them."""
    blocks = message["blocks"]
    values: dict[str, Any] = {}
    for block in (each for each in blocks if each["type"] == "actions"):
        for made in (each for each in block["elements"] if each["type"] == "static_select"):
            option = made.get("initial_option")
            values.setdefault(block["block_id"], {})[made["action_id"]] = {
                "type": "static_select", "selected_option": option
            }  # fmt: skip
    block_id, menu = element(blocks, f"chart_by__{name}__")
    chosen = {"selected_option": next(each for each in menu["options"] if each["value"] == value)}
    values[block_id][menu["action_id"]] = {"type": "static_select", **chosen}
    action = {"type": "static_select", "block_id": block_id, "action_id": menu["action_id"], **chosen}
    container = {"type": "message", "message_ts": message["ts"], "channel": CHANNEL}
    answer = await lab.control("action", user=user, container=container, action=action, state={"values": values})
    assert answer["ok"], answer
    await lab.settled()

    async def redrawn() -> dict[str, Any] | None:
        now = next(each for each in await lab.messages(user) if each["ts"] == message["ts"])
        return now if now["blocks"] != blocks else None

    found: dict[str, Any] = await eventually(redrawn)
    return found


async def test_a_picture_is_narrowed_and_exchanged_in_its_place(lab: Lab) -> None:
    await lab.runs()
    await lab.days_pass("bigger-button", 6)
    first = await asked(lab, "chart comparison bigger-button", "Forest plot for")
    count = len(await lab.messages())

    narrowed = await chooses(lab, "picture", "significance", first, BO)
    assert image(narrowed)["alt_text"].startswith("Difference and")
    assert image(narrowed)["slack_file"] != image(first)["slack_file"]

    back = await chooses(lab, "picture", "comparison", narrowed, BO)
    assert image(back)["slack_file"] == image(first)["slack_file"], "nothing new was drawn or uploaded"
    assert len(await lab.messages()) == count, "all of it in one message"


async def test_a_picture_of_all_experiments_is_asked_for_by_its_own_name(lab: Lab) -> None:
    await lab.runs()
    shown = await asked(lab, "velocity", "Velocity")
    assert element(shown["blocks"], "chart_by__time__")


async def test_a_name_there_is_not_is_met_with_the_nearest(lab: Lab) -> None:
    await lab.types("chart timelime")
    assert "Did you mean timeline" in str(await lab.messages())
