"""Work that comes round again: what goes wrong this time is logged and met again the next time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import structlog

from experiments.errors import BunsenError

log = structlog.get_logger(__name__)


async def guarded(work: Awaitable[int], what: str, **about: str) -> int:
    """What the work counted, or 0 when it failed; being cancelled is no failure and goes on to the caller."""
    [outcome] = await asyncio.gather(work, return_exceptions=True)
    if isinstance(outcome, int):
        return outcome
    if isinstance(outcome, BunsenError):
        log.warning("put off", what=what, **about, code=outcome.code, words=outcome.words)
    else:
        log.error("failed", what=what, **about, exc_info=outcome)
    return 0
