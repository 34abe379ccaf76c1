"""Notes: every version of each is kept, the newest one counts."""

from __future__ import annotations

from sqlalchemy import bindparam, func, insert, select

from experiments.model import Note
from storage.engine import Transaction
from storage.tables import NOTE

INSERT = insert(NOTE)
COLUMNS = [NOTE.c[name] for name in Note.model_fields]
HERE = (NOTE.c.workspace == bindparam("workspace")) & (NOTE.c.key == bindparam("key"))
NEWEST = select(func.max(NOTE.c.id)).where(HERE).group_by(NOTE.c.number)
OF = select(*COLUMNS).where(HERE, NOTE.c.id.in_(NEWEST)).order_by(NOTE.c.number)
HISTORY = select(*COLUMNS).where(HERE, NOTE.c.number == bindparam("of_number")).order_by(NOTE.c.id)


class Notes:
    """The notes of one workspace."""

    def __init__(self, transaction: Transaction, workspace: str) -> None:
        self._transaction = transaction
        self._workspace = workspace

    async def add(self, key: str, note: Note) -> None:
        words = {"kind": note.kind.value, "state": note.state.value}
        await self._transaction.change(INSERT, {"workspace": self._workspace, "key": key, **note.model_dump(), **words})

    async def of(self, key: str) -> tuple[Note, ...]:
        rows = await self._transaction.rows(OF, {"workspace": self._workspace, "key": key})
        return tuple(Note.model_validate(row._asdict()) for row in rows)

    async def history(self, key: str, number: int) -> tuple[Note, ...]:
        values = {"workspace": self._workspace, "key": key, "of_number": number}
        return tuple(Note.model_validate(row._asdict()) for row in await self._transaction.rows(HISTORY, values))
