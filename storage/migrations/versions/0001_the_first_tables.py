"""The first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OPEN = sa.text("delivered_at IS NULL AND refused_at IS NULL AND superseded_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_before", sa.Integer(), nullable=False),
        sa.Column("version_after", sa.Integer(), nullable=False),
        sa.Column("status_before", sa.String(), nullable=True),
        sa.Column("status_after", sa.String(), nullable=False),
        sa.Column("state_hash", sa.String(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "number", name=op.f("pk_audit")),
        sa.UniqueConstraint("workspace", "key", "delivery", name=op.f("uq_audit_workspace_key_delivery")),
        sa.UniqueConstraint("workspace", "key", "version_after", name=op.f("uq_audit_workspace_key_version_after")),
    )
    op.create_table(
        "experiment",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "key", name=op.f("pk_experiment")),
    )
    op.create_index(op.f("ix_experiment_workspace_status"), "experiment", ["workspace", "status"])
    op.create_index(op.f("ix_experiment_workspace_updated_at"), "experiment", ["workspace", "updated_at"])

    op.create_table(
        "message",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "stream", "channel", "slot", name=op.f("pk_message")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("surface", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("thread_of", sa.String(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ts", sa.String(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_open", "outbox", ["workspace", "stream", "id"], sqlite_where=OPEN, postgresql_where=OPEN)

    op.create_table(
        "run",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "name", "subject", "slot", name=op.f("pk_run")),
    )

    op.create_table(
        "schedule",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("tz", sa.String(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "name", "subject", name=op.f("pk_schedule")),
    )
    op.create_index(op.f("ix_schedule_workspace_next_at"), "schedule", ["workspace", "next_at"])

    op.create_table(
        "aggregate",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("data_version", sa.Integer(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("day", sa.Double(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("mean", sa.Double(), nullable=False),
        sa.Column("variance", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "key"], ["experiment.workspace", "experiment.key"], name=op.f("fk_aggregate_workspace_key")
        ),
        sa.PrimaryKeyConstraint(
            "workspace", "key", "data_version", "metric", "variant", "day", name=op.f("pk_aggregate")
        ),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "key"], ["experiment.workspace", "experiment.key"], name=op.f("fk_note_workspace_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_note_workspace_key_id"), "note", ["workspace", "key", "id"])

    op.create_table(
        "review_part",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "key"], ["experiment.workspace", "experiment.key"], name=op.f("fk_review_part_workspace_key")
        ),
        sa.PrimaryKeyConstraint("workspace", "key", "part", "person", name=op.f("pk_review_part")),
    )
    op.create_index(op.f("ix_review_part_workspace_person_part"), "review_part", ["workspace", "person", "part"])


def downgrade() -> None:
    op.drop_index(op.f("ix_review_part_workspace_person_part"), table_name="review_part")
    op.drop_table("review_part")
    op.drop_index(op.f("ix_note_workspace_key_id"), table_name="note")
    op.drop_table("note")
    op.drop_table("aggregate")
    op.drop_index(op.f("ix_schedule_workspace_next_at"), table_name="schedule")
    op.drop_table("schedule")
    op.drop_table("run")
    op.drop_index("ix_outbox_open", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("message")
    op.drop_index(op.f("ix_experiment_workspace_updated_at"), table_name="experiment")
    op.drop_index(op.f("ix_experiment_workspace_status"), table_name="experiment")
    op.drop_table("experiment")
    op.drop_table("audit")
