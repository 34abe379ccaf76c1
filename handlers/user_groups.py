"""Slack's user groups: which there are to choose from, and who is in those that were chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from experiments.ports import World
from handlers.surfaces.fields import Choice

SECONDS = 1.0

log = structlog.get_logger(__name__)


async def groups_to_choose(world: World) -> tuple[Choice, ...]:
    """The ids and names of all; none when Slack does not say which in time, since a form must not wait for that."""
    asked = asyncio.wait_for(world.slack.call("usergroups.list"), SECONDS)
    answer = (await asyncio.gather(asked, return_exceptions=True))[0]
    if isinstance(answer, BaseException):
        log.info("user groups left out", reason=str(answer) or type(answer).__name__)
        return ()
    return tuple((group["id"], f"{group['name']} (@{group['handle']})") for group in answer.get("usergroups", ()))


async def people_in(groups: Iterable[str], world: World) -> tuple[str, ...]:
    """Everybody who is in one of the groups, each once."""
    members = await asyncio.gather(*(world.people.members(group) for group in groups))
    return tuple(dict.fromkeys(user for each in members for user in each))
