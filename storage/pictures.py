"""Pictures that were drawn: by the digest of what they show, the file in Slack, so that none is drawn twice."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update

from experiments.repositories import Drawn
from storage.engine import Transaction
from storage.tables import PICTURE

KEPT = timedelta(days=30)
THIS = (PICTURE.c.workspace == bindparam("in_workspace")) & (PICTURE.c.digest == bindparam("of_digest"))
GET = select(PICTURE.c.file).where(THIS)
TAKE_OVER = update(PICTURE).where(
    THIS, PICTURE.c.file == "", PICTURE.c.lease_until <= bindparam("wall", type_=PICTURE.c.lease_until.type)
)
KEEP = update(PICTURE).where(THIS)
FORGET = delete(PICTURE).where(THIS, PICTURE.c.file == bindparam("of_file"))
FORGET_OLD = delete(PICTURE).where(
    PICTURE.c.workspace == bindparam("in_workspace"), PICTURE.c.at < bindparam("before", type_=PICTURE.c.at.type)
)


class Pictures:
    """The pictures of one workspace."""

    def __init__(self, transaction: Transaction, workspace: str) -> None:
        self._transaction = transaction
        self._workspace = workspace

    async def get(self, digest: str) -> str:
        rows = await self._transaction.rows(GET, self._this(digest))
        return str(rows[0].file) if rows else ""

    async def claim(self, digest: str, wall: datetime, lease_until: datetime) -> Drawn:
        row = {"workspace": self._workspace, "digest": digest, "file": "", "at": wall, "lease_until": lease_until}
        begun = self._transaction.insert(PICTURE).values(row).on_conflict_do_nothing()
        if await self._transaction.change(begun):
            return Drawn(yours=True)
        if file := await self.get(digest):
            return Drawn(file)
        taken = await self._transaction.change(
            TAKE_OVER, {**self._this(digest), "wall": wall, "lease_until": lease_until}
        )
        return Drawn(yours=bool(taken))

    async def keep(self, digest: str, file: str, wall: datetime) -> None:
        await self._transaction.change(KEEP, {**self._this(digest), "file": file, "at": wall, "lease_until": None})
        await self._transaction.change(FORGET_OLD, {"in_workspace": self._workspace, "before": wall - KEPT})

    async def forget(self, digest: str, file: str = "") -> None:
        await self._transaction.change(FORGET, {**self._this(digest), "of_file": file})

    def _this(self, digest: str) -> dict[str, str]:
        return {"in_workspace": self._workspace, "of_digest": digest}
