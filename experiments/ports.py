"""What the inner layers need of the world, as Protocols, and `World`, which holds one of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from experiments.measuring import Measurements
from experiments.permissions import Actor
from experiments.report import Publish
from experiments.repositories import UnitOfWork
from experiments.sources import DataSource, Probe

if TYPE_CHECKING:
    from experiments.knowledge.summary import Evidence


class People(Protocol):
    async def actor(self, workspace: str, user: str, delivery: str | None = None) -> Actor:
        """The person with the role they have now; `Unavailable` when Slack does not say who it is."""
        ...

    async def members(self, group: str) -> tuple[str, ...]:
        """The user ids of a Slack user group."""
        ...

    def forget(self, user: str = "") -> None:
        """This person was changed; or, without one, roles or groups were: ask anew."""
        ...


class Routing(Protocol):
    """What sends traffic to variants."""

    def connects(self, project: str) -> bool:
        """Whether applications of this project ask it which variant to show."""
        ...


class Slack(Protocol):
    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Slack's answer; `Unavailable` with Slack's error code as its reason when it refused or did not answer."""
        ...

    async def respond(self, response_url: str, **message: Any) -> None:
        """Answer through the address that came with a command or a button; works wherever the person is."""
        ...

    async def upload(self, png: bytes, filename: str, alt: str) -> str:
        """The id of the uploaded picture, ready to be shown in an image block."""
        ...

    async def share(self, content: bytes, filename: str, channel: str, thread_ts: str) -> None:
        """Put a file into a thread."""
        ...

    async def download(self, file_id: str, most_bytes: int) -> tuple[str, bytes]:
        """Name and content of a file a person uploaded; `BadInput` when it is larger than `most_bytes`."""
        ...


class Draw(Protocol):
    async def __call__(self, chart: str, data: Any) -> bytes:
        """The named chart of this data as PNG, drawn off the event loop."""
        ...


class Writer(Protocol):
    async def draft(self, evidence: Evidence) -> str:
        """A summary in a language model's words, unchecked; `Unavailable` when there is none to be had."""
        ...


class Sources(Protocol):
    @property
    def warehouses(self) -> tuple[str, ...]:
        """The names of the warehouses that the operator configured."""
        ...

    async def probe(self, source: DataSource, allowed: Sequence[str]) -> Probe:
        """Try a source before it is saved; `allowed` are the addresses inside the own network that may be asked."""
        ...


Reading = Callable[[str], AbstractAsyncContextManager[UnitOfWork]]
"""Opens a unit of work of one workspace."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside: put together once by `bot/world.py`, by hand in tests.

    `now` is the product's clock, `wall` the machine's (for leases and retries; the two differ in the sandbox).
    `nudge` wakes the dispatcher. `publish` makes the files of a report, `measurements` are where numbers come from,
    `sources` tries where they could come from. `secret` makes a new one for a token.
    `public_url` is where links to experiments lead; empty when there is no such place.
    """

    workspace: str
    uow: Reading
    reading: Reading
    now: Callable[[], datetime]
    wall: Callable[[], datetime]
    slack: Slack
    draw: Draw
    writer: Writer
    people: People
    routing: Routing
    publish: Publish
    measurements: Measurements
    sources: Sources
    secret: Callable[[], str]
    nudge: Callable[[], None]
    public_url: str = ""
