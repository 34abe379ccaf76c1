"""The outbox: messages written with the change they tell of, delivered in order per stream, each once.

A claim asks several small questions instead of one large one: while the table is young, PostgreSQL knows nothing of its
size and answers the large one in quadratic time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from experiments.announcements import CARD, Announcement, joined
from experiments.outbox import Delivery, DeliveryState, Posting
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
WALL = bindparam("wall", type_=OUTBOX.c.lease_until.type)
NOW = bindparam("now", type_=OUTBOX.c.due_at.type)
MAY_GO = (OUTBOX.c.attempts > 0) | (
    (OUTBOX.c.not_before.is_(None) | (OUTBOX.c.not_before <= WALL))
    & (OUTBOX.c.due_at.is_(None) | (OUTBOX.c.due_at <= NOW))
)
OLDEST = select(func.min(OUTBOX.c.id)).where(HERE, OPEN, MAY_GO).group_by(OUTBOX.c.stream)
THESE = OUTBOX.c.id.in_(bindparam("ids", expanding=True))
UNTRIED = select(OUTBOX.c.id).where(HERE, OPEN, THESE, OUTBOX.c.attempts == 0).with_for_update(skip_locked=True)
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
THERE = (OUTBOX.c.stream == bindparam("of_stream")) & (OUTBOX.c.channel == bindparam("of_channel"))
LAST_SAID = (
    select(OUTBOX.c.id, OUTBOX.c.surface, OUTBOX.c.attempts, OUTBOX.c.payload)
    .where(HERE, OPEN, THERE, OUTBOX.c.slot != CARD)
    .order_by(OUTBOX.c.id.desc())
    .limit(1)
    .with_for_update()
)
UNCLAIMED = (OUTBOX.c.workspace == bindparam("in_workspace")) & OPEN & (OUTBOX.c.attempts == 0)
TAKE_ALONG = update(OUTBOX).where(UNCLAIMED, OUTBOX.c.id == bindparam("of_id"))
CALL_UP = update(OUTBOX).where(UNCLAIMED, THERE, OUTBOX.c.not_before.is_not(None))
LOG = select(OUTBOX).where(HERE, OUTBOX.c.superseded_at.is_(None)).order_by(OUTBOX.c.id.desc()).limit(bindparam("most"))
NEWER = OUTBOX.alias("newer")
AGAIN = (
    update(OUTBOX)
    .where(
        OUTBOX.c.workspace == bindparam("in_workspace"),
        OUTBOX.c.id == bindparam("of_id"),
        OUTBOX.c.delivered_at.is_(None) & OUTBOX.c.superseded_at.is_(None),
        (OUTBOX.c.slot == "")
        | ~select(NEWER.c.id)
        .where(
            NEWER.c.workspace == OUTBOX.c.workspace,
            NEWER.c.stream == OUTBOX.c.stream,
            NEWER.c.channel == OUTBOX.c.channel,
            NEWER.c.slot == OUTBOX.c.slot,
            NEWER.c.id > OUTBOX.c.id,
        )
        .exists(),
    )
    .values(refused_at=None, not_before=None, due_at=None)
)
OLDEST_OF_ALL = select(OUTBOX.c.id).where(HERE).order_by(OUTBOX.c.id).limit(bindparam("most"))
SETTLED = select(OUTBOX.c.id).where(
    HERE,
    OUTBOX.c.id.in_(OLDEST_OF_ALL.scalar_subquery()),
    ~OPEN,
    OUTBOX.c.created_at < bindparam("before", type_=OUTBOX.c.created_at.type),
)
FORGET = delete(OUTBOX).where(HERE, THESE, ~OPEN)
STILL_OPEN = update(OUTBOX).where(
    OUTBOX.c.workspace == bindparam("in_workspace"), OUTBOX.c.id == bindparam("of_id"), OPEN
)


class Outbox:
    """The messages of one workspace that wait to be delivered."""

    def __init__(self, transaction: Transaction, workspace: str) -> None:
        self._transaction = transaction
        self._workspace = workspace

    async def add(self, announcements: Sequence[Announcement], now: datetime, wall: datetime | None = None) -> None:
        urgent = {_place(each) for each in announcements if not each.settle and each.slot != CARD}
        for stream, channel in urgent if wall else ():
            place = {"in_workspace": self._workspace, "of_stream": stream, "of_channel": channel}
            await self._transaction.change(CALL_UP, {**place, "not_before": None})
        rows = []
        for each in announcements:
            may_settle = wall is not None and each.settle > 0
            if may_settle and await self._taken_along(each):
                continue
            settled = wall + timedelta(seconds=each.settle) if wall and may_settle else None
            rows.append(self._row(each, now) | {"not_before": None if _place(each) in urgent else settled})
        if rows:
            await self._transaction.change(INSERT, rows)

    async def _taken_along(self, announcement: Announcement) -> bool:
        """Whether the message before it, which nobody has tried yet, tells this one too now."""
        stream, channel = _place(announcement)
        place = {"workspace": self._workspace, "of_stream": stream, "of_channel": channel}
        for row in await self._transaction.rows(LAST_SAID, place):
            is_open = row.surface == announcement.surface and row.attempts == 0
            payload = joined(json.loads(row.payload), announcement.payload) if is_open else None
            if payload:
                told = {"in_workspace": self._workspace, "of_id": row.id, "payload": _text(payload)}
                return await self._transaction.change(TAKE_ALONG, told) == 1
        return False

    async def claim(
        self, wall: datetime, lease_seconds: float, limit: int, now: datetime | None = None
    ) -> tuple[Posting, ...]:
        """The claim holds once this transaction has committed; deliver after that."""
        await self._supersede(wall)
        clocks = {"workspace": self._workspace, "wall": wall, "now": now or wall}
        oldest = [row[0] for row in await self._transaction.rows(OLDEST, clocks, many=True)]
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

    async def standing(self, stream: str, channel: str, slot: str) -> str | None:
        place = {"workspace": self._workspace, "streams": [stream]}
        rows = await self._transaction.rows(STANDING, place)
        return next((row.ts for row in rows if (row.channel, row.slot) == (channel, slot)), None)

    async def log(self, limit: int) -> tuple[Delivery, ...]:
        rows = await self._transaction.rows(LOG, {"workspace": self._workspace, "most": limit})
        return tuple(_delivery(row) for row in rows)

    async def settled(self, before: datetime, most: int) -> tuple[int, ...]:
        """Only the oldest are looked at, because they are the first in the table and it may be large."""
        values = {"workspace": self._workspace, "before": before, "most": most}
        return tuple(row.id for row in await self._transaction.rows(SETTLED, values))

    async def forget(self, ids: Sequence[int]) -> None:
        await self._transaction.change(FORGET, {"workspace": self._workspace, "ids": ids})

    async def again(self, id: int) -> bool:
        return await self._transaction.change(AGAIN, {"in_workspace": self._workspace, "of_id": id}) == 1

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
        row = {**announcement.model_dump(exclude={"event", "settle"}), "payload": _text(announcement.payload)}
        return {**row, "workspace": self._workspace, "created_at": now, "attempts": 0}


def _place(announcement: Announcement) -> tuple[str, str]:
    return announcement.stream, announcement.channel


def _text(payload: dict[str, Any]) -> str:
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False)


def _announcement(row: Row[Any]) -> Announcement:
    return Announcement(
        surface=row.surface,
        stream=row.stream,
        channel=row.channel,
        payload=json.loads(row.payload),
        slot=row.slot,
        thread_of=row.thread_of,
        due_at=row.due_at,
    )


def _delivery(row: Row[Any]) -> Delivery:
    if row.delivered_at:
        state, at = DeliveryState.DELIVERED, row.delivered_at
    elif row.refused_at:
        state, at = DeliveryState.REFUSED, row.refused_at
    else:
        state, at = DeliveryState.WAITING, row.due_at or row.not_before
    return Delivery(
        id=row.id,
        announcement=_announcement(row),
        state=state,
        created_at=row.created_at,
        at=at,
        reason=row.reason or "",
        attempts=row.attempts,
    )


def _posting(row: Row[Any], standing: dict[tuple[str, str, str], str]) -> Posting:
    return Posting(
        id=row.id,
        announcement=_announcement(row),
        attempts=row.attempts,
        ts=standing.get((row.stream, row.channel, row.slot)) if row.slot else None,
        thread_ts=standing.get((row.stream, row.channel, row.thread_of)) if row.thread_of else None,
    )
