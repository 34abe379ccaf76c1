"""A small vocabulary of checks; each notes problems in Slack's words with the JSON pointer of the place."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.app import Json
from bot.sandbox.file_store import FileStore


class Problems:
    """What is wrong so far; `files` lets a check look up `slack_file` references."""

    def __init__(self, files: FileStore) -> None:
        self.files = files
        self.messages: list[str] = []

    def note(self, words: str, path: str) -> None:
        """Add one problem."""
        self.messages.append(f"[ERROR] {words} [json-pointer:{path}]")


Check = Callable[[Any, str, Problems], None]


def string(most: int, least: int = 0) -> Check:
    """A string of `least` to `most` characters."""

    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.note("must provide a string", path)
        elif len(value) > most:
            problems.note(f"must be less than {most + 1} characters", path)
        elif len(value) < least:
            problems.note(f"must be more than {least - 1} characters", path)

    return check


def pattern(expression: str, words: str) -> Check:
    """A string that matches entirely."""
    compiled = re.compile(expression)

    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            problems.note(words, path)

    return check


def choice(*allowed: str) -> Check:
    """One of these strings."""

    def check(value: Any, path: str, problems: Problems) -> None:
        if value not in allowed:
            problems.note(f"must be a valid enum value: {', '.join(allowed)}", path)

    return check


def boolean(value: Any, path: str, problems: Problems) -> None:
    """True or false."""
    if not isinstance(value, bool):
        problems.note("must be a boolean", path)


def number(value: Any, path: str, problems: Problems) -> None:
    """Any number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        problems.note("must be a number", path)


def integer(least: int, most: int) -> Check:
    """A whole number between two bounds, both allowed."""

    def check(value: Any, path: str, problems: Problems) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            problems.note("must be an integer", path)
        elif value < least:
            problems.note(f"must be greater than {least - 1}", path)
        elif value > most:
            problems.note(f"must be less than {most + 1}", path)

    return check


def many(of: Check, most: int, least: int = 0) -> Check:
    """A list of `least` to `most` items."""

    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, list):
            problems.note("must provide an array", path)
            return
        if len(value) > most:
            problems.note(f"no more than {most} items allowed", path)
        if len(value) < least:
            problems.note(f"no fewer than {least} items allowed", path)
        for index, item in enumerate(value):
            of(item, f"{path}/{index}", problems)

    return check


def record(fields: Mapping[str, Check], required: tuple[str, ...] = (), also: Check | None = None) -> Check:
    """An object with these fields and no other; `also` looks at the whole once the fields are right."""

    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.note("must provide an object", path)
            return
        before = len(problems.messages)
        for name in required:
            if value.get(name) is None:
                problems.note(f"missing required field: {name}", path)
        for name, item in value.items():
            if name not in fields:
                problems.note(f"invalid additional property: {name}", path)
            elif item is not None:
                fields[name](item, f"{path}/{name}", problems)
        if also is not None and len(problems.messages) == before:
            also(value, path, problems)

    return check


def typed(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` says which of these checks it must pass."""

    def check(value: Any, path: str, problems: Problems) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(value, dict):
            problems.note("must provide an object", path)
        elif kind is None:
            problems.note("missing required field: type", path)
        elif not isinstance(kind, str) or kind not in kinds:
            problems.note(f"unsupported type: {kind}", f"{path}/type")
        else:
            kinds[kind](value, path, problems)

    return check


def one_of(*names: str) -> Check:
    """Exactly one of these fields is given."""

    def check(value: Json, path: str, problems: Problems) -> None:
        given = [name for name in names if value.get(name) is not None]
        if len(given) != 1:
            problems.note(f"must provide exactly one of {', '.join(names)}", path)

    return check


def anything(value: Any, path: str, problems: Problems) -> None:
    """No demand."""
