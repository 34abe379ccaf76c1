"""What somebody wants to see as a picture, and what is found for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from experiments.errors import NotFound
from experiments.model import Experiment, Status
from experiments.permissions import Actor
from experiments.ports import World
from experiments.texts import Frozen
from handlers.surfaces.fields import Choice

Data = Frozen
"""What a chart draws: a frozen value of the engine, whose JSON decides whether the picture is a new one."""


class Option(NamedTuple):
    """A filter under the picture: its name, its words, what can be chosen, and what is chosen now."""

    name: str
    words: str
    choices: Sequence[Choice]
    value: str


class Down(NamedTuple):
    """A button to the next level: its words, its verb, and what it is about."""

    words: str
    verb: str
    value: str


class Found(NamedTuple):
    """The data of the picture, the filters that fit them, and the ways on."""

    data: Data
    options: Sequence[Option] = ()
    down: Sequence[Down] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants to see it, of which experiment if it is of one, with what chosen in its filters.

    `now` is rounded down to the picture's refresh interval, so that asking twice within it shows the same picture.
    """

    actor: Actor
    now: datetime
    chosen: Mapping[str, str]
    subject: Experiment | None = None

    @property
    def experiment(self) -> Experiment:
        """The experiment it is of; `NotFound` for a picture that is of none."""
        if self.subject is None:
            raise NotFound("")
        return self.subject

    def pick(self, name: str, choices: Sequence[Choice], default: str = "") -> str:
        """What is chosen in this filter; the default, or the first choice, where that is no longer to be had."""
        values = [value for value, _ in choices]
        given = self.chosen.get(name, default)
        return given if given in values else default if default in values else values[0] if values else ""


Gather = Callable[[Asked, World], Awaitable[Found]]


class Source(NamedTuple):
    """A picture by name: its words, who gathers its data, how old it may be, and for which experiments it makes sense;
    without `statuses` it is of no single experiment."""

    words: str
    gather: Gather
    refresh: timedelta
    statuses: tuple[Status, ...] = ()
