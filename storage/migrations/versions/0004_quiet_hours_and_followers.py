"""Messages that wait for the end of quiet hours, and who follows experiments"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The default also serves replicas that still run the version before while this one starts."""
    op.add_column("outbox", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("preferences", sa.Column("follows", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """What waits for the end of quiet hours is said at once."""
    op.drop_column("preferences", "follows")
    op.drop_column("outbox", "due_at")
