"""The inputs of forms: `block_id` and `action_id` are the command's field, scoped with `__` where it has to change.

Of a `live` one every change is told at once, so that what depends on it can be shown anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from experiments.texts import Words
from handlers.surfaces.kit import Block, plain
from handlers.surfaces.words import PERSON

TEXT = 3000
PLACEHOLDER = 150
OPTION = 75
OPTIONS = 100

Choice = tuple[str, str]


def words_of(members: Iterable[Words]) -> tuple[Choice, ...]:
    """The choices of an enumeration: value and words."""
    return tuple((member.value, member.words[:1].upper() + member.words[1:]) for member in members)


def text_field(
    name: str,
    label: str,
    value: str = "",
    *,
    multiline: bool = False,
    optional: bool = False,
    placeholder: str = "",
    hint: str = "",
    most: int = TEXT,
    live: bool = False,
) -> Block:
    element: Block = {"type": "plain_text_input", "multiline": multiline, "max_length": most} | _typing(live)
    if placeholder:
        element["placeholder"] = plain(placeholder, PLACEHOLDER)
    if value and len(value) <= most:
        element["initial_value"] = value
    return _input(name, label, element, optional, hint, live)


def number_field(
    name: str,
    label: str,
    value: float | None,
    *,
    least: float,
    most: float,
    decimal: bool = False,
    optional: bool = False,
    hint: str = "",
    live: bool = False,
) -> Block:
    element: Block = {
        "type": "number_input",
        "is_decimal_allowed": decimal,
        "min_value": f"{least:.15g}",
        "max_value": f"{most:.15g}",
    }
    if value is not None and (typed := _digits(value)):
        element["initial_value"] = typed
    return _input(name, label, element | _typing(live), optional, hint, live)


def _digits(value: float) -> str:
    """The number as people type it, since Slack takes no powers of ten; nothing where nobody would."""
    typed = f"{value:.15g}"
    if "e" not in typed:
        return typed
    return f"{value:.20f}".rstrip("0").rstrip(".") if 1e-15 < abs(value) < 1 else ""


def select_field(
    name: str, label: str, choices: Sequence[Choice], value: str = "", *, hint: str = "", live: bool = False
) -> Block:
    return _input(name, label, chosen("static_select", choices[:OPTIONS], value), False, hint, live)


def search_field(name: str, label: str, placeholder: str, *, hint: str = "") -> Block:
    """A menu whose choices are found as somebody types; the handler of `OPTIONS` under this name finds them."""
    element: Block = {"type": "external_select", "min_query_length": 0, "placeholder": plain(placeholder, PLACEHOLDER)}
    return _input(name, label, element, False, hint)


def options(choices: Sequence[Choice]) -> list[Block]:
    """Choices as Slack takes them in answer to what was typed."""
    return [_option(*choice) for choice in choices[:OPTIONS]]


def radio_field(name: str, label: str, choices: Sequence[Choice], value: str = "") -> Block:
    return _input(name, label, chosen("radio_buttons", choices, value), False, "")


def many_field(
    name: str, label: str, choices: Sequence[Choice], values: Sequence[str] = (), *, hint: str = ""
) -> Block:
    """Any number of the choices, or none."""
    options = [_option(*choice) for choice in choices[:OPTIONS]]
    element = {"type": "multi_static_select", "options": options, "placeholder": plain("Choose any", PLACEHOLDER)}
    return _input(name, label, element | _picked(options, values), True, hint)


def ticks_field(
    name: str, label: str, choices: Sequence[tuple[str, str, str]], values: Sequence[str] = (), *, optional: bool = True
) -> Block:
    """Boxes to tick: value, words and what ticking it does, if that needs saying."""
    options = [
        _option(value, words) | ({"description": plain(does, OPTION)} if does else {}) for value, words, does in choices
    ]
    return _input(name, label, {"type": "checkboxes", "options": options} | _picked(options, values), optional, "")


def people_field(name: str, label: str, users: Sequence[str], *, hint: str = "") -> Block:
    element: Block = {"type": "multi_users_select", "placeholder": plain("Choose people", PLACEHOLDER)}
    known = [user for user in users if PERSON.fullmatch(user)]
    return _input(name, label, element | ({"initial_users": known} if known else {}), True, hint)


def moment_field(name: str, label: str, at: datetime | None, *, optional: bool = False, hint: str = "") -> Block:
    initial = {"initial_date_time": int(at.timestamp())} if at else {}
    return _input(name, label, {"type": "datetimepicker", **initial}, optional, hint)


def files_field(name: str, label: str, filetypes: Sequence[str], *, hint: str = "") -> Block:
    return _input(name, label, {"type": "file_input", "filetypes": list(filetypes), "max_files": 1}, False, hint)


def chosen(kind: str, choices: Sequence[Choice], value: str) -> Block:
    """An element with these choices that begins with the one of this value."""
    options = [_option(*choice) for choice in choices]
    chosen = next((option for option in options if option["value"] == value), None)
    return {"type": kind, "options": options} | ({"initial_option": chosen} if chosen else {})


def _option(value: str, words: str) -> Block:
    return {"text": plain(words, OPTION), "value": value}


def _picked(options: Sequence[Block], values: Sequence[str]) -> Block:
    """What is chosen at first, if anything is."""
    picked = [option for option in options if option["value"] in values]
    return {"initial_options": picked} if picked else {}


def _typing(live: bool) -> Block:
    return {"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}} if live else {}


def _input(name: str, label: str, element: Block, optional: bool, hint: str, live: bool = False) -> Block:
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label, TEXT),
        "element": {**element, "action_id": name},
        "optional": optional,
    }
    return block | ({"hint": plain(hint, TEXT)} if hint else {}) | ({"dispatch_action": True} if live else {})
