"""Which migration a database has reached, asked in one statement."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.engine import Engine

HEAD = "0008"
REACHED = text("SELECT version_num FROM alembic_version")


async def is_current(engine: Engine) -> bool:
    """Whether the newest migration has been applied; a database without our tables is not current."""
    try:
        async with engine.reading() as transaction:
            return [row[0] for row in await transaction.rows(REACHED)] == [HEAD]
    except DBAPIError:
        return False
