"""Hands in a form: what a person types stays there until it is submitted, and changed fields are told at once."""

from __future__ import annotations

from typing import Any

from tests.bot.scenario.lab import ADA, Lab, filled


async def changes(lab: Lab, field: str, user: str = ADA, **answers: Any) -> None:
    """The person fills in fields of the topmost modal; the change of one of them is told at once."""
    view = lab.modal(user)
    values = _typed(view, answers)
    block = next(each for each in view["blocks"] if each["block_id"].split("__")[0] == field)
    state = values[block["block_id"]][block["element"]["action_id"]]
    action = {"block_id": block["block_id"], "action_id": block["element"]["action_id"], **state}
    container = {"type": "view", "view_id": view["id"]}
    answer = await lab.control("action", user=user, container=container, action=action, state={"values": values})
    assert answer["ok"]
    await lab.desk.drained()


def _typed(view: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    """What stands in the form, with these answers typed into it."""
    standing = view["state"]["values"]
    wanted = filled(view, answers)
    return {block: wanted[block] if block.split("__")[0] in answers else standing[block] for block in wanted}


async def presses_in_modal(lab: Lab, verb: str, user: str = ADA, **answers: Any) -> None:
    """The person presses a button of the topmost modal after typing."""
    view = lab.modal(user)
    blocks = [each for each in view["blocks"] if each["type"] in ("actions", "section")]
    found = next(
        (block, element)
        for block in blocks
        for element in [*block.get("elements", ()), *([block["accessory"]] if "accessory" in block else [])]
        if element["action_id"].split("__")[0] == verb
    )
    block, element = found
    action = {
        "block_id": block["block_id"],
        "action_id": element["action_id"],
        "type": "button",
        "value": element["value"],
    }
    container = {"type": "view", "view_id": view["id"]}
    state = {"values": _typed(view, answers)}
    answer = await lab.control("action", user=user, container=container, action=action, state=state)
    assert answer["ok"]


async def goes_on(lab: Lab, user: str = ADA, **answers: Any) -> dict[str, Any]:
    """The person submits the topmost modal with what stands in it and these answers."""
    view = lab.modal(user)
    return await lab.control("submit", user=user, view_id=view["id"], state={"values": _typed(view, answers)})


def value(lab: Lab, field: str) -> Any:
    """What stands in a field of the topmost modal."""
    for block, elements in lab.modal()["state"]["values"].items():
        if block.split("__")[0] == field:
            [state] = elements.values()
            option = state.get("selected_option")
            return option["value"] if option else state.get("value")
    raise AssertionError(f"no field {field}")


def shown(lab: Lab, user: str = ADA) -> str:
    """What the topmost modal says beside its fields."""
    return str([block for block in lab.modal(user)["blocks"] if block["type"] != "input"])
