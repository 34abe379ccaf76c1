"""What every change is: a frozen set of fields, the permission it needs, a pure `apply` and the sentence it leaves."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Any, ClassVar, Self

from pydantic import ConfigDict

from experiments.aggregate import Aggregate
from experiments.errors import AlreadyDone, IllegalTransition, NotFound, Stale
from experiments.model import Experiment, Note, Status
from experiments.permissions import Actor, Permission, states
from experiments.policy import Project
from experiments.readout import Readout
from experiments.texts import Frozen, Key

NEXT_STEPS = {
    Status.DRAFT: "edit it, or ask for a review",
    Status.IN_REVIEW: "approve it, request changes, or edit it (which withdraws the review)",
    Status.APPROVED: "start it, schedule it, or edit it (which voids the approval)",
    Status.SCHEDULED: "wait for its start, start it now, or unschedule it",
    Status.RUNNING: "look at its results, pause it, or stop it",
    Status.PAUSED: "resume it, or stop it",
    Status.STOPPED: "log the decision, or archive it",
    Status.DECIDED: "promote what won, or archive it",
    Status.ROLLING_OUT: "go to the next stage, or roll back",
    Status.ROLLED_OUT: "archive it, or roll back",
    Status.ROLLED_BACK: "log what was concluded, or clone it for another attempt",
    Status.ARCHIVED: "read it, or clone it for another attempt",
}


class Command(Frozen):
    """One change to one experiment, whoever asks for it and through whichever door.

    `revision` is the one the person was looking at; None when there was nothing to look at.
    """

    model_config = ConfigDict(defer_build=True)  # what checks the fields is built when first used, not at the start

    needs: ClassVar[Permission]
    revises: ClassVar[bool] = True

    key: Key
    revision: int | None = None

    @abstractmethod
    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        """The experiment after the change; raises a `BunsenError` when it is not possible."""

    @abstractmethod
    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        """What happened, to be read after the actor's name: "stopped it (harm); …"."""

    def under(self, project: Project) -> Self:
        """The same command with what the project's policy asks in addition; what a person gave cannot ask for less."""
        return self

    def note(self, actor: Actor, now: datetime) -> Note | None:
        """The note that is kept with the change, if it brings one."""
        return None

    def aggregates(self) -> tuple[Aggregate, ...]:
        """The aggregates that are kept with the change, if it brings any."""
        return ()

    def read(self) -> Readout | None:
        """The readout that is kept with the change, if it brings one."""
        return None

    def payload(self) -> dict[str, Any]:
        """What the audit trail keeps of the command."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def done_before(self, before: Experiment, what: str) -> AlreadyDone:
        """The refusal of a change that was made before, with who made it and what is possible now."""
        return AlreadyDone(
            f"“{before.title}” {what}. You can {NEXT_STEPS[before.status]}.", by=before.changed_by, at=before.updated_at
        )

    def existing(self, before: Experiment | None, doing: str, *allowed: Status) -> Experiment:
        """The experiment when it exists, is the one that was looked at and is in a state that allows it.

        `allowed` narrows the states that the table of permissions names.
        """
        if before is None:
            raise NotFound(self.key)
        if before.status not in (allowed or states(self.needs)):
            raise IllegalTransition(
                f"“{before.title}” is {before.status.words}, so it cannot be {doing}. "
                f"You can {NEXT_STEPS[before.status]}.",
                by=before.changed_by,
                at=before.updated_at,
            )
        if self.revision is not None and self.revision != before.revision:
            raise Stale(
                f"“{before.title}” was changed in the meantime. Open it again and look before you go on.",
                by=before.changed_by,
                at=before.updated_at,
            )
        return before
