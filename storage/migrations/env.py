"""How Alembic reaches the database: over the connection given by `storage.migrate`, else over the URL in its file."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine

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


def _run_online() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
        return
    with create_engine(context.config.get_main_option("sqlalchemy.url") or "").connect() as connection:
        _run(connection)


_run_online()
