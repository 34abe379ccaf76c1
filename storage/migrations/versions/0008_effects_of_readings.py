"""Readings from before effects were kept with them are made once more, so that patterns know what had ended"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

READ = sa.text("SELECT workspace, key, body FROM experiment WHERE body LIKE '%\"reading\":{%'")
UNREAD = sa.text("UPDATE experiment SET unread = 1 WHERE workspace = :workspace AND key = :key")


def upgrade() -> None:
    connection = op.get_bind()
    for row in connection.execute(READ).all():
        reading = json.loads(row.body).get("reading")
        if reading and reading.get("effects") is None:
            connection.execute(UNREAD, {"workspace": row.workspace, "key": row.key})


def downgrade() -> None:
    """What was read once more stays read."""
