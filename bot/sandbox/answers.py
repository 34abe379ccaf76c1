"""What Slack's client does with a form before the app sees it: initial values, and refusing impossible answers."""

import copy
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.sandbox.app import Json

VALUE_KEYS = {
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "rich_text_input": "rich_text_value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "file_input": "files",
}
_LISTS = {"selected_options", "selected_users", "selected_conversations", "selected_channels", "files"}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+")


def initial_state(blocks: list[Json], typed: Json | None = None) -> Json:
    """`state.values` of these blocks: what was typed where there is something, else the initial values."""
    values: Json = {}
    for block in blocks:
        for element in [*block.get("elements", ()), block.get("element"), block.get("accessory")]:
            kind = element.get("type") if isinstance(element, dict) else None
            if element is None or kind not in VALUE_KEYS:
                continue
            block_id, action_id = block["block_id"], element["action_id"]
            known = (typed or {}).get(block_id, {}).get(action_id)
            values.setdefault(block_id, {})[action_id] = known or {"type": kind, **_initial(element)}
    return values


def _initial(element: Json) -> Json:
    key = VALUE_KEYS[element["type"]]
    stem = key.removeprefix("selected_").removesuffix("_value")
    name = "initial_value" if key in ("value", "rich_text_value") else f"initial_{stem}"
    empty: Any = [] if key in _LISTS else None
    return {key: copy.deepcopy(element.get(name, empty))}


def wrong_answers(blocks: list[Json], values: Json) -> dict[str, str]:
    """Block id → words, for inputs that Slack's client would not let a person submit."""
    errors: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        answer = values.get(block["block_id"], {}).get(element["action_id"], {})
        value = answer.get(VALUE_KEYS[element["type"]])
        if value in (None, "", []):
            if not block.get("optional", False):
                errors[block["block_id"]] = "Please complete this required field."
        elif words := _wrong(element, value):
            errors[block["block_id"]] = words
    return errors


def _wrong(element: Json, value: Any) -> str | None:
    match element["type"]:
        case "plain_text_input":
            return _wrong_length(element, str(value))
        case "number_input":
            return _wrong_number(element, str(value))
        case "email_text_input" if not _EMAIL.fullmatch(str(value)):
            return "Please enter a valid email address."
        case "url_text_input" if not _URL.fullmatch(str(value)):
            return "Please enter a valid URL."
        case "file_input" if len(value) > element.get("max_files", 10):
            return f"Please add at most {element.get('max_files', 10)} files."
        case "file_input" if any(
            each["filetype"] not in element.get("filetypes", [each["filetype"]]) for each in value
        ):
            return f"Please add files of these types: {', '.join(element['filetypes'])}."
    if isinstance(value, list) and len(value) > element.get("max_selected_items", len(value)):
        return f"Please choose at most {element['max_selected_items']}."
    return None


def _wrong_length(element: Json, value: str) -> str | None:
    if len(value) < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    if len(value) > element.get("max_length", 3000):
        return f"Please enter no more than {element.get('max_length', 3000)} characters."
    return None


def _wrong_number(element: Json, value: str) -> str | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "Please enter a valid number."
    if not number.is_finite() or (number != number.to_integral_value() and not element.get("is_decimal_allowed")):
        return "Please enter a whole number." if number.is_finite() else "Please enter a valid number."
    if "min_value" in element and number < Decimal(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > Decimal(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None
