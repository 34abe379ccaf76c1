"""What a person filled in or pressed: Slack's view state and button values as plain values, read only here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from experiments.errors import BadInput

SCOPE = "__"
PERCENT = "percent"


class Target(NamedTuple):
    """What a button is about: the experiment and what the person saw of it (a revision or a design hash)."""

    key: str
    seen: str


def target(value: str) -> Target:
    """The target of a button's value, written `key@seen`."""
    key, _, seen = value.partition("@")
    return Target(key, seen)


def about(view: Mapping[str, Any]) -> dict[str, Any]:
    """What a view was made about."""
    found = json.loads(view.get("private_metadata") or "{}")
    return found if isinstance(found, dict) else {}


def answers(view: Mapping[str, Any]) -> dict[str, Any]:
    """Field → value for everything that was filled in; what was left empty is left out.

    A field's scope (`metric__checkout`) is taken off its name; one scoped `__percent` (and then perhaps further)
    comes as a share of one.
    """
    given: dict[str, Any] = {}
    for block_id, elements in view.get("state", {}).get("values", {}).items():
        field, _, scope = block_id.partition(SCOPE)
        for state in elements.values():
            value = _value(state, field)
            if value is None or value == "" or value == ():
                continue
            given[field] = round(value / 100, 10) if scope.partition(SCOPE)[0] == PERCENT else value
    return given


def begun(view: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that the form began with, so that what a person changed can be told from what they left."""
    elements = [(block["block_id"], block["element"]) for block in view.get("blocks", ()) if block["type"] == "input"]
    values = {
        block_id: {
            element["action_id"]: {
                "type": element["type"],
                **{state: element[first] for first, state in BEGUN.items() if first in element},
            }
        }
        for block_id, element in elements
    }
    return answers({"state": {"values": values}})


def scoped(view: Mapping[str, Any], field: str) -> dict[str, Any]:
    """Scope → value of a field that stands once for each of several things (`weights__control`)."""
    given: dict[str, Any] = {}
    for block_id, elements in view.get("state", {}).get("values", {}).items():
        name, _, scope = block_id.partition(SCOPE)
        for state in elements.values():
            if name == field and (value := _value(state, field)) is not None:
                given[scope] = value
    return given


def picked(view: Mapping[str, Any], verb: str) -> dict[str, str]:
    """What is chosen in the menus and fields of this verb that stand outside of forms (`verb__name`): name → value."""
    return {
        parts[1]: _value(state, parts[1]) or ""
        for elements in view.get("state", {}).get("values", {}).values()
        for action_id, state in elements.items()
        if len(parts := action_id.split(SCOPE)) > 1 and parts[0] == verb
    }


def marked(view: Mapping[str, Any], verb: str) -> str:
    """What the menus of this verb are about, where they say it (`verb__name__about`)."""
    for elements in view.get("state", {}).get("values", {}).values():
        for action_id in elements:
            parts = action_id.split(SCOPE)
            if len(parts) > 2 and parts[0] == verb:
                return str(parts[2])
    return ""


def emptied(view: Mapping[str, Any]) -> dict[str, Any]:
    """Field → nothing for the texts and lists of people that were left empty, for forms in which that takes away
    what was there before."""
    return {
        block_id.partition(SCOPE)[0]: EMPTY[state["type"]]
        for block_id, elements in view.get("state", {}).get("values", {}).items()
        for state in elements.values()
        if state.get("type") in EMPTY and not _value(state, block_id)
    }


def block_of(view: Mapping[str, Any], field: str) -> str | None:
    """The id of the input block that asks for a field, so that an error can be shown beside it."""
    ids = [block.get("block_id", "") for block in view.get("blocks", ()) if block.get("type") == "input"]
    return next((each for each in ids if each.partition(SCOPE)[0] == field), None)


def _value(state: Mapping[str, Any], field: str) -> Any:
    read = READ.get(state.get("type", ""))
    return read(state, field) if read else None


def _text(state: Mapping[str, Any], field: str) -> str:
    return (state.get("value") or "").strip()


def _number(state: Mapping[str, Any], field: str) -> float | int | None:
    if not (text := _text(state, field)):
        return None
    try:
        number = float(text)
    except ValueError:
        raise BadInput(f"“{text[:40]}” is not a number.", field=field) from None
    if number != number or number in (float("inf"), float("-inf")):
        raise BadInput(f"“{text[:40]}” is not a number to count with.", field=field)
    return int(number) if number.is_integer() else number


def _option(state: Mapping[str, Any], field: str) -> str | None:
    chosen = state.get("selected_option")
    return chosen["value"] if chosen else None


def _options(state: Mapping[str, Any], field: str) -> tuple[str, ...]:
    return tuple(option["value"] for option in state.get("selected_options") or ())


def _moment(state: Mapping[str, Any], field: str) -> datetime | None:
    seconds = state.get("selected_date_time")
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _files(state: Mapping[str, Any], field: str) -> tuple[str, ...]:
    return tuple(file["id"] for file in state.get("files") or ())


def _plain(name: str) -> Callable[[Mapping[str, Any], str], Any]:
    return lambda state, field: state.get(name)


def _many(name: str) -> Callable[[Mapping[str, Any], str], tuple[str, ...]]:
    return lambda state, field: tuple(state.get(name) or ())


READ: dict[str, Callable[[Mapping[str, Any], str], Any]] = {
    "plain_text_input": _text,
    "email_text_input": _text,
    "url_text_input": _text,
    "number_input": _number,
    "static_select": _option,
    "external_select": _option,
    "radio_buttons": _option,
    "multi_static_select": _options,
    "multi_external_select": _options,
    "checkboxes": _options,
    "users_select": _plain("selected_user"),
    "conversations_select": _plain("selected_conversation"),
    "channels_select": _plain("selected_channel"),
    "datepicker": _plain("selected_date"),
    "timepicker": _plain("selected_time"),
    "datetimepicker": _moment,
    "multi_users_select": _many("selected_users"),
    "multi_conversations_select": _many("selected_conversations"),
    "multi_channels_select": _many("selected_channels"),
    "file_input": _files,
    "rich_text_input": _plain("rich_text_value"),
}
BEGUN = {
    "initial_value": "value",
    "initial_option": "selected_option",
    "initial_options": "selected_options",
    "initial_users": "selected_users",
    "initial_date_time": "selected_date_time",
}
"""How a field says what it begins with, and how its state says what stands in it."""
EMPTY: dict[str, Any] = {"plain_text_input": "", "multi_users_select": ()}
