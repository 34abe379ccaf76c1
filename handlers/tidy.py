"""Tidy: messages that were settled long ago leave the outbox, a few at a time, so that it does not grow for ever."""

from __future__ import annotations

from datetime import timedelta

from experiments.ports import World

KEPT = timedelta(days=30)
AT_ONCE = 500


async def tidy(world: World) -> int:
    """Forget some of the oldest; how many. What they said stands in Slack, and what was done in the audit trail."""
    async with world.reading(world.workspace) as uow:
        old = await uow.outbox.settled(world.now() - KEPT, AT_ONCE)
    if not old:
        return 0
    async with world.uow(world.workspace) as uow:
        await uow.outbox.forget(old)
    return len(old)
