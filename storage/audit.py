"""The audit trail: a chain per workspace, written by one transaction at a time."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC
from typing import Any

from sqlalchemy import Row, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from experiments.audit import FIRST, AuditRecord
from experiments.errors import AlreadyDone, Stale
from storage.engine import Transaction
from storage.tables import AUDIT

HERE = AUDIT.c.workspace == bindparam("workspace")
OF_KEY = AUDIT.c.key == bindparam("key")
NEWEST = select(AUDIT.c.number, AUDIT.c.hash).where(HERE).order_by(AUDIT.c.number.desc()).limit(1)
HAS = select(AUDIT.c.number).where(HERE, OF_KEY, AUDIT.c.delivery == bindparam("delivery"))
ALL = select(AUDIT).where(HERE).order_by(AUDIT.c.number)
OF = ALL.where(OF_KEY)
SINCE = (AUDIT.c.number > bindparam("after"), AUDIT.c.command.not_in(bindparam("but", expanding=True)))
TOUCHED = select(AUDIT.c.key).where(HERE, *SINCE).distinct()
INSERT = insert(AUDIT)


class Chain:
    """The newest link of the workspace's chain as one transaction knows it: its number and hash.

    Whoever reads an experiment to change it reads the link along, which saves a question per change.
    """

    def __init__(self) -> None:
        self.newest: tuple[int, str] | None = None


class Audit:
    """The audit trail of one workspace."""

    def __init__(self, transaction: Transaction, workspace: str, chain: Chain) -> None:
        self._transaction = transaction
        self._workspace = workspace
        self._chain = chain

    async def has(self, delivery: str, key: str) -> bool:
        values = {"workspace": self._workspace, "key": key, "delivery": delivery}
        return bool(await self._transaction.rows(HAS, values))

    async def add(self, record: AuditRecord) -> AuditRecord:
        if record.workspace != self._workspace:
            raise ValueError("a change is recorded in its own workspace")
        number, previous = self._chain.newest or await self._newest()
        sealed = record.model_copy(update={"at": record.at.astimezone(UTC)}).sealed(number + 1, previous)
        try:
            await self._transaction.change(INSERT, _row(sealed))
        except IntegrityError as error:
            if "delivery" in str(error.orig):
                raise AlreadyDone("This was done already; nothing more to do here.") from error
            raise Stale("Somebody else made this change at the same moment. Look before you go on.") from error
        self._chain.newest = (sealed.number, sealed.hash)
        return sealed

    async def _newest(self) -> tuple[int, str]:
        await self._transaction.one_writer(self._workspace)
        rows = await self._transaction.rows(NEWEST, {"workspace": self._workspace})
        return (rows[0].number, rows[0].hash) if rows else (0, FIRST)

    async def newest(self) -> int:
        rows = await self._transaction.rows(NEWEST, {"workspace": self._workspace})
        return rows[0].number if rows else 0

    async def touched(self, after: int, but: Collection[str] = ()) -> tuple[str, ...]:
        values = {"workspace": self._workspace, "after": after, "but": list(but)}
        rows = await self._transaction.rows(TOUCHED, values, many=True)
        return tuple(sorted(row.key for row in rows))

    async def of(self, key: str) -> tuple[AuditRecord, ...]:
        rows = await self._transaction.rows(OF, {"workspace": self._workspace, "key": key}, many=True)
        return tuple(_record(row) for row in rows)

    async def all(self) -> tuple[AuditRecord, ...]:
        return tuple(
            _record(row) for row in await self._transaction.rows(ALL, {"workspace": self._workspace}, many=True)
        )


def _row(record: AuditRecord) -> dict[str, Any]:
    payload = json.dumps(record.payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    statuses = {
        "status_before": record.status_before and record.status_before.value,
        "status_after": record.status_after and record.status_after.value,
    }
    return {**dict(record), **statuses, "payload": payload}


def _record(row: Row[Any]) -> AuditRecord:
    return AuditRecord.model_validate({**row._asdict(), "payload": json.loads(row.payload)})
