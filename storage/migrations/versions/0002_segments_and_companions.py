"""Segments of an aggregate, and what a ratio, a covariate or a lopsided metric adds to it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PLACE = ("workspace", "key", "data_version", "metric", "variant", "day")


def upgrade() -> None:
    """The default also serves replicas that still run the version before while this one starts."""
    with op.batch_alter_table("aggregate") as table:
        table.add_column(sa.Column("segment", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("companions", sa.Text(), nullable=True))
        table.drop_constraint("pk_aggregate", type_="primary")
        table.create_primary_key("pk_aggregate", [*PLACE, "segment"])


def downgrade() -> None:
    """Rows of segments have no place in the tables before."""
    op.execute("DELETE FROM aggregate WHERE segment <> ''")
    with op.batch_alter_table("aggregate") as table:
        table.drop_constraint("pk_aggregate", type_="primary")
        table.create_primary_key("pk_aggregate", [*PLACE])
        table.drop_column("companions")
        table.drop_column("segment")
