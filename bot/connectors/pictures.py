"""Charts drawn off the event loop, one at a time, as the `Draw` port."""

from __future__ import annotations

import asyncio
from typing import Any


class Pictures:
    """The `Draw` port: drawing is CPU work, so it happens in a thread and never twice at once."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Semaphore(1)

    async def __call__(self, chart: str, data: Any) -> bytes:
        from charts import CHARTS  # matplotlib loads with the first picture

        async with self._one_at_a_time:
            return await asyncio.to_thread(CHARTS[chart], data)
