"""The outbox: messages written with the change they tell of, delivered in order per stream, each once.

A claim asks several small questions instead of one large one: while the table is young, PostgreSQL knows nothing of its
size and answers the large one in quadratic time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update

from experiments.announcements import Announcement
from experiments.ports import Posting
from storage.engine import Transaction
from storage.tables import MESSAGE, OPEN, OUTBOX

HERE = OUTBOX.c.workspace == bindparam("workspace")
INSERT = insert(OUTBOX)
WAITING = select(func.count()).select_from(OUTBOX).where(HERE, OPEN)


STANDING_EDITS = (
    select(OUTBOX.c.id, OUTBOX.c.attempts, OUTBOX.c.stream, OUTBOX.c.channel, OUTBOX.c.slot)
    .join(
        MESSAGE,
        (MESSAGE.c.workspace == OUTBOX.c.workspace)
        & (MESSAGE.c.stream == OUTBOX.c.stream)
        & (MESSAGE.c.channel == OUTBOX.c.channel)
        & (MESSAGE.c.slot == OUTBOX.c.slot),
    )
    .where(HERE, OPEN, OUTBOX.c.slot != "")
    .order_by(OUTBOX.c.id.desc())
)
OLDEST = select(func.min(OUTBOX.c.id)).where(HERE, OPEN).group_by(OUTBOX.c.stream)
THESE = OUTBOX.c.id.in_(bindparam("ids", expanding=True))
UNTRIED = select(OUTBOX.c.id).where(HERE, OPEN, THESE, OUTBOX.c.attempts == 0).with_for_update(skip_locked=True)
WALL = bindparam("wall", type_=OUTBOX.c.lease_until.type)
READY = (
    select(OUTBOX)
    .where(
        HERE,
        OPEN,
        THESE,
        OUTBOX.c.lease_until.is_(None) | (OUTBOX.c.lease_until <= WALL),
        OUTBOX.c.not_before.is_(None) | (OUTBOX.c.not_before <= WALL),
    )
    .order_by(OUTBOX.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
STANDING = select(MESSAGE).where(
    MESSAGE.c.workspace == bindparam("workspace"), MESSAGE.c.stream.in_(bindparam("streams", expanding=True))
)
HELD = update(OUTBOX).where(
    OUTBOX.c.workspace == bindparam("in_workspace"),
    OUTBOX.c.id == bindparam("of_id"),
    OUTBOX.c.attempts == bindparam("held_since"),
    OPEN,
)
STILL_OPEN = update(OUTBOX).where(
    OUTBOX.c.workspace == bindparam("in_workspace"), OUTBOX.c.id == bindparam("of_id"), OPEN
)


class Outbox:
    """The messages of one workspace that wait to be delivered."""

    def __init__(self, transaction: Transaction, workspace: str) -> None:
        self._transaction = transaction
        self._workspace = workspace

    async def add(self, announcements: Sequence[Announcement], now: datetime) -> None:
        if announcements:
            rows = [self._row(announcement, now) for announcement in announcements]
            await self._transaction.change(INSERT, rows)

    async def claim(self, wall: datetime, lease_seconds: float, limit: int) -> tuple[Posting, ...]:
        """The claim holds once this transaction has committed; deliver after that."""
        await self._supersede(wall)
        oldest = [row[0] for row in await self._transaction.rows(OLDEST, {"workspace": self._workspace}, many=True)]
        ready = await self._transaction.rows(
            READY, {"workspace": self._workspace, "ids": oldest, "wall": wall, "most": limit}
        )
        if not ready:
            return ()
        lease = {"lease_until": wall + timedelta(seconds=lease_seconds), "attempts": OUTBOX.c.attempts + 1}
        await self._transaction.change(self._these([row.id for row in ready]).values(lease))
        streams = {"workspace": self._workspace, "streams": [row.stream for row in ready]}
        standing = {
            (row.stream, row.channel, row.slot): row.ts for row in await self._transaction.rows(STANDING, streams)
        }
        return tuple(_posting(row, standing) for row in ready)

    async def delivered(self, posting: Posting, ts: str, wall: datetime) -> None:
        """The first report counts, even from a holder whose lease ran out: its message stands."""
        settled = {"delivered_at": wall, "ts": ts, "lease_until": None}
        if await self._transaction.change(STILL_OPEN, {**self._id(posting), **settled}) != 1:
            return
        if slot := posting.announcement.slot:
            place = {
                "workspace": self._workspace,
                "stream": posting.announcement.stream,
                "channel": posting.announcement.channel,
                "slot": slot,
            }
            message = self._transaction.insert(MESSAGE).values({**place, "ts": ts})
            await self._transaction.change(message.on_conflict_do_update(index_elements=list(place), set_={"ts": ts}))

    async def retry(self, posting: Posting, reason: str, at: datetime) -> None:
        """Let go of it until then; nothing happens when somebody else has claimed it since."""
        values = {"lease_until": None, "not_before": at, "reason": reason}
        await self._transaction.change(HELD, {**self._id(posting), "held_since": posting.attempts + 1, **values})

    async def refused(self, posting: Posting, reason: str, wall: datetime) -> None:
        """Nothing happens when somebody else has claimed it since."""
        values = {"lease_until": None, "refused_at": wall, "reason": reason}
        await self._transaction.change(HELD, {**self._id(posting), "held_since": posting.attempts + 1, **values})

    async def waiting(self) -> int:
        return int((await self._transaction.rows(WAITING, {"workspace": self._workspace}))[0][0])

    async def _supersede(self, wall: datetime) -> None:
        """Settle edits of a standing message, never tried, that a newer one of the same slot follows."""
        followed: set[tuple[str, str, str]] = set()
        overtaken = []
        for row in await self._transaction.rows(STANDING_EDITS, {"workspace": self._workspace}):
            slot = (row.stream, row.channel, row.slot)
            if slot in followed and row.attempts == 0:
                overtaken.append(row.id)
            followed.add(slot)
        if overtaken:
            untried = await self._transaction.rows(UNTRIED, {"workspace": self._workspace, "ids": overtaken})
            await self._transaction.change(self._these([row.id for row in untried]).values({"superseded_at": wall}))

    def _these(self, ids: list[int]) -> Any:
        return update(OUTBOX).where(OUTBOX.c.workspace == self._workspace, OUTBOX.c.id.in_(ids))

    def _id(self, posting: Posting) -> dict[str, Any]:
        return {"in_workspace": self._workspace, "of_id": posting.id}

    def _row(self, announcement: Announcement, now: datetime) -> dict[str, Any]:
        payload = json.dumps(announcement.payload, separators=(",", ":"), ensure_ascii=False)
        row = {**announcement.model_dump(exclude={"event"}), "payload": payload}
        return {**row, "workspace": self._workspace, "created_at": now, "attempts": 0}


def _posting(row: Row[Any], standing: dict[tuple[str, str, str], str]) -> Posting:
    announcement = Announcement(
        surface=row.surface,
        stream=row.stream,
        channel=row.channel,
        payload=json.loads(row.payload),
        slot=row.slot,
        thread_of=row.thread_of,
    )
    return Posting(
        id=row.id,
        announcement=announcement,
        attempts=row.attempts,
        ts=standing.get((row.stream, row.channel, row.slot)) if row.slot else None,
        thread_ts=standing.get((row.stream, row.channel, row.thread_of)) if row.thread_of else None,
    )
