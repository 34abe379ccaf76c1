"""The checks of blocks and elements know the fields that Slack's recorded types know, and demand the same ones."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.file_store import FileStore
from bot.sandbox.validation.blocks import BLOCKS
from bot.sandbox.validation.elements import ELEMENTS
from bot.sandbox.validation.schema import Check, Problems

CONTRACT = Path(__file__).parents[4] / "shared" / "slack" / "blocks_and_views.schema.json"
pytestmark = pytest.mark.skipif(
    not CONTRACT.exists(),
    reason=f"the recorded Slack contract {CONTRACT.name} lies beside the project, and is not here",
)

EITHER_OR = {"image_url", "slack_file"}


def objects(schema: dict[str, Any], definitions: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The object schemas behind references and alternatives."""
    if "$ref" in schema:
        yield from objects(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    for each in schema.get("anyOf", ()):
        yield from objects(each, definitions)
    if "properties" in schema:
        yield schema


def recorded() -> list[tuple[str, Check, dict[str, Any]]]:
    if not CONTRACT.exists():
        return []
    definitions = json.loads(CONTRACT.read_text())["definitions"]
    roots = [("KnownBlock", BLOCKS), ("InputBlockElement", ELEMENTS), ("ActionsBlockElement", ELEMENTS)]
    roots += [("SectionBlockAccessory", ELEMENTS), ("ContextActionsBlockElement", ELEMENTS)]
    found = {}
    for name, checks in roots:
        for each in objects(definitions[name], definitions):
            kind = each["properties"]["type"]["const"]
            found[kind, tuple(sorted(each["properties"]))] = (kind, checks[kind], each)
    return list(found.values())


def messages(check: Check, value: dict[str, Any]) -> str:
    problems = Problems(FileStore())
    check(value, "", problems)
    return "\n".join(problems.messages)


@pytest.mark.parametrize(
    ("kind", "check", "schema"), recorded(), ids=lambda each: each if isinstance(each, str) else ""
)
def test_the_same_fields(kind: str, check: Check, schema: dict[str, Any]) -> None:
    everything = dict.fromkeys(schema["properties"], 0)
    unknown = [
        line for line in messages(check, {**everything, "type": kind}).splitlines() if "additional property" in line
    ]
    assert unknown == []
    demanded = messages(check, {"type": kind})
    missing = [
        name
        for name in schema.get("required", ())
        if name not in {"type", *EITHER_OR} and f"missing required field: {name}" not in demanded
    ]
    assert missing == []
