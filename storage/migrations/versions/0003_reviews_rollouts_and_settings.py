"""Versions to compare, notes that can be edited, what lists filter by, policies and preferences"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LISTED = (
    *("updated_at", "key", "status", "project", "kind", "owner", "channel"),
    *("significance", "outcome", "booked_at", "unread", "pending"),
)
FILL_IN = sa.text(
    "UPDATE experiment SET outcome = :outcome, unread = :unread, named = :named, search_text = :search_text "
    "WHERE workspace = :workspace AND key = :key"
)


def upgrade() -> None:
    """The defaults also serve replicas that still run the version before while this one starts."""
    with op.batch_alter_table("experiment") as table:
        table.add_column(sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("significance", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("outcome", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("unread", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("pending", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("named", sa.Text(), nullable=False, server_default=""))
    op.drop_index(op.f("ix_experiment_workspace_status"), table_name="experiment")
    op.drop_index(op.f("ix_experiment_workspace_updated_at"), table_name="experiment")
    op.create_index("ix_experiment_listed", "experiment", ["workspace", *LISTED])
    _fill_in()
    with op.batch_alter_table("note") as table:
        table.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("source", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("state", sa.Text(), nullable=False, server_default="written"))
    op.execute(
        "UPDATE note SET number = (SELECT count(*) FROM note AS earlier WHERE earlier.workspace = note.workspace "
        "AND earlier.key = note.key AND earlier.id <= note.id)"
    )
    with op.batch_alter_table("audit") as table:
        table.alter_column("status_after", existing_type=sa.String(), nullable=True)
    op.create_table(
        "version",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "key"], ["experiment.workspace", "experiment.key"], name=op.f("fk_version_workspace")
        ),
        sa.PrimaryKeyConstraint("workspace", "key", "revision", name=op.f("pk_version")),
    )
    op.create_table(
        "policies",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", name=op.f("pk_policies")),
    )
    op.create_table(
        "preferences",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "subject", name=op.f("pk_preferences")),
    )


def downgrade() -> None:
    """Records of policies have no place in the table before; an edited note keeps its newest words."""
    for name in ("preferences", "policies", "version"):
        op.drop_table(name)
    op.execute("UPDATE audit SET status_after = '' WHERE status_after IS NULL")
    with op.batch_alter_table("audit") as table:
        table.alter_column("status_after", existing_type=sa.String(), nullable=False)
    op.execute("DELETE FROM note WHERE id NOT IN (SELECT max(id) FROM note GROUP BY workspace, key, number)")
    with op.batch_alter_table("note") as table:
        for name in ("state", "source", "number"):
            table.drop_column(name)
    op.drop_index("ix_experiment_listed", table_name="experiment")
    for name in ("named", "pending", "unread", "outcome", "significance", "booked_at"):
        op.drop_column("experiment", name)
    op.create_index(op.f("ix_experiment_workspace_status"), "experiment", ["workspace", "status"])
    op.create_index(op.f("ix_experiment_workspace_updated_at"), "experiment", ["workspace", "updated_at"])


def _fill_in() -> None:
    """What was decided before, what has data that were never read, and the words to search for."""
    connection = op.get_bind()
    for row in connection.execute(sa.text("SELECT workspace, key, title, search_text, body FROM experiment")).all():
        body = json.loads(row.body)
        decision = body.get("decision") or {}
        filled = {
            "workspace": row.workspace,
            "key": row.key,
            "outcome": decision.get("outcome", ""),
            "unread": int(body.get("data_version", 0) > 0),
            "named": f"{row.key}\n{row.title}".casefold(),
            "search_text": "\n".join([row.search_text, decision.get("next_steps", "")]).casefold().rstrip("\n"),
        }
        connection.execute(FILL_IN, filled)
