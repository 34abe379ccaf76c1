"""The outbox in memory: what the one in storage does, as plainly as it can be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from experiments.announcements import CARD, Announcement, joined
from experiments.outbox import Delivery, DeliveryState, Posting


@dataclass(frozen=True)
class Row:
    """One announcement in the outbox; `state` is waiting, delivered, refused or superseded."""

    announcement: Announcement
    created_at: datetime
    attempts: int = 0
    held_until: datetime | None = None
    not_before: datetime | None = None
    state: str = "waiting"
    reason: str = ""


@dataclass
class MemoryOutbox:
    """The rows by number, and the message that stands in each slot by stream, channel and slot."""

    rows: dict[int, Row]
    messages: dict[tuple[str, str, str], str]

    async def add(self, announcements: Sequence[Announcement], now: datetime, wall: datetime | None = None) -> None:
        urgent = {(each.stream, each.channel) for each in announcements if not each.settle and each.slot != CARD}
        for number, row in self.rows.items():
            if wall and not row.attempts and (row.announcement.stream, row.announcement.channel) in urgent:
                self.rows[number] = replace(row, not_before=None)
        for each in announcements:
            settles = wall + timedelta(seconds=each.settle) if wall and each.settle else None
            if settles and self._taken_along(each):
                continue
            held = None if (each.stream, each.channel) in urgent else settles
            self.rows[max(self.rows, default=0) + 1] = Row(each, now, not_before=held)

    def _taken_along(self, announcement: Announcement) -> bool:
        place = (announcement.stream, announcement.channel)
        for number, row in reversed(self.rows.items()):
            said = row.announcement
            if (said.stream, said.channel) != place or said.slot == CARD or row.state != "waiting":
                continue
            payload = joined(said.payload, announcement.payload)
            if row.attempts or payload is None or said.surface != announcement.surface:
                return False
            told = said.model_copy(update={"payload": payload})
            self.rows[number] = replace(row, announcement=told)
            return True
        return False

    async def claim(
        self, wall: datetime, lease_seconds: float, limit: int, now: datetime | None = None
    ) -> tuple[Posting, ...]:
        claimed: list[Posting] = []
        for stream in dict.fromkeys(row.announcement.stream for row in self.rows.values()):
            number = self._head(stream, wall, now or wall)
            if number is None or len(claimed) == limit:
                continue
            row = self.rows[number]
            if (row.held_until and row.held_until > wall) or (row.not_before and row.not_before > wall):
                continue
            lease = wall + timedelta(seconds=lease_seconds)
            self.rows[number] = replace(row, attempts=row.attempts + 1, held_until=lease)
            said = row.announcement
            claimed.append(
                Posting(
                    id=number,
                    announcement=said,
                    attempts=row.attempts,
                    ts=self.messages.get((stream, said.channel, said.slot)) if said.slot else None,
                    thread_ts=self.messages.get((stream, said.channel, said.thread_of)) if said.thread_of else None,
                )
            )
        return tuple(claimed)

    def _head(self, stream: str, wall: datetime, now: datetime) -> int | None:
        """The oldest waiting row of a stream that may go, after skipping edits that a newer one overtakes."""
        waiting = [
            number for number, row in self.rows.items() if row.announcement.stream == stream and row.state == "waiting"
        ]
        for place, number in enumerate(waiting):
            row = self.rows[number]
            slot = (stream, row.announcement.channel, row.announcement.slot)
            later = (self.rows[other].announcement for other in waiting[place + 1 :])
            overtaken = any((each.stream, each.channel, each.slot) == slot for each in later)
            if row.announcement.slot and row.attempts == 0 and slot in self.messages and overtaken:
                self.rows[number] = replace(row, state="superseded")
                continue
            due = row.announcement.due_at
            if row.attempts or not ((row.not_before and row.not_before > wall) or (due and due > now)):
                return number
        return None

    async def delivered(self, posting: Posting, ts: str, wall: datetime) -> None:
        self._settle(posting, state="delivered", held_until=None)
        said = posting.announcement
        if said.slot:
            self.messages[said.stream, said.channel, said.slot] = ts

    async def retry(self, posting: Posting, reason: str, at: datetime) -> None:
        self._settle(posting, not_before=at, held_until=None, reason=reason)

    async def refused(self, posting: Posting, reason: str, wall: datetime) -> None:
        self._settle(posting, state="refused", held_until=None, reason=reason)

    def _settle(self, posting: Posting, **changes: object) -> None:
        self.rows[posting.id] = replace(self.rows[posting.id], **changes)  # type: ignore[arg-type]

    async def log(self, limit: int) -> tuple[Delivery, ...]:
        rows = [(number, row) for number, row in self.rows.items() if row.state != "superseded"]
        return tuple(
            Delivery(
                id=number,
                announcement=row.announcement,
                state=DeliveryState(row.state),
                created_at=row.created_at,
                at=row.announcement.due_at or row.not_before,
                reason=row.reason,
                attempts=row.attempts,
            )
            for number, row in reversed(rows)
        )[:limit]

    async def settled(self, before: datetime, most: int) -> tuple[int, ...]:
        oldest = list(self.rows.items())[:most]
        return tuple(number for number, row in oldest if row.state != "waiting" and row.created_at < before)

    async def forget(self, ids: Sequence[int]) -> None:
        for number in ids:
            if self.rows[number].state != "waiting":
                del self.rows[number]

    async def again(self, id: int) -> bool:
        row = self.rows.get(id)
        if row is None or row.state not in ("waiting", "refused"):
            return False
        place = (row.announcement.stream, row.announcement.channel, row.announcement.slot)
        later = (each.announcement for number, each in self.rows.items() if number > id)
        if row.announcement.slot and any((each.stream, each.channel, each.slot) == place for each in later):
            return False
        said = row.announcement.model_copy(update={"due_at": None})
        self.rows[id] = replace(row, announcement=said, state="waiting", not_before=None)
        return True

    async def standing(self, stream: str, channel: str, slot: str) -> str | None:
        return self.messages.get((stream, channel, slot))

    async def waiting(self) -> int:
        return sum(row.state == "waiting" for row in self.rows.values())
