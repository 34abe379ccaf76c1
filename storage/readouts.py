"""Readouts as they were made: numbered, written once, never changed."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from experiments.readout import Readout
from storage.engine import Transaction
from storage.tables import READOUT

GET = select(READOUT.c.body).where(
    READOUT.c.workspace == bindparam("workspace"),
    READOUT.c.key == bindparam("key"),
    READOUT.c.number == bindparam("number"),
)


class Readouts:
    """The readouts of one workspace."""

    def __init__(self, transaction: Transaction, workspace: str) -> None:
        self._transaction = transaction
        self._workspace = workspace

    async def add(self, readout: Readout) -> None:
        row = {
            "workspace": self._workspace,
            "key": readout.key,
            "number": readout.number,
            "at": readout.as_of,
            "body": readout.model_dump_json(exclude_defaults=True),
        }
        await self._transaction.change(self._transaction.insert(READOUT).values(row).on_conflict_do_nothing())

    async def get(self, key: str, number: int) -> Readout | None:
        values = {"workspace": self._workspace, "key": key, "number": number}
        rows = await self._transaction.rows(GET, values)
        return Readout.model_validate_json(rows[0].body) if rows else None
