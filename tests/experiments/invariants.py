"""What must hold of everything that is kept, whatever was done: every fault found is a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from experiments.audit import AuditRecord, broken_links, state_hash
from experiments.commands.edit import DESIGN_FIELDS
from experiments.model import EDITABLE, LIVE, Experiment, Status
from experiments.policy import AUDITED_AS
from tests.memory import Tables

S = Status
REACHABLE = {
    None: {S.DRAFT, S.STOPPED},
    S.DRAFT: {S.IN_REVIEW, S.ARCHIVED},
    S.IN_REVIEW: {S.APPROVED, S.DRAFT},
    S.APPROVED: {S.SCHEDULED, S.RUNNING, S.DRAFT},
    S.SCHEDULED: {S.RUNNING, S.APPROVED},
    S.RUNNING: {S.PAUSED, S.STOPPED, S.ROLLED_BACK},
    S.PAUSED: {S.RUNNING, S.STOPPED, S.ROLLED_BACK},
    S.STOPPED: {S.DECIDED, S.ARCHIVED},
    S.DECIDED: {S.ROLLING_OUT, S.ROLLED_OUT, S.ARCHIVED},
    S.ROLLING_OUT: {S.ROLLED_OUT, S.ROLLED_BACK},
    S.ROLLED_OUT: {S.ROLLED_BACK, S.ARCHIVED},
    S.ROLLED_BACK: {S.ARCHIVED},
    S.ARCHIVED: set(),
}
ONCE = {"CreateExperiment", "CloneExperiment", "StartExperiment", "StopExperiment", "LogDecision", "RollBack"}
SECOND_PERSON = {"ConfirmPromotion": {"PromoteVariant", "LogDecision"}, "AgreeToLoosening": {"ChangeGuardrails"}}
"""A yes to these needs somebody else than the one who last asked."""


def faults(tables: Tables, workspace: str) -> list[str]:
    """Everything in the tables of one workspace that must never be; empty when all is well."""
    records = tuple(tables.records.values())
    found = broken_links(records)
    if strangers := {record.key for record in records if record.key != AUDITED_AS} ^ set(tables.experiments):
        found.append(f"experiments without records, or records without experiment: {sorted(strangers)}")
    twice = Counter((record.delivery, record.key) for record in records if record.delivery)
    found += [f"{place} acted {count} times" for place, count in twice.items() if count > 1]
    for key, experiment in tables.experiments.items():
        history = [record for record in records if record.key == key]
        found += [f"{key}: {words}" for words in _faults_of(experiment, history, tables)]
        if experiment.workspace != workspace or any(record.workspace != workspace for record in history):
            found.append(f"{key}: belongs to another workspace")
    rules = [record for record in records if record.key == AUDITED_AS]
    if rules and rules[-1].state_hash != state_hash(tables.policies[""]):
        found.append("the policies are not what their newest record says")
    return found


def _faults_of(experiment: Experiment, history: list[AuditRecord], tables: Tables) -> Iterator[str]:
    if not history:
        return
    if len(history) != experiment.version or history[-1].version_after != experiment.version:
        yield f"has version {experiment.version} after {len(history)} records"
    if history[-1].state_hash != state_hash(experiment):
        yield "is not what its newest record says"
    yield from _faults_of_statuses(experiment, history)
    yield from _faults_of_approval(experiment, history)
    yield from _faults_of_second_persons(history)
    if experiment.note_count != len({note.number for note in tables.notes.get(experiment.key, ())}):
        yield "has lost or gained a note"
    if {version for key, version in tables.batches if key == experiment.key} != set(
        range(1, experiment.data_version + 1)
    ):
        yield "has lost or gained a batch of data"
    if experiment.channel:
        told = {
            row.announcement.payload["experiment"]["version"]
            for row in tables.outbox.values()
            if row.announcement.stream == experiment.key and row.announcement.slot == "card"
        }
        if told != set(range(1, experiment.version + 1)):
            yield "has changes that no card tells"


def _faults_of_statuses(experiment: Experiment, history: list[AuditRecord]) -> Iterator[str]:
    status = None
    for record in history:
        if record.status_before != status:
            yield f"went from {status} to {record.status_before} without a record"
        if record.status_after != record.status_before and record.status_after not in REACHABLE[record.status_before]:
            yield f"jumped from {record.status_before} to {record.status_after}"
        status = record.status_after
    if status != experiment.status:
        yield f"is {experiment.status} but was left {status}"
    for name, times in Counter(record.command for record in history).items():
        if name in ONCE and times > 1:
            yield f"{name} acted {times} times"


def _faults_of_approval(experiment: Experiment, history: list[AuditRecord]) -> Iterator[str]:
    started = any(record.command == "StartExperiment" for record in history)
    approval = experiment.approval
    if started or experiment.status in {Status.APPROVED, Status.SCHEDULED}:
        if approval is None:
            yield "runs or may run without an approval"
        elif approval.design_hash != experiment.design.hash and not any(map(_moves_a_guardrail, history)):
            yield "carries the approval of another design"
    wrote = set()
    for record in history:
        if _writes_design(record):
            wrote.add(record.actor)
        if record.command == "ApproveReview" and record.actor in wrote:
            yield f"was approved by {record.actor}, who wrote part of it"
    if approval and approval.by in wrote:
        yield f"carries the approval of {approval.by}, who wrote part of it"


def _writes_design(record: AuditRecord) -> bool:
    if record.version_before == 0:
        return True
    if record.command == "ChangeGuardrails":
        return record.status_before in EDITABLE
    return record.command == "EditExperiment" and bool(DESIGN_FIELDS & set(record.payload))


def _moves_a_guardrail(record: AuditRecord) -> bool:
    """Guardrails of a running experiment move without a new approval of the rest."""
    return record.command in {"ChangeGuardrails", "AgreeToLoosening"} and record.status_before in LIVE


def _faults_of_second_persons(history: list[AuditRecord]) -> Iterator[str]:
    last: dict[str, str] = {}
    for record in history:
        asked = {last.get(command) for command in SECOND_PERSON.get(record.command, ())}
        if record.actor in asked and record.payload.get("agreed", True):
            yield f"{record.command} by {record.actor}, who asked for it"
        last[record.command] = record.actor
