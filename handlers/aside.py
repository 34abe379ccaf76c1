"""Aside: what takes long to work out, one after the other in a thread of its own; what is waited for in another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# Many such threads would take the interpreter from the loop in turn, and it would wait for all of them.
_LONG = ThreadPoolExecutor(1, thread_name_prefix="aside")
_SHORT = ThreadPoolExecutor(1, thread_name_prefix="ahead")


async def aside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What this comes to, while the loop goes on; it may take seconds until its turn comes."""
    return await asyncio.get_running_loop().run_in_executor(_LONG, partial(work, *args, **kwargs))


async def ahead(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same for what takes a moment and Slack's answer may wait for: ahead of all that takes long."""
    return await asyncio.get_running_loop().run_in_executor(_SHORT, partial(work, *args, **kwargs))
