"""Announcements on their way to Slack: what is claimed, what became of each, and the outbox they wait in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from experiments.announcements import Announcement
from experiments.texts import Frozen, Words


class Posting(Frozen):
    """A claimed announcement: deliver it and say so before the lease ends.

    `ts` is the message that stands in its slot, `thread_ts` the one its thread hangs from, when these were posted.
    `attempts` counts earlier claims: above zero, the message may have been posted by somebody who then died.
    """

    id: int
    announcement: Announcement
    attempts: int
    ts: str | None = None
    thread_ts: str | None = None


class DeliveryState(Words):
    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"


class Delivery(Frozen):
    """What became of an announcement: `at` is when it was settled, or when it is tried next if that is known."""

    id: int
    announcement: Announcement
    state: DeliveryState
    created_at: datetime
    at: datetime | None = None
    reason: str = ""
    attempts: int = 0


class Outbox(Protocol):
    async def add(self, announcements: Sequence[Announcement], now: datetime, wall: datetime | None = None) -> None:
        """Keep them for delivery. Without the machine's time in `wall` nothing settles: all of it is due at once.

        What settles joins an earlier one of its kind in the same stream and channel that nobody has tried yet, where
        nothing but edits in place came in between; what does not settle calls up those that wait before it."""
        ...

    async def claim(
        self, wall: datetime, lease_seconds: float, limit: int, now: datetime | None = None
    ) -> tuple[Posting, ...]:
        """The oldest undelivered announcement of each stream that nobody else holds and that is not waiting for a
        retry; what settles or waits for the end of quiet hours (by `now`, or by `wall`) holds up no other. An
        undelivered edit of a slot that a newer one follows in the same stream is skipped as superseded."""
        ...

    async def delivered(self, posting: Posting, ts: str, wall: datetime) -> None: ...
    async def retry(self, posting: Posting, reason: str, at: datetime) -> None: ...
    async def refused(self, posting: Posting, reason: str, wall: datetime) -> None:
        """Give this one up for good; the stream goes on."""
        ...

    async def waiting(self) -> int:
        """How many announcements are not delivered yet."""
        ...

    async def standing(self, stream: str, channel: str, slot: str) -> str | None:
        """The message that stands in this slot, if one was posted."""
        ...

    async def log(self, limit: int) -> tuple[Delivery, ...]:
        """The newest deliveries, superseded edits left out."""
        ...

    async def settled(self, before: datetime, most: int) -> tuple[int, ...]:
        """Of the oldest `most`, those that were written before then and wait for nothing any more."""
        ...

    async def forget(self, ids: Sequence[int]) -> None:
        """Let go of these, but not of what waits again; which message stands in which slot stays known."""
        ...

    async def again(self, id: int) -> bool:
        """Try what was refused or waits at once; False when it was delivered or a newer edit of its slot exists."""
        ...
