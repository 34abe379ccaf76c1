"""The tables. Every one of them carries the workspace; nothing outside storage sees a row."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
LISTED = (
    *("updated_at", "key", "status", "project", "kind", "owner", "channel"),
    *("significance", "outcome", "booked_at", "unread", "pending", "exclusion_group"),
)
SERIAL = BigInteger().with_variant(Integer, "sqlite")


def _of_an_experiment() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["workspace", "key"], ["experiment.workspace", "experiment.key"])


class Row(SQLModel):
    """What all tables share: their own metadata, so that a migration can name every constraint."""

    metadata = MetaData(naming_convention=NAMES)


class ExperimentRow(Row, table=True):
    """The snapshot of an experiment as canonical JSON, and beside it what people filter by."""

    __tablename__ = "experiment"
    __table_args__ = (
        # All that lists filter by, so that a page and its counts are found without reading a row.
        Index("ix_experiment_listed", "workspace", *LISTED),
    )

    workspace: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    version: int
    status: str
    title: str
    owner: str
    project: str
    channel: str
    kind: str
    created_at: datetime
    updated_at: datetime
    review_due_at: datetime | None
    started_at: datetime | None
    stopped_at: datetime | None
    decided_at: datetime | None
    booked_at: datetime | None
    significance: str = Field(sa_column=Column(Text, nullable=False, server_default=""))
    outcome: str = Field(sa_column=Column(Text, nullable=False, server_default=""))
    unread: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    pending: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    exclusion_group: str = Field(sa_column=Column(Text, nullable=False, server_default=""))
    named: str = Field(sa_column=Column(Text, nullable=False, server_default=""))
    search_text: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)


class VersionRow(Row, table=True):
    """The snapshot of an experiment as each of its revisions left it, to compare them."""

    __tablename__ = "version"
    __table_args__ = (_of_an_experiment(),)

    workspace: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    body: str = Field(sa_type=Text)


class ReviewPartRow(Row, table=True):
    """Who takes which part in an open review: its authors may not answer it, its reviewers are asked by name."""

    __tablename__ = "review_part"
    __table_args__ = (_of_an_experiment(), Index(None, "workspace", "person", "part"))

    workspace: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    person: str = Field(primary_key=True)


class NoteRow(Row, table=True):
    __tablename__ = "note"
    __table_args__ = (_of_an_experiment(), Index(None, "workspace", "key", "id"), {"sqlite_autoincrement": True})

    id: int = Field(sa_column=Column(SERIAL, primary_key=True))
    workspace: str
    key: str
    kind: str
    text: str = Field(sa_type=Text)
    by: str
    at: datetime
    number: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    source: str = Field(sa_column=Column(Text, nullable=False, server_default=""))
    state: str = Field(sa_column=Column(Text, nullable=False, server_default="written"))


class AggregateRow(Row, table=True):
    """Sufficient statistics as one batch (`data_version`) gave them; `companions` is JSON, or NULL for a plain row."""

    __tablename__ = "aggregate"
    __table_args__ = (_of_an_experiment(),)

    workspace: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    data_version: int = Field(primary_key=True)
    metric: str = Field(primary_key=True)
    variant: str = Field(primary_key=True)
    day: float = Field(sa_column=Column(Double, primary_key=True))
    segment: str = Field(sa_column=Column(Text, primary_key=True, server_default=""))
    n: int = Field(sa_column=Column(BigInteger, nullable=False))
    mean: float = Field(sa_column=Column(Double, nullable=False))
    variance: float = Field(sa_column=Column(Double, nullable=False))
    companions: str | None = Field(sa_type=Text)


class AuditRow(Row, table=True):
    """One link of the workspace's chain."""

    __tablename__ = "audit"
    __table_args__ = (
        UniqueConstraint("workspace", "key", "version_after"),
        UniqueConstraint("workspace", "key", "delivery"),
    )

    workspace: str = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    key: str
    command: str
    payload: str = Field(sa_type=Text)
    actor: str
    delivery: str | None
    at: datetime
    version_before: int
    version_after: int
    status_before: str | None
    status_after: str | None
    state_hash: str
    sentence: str = Field(sa_type=Text)
    previous: str
    hash: str


