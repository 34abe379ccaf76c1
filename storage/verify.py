"""Whether what is kept is what was done: the audit chain, and every experiment against its newest record."""

from __future__ import annotations

import hashlib

from pydantic import ValidationError
from sqlalchemy import select

from experiments.audit import AuditRecord, broken_links, state_hash
from experiments.model import Experiment
from experiments.policy import AUDITED_AS
from storage.audit import Audit, Chain
from storage.database import Database
from storage.engine import Transaction
from storage.experiments import columns
from storage.policies import Policies
from storage.tables import EXPERIMENT


async def verify(database: Database, workspace: str) -> list[str]:
    """Every fault in the records of one workspace, in words; empty when there is none."""
    async with database.snapshot() as transaction:
        records = await Audit(transaction, workspace, Chain()).all()
        newest = {record.key: record for record in records}
        rules = await _rules(transaction, workspace, newest.pop(AUDITED_AS, None))
        return broken_links(records) + rules + await _edited(transaction, workspace, newest)


async def _rules(transaction: Transaction, workspace: str, record: AuditRecord | None) -> list[str]:
    policies = await Policies(transaction, workspace).get()
    if record is None:
        return ["the policies were changed, but no record tells of it"] if policies.version else []
    if not policies.version:
        return [f"the policies are gone; record {record.number} tells of them"]
    if state_hash(policies) != record.state_hash:
        return [f"the policies are not what record {record.number} left; they were edited since"]
    return []


async def _edited(transaction: Transaction, workspace: str, newest: dict[str, AuditRecord]) -> list[str]:
    faults = []
    rows = await transaction.rows(
        select(EXPERIMENT).where(EXPERIMENT.c.workspace == workspace).order_by(EXPERIMENT.c.key)
    )
    for row in rows:
        record = newest.pop(row.key, None)
        if record is None:
            faults.append(f"experiment {row.key}: no record tells where it comes from")
        elif hashlib.sha256(row.body.encode()).hexdigest() != record.state_hash:
            faults.append(f"experiment {row.key}: it is not what record {record.number} left; it was edited since")
        else:
            faults += [f"experiment {row.key}: {fault}" for fault in _disagreements(row.body, row._asdict())]
    faults += [
        f"experiment {key}: record {record.number} tells of it, but it is gone" for key, record in newest.items()
    ]
    return faults


def _disagreements(body: str, row: dict[str, object]) -> list[str]:
    try:
        expected = columns(Experiment.model_validate_json(body))
    except ValidationError:
        return ["its snapshot cannot be read"]
    wrong = [name for name, value in expected.items() if row[name] != value]
    return [f"its snapshot says otherwise about {', '.join(wrong)}"] if wrong else []
