"""Errors become words: at the field, with what to do about it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.errors import Problem, TooSlow, problem_of
from experiments.commands import COMMANDS
from experiments.errors import BadInput, BunsenError, Busy, Incomplete, KeyTaken, Stale


def fault_of(command: str, **fields: object) -> Problem:
    with pytest.raises(ValidationError) as fault:
        COMMANDS[command].model_validate(fields)
    return problem_of(fault.value)


@pytest.mark.parametrize("error", [Busy(), Stale("Changed in the meantime."), TooSlow()])
def test_an_error_that_blames_no_field_is_words_only(error: BunsenError) -> None:
    assert problem_of(error) == Problem(error.words)


def test_an_error_that_blames_a_field_says_it_there() -> None:
    taken = KeyTaken("bigger-button")
    assert problem_of(taken).fields == {"key": taken.words}


def test_everything_missing_is_said_where_it_is_missing() -> None:
    problem = problem_of(Incomplete({"hypothesis": "no hypothesis", "variants": "no variants"}))
    assert problem.fields == {"hypothesis": "No hypothesis.", "variants": "No variants."}
    assert "no hypothesis; no variants" in problem.words


@pytest.mark.parametrize(
    ("command", "given", "field", "words"),
    [
        ("CreateExperiment", {"key": "abc"}, "title", "Fill this in."),
        ("CreateExperiment", {"title": "x" * 121, "key": "abc"}, "title", "121 characters"),
        ("CreateExperiment", {"title": "A", "key": "v2-button"}, "key", "leave the version out"),
        ("CreateExperiment", {"title": "A", "key": "abc", "kind": "guess"}, "kind", "not one of the choices"),
        ("EditExperiment", {"key": "abc", "planned_days": "soon"}, "planned_days", "whole number"),
        ("EditExperiment", {"key": "abc", "smallest_effect": "big"}, "smallest_effect", "write a number"),
        ("EditExperiment", {"key": "abc", "metrics": [{"key": "NO", "role": "primary"}]}, "primary_metric", "lower"),
        ("EditExperiment", {"key": "abc", "metrics": [{"key": "yes"}, {"key": "NO"}]}, "other_metrics", "lower"),
        ("LogDecision", {"key": "abc", "outcome": "ship", "reasoning": " "}, "reasoning", "Fill this in."),
    ],
)
def test_what_is_wrong_with_a_value_is_said_in_words(
    command: str, given: dict[str, object], field: str, words: str
) -> None:
    problem = fault_of(command, **given)
    assert list(problem.fields) == [field]
    assert words.lower() in problem.fields[field].lower()
    assert problem.fields[field].endswith(".")


def test_the_first_fault_of_a_field_is_enough() -> None:
    problem = fault_of("EditExperiment", key="abc", variants=[{"key": "NO", "weight": -1}, {"key": "also no"}])
    assert list(problem.fields) == ["variants"]


def test_only_fields_of_this_form_are_marked_and_scoped_ones_are_found() -> None:
    problem = Problem("words", {"metric": "bad", "key": "taken"})
    view = {"blocks": [{"type": "input", "block_id": "metric__checkout"}, {"type": "section", "block_id": "key"}]}
    assert problem.on(view) == {"metric__checkout": "bad"}


def test_words_come_without_the_machine_behind_them() -> None:
    for problem in (fault_of("CreateExperiment"), problem_of(BadInput("Bad.", field="rows"))):
        assert not any(word in problem.words for word in ("pydantic", "Value error", "type=", "http"))
