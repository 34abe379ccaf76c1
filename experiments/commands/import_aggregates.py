"""ImportAggregates: take in what a file or a system measured, as sufficient statistics over time."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from math import isfinite
from typing import Any

from pydantic import Field, field_validator

from experiments.aggregate import Aggregate
from experiments.commands.base import Command
from experiments.design import MetricKind
from experiments.errors import AlreadyDone, BadInput, NotFound
from experiments.from_rows import design_of
from experiments.model import Experiment, Status
from experiments.permissions import Actor, Permission
from experiments.texts import UNPRINTABLE, Line, Title

MOST_UNITS = 2**63 - 1
SEGMENT = re.compile(r"[^=\n]{1,60}=[^=\n]{1,60}")


class ImportAggregates(Command):
    """One experiment's batch of aggregates; `create` makes an ended experiment of data that has none yet, whose metrics
    are of these `kinds` where the file told them."""

    needs = Permission.IMPORT
    revises = False

    rows: tuple[Aggregate, ...] = Field(min_length=1)
    origin: Line = ""
    create: bool = False
    title: Title | None = None
    control: str = "control"
    channel: str = ""
    kinds: dict[str, MetricKind] = {}

    @field_validator("rows")
    @classmethod
    def _rows_are_sound(cls, rows: tuple[Aggregate, ...]) -> tuple[Aggregate, ...]:
        for place, row in enumerate(rows, 1):
            if (
                not 0 <= row.n <= MOST_UNITS
                or row.day < 0
                or _least_variance(row) < 0
                or not all(map(isfinite, row.numbers))
            ):
                raise ValueError(f"row {place} ({row.metric}, {row.variant}) has a number that no measurement gives")
            if row.segment and (UNPRINTABLE.search(row.segment) or not SEGMENT.fullmatch(row.segment)):
                raise ValueError(f"row {place} ({row.metric}, {row.variant}) has a segment that is not like country=DE")
        if len({(*row[:3], row.segment) for row in rows}) < len(rows):
            raise ValueError("two rows are about the same metric, variant, day and segment")
        return rows

    @property
    def project(self) -> str:
        """Where a new experiment begins; the data of one that exists stay in its own project."""
        return str(Experiment.model_fields["project"].default) if self.create else ""

    def aggregates(self) -> tuple[Aggregate, ...]:
        return self.rows

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps([row.stated for row in self.rows], separators=(",", ":")).encode()).hexdigest()

    def payload(self) -> dict[str, Any]:
        return {**self.model_dump(mode="json", exclude={"rows"}), "rows": len(self.rows), "sha256": self.digest}

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is None and not self.create:
            raise NotFound(self.key)
        if before is None:
            before = self._ended(actor, now)
        elif self.digest in before.data_digests:
            raise AlreadyDone(f"“{before.title}” has exactly these data already; nothing was added.")
        before = self.existing(before, "given data")
        for what, known in (("variant", before.design.variants), ("metric", before.design.metrics)):
            strangers = {getattr(row, what) for row in self.rows} - {each.key for each in known}
            if strangers:
                raise BadInput(
                    f"“{before.title}” has no {what} {min(strangers)}; it has {', '.join(each.key for each in known)}.",
                    field=what,
                )
        return before.evolve(
            data_version=before.data_version + 1,
            data_day=max(before.data_day or 0.0, *(row.day for row in self.rows)),
            data_at=now,
            data_digests=(*before.data_digests, self.digest),
        )

    def _ended(self, actor: Actor, now: datetime) -> Experiment:
        """An experiment that was run elsewhere, known only by its data."""
        kinds = {metric: self.kinds.get(metric) for metric in sorted({row.metric for row in self.rows})}
        return Experiment(
            workspace=actor.workspace,
            key=self.key,
            title=self.title or self.key,
            status=Status.STOPPED,
            channel=self.channel,
            design=design_of(self.rows, key=self.key, control=self.control, kinds=kinds),
            authors=(actor.user,),
            owner=actor.user,
            created_at=now,
            updated_at=now,
        )

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        origin = f" from {self.origin}" if self.origin else ""
        return f"imported {len(self.rows):,} aggregates{origin} up to day {after.data_day:g}"


def _least_variance(row: Aggregate) -> float:
    return min(row.variance, (row.denominator or row).variance, (row.covariate or row).variance)
