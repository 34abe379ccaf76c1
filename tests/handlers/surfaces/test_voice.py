"""The house voice (docs/voice.md), as far as a machine can hold it: of every surface and of every error."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from experiments.faults import WORDS
from handlers.surfaces.kit import TITLE, Message
from tests import gallery
from tests.handlers.surfaces.test_limits import nodes

ROOT = Path(__file__).parents[3]
ERRORS = {
    *("AlreadyDone", "BadInput", "Forbidden", "IllegalTransition", "InsufficientData", "Refused", "Stale"),
    *("Unavailable", "Unusable", "problem_modal"),
}
PIECES = {"Unusable": "follow the place in a file", "Refused": "are lines of a terminal"}
IN_BRACKETS = "experiments/knowledge/summary.py"
"""Errors whose words are no sentences of their own, and the file whose words stand in brackets after another."""
BANNED = re.compile(r"\b(successfully|invalid|oops|sorry|unfortunately|please|kindly|simply|just)\b|!", re.IGNORECASE)
FAVOUR = "please review"
SLACKS_OWN = re.compile(r"<![^>]*>|<https?:[^>]*>")
LABEL = 30
NAMES = re.compile(r"A/B|CSV|JSON|PDF")
ORDINARY = {
    name: surface
    for name, surface in [*gallery.all_messages().items(), *gallery.all_views().items()]
    if not re.search(r"hostile|endless|extreme|full|refused|long|odd|predicted", name)
}


def texts(surface: Message | dict[str, Any]) -> Iterator[str]:
    for node in nodes(surface.blocks if isinstance(surface, Message) else surface):
        if isinstance(node.get("text"), str):
            yield SLACKS_OWN.sub("", node["text"])


def labels(surface: Message | dict[str, Any]) -> Iterator[str]:
    """What stands on buttons and in the menus of steps, without the way up that carries a person's title."""
    for node in nodes(surface.blocks if isinstance(surface, Message) else surface):
        told = [node["text"]] if node.get("type") == "button" else []
        told += [option["text"] for option in node["options"]] if node.get("type") == "overflow" else []
        yield from (each["text"] for each in told if not each["text"].startswith("‹"))


def raised() -> Iterator[tuple[str, str, str]]:
    """Where, which error, and its words; what is filled in stands as …."""
    for folder in ("experiments", "handlers", "storage", "bot"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "sandbox" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and node.args and (words := written(node.args[0])):
                    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", name, words


def written(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    parts = node.values if isinstance(node, ast.JoinedStr) else []
    return "".join(str(each.value) if isinstance(each, ast.Constant) else "…" for each in parts)


@pytest.mark.parametrize("name", ORDINARY)
def test_surfaces_are_calm(name: str) -> None:
    for text in texts(ORDINARY[name]):
        assert not BANNED.search(text.replace(FAVOUR, "")), text


@pytest.mark.parametrize("name", ORDINARY)
def test_buttons_are_short_and_in_sentence_case(name: str) -> None:
    for label in labels(ORDINARY[name]):
        assert len(label) <= LABEL, label
        assert not label.endswith("."), label
        assert label[0].isupper(), label
        first, *others = NAMES.sub("", label).split()
        assert first
        assert not [word for word in others if word[0].isupper()], label


@pytest.mark.parametrize("name", [name for name in gallery.all_views() if "title" in gallery.all_views()[name]])
def test_titles_fit_and_have_no_full_stop(name: str) -> None:
    title = gallery.all_views()[name]["title"]["text"]
    assert len(title) <= TITLE
    assert not title.endswith((".", "…", "!")), title


@pytest.mark.parametrize("name", ORDINARY)
def test_what_is_asked_before_a_button_acts_is_a_question(name: str) -> None:
    surface = ORDINARY[name]
    for node in nodes(surface.blocks if isinstance(surface, Message) else surface):
        if node.get("type") == "button" and "confirm" in node:
            assert node["confirm"]["title"]["text"].endswith("?")
            assert node["confirm"]["text"]["text"].endswith((".", "?"))


def test_errors_are_calm_sentences() -> None:
    found = [(where, name, words) for where, name, words in raised() if name in ERRORS]
    assert len(found) > 100
    assert [(where, words) for where, _, words in found if BANNED.search(words)] == []
    whole = [(at, words) for at, name, words in found if name not in PIECES and not at.startswith(IN_BRACKETS)]
    assert [(where, words) for where, words in whole if not words.endswith((".", "?", "…"))] == []
    assert [(where, words) for where, words in whole if words[0].islower()] == []


def test_what_is_wrong_with_a_value_is_said_calmly() -> None:
    told = [*WORDS.values(), *(words for _, name, words in raised() if name == "ValueError")]
    assert [words for words in told if BANNED.search(words) or words.endswith(".")] == []
