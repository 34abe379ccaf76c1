"""The report: everything that is known of one experiment at one moment, to be read outside Slack and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from experiments.audit import AuditRecord
from experiments.model import Experiment, Note
from experiments.readout import Readout


@dataclass(frozen=True, slots=True)
class Report:
    """What a report is made from. `version` is Bunsen's own, `names` are the display names of people by their id.

    Notes and audit records come oldest first. Whoever puts it together has checked that the reader may read it all.
    """

    experiment: Experiment
    readout: Readout | None
    notes: tuple[Note, ...]
    records: tuple[AuditRecord, ...]
    made_at: datetime
    version: str
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def as_of(self) -> datetime:
        """The moment the report speaks of: that of its numbers, or that of its making where it has none."""
        return self.readout.as_of if self.readout else self.made_at

    def name(self, user: str) -> str:
        """The display name of a person, or their id where nobody knows it.

        >>> from datetime import UTC, datetime
        >>> now = datetime(2026, 3, 9, tzinfo=UTC)
        >>> shop = Experiment(workspace="T1", key="shop", title="Shop", owner="U1", created_at=now, updated_at=now)
        >>> report = Report(shop, None, (), (), now, "1.0", {"U1": "Ada Lovelace"})
        >>> report.name("U1"), report.name("U2")
        ('Ada Lovelace', 'U2')
        """
        return self.names.get(user) or user


@dataclass(frozen=True, slots=True)
class File:
    """A finished file: its name, what is in it, and its media type."""

    name: str
    content: bytes
    kind: str


class Publish(Protocol):
    async def __call__(self, report: Report) -> tuple[File, ...]:
        """The report as PDF, JSON and CSV, made off the event loop."""
        ...
