"""Schedules and their runs: what is due, and that each slot runs once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from experiments.repositories import Run, Schedule
from storage.engine import Transaction
from storage.tables import RUN, SCHEDULE

ALL = (
    select(SCHEDULE.c.name, SCHEDULE.c.subject, SCHEDULE.c.tz, SCHEDULE.c.next_at)
    .where(SCHEDULE.c.workspace == bindparam("workspace"))
    .order_by(SCHEDULE.c.next_at, SCHEDULE.c.name, SCHEDULE.c.subject)
)
DUE = ALL.where(SCHEDULE.c.next_at <= bindparam("now"))
MOVE_ON = update(SCHEDULE).where(
    SCHEDULE.c.workspace == bindparam("in_workspace"),
    SCHEDULE.c.name == bindparam("of_name"),
    SCHEDULE.c.subject == bindparam("of_subject"),
    SCHEDULE.c.next_at == bindparam("expected"),
)

RAN = select(RUN.c.subject, RUN.c.slot).where(
    RUN.c.workspace == bindparam("workspace"),
    RUN.c.name == bindparam("of_name"),
    RUN.c.subject.in_(bindparam("subjects", expanding=True)),
)
A_PAGE = 500


class Schedules:
    """The schedules of one workspace."""

    def __init__(self, transaction: Transaction, workspace: str) -> None:
        self._transaction = transaction
        self._workspace = workspace

    async def ensure(self, schedule: Schedule) -> None:
        row = {"workspace": self._workspace, **schedule.model_dump()}
        await self._transaction.change(self._transaction.insert(SCHEDULE).values(row).on_conflict_do_nothing())

    async def all(self) -> tuple[Schedule, ...]:
        rows = await self._transaction.rows(ALL, {"workspace": self._workspace})
        return tuple(Schedule.model_validate(row._asdict()) for row in rows)

    async def due(self, now: datetime) -> tuple[Schedule, ...]:
        rows = await self._transaction.rows(DUE, {"workspace": self._workspace, "now": now})
        return tuple(Schedule.model_validate(row._asdict()) for row in rows)

    async def claim(self, schedule: Schedule, slot: str, next_at: datetime, outcome: str, now: datetime) -> bool:
        """Whoever moves `next_at` on first has it. A slot that ran already moves on too, but runs no second time."""
        place = {"in_workspace": self._workspace, "of_name": schedule.name, "of_subject": schedule.subject}
        values = {**place, "expected": schedule.next_at, "next_at": next_at}
        if await self._transaction.change(MOVE_ON, values) != 1:
            return False
        return await self._run(schedule.name, schedule.subject, slot, outcome, now)

    async def move(self, schedule: Schedule, tz: str, next_at: datetime) -> None:
        place = {"in_workspace": self._workspace, "of_name": schedule.name, "of_subject": schedule.subject}
        values = {**place, "expected": schedule.next_at, "next_at": next_at, "tz": tz}
        await self._transaction.change(MOVE_ON, values)

    async def ran(self, name: str, subjects: Sequence[str]) -> frozenset[Run]:
        runs: list[Row[Any]] = []
        for start in range(0, len(subjects), A_PAGE):
            some = {"workspace": self._workspace, "of_name": name, "subjects": subjects[start : start + A_PAGE]}
            runs += await self._transaction.rows(RAN, some)
        return frozenset((row.subject, row.slot) for row in runs)

    async def once(self, name: str, subject: str, slot: str, now: datetime) -> bool:
        return await self._run(name, subject, slot, "done", now)

    async def _run(self, name: str, subject: str, slot: str, outcome: str, now: datetime) -> bool:
        place = {"workspace": self._workspace, "name": name, "subject": subject, "slot": slot}
        run = self._transaction.insert(RUN).values({**place, "outcome": outcome, "at": now})
        return await self._transaction.change(run.on_conflict_do_nothing()) == 1
