"""Whatever random people do in whatever order, nothing impossible is kept; and the search finds planted faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments import execute as core
from experiments import permissions
from experiments.audit import AuditRecord
from experiments.commands import Command, EditExperiment, StartExperiment
from experiments.model import Experiment, Status
from experiments.permissions import Permission
from tests.experiments.invariants import faults
from tests.experiments.sequences import RANGES, Step, random_steps, walk
from tests.experiments.stages import lead_to
from tests.memory import MemoryAudit, MemoryExperiments, MemoryNotes, MemoryOutbox, Row, Tables
from tests.worlds import WORKSPACE, MemoryWorld

STEPS = st.builds(Step, *(st.integers(0, most - 1) for most in RANGES))


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=50))
def test_random_sequences_leave_nothing_impossible(steps: list[Step]) -> None:
    assert walk(steps) == []


@pytest.mark.parametrize("seed", range(4))
def test_long_walks_reach_every_stage_and_leave_nothing_impossible(seed: int) -> None:
    bench = MemoryWorld()
    assert walk(random_steps(seed, 250), bench) == []
    seen = {record.status_after for record in bench.tables.records.values()}
    assert {Status.DRAFT, Status.IN_REVIEW, Status.APPROVED, Status.RUNNING, Status.STOPPED} <= seen


def _no_rule_for_authors(patch: pytest.MonkeyPatch) -> None:
    rule = permissions.TABLE[Permission.APPROVE]
    patch.setitem(permissions.TABLE, Permission.APPROVE, rule._replace(not_authors=False))


def _no_author_is_remembered(patch: pytest.MonkeyPatch) -> None:
    honest = EditExperiment.apply

    def forgetful(self: EditExperiment, before: Experiment | None, *rest: Any) -> Experiment:
        after = honest(self, before, *rest)
        return after.evolve(authors=before.authors if before else ())

    patch.setattr(EditExperiment, "apply", forgetful)


def _an_edit_keeps_the_approval(patch: pytest.MonkeyPatch) -> None:
    honest = EditExperiment.apply

    def lenient(self: EditExperiment, before: Experiment | None, *rest: Any) -> Experiment:
        after = honest(self, before, *rest)
        if before is None or before.status is not Status.APPROVED:
            return after
        return after.model_copy(update={"status": before.status, "approval": before.approval})

    patch.setattr(EditExperiment, "apply", lenient)
    patch.setattr(Experiment, "evolve", lambda self, **changes: self.model_copy(update=changes))


def _a_start_from_anywhere(patch: pytest.MonkeyPatch) -> None:
    def hasty(self: StartExperiment, before: Experiment | None, actor: Any, now: Any) -> Experiment:
        before = self.existing(before, "started", *Status)
        return before.evolve(status=Status.RUNNING, started_at=now, started_by=actor.user)

    patch.setattr(StartExperiment, "apply", hasty)


def _a_change_without_a_record(patch: pytest.MonkeyPatch) -> None:
    honest = MemoryAudit.add

    async def leaky(self: MemoryAudit, record: AuditRecord) -> AuditRecord:
        return record if record.command == "AddNote" else await honest(self, record)

    patch.setattr(MemoryAudit, "add", leaky)


def _a_version_that_skips(patch: pytest.MonkeyPatch) -> None:
    honest: Callable[..., Experiment] = core._next_version

    def skipping(command: Command, before: Experiment | None, *rest: Any) -> Experiment:
        version = honest(command, before, *rest)
        return version.evolve(version=version.version + 1) if before else version

    patch.setattr(core, "_next_version", skipping)


def _deliveries_act_again(patch: pytest.MonkeyPatch) -> None:
    async def forgetful(self: MemoryAudit, delivery: str, key: str) -> bool:
        return False

    patch.setattr(MemoryAudit, "has", forgetful)


def _silent_changes(patch: pytest.MonkeyPatch) -> None:
    async def silent(self: MemoryOutbox, *rest: Any) -> None:
        return None

    patch.setattr(MemoryOutbox, "add", silent)


def _lost_notes(patch: pytest.MonkeyPatch) -> None:
    async def lossy(self: MemoryNotes, *rest: Any) -> None:
        return None

    patch.setattr(MemoryNotes, "add", lossy)


def _a_saved_state_that_no_record_tells(patch: pytest.MonkeyPatch) -> None:
    honest = MemoryExperiments.save

    async def drifting(self: MemoryExperiments, before: Experiment | None, after: Experiment) -> None:
        await honest(self, before, after.evolve(title="Something else") if before else after)

    patch.setattr(MemoryExperiments, "save", drifting)


MUTANTS = (
    (_no_rule_for_authors, "who wrote part of it"),
    (_no_author_is_remembered, "who wrote part of it"),
    (_an_edit_keeps_the_approval, "approval of another design"),
    (_a_start_from_anywhere, "jumped from"),
    (_a_change_without_a_record, "records"),
    (_a_version_that_skips, "leave a gap"),
    (_deliveries_act_again, "acted 2 times"),
    (_silent_changes, "no card tells"),
    (_lost_notes, "lost or gained a note"),
    (_a_saved_state_that_no_record_tells, "not what its newest record says"),
)


@pytest.mark.parametrize(("plant", "words"), MUTANTS, ids=[plant.__name__.strip("_") for plant, _ in MUTANTS])
def test_a_planted_fault_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    found = [fault for seed in range(6) for fault in walk(random_steps(seed, 250))]
    assert any(words in fault for fault in found), found


def _edit_a_record(tables: Tables) -> None:
    tables.records[3] = tables.records[3].model_copy(update={"sentence": "did nothing"})


def _remove_a_record(tables: Tables) -> None:
    del tables.records[3]


def _rename_the_actor(tables: Tables) -> None:
    tables.records[4] = tables.records[4].model_copy(update={"actor": "U0ADA"})


def _edit_the_experiment(tables: Tables) -> None:
    key, experiment = next(iter(tables.experiments.items()))
    tables.experiments[key] = experiment.evolve(title="Another title")


def _forget_the_experiment(tables: Tables) -> None:
    tables.experiments.clear()


def _lose_a_message(tables: Tables) -> None:
    tables.outbox = {number: row for number, row in tables.outbox.items() if not _is_card(row)}


def _is_card(row: Row) -> bool:
    return row.announcement.slot == "card"


@pytest.mark.parametrize(
    "damage",
    [
        _edit_a_record,
        _remove_a_record,
        _rename_the_actor,
        _edit_the_experiment,
        _forget_the_experiment,
        _lose_a_message,
    ],
)
async def test_damage_to_what_is_kept_is_found(damage: Callable[[Tables], None]) -> None:
    bench = MemoryWorld()
    await lead_to(Status.DECIDED, bench)
    assert faults(bench.tables, WORKSPACE) == []
    damage(bench.tables)
    assert faults(bench.tables, WORKSPACE)
