"""What pages are told as it happens: one queue per open page."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from bot.sandbox.app import Json


class Live:
    """Fans events out to the pages of the people they are for."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[Json]]] = {}

    def tell(self, people: Collection[str], event: Json) -> None:
        """Queue the event for every open page of these people."""
        for person in people:
            for queue in self._queues.get(person, ()):
                queue.put_nowait(event)

    def tell_all(self, event: Json) -> None:
        """Queue the event for every open page."""
        self.tell(list(self._queues), event)

    @contextmanager
    def listen(self, person: str) -> Iterator[asyncio.Queue[Json]]:
        """The queue of one page of this person, for as long as it is open."""
        queue: asyncio.Queue[Json] = asyncio.Queue()
        self._queues.setdefault(person, set()).add(queue)
        try:
            yield queue
        finally:
            self._queues[person].discard(queue)
