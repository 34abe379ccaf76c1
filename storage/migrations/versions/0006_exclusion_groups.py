"""The exclusion group of every experiment, so that those that share one are found before another starts"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BEFORE = (
    *("workspace", "updated_at", "key", "status", "project", "kind", "owner", "channel"),
    *("significance", "outcome", "booked_at", "unread", "pending"),
)
FILL_IN = sa.text("UPDATE experiment SET exclusion_group = :group WHERE workspace = :workspace AND key = :key")


def upgrade() -> None:
    """The default also serves replicas that still run the version before while this one starts."""
    op.add_column("experiment", sa.Column("exclusion_group", sa.Text(), nullable=False, server_default=""))
    op.drop_index("ix_experiment_listed", table_name="experiment")
    op.create_index("ix_experiment_listed", "experiment", [*BEFORE, "exclusion_group"])
    connection = op.get_bind()
    grouped = sa.text("SELECT workspace, key, body FROM experiment WHERE body LIKE '%\"exclusion\":{%'")
    for row in connection.execute(grouped).all():
        part = json.loads(row.body).get("design", {}).get("exclusion")
        if part:
            connection.execute(FILL_IN, {"workspace": row.workspace, "key": row.key, "group": part["group"]})


def downgrade() -> None:
    op.drop_index("ix_experiment_listed", table_name="experiment")
    op.drop_column("experiment", "exclusion_group")
    op.create_index("ix_experiment_listed", "experiment", [*BEFORE])
