"""What channels and people chose to hear of."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from experiments.preferences import Preferences as Choices
from storage.engine import Transaction
from storage.tables import PREFERENCES

ALL = (
    select(PREFERENCES.c.body).where(PREFERENCES.c.workspace == bindparam("workspace")).order_by(PREFERENCES.c.subject)
)
GET = ALL.where(PREFERENCES.c.subject == bindparam("of_subject"))
CONCERNING = ALL.where((PREFERENCES.c.follows == 1) | (PREFERENCES.c.subject == bindparam("of_subject")))


class Preferences:
    """The preferences of one workspace."""

    def __init__(self, transaction: Transaction, workspace: str) -> None:
        self._transaction = transaction
        self._workspace = workspace

    async def get(self, subject: str) -> Choices:
        if self._transaction.writing:  # there may be no row yet that could be locked
            await self._transaction.one_writer(self._workspace)
        rows = await self._transaction.rows(GET, {"workspace": self._workspace, "of_subject": subject})
        return Choices.model_validate_json(rows[0].body) if rows else Choices(subject=subject)

    async def concerning(self, channel: str) -> tuple[Choices, ...]:
        rows = await self._transaction.rows(CONCERNING, {"workspace": self._workspace, "of_subject": channel})
        return tuple(Choices.model_validate_json(row.body) for row in rows)

    async def all(self) -> tuple[Choices, ...]:
        rows = await self._transaction.rows(ALL, {"workspace": self._workspace})
        return tuple(Choices.model_validate_json(row.body) for row in rows)

    async def save(self, preferences: Choices) -> None:
        kept = {"body": preferences.model_dump_json(), "follows": int(preferences.follows_something)}
        place = {"workspace": self._workspace, "subject": preferences.subject}
        saved = self._transaction.insert(PREFERENCES).values({**place, **kept})
        await self._transaction.change(saved.on_conflict_do_update(index_elements=list(place), set_=kept))
