"""Charts drawn in a process of their own, one at a time, as the `Draw` port."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from multiprocessing import get_context, parent_process
from typing import Any

from experiments.errors import Unavailable

NICE = 10
MOST_SECONDS = 15


class Pictures:
    """The `Draw` port: drawing is CPU work that would hold up whoever waits for an answer, so another process does it.

    It is started with the first picture and shared by all of this one; it ends when this one does, however that ends,
    and when a picture takes more than `seconds`.
    """

    def __init__(self, seconds: int = MOST_SECONDS) -> None:
        self._seconds = seconds

    async def __call__(self, chart: str, data: Any) -> bytes:
        loop = asyncio.get_running_loop()
        for _ in range(2):
            pool = _process()
            try:
                return await loop.run_in_executor(pool, _draw, chart, data, self._seconds)
            except BrokenProcessPool:
                # It was killed, or what it drew killed it: once more, in another one that all who met this share.
                if _process() is pool:
                    _process.cache_clear()
        raise Unavailable("The picture could not be drawn.", reason="drawing")


@lru_cache(maxsize=1)
def _process() -> ProcessPoolExecutor:
    # Spawned, since a fork would inherit threads, sockets and locks of this one.
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """In the new process: a Ctrl-C is for the parent, and when the parent is gone there is nothing to draw for.

    Whoever waits for an answer comes before whoever waits for a picture.
    """
    os.nice(NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    from multiprocessing.connection import wait

    wait([sentinel])
    os._exit(0)


def _draw(chart: str, data: Any, seconds: int) -> bytes:
    from charts import CHARTS  # matplotlib loads with the first picture

    signal.alarm(seconds)  # nobody takes this signal, so it ends the process, wherever that hangs
    try:
        return CHARTS[chart](data)
    finally:
        signal.alarm(0)
