"""The rules a workspace set for itself."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError

from experiments.errors import Stale
from experiments.policy import Policies as Rules
from storage.engine import Transaction
from storage.tables import POLICIES

GET = select(POLICIES.c.body).where(POLICIES.c.workspace == bindparam("workspace"))
UPDATE = update(POLICIES).where(
    POLICIES.c.workspace == bindparam("in_workspace"), POLICIES.c.version == bindparam("over_version")
)


class Policies:
    """The policies of one workspace."""

    def __init__(self, transaction: Transaction, workspace: str) -> None:
        self._transaction = transaction
        self._workspace = workspace

    async def get(self) -> Rules:
        if self._transaction.writing:
            await self._transaction.one_writer(self._workspace)
        rows = await self._transaction.rows(GET, {"workspace": self._workspace})
        return Rules.model_validate_json(rows[0].body) if rows else Rules()

    async def save(self, before: Rules, after: Rules) -> None:
        values = {"version": after.version, "body": after.model_dump_json()}
        try:
            if before.version == 0:
                row = {"workspace": self._workspace, **values}
                changed = await self._transaction.change(self._transaction.insert(POLICIES), row)
            else:
                place = {"in_workspace": self._workspace, "over_version": before.version}
                changed = await self._transaction.change(UPDATE, {**place, **values})
        except IntegrityError as error:
            raise _overtaken() from error
        if changed != 1:
            raise _overtaken()


def _overtaken() -> Stale:
    return Stale("Somebody else changed the settings at the same moment. Open them again and look.")
