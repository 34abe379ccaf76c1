"""What the monitor watches, and the readouts as they were made"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
OF_AN_EXPERIMENT = (["workspace", "key"], ["experiment.workspace", "experiment.key"])


def upgrade() -> None:
    op.create_table(
        "watch",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(*OF_AN_EXPERIMENT, name="fk_watch_workspace"),
        sa.PrimaryKeyConstraint("workspace", "key", name="pk_watch"),
    )
    op.create_index("ix_watch_workspace_next_at", "watch", ["workspace", "next_at"])
    op.create_table(
        "readout",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(*OF_AN_EXPERIMENT, name="fk_readout_workspace"),
        sa.PrimaryKeyConstraint("workspace", "key", "number", name="pk_readout"),
    )


def downgrade() -> None:
    """Readouts are made anew from the aggregates, watches begin anew."""
    op.drop_table("readout")
    op.drop_index("ix_watch_workspace_next_at", table_name="watch")
    op.drop_table("watch")
