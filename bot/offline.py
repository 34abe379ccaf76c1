"""A world without Slack, for work at the command line: what would be posted waits in the outbox for the bot."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from bot.connectors.language_model import NoLanguageModel
from bot.connectors.pictures import Pictures
from bot.connectors.printing import Printing
from bot.connectors.routing import NotConnected
from bot.connectors.warehouses import Warehouses
from bot.world import new_secret, utc_now
from experiments.errors import Unavailable
from experiments.measuring import NothingMeasured
from experiments.permissions import Actor
from experiments.ports import World
from experiments.repositories import UnitOfWork
from storage import Database


class NoSlack:
    """The `Slack` port where there is no Slack."""

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        raise self._absent()

    async def respond(self, response_url: str, **message: Any) -> None:
        raise self._absent()

    async def upload(self, png: bytes, filename: str, alt: str) -> str:
        raise self._absent()

    async def share(self, content: bytes, filename: str, channel: str, thread_ts: str) -> None:
        raise self._absent()

    async def download(self, file_id: str, most_bytes: int) -> tuple[str, bytes]:
        raise self._absent()

    def _absent(self) -> Unavailable:
        return Unavailable("Slack is not connected at the command line.", reason="offline")


@dataclass(frozen=True, slots=True)
class ByName:
    """The `People` port where Slack cannot be asked: a person has the role that was given to them by name, else the
    default one. Nobody is known to be in a user group, a guest or gone; `admins` are those of the settings."""

    reading: Callable[[str], AbstractAsyncContextManager[UnitOfWork]]
    admins: Collection[str] = ()

    async def actor(self, workspace: str, user: str, delivery: str | None = None) -> Actor:
        async with self.reading(workspace) as uow:
            policies = await uow.policies.get()
        role, projects = policies.roles({user}, is_guest=False, is_admin=user in self.admins)
        return Actor(workspace=workspace, user=user, role=role, projects=projects, delivery=delivery)

    async def members(self, group: str) -> tuple[str, ...]:
        return ()

    def forget(self, user: str = "") -> None:
        """Nothing is remembered."""


def offline_world(database: Database, workspace: str, admins: Collection[str] = ()) -> World:
    """The world for commands given at a terminal."""
    return World(
        workspace=workspace,
        uow=database.uow,
        reading=database.reading,
        now=utc_now,
        wall=utc_now,
        slack=NoSlack(),
        draw=Pictures(),
        writer=NoLanguageModel(),
        people=ByName(database.reading, admins),
        routing=NotConnected(),
        publish=Printing(Pictures()),
        measurements=NothingMeasured(),
        sources=Warehouses({}),
        secret=new_secret,
        nudge=lambda: None,
    )