class OutboxRow(Row, table=True):
    """A message to deliver once. It is open until it is delivered, refused for good or superseded by a newer one."""

    __tablename__ = "outbox"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int = Field(sa_column=Column(SERIAL, primary_key=True))
    workspace: str
    stream: str
    surface: str
    channel: str
    slot: str
    thread_of: str
    payload: str = Field(sa_type=Text)
    created_at: datetime
    attempts: int
    lease_until: datetime | None
    not_before: datetime | None
    due_at: datetime | None
    reason: str | None = Field(sa_type=Text)
    ts: str | None
    delivered_at: datetime | None
    refused_at: datetime | None
    superseded_at: datetime | None


class MessageRow(Row, table=True):
    """The message that stands in a slot."""

    __tablename__ = "message"

    workspace: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    slot: str = Field(primary_key=True)
    ts: str


class ScheduleRow(Row, table=True):
    __tablename__ = "schedule"
    __table_args__ = (Index(None, "workspace", "next_at"),)

    workspace: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    tz: str
    next_at: datetime


class RunRow(Row, table=True):
    """That a scheduled thing happened in this slot, so that it happens once."""

    __tablename__ = "run"

    workspace: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    slot: str = Field(primary_key=True)
    outcome: str
    at: datetime


class WatchRow(Row, table=True):
    """When the monitor looks at an experiment next, and what it knew when it last looked, as JSON."""

    __tablename__ = "watch"
    __table_args__ = (_of_an_experiment(), Index(None, "workspace", "next_at"))

    workspace: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    next_at: datetime
    lease_until: datetime | None
    state: str = Field(sa_type=Text)


class ReadoutRow(Row, table=True):
    """A readout as it was made, as JSON."""

    __tablename__ = "readout"
    __table_args__ = (_of_an_experiment(),)

    workspace: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    at: datetime
    body: str = Field(sa_type=Text)


class PictureRow(Row, table=True):
    """A picture by the digest of what it shows: the file it was uploaded as, or who draws it until when."""

    __tablename__ = "picture"

    workspace: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    file: str = Field(default="")
    at: datetime
    lease_until: datetime | None


class PoliciesRow(Row, table=True):
    """The rules a workspace set for itself, as canonical JSON."""

    __tablename__ = "policies"

    workspace: str = Field(primary_key=True)
    version: int
    body: str = Field(sa_type=Text)


class PreferencesRow(Row, table=True):
    """What a channel or a person chose to hear of, as JSON."""

    __tablename__ = "preferences"

    workspace: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    body: str = Field(sa_type=Text)
    follows: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))


def _table(row: type[Row]) -> Table:
    return cast("Table", row.__table__)  # type: ignore[attr-defined]


METADATA = Row.metadata
EXPERIMENT = _table(ExperimentRow)
VERSION = _table(VersionRow)
POLICIES = _table(PoliciesRow)
PREFERENCES = _table(PreferencesRow)
REVIEW_PART = _table(ReviewPartRow)
NOTE = _table(NoteRow)
AGGREGATE = _table(AggregateRow)
AUDIT = _table(AuditRow)
OUTBOX = _table(OutboxRow)
MESSAGE = _table(MessageRow)
SCHEDULE = _table(ScheduleRow)
RUN = _table(RunRow)
WATCH = _table(WatchRow)
READOUT = _table(ReadoutRow)
PICTURE = _table(PictureRow)

OPEN = OUTBOX.c.delivered_at.is_(None) & OUTBOX.c.refused_at.is_(None) & OUTBOX.c.superseded_at.is_(None)
Index("ix_outbox_open", OUTBOX.c.workspace, OUTBOX.c.stream, OUTBOX.c.id, sqlite_where=OPEN, postgresql_where=OPEN)
