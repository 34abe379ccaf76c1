"""How Alembic reaches the database: over the connection given by `storage.migrate`, else over the URL in its file."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from storage.database import parsed
from storage.migrate import migration_engine
from storage.tables import METADATA


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    engine = migration_engine(parsed(context.config.get_main_option("sqlalchemy.url") or ""))
    with engine.begin() as connection:
        _run(connection)
    engine.dispose()
