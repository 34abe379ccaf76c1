"""A key from any title is a key."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments import slug as module
from experiments.commands import CreateExperiment
from experiments.slug import slug

EXAMPLES = {
    "Bigger button": "bigger-button",
    "  Größe & Maß ": "grosse-mass",
    "Prompt v2 vs v3": "prompt-vs",
    "🚀🔥": "experiment",
    "v2": "experiment",
    "a": "experiment",
    "AB": "ab",
    "新しい": "experiment",
    "Can't stop": "can-t-stop",
    "a" * 47 + " v1abc": "a" * 47,
    "v" + "1" * 60 + "x": "experiment",
}


@pytest.mark.parametrize(("title", "key"), EXAMPLES.items())
def test_examples(title: str, key: str) -> None:
    assert slug(title) == key


def test_the_documented_example_holds() -> None:
    assert doctest.testmod(module).failed == 0


@given(st.text(alphabet=st.sampled_from("abv123 -_Ä<&🚀\x00"), min_size=0, max_size=110))
def test_any_title_gives_a_key_that_a_command_takes(title: str) -> None:
    command = CreateExperiment.model_validate({"title": f"{title}."})
    assert command.key == slug(f"{title}.")
    assert len(command.key) <= 50
