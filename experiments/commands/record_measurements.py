"""RecordMeasurements: keep what Bunsen itself measured of a running experiment, as the next batch of aggregates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from experiments.aggregate import Aggregate
from experiments.commands.base import Command
from experiments.errors import AlreadyDone
from experiments.measuring import Measured
from experiments.model import Experiment
from experiments.permissions import Actor, Permission
from experiments.running import Origin
from experiments.texts import Key


class RecordMeasurements(Command):
    """One batch, complete up to `origin.until`; an older one than is kept changes nothing."""

    needs = Permission.MEASURE
    revises = False

    rows: tuple[Aggregate, ...] = Field(min_length=1)
    origin: Origin

    @classmethod
    def of(cls, key: Key, measured: Measured) -> RecordMeasurements:
        """The command that keeps these."""
        seen = {row.variant: max(row.n, 0) for row in sorted(measured.rows, key=lambda row: row.n) if not row.segment}
        origin = Origin(
            until=measured.until,
            newest=measured.newest,
            seen=sum(seen.values()) + measured.crossed,
            crossed=measured.crossed,
            note=measured.note,
        )
        return cls(key=key, rows=measured.rows, origin=origin)

    def aggregates(self) -> tuple[Aggregate, ...]:
        return self.rows

    def payload(self) -> dict[str, Any]:
        return {**self.model_dump(mode="json", exclude={"rows"}), "rows": len(self.rows)}

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "measured")
        if before.measured and before.measured.until >= self.origin.until:
            raise AlreadyDone("It was measured up to then already.")
        return before.evolve(
            data_version=before.data_version + 1,
            data_day=max(before.data_day or 0.0, *(row.day for row in self.rows)),
            data_at=now,
            measured=self.origin,
        )

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return f"measured {len(self.rows):,} aggregates up to day {max(row.day for row in self.rows):.3g}"
