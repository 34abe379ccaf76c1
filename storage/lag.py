"""How far behind the outbox and the monitor of a workspace are, in one look at the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from storage.database import Database
from storage.outbox import HERE as IN_OUTBOX
from storage.outbox import MAY_GO, WAITING
from storage.revision import HEAD, REACHED
from storage.tables import OPEN, OUTBOX
from storage.watches import OLDEST as NEXT_WATCH

OLDEST = select(func.min(func.coalesce(OUTBOX.c.due_at, OUTBOX.c.created_at), type_=OUTBOX.c.created_at.type)).where(
    IN_OUTBOX, OPEN, MAY_GO
)


@dataclass(frozen=True, slots=True)
class Lag:
    """`current` is whether the tables are those of this version; where not, nothing else was looked at."""

    current: bool
    waiting: int = 0
    outbox_seconds: float = 0.0
    monitor_seconds: float = 0.0


async def lag_of(database: Database, workspace: str, now: datetime, wall: datetime) -> Lag:
    """How things stand now; it may take long, and nobody else is held up."""
    here = {"workspace": workspace}
    try:
        async with database.snapshot() as transaction:
            reached = await transaction.rows(REACHED, many=True)
            if [row[0] for row in reached] != [HEAD]:
                return Lag(current=False)
            [(waiting,)] = await transaction.rows(WAITING, here, many=True)
            [(oldest,)] = await transaction.rows(OLDEST, {**here, "now": now, "wall": wall}, many=True)
            [(due,)] = await transaction.rows(NEXT_WATCH, here, many=True)
            return Lag(True, int(waiting), _age(oldest, now), _age(due, now))
    except DBAPIError:
        return Lag(current=False)


def _age(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0
