"""Watches: which experiment is looked at when, and what the monitor knew when it last looked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, select, update

from experiments.watch import Watch
from storage.engine import Transaction
from storage.tables import WATCH

HERE = WATCH.c.workspace == bindparam("workspace")
KEYS = select(WATCH.c.key).where(HERE)
DUE = (
    select(WATCH)
    .where(
        HERE,
        WATCH.c.next_at <= bindparam("now", type_=WATCH.c.next_at.type),
        WATCH.c.lease_until.is_(None) | (WATCH.c.lease_until <= bindparam("wall", type_=WATCH.c.lease_until.type)),
    )
    .order_by(WATCH.c.next_at, WATCH.c.key)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
OF_KEY = (WATCH.c.workspace == bindparam("in_workspace")) & (WATCH.c.key == bindparam("of_key"))
LEASE = update(WATCH).where(OF_KEY)
SETTLE = update(WATCH).where(OF_KEY, WATCH.c.lease_until == bindparam("held", type_=WATCH.c.lease_until.type))
FORGET = delete(WATCH).where(OF_KEY)
OLDEST = select(func.min(WATCH.c.next_at)).where(HERE)
GET = select(WATCH).where(HERE, WATCH.c.key == bindparam("of_key"))
MANY = select(WATCH).where(HERE, WATCH.c.key.in_(bindparam("of_keys", expanding=True)))


class Watches:
    """The watches of one workspace."""

    def __init__(self, transaction: Transaction, workspace: str) -> None:
        self._transaction = transaction
        self._workspace = workspace

    async def keys(self) -> frozenset[str]:
        rows = await self._transaction.rows(KEYS, {"workspace": self._workspace}, many=True)
        return frozenset(row.key for row in rows)

    async def get(self, key: str) -> Watch | None:
        rows = await self._transaction.rows(GET, {"workspace": self._workspace, "of_key": key})
        return _watch(rows[0]) if rows else None

    async def many(self, keys: Sequence[str]) -> tuple[Watch, ...]:
        rows = await self._transaction.rows(MANY, {"workspace": self._workspace, "of_keys": list(keys)}, many=True)
        return tuple(_watch(row) for row in rows)

    async def add(self, keys: Sequence[str], now: datetime) -> None:
        for key in keys:
            row = {"workspace": self._workspace, "key": key, "next_at": now, "lease_until": None, "state": "{}"}
            await self._transaction.change(self._transaction.insert(WATCH).values(row).on_conflict_do_nothing())

    async def claim(self, now: datetime, wall: datetime, lease_until: datetime, limit: int) -> tuple[Watch, ...]:
        values = {"workspace": self._workspace, "now": now, "wall": wall, "most": limit}
        rows = await self._transaction.rows(DUE, values, many=True)
        if rows:
            await self._transaction.change(
                LEASE,
                [{"in_workspace": self._workspace, "of_key": row.key, "lease_until": lease_until} for row in rows],
            )
        return tuple(_watch(row) for row in rows)

    async def settle(self, watches: Sequence[Watch], held: datetime) -> None:
        rows = [
            {
                "in_workspace": self._workspace,
                "of_key": each.key,
                "held": held,
                "next_at": each.next_at,
                "lease_until": None,
                "state": _state(each),
            }
            for each in watches
        ]
        if rows:
            await self._transaction.change(SETTLE, rows)

    async def forget(self, keys: Sequence[str]) -> None:
        if keys:
            await self._transaction.change(FORGET, [{"in_workspace": self._workspace, "of_key": key} for key in keys])

    async def oldest(self) -> datetime | None:
        rows = await self._transaction.rows(OLDEST, {"workspace": self._workspace})
        return rows[0][0] if rows else None


def _watch(row: Row[Any]) -> Watch:
    return Watch.model_validate({"key": row.key, "next_at": row.next_at, **json.loads(row.state)})


def _state(watch: Watch) -> str:
    return watch.model_dump_json(exclude={"key", "next_at"}, exclude_defaults=True)
