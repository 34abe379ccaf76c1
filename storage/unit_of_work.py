"""The unit of work: the repositories of one workspace over one transaction."""

from __future__ import annotations

from storage.aggregates import Aggregates
from storage.audit import Audit, Chain
from storage.engine import Transaction
from storage.experiments import Experiments
from storage.notes import Notes
from storage.outbox import Outbox
from storage.pictures import Pictures
from storage.policies import Policies
from storage.preferences import Preferences
from storage.readouts import Readouts
from storage.schedules import Schedules
from storage.watches import Watches


class UnitOfWork:
    """One transaction in one workspace; whoever opened it commits it."""

    def __init__(self, transaction: Transaction, workspace: str) -> None:
        chain = Chain()
        self.experiments = Experiments(transaction, workspace, chain)
        self.notes = Notes(transaction, workspace)
        self.aggregates = Aggregates(transaction, workspace)
        self.audit = Audit(transaction, workspace, chain)
        self.outbox = Outbox(transaction, workspace)
        self.schedules = Schedules(transaction, workspace)
        self.policies = Policies(transaction, workspace)
        self.preferences = Preferences(transaction, workspace)
        self.watches = Watches(transaction, workspace)
        self.readouts = Readouts(transaction, workspace)
        self.pictures = Pictures(transaction, workspace)
