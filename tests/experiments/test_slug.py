"""A key from any title is a key."""

from __future__ import annotations

import doctest
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments import slug as module
from experiments.commands import CreateExperiment
from experiments.slug import attempts, slug


def is_key(text: str) -> bool:
    """Whether a command takes it as a key."""
    try:
        return CreateExperiment(key=text, title="Any").key == text
    except ValueError:
        return False


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


KEYS = st.from_regex(r"[a-z0-9]{1,30}(-[a-z0-9]{1,20}){0,3}", fullmatch=True).filter(is_key)


@given(KEYS)
def test_every_further_attempt_has_a_key_of_its_own(key: str) -> None:
    found = [attempt for attempt, _ in itertools.islice(attempts(key), 12)]
    assert all(is_key(attempt) for attempt in found)
    assert len({key, *found}) == 13


@pytest.mark.parametrize(
    ("key", "after"),
    [
        ("button", "button-2nd"),
        ("button-2nd", "button-3rd"),
        ("button-10th", "button-11th"),
        ("button-20th", "button-21st"),
        ("2nd", "2nd-2nd"),
        ("b" * 60, "b" * 56 + "-2nd"),
        ("a" * 53 + "-v1abc", "a" * 53 + "-2nd"),
    ],
)
def test_attempts_are_numbered(key: str, after: str) -> None:
    assert next(attempts(key))[0] == after
