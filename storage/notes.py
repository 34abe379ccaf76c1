"""Notes, oldest first."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select

from experiments.model import Note
from storage.engine import Transaction
from storage.tables import NOTE

INSERT = insert(NOTE)
OF = (
    select(NOTE.c.kind, NOTE.c.text, NOTE.c.by, NOTE.c.at)
    .where(NOTE.c.workspace == bindparam("workspace"), NOTE.c.key == bindparam("key"))
    .order_by(NOTE.c.id)
)


class Notes:
    """The notes of one workspace."""

    def __init__(self, transaction: Transaction, workspace: str) -> None:
        self._transaction = transaction
        self._workspace = workspace

    async def add(self, key: str, note: Note) -> None:
        row = {"workspace": self._workspace, "key": key, **note.model_dump(), "kind": note.kind.value}
        await self._transaction.change(INSERT, row)

    async def of(self, key: str) -> tuple[Note, ...]:
        rows = await self._transaction.rows(OF, {"workspace": self._workspace, "key": key})
        return tuple(Note.model_validate(row._asdict()) for row in rows)
