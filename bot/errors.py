"""Errors become words: the one place where an exception turns into what a person reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from experiments.errors import BadInput, BunsenError, Incomplete, NotFound
from experiments.faults import fault_words, sentence
from handlers.forms import block_of

EXPECTED = (BunsenError, ValidationError)


class TooSlow(BunsenError):
    """Somebody waits for an answer, and Slack will not wait longer."""

    code = "too_slow"

    def __init__(self) -> None:
        super().__init__(
            "This is taking too long, so I stopped. The database or Slack is busy right now; "
            "look whether it was done, and try again in a moment."
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """What to say, per field of the form what is wrong there, who was first where somebody was, and which keys are like
    one that nobody knows."""

    words: str
    fields: dict[str, str] = field(default_factory=dict)
    by: str | None = None
    at: datetime | None = None
    near: tuple[str, ...] = ()

    def on(self, view: dict[str, Any]) -> dict[str, str]:
        """The problems of fields that this view has, by the block they stand in."""
        return {block: words for name, words in self.fields.items() if (block := block_of(view, name))}


def problem_of(error: BunsenError | ValidationError) -> Problem:
    """The words for an expected error."""
    if isinstance(error, Incomplete):
        return Problem(error.words, {name: sentence(words) for name, words in error.missing.items()})
    if isinstance(error, NotFound):
        return Problem(error.words, {"key": error.words}, near=error.near)
    if isinstance(error, BadInput) and error.beside:
        every = [error, *error.beside]
        return Problem(" ".join(each.words for each in every), {each.field: each.words for each in every if each.field})
    if isinstance(error, BunsenError):
        return Problem(error.words, {error.field: error.words} if error.field else {}, error.by, error.at)
    fields: dict[str, str] = {}
    for fault in error.errors():
        name = _field(fault["loc"])
        fields.setdefault(name, sentence(fault_words(fault)))
    return Problem(
        "; ".join(f"{name.replace('_', ' ')}: {words}" if name else words for name, words in fields.items()), fields
    )


def _field(place: tuple[int | str, ...]) -> str:
    """The field a fault belongs to; metrics are asked for in two fields, the primary one first."""
    if place[:1] == ("metrics",):
        return "primary_metric" if place[1:2] == (0,) else "other_metrics"
    return str(place[0]) if place else ""
