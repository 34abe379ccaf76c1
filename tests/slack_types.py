"""Slack's own types as JSON Schema, as recorded beside the project, and a validator that is quick on their unions."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, ValidationError
from jsonschema.validators import extend

SLACK = Path(__file__).parents[2] / "shared" / "slack"


def complaints(file: str, name: str, value: Any) -> list[str]:
    """What contradicts the type of this name, shortly; nothing is right."""
    validator = definition(file, name)
    assert validator, f"Slack has no {name}"
    return [error.message[:300] for error in validator.iter_errors(value)]


@functools.cache
def definition(file: str, name: str) -> Any:
    """The validator of one type; None where Slack has none of this name."""
    found = _schema(file)["definitions"].get(name)
    return _kind(file)(found) if found else None


@functools.cache
def _kind(file: str) -> Any:
    """A validator for the types of one file, in which each knows the others by their names."""

    def known(validator: Any, reference: str, value: Any, schema: Any) -> Iterator[ValidationError]:
        yield from definition(file, reference.removeprefix("#/definitions/")).iter_errors(value)

    return extend(Draft7Validator, {"anyOf": _any_of, "$ref": known})


@functools.cache
def _schema(file: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SLACK / file).read_text(), object_hook=_telling_first)
    return schema


def _telling_first(node: dict[str, Any]) -> dict[str, Any]:
    """The member `type`, which tells the branches of a union apart, is looked at before all others."""
    members = node.get("properties")
    if isinstance(members, dict) and "type" in members:
        node["properties"] = {"type": members["type"], **members}
    return node


def _any_of(validator: Any, branches: list[Any], value: Any, schema: Any) -> Iterator[ValidationError]:
    """A branch is left at its first contradiction, of which jsonschema would gather all."""
    if not any(next(validator.descend(value, branch), None) is None for branch in branches):
        yield ValidationError(f"{value!r} is not valid under any of the given schemas")
