"""The audit trail: one record per change, each bound to the one before it by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from experiments.model import Experiment, Status
from experiments.policy import Policies
from experiments.texts import Frozen

FIRST = "0" * 64


class AuditRecord(Frozen):
    """Who changed what, when, and in which words. `hash` covers every other field."""

    workspace: str
    number: int
    key: str
    command: str
    payload: dict[str, Any]
    actor: str
    delivery: str | None
    at: datetime
    version_before: int
    version_after: int
    status_before: Status | None
    status_after: Status | None
    state_hash: str
    sentence: str
    previous: str = FIRST
    hash: str = ""

    def sealed(self, number: int, previous: str) -> AuditRecord:
        """The record in its place of the chain."""
        placed = self.model_copy(update={"number": number, "previous": previous})
        return placed.model_copy(update={"hash": placed.computed_hash()})

    def computed_hash(self) -> str:
        """SHA-256 over the canonical JSON of all fields but the hash itself."""
        return _digest(self.model_dump(mode="json", exclude={"hash"}))


NOTING = frozenset({"AddNote", "RequestChanges"})
"""The changes that leave a note; in their order they number it."""


def as_told(records: Iterable[AuditRecord]) -> tuple[AuditRecord, ...]:
    """All records of an experiment, oldest first, as people read them: without the words of notes that were deleted
    since. The chain itself stays as it was written."""
    kept = tuple(records)
    gone = {each.payload["number"] for each in kept if each.command == "DeleteNote"}
    told, number = [], 0
    for each in kept:
        number += each.command in NOTING
        about = number if each.command in NOTING else each.payload.get("number") if each.command == "EditNote" else None
        if about in gone:
            each = each.model_copy(update={"sentence": f"{each.sentence.partition(': ')[0]} (deleted since)"})
        told.append(each)
    return tuple(told)


def state_hash(state: Experiment | Policies) -> str:
    """SHA-256 over the canonical JSON of the snapshot that a change led to."""
    return _digest(state.model_dump(mode="json"))


def _digest(value: object) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def broken_links(records: Iterable[AuditRecord]) -> list[str]:
    """Every place where the chain of one workspace does not hold, in words; empty when it does."""
    faults, expected_number, expected_previous = [], 1, FIRST
    versions: dict[str, int] = {}
    for record in records:
        place = f"record {record.number} ({record.command} on {record.key})"
        if record.number != expected_number:
            faults.append(f"{place}: expected record {expected_number}; records are missing or were added")
        if record.previous != expected_previous:
            faults.append(f"{place}: does not follow the record before it")
        if record.computed_hash() != record.hash:
            faults.append(f"{place}: its content was edited after it was written")
        if record.version_before != versions.get(record.key, 0) or record.version_after != record.version_before + 1:
            faults.append(f"{place}: versions {record.version_before} → {record.version_after} leave a gap")
        versions[record.key] = record.version_after
        expected_number, expected_previous = record.number + 1, record.hash
    return faults
