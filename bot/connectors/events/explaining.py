"""Why a line is refused, field by field, in words for whoever wrote the program that sent it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from bot.connectors.events.wire import (
    LARGEST_PHASE,
    LARGEST_WHOLE,
    LONGEST_KEY,
    LONGEST_UNIT,
    LONGEST_VALUE,
    MOST_ATTRIBUTES,
    Stretch,
    is_key,
)

REQUIRED = {
    "exposure": ("experiment", "variant", "unit", "time"),
    "observation": ("metric", "value", "unit", "time"),
}
OPTIONAL = {"exposure": ("attributes", "phase"), "observation": ("attributes",)}
Found = Iterator[tuple[str, str]]


class _Twice(dict[str, Any]):
    """An object in which these names were given more than once."""

    twice: tuple[str, ...] = ()


def explain(line: bytes, allowed: Stretch) -> list[tuple[str, str]]:
    """Each field with its problem, an empty field for the line as a whole; nothing when the line is in order."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        return [("", f"this is not UTF-8 (byte {error.start + 1} of the line)")]
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_int=_whole, parse_constant=float)
    except json.JSONDecodeError as error:
        return [("", _not_json(error))]
    except RecursionError:
        return [("", "this is nested too deeply; an event is flat")]
    if not isinstance(value, dict):
        return [("", f"this is {_kind(value)}; each line is one JSON object")]
    return list(_event(value, allowed))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = _Twice(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        made.twice = tuple(name for name in made if names.count(name) > 1)
    return made


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < 400 else math.inf


def _not_json(error: json.JSONDecodeError) -> str:
    if error.msg == "Extra data":
        return f"there is more than one JSON object on this line (character {error.pos + 1}); write one event a line"
    if error.pos >= len(error.doc.rstrip()):
        return "the JSON object does not end on this line; write each event on a line of its own"
    if error.doc.startswith("\ufeff"):
        return "this begins with a byte order mark; only the first line may"
    if error.msg.startswith("Invalid control character"):
        return f"there is a raw control character at character {error.pos + 1}; write it as \\n, \\t or \\u00…"
    return f"this is not JSON ({error.msg[0].lower()}{error.msg[1:]}, character {error.pos + 1})"


def _event(event: dict[str, Any], allowed: Stretch) -> Found:
    yield from _given_twice(event, "")
    kind = event.get("type")
    if not isinstance(kind, str) or kind not in REQUIRED:
        missing = "type" not in event
        yield "type", "is missing" if missing else "is exposure or observation"
        return
    known = (*REQUIRED[kind], *OPTIONAL[kind])
    for name in REQUIRED[kind]:
        if name not in event:
            yield name, "is missing"
    for name, value in event.items():
        if name in known:
            yield from ((f"{name}{inside}", problem) for inside, problem in CHECKS[name](value, allowed))
        elif name != "type":
            yield _shown(name), f"is no field of an {kind}; those are {', '.join(('type', *known))}"


def _given_twice(value: dict[str, Any], prefix: str) -> Found:
    for name in getattr(value, "twice", ()):
        yield f"{prefix}{_shown(name)}", "is given twice"


def _key(value: object, allowed: Stretch) -> Found:
    if not isinstance(value, str):
        yield "", f"is {_kind(value)}; it must be a text"
    elif not 2 <= len(value) <= LONGEST_KEY or not is_key(value):
        yield (
            "",
            (
                f"is no key: 2 to {LONGEST_KEY} lower-case letters, digits and single hyphens between them, "
                "like checkout-button"
            ),
        )


def _unit(value: object, allowed: Stretch) -> Found:
    if not isinstance(value, str):
        yield "", f"is {_kind(value)}; write the id as a text, in quotes"
    elif not value:
        yield "", "is empty"
    elif len(value) > LONGEST_UNIT:
        yield "", f"has {len(value):,} characters; at most {LONGEST_UNIT} fit"
    else:
        yield from _text(value)


def _number(value: object, allowed: Stretch) -> Found:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield "", f"is {_kind(value)}; it must be a number"
    elif not _finite(value):
        yield "", "is not a finite number"


def _time(value: object, allowed: Stretch) -> Found:
    if not isinstance(value, str):
        yield "", f"is {_kind(value)}; write it as a text like 2026-11-21T09:30:00+01:00"
        return
    try:
        time = msgspec.convert(value, datetime)
    except (msgspec.ValidationError, UnicodeError):
        yield "", "is no date and time; write it like 2026-11-21T09:30:00+01:00"
        return
    if time.tzinfo is None:
        yield "", "says no offset from UTC; add Z or one like +01:00"
    elif time > allowed.newest:
        yield "", f"lies ahead; the newest that is taken now is {allowed.newest.isoformat(timespec='seconds')}"
    elif time < allowed.oldest:
        yield "", f"is too old; the oldest that is taken now is {allowed.oldest.isoformat(timespec='seconds')}"


def _phase(value: object, allowed: Stretch) -> Found:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST_PHASE:
        yield "", "is a whole number from 1 on"


def _attributes(value: object, allowed: Stretch) -> Found:
    if not isinstance(value, dict):
        yield "", f"is {_kind(value)}; it must be an object"
        return
    yield from _given_twice(value, ".")
    if len(value) > MOST_ATTRIBUTES:
        yield "", f"has {len(value):,} names; at most {MOST_ATTRIBUTES} fit"
    for name, level in value.items():
        at = f".{_shown(name)}"
        if not 1 <= len(name) <= LONGEST_KEY:
            yield at, f"has a name of {len(name):,} characters; 1 to {LONGEST_KEY} fit"
        else:
            yield from ((at, f"has a name that {problem}") for _, problem in _text(name))
        yield from ((at, problem) for problem in _level(level))


def _level(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) > LONGEST_VALUE:
            yield f"has {len(value):,} characters; at most {LONGEST_VALUE} fit"
        yield from (problem for _, problem in _text(value))
    elif not isinstance(value, bool | int | float):
        yield f"is {_kind(value)}; attributes are texts, numbers, true or false"
    elif not _finite(value):
        yield "is not a finite number"
    elif isinstance(value, int) and abs(value) > LARGEST_WHOLE:
        yield "is a whole number of more than 64 bits; write it as a text"


def _text(value: str) -> Found:
    if "\0" in value:
        yield "", "has a NUL character (\\u0000) in it"
    if any("\ud800" <= character <= "\udfff" for character in value):
        yield "", "has half of a surrogate pair (\\ud800 to \\udfff) in it"


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    named: Mapping[type, str] = {str: "a text", int: "a number", float: "a number", list: "a list"}
    return "null" if value is None else named.get(type(value), "an object")


def _shown(name: str) -> str:
    """A name as somebody else chose it, so short and so printable that it can stand in an answer."""
    return "".join(character if character.isprintable() else "\ufffd" for character in name[:LONGEST_KEY])


CHECKS = {
    "experiment": _key,
    "variant": _key,
    "metric": _key,
    "unit": _unit,
    "value": _number,
    "time": _time,
    "phase": _phase,
    "attributes": _attributes,
}
