"""Who may do what: one table, asked in one place."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from experiments.errors import Forbidden
from experiments.model import Experiment
from experiments.texts import Frozen, Words

if TYPE_CHECKING:
    from experiments.commands.base import Command


class Role(IntEnum):
    """What a person is in the workspace; each role may do what those below it may."""

    OUTSIDER = 0
    MEMBER = 1
    ADMIN = 2


class Permission(Words):
    CREATE = "create"
    EDIT = "edit"
    REQUEST_REVIEW = "request_review"
    APPROVE = "approve"
    START = "start"
    STOP = "stop"
    IMPORT = "import"
    NOTE = "note"
    DECIDE = "decide"
    ARCHIVE = "archive"


LEAST_ROLE = dict.fromkeys(Permission, Role.MEMBER)
NEVER_BY_AUTHORS = frozenset({Permission.APPROVE})
ONLY_BY_NAMED_REVIEWERS = frozenset({Permission.APPROVE})


class Actor(Frozen):
    """Who acts, in which workspace, and the id of the delivery that asked for it (a repeated one acts once)."""

    workspace: str
    user: str
    name: str = ""
    role: Role = Role.MEMBER
    tz: str = "UTC"
    delivery: str | None = None


def allows(permission: Permission, actor: Actor, before: Experiment | None) -> str | None:
    """The words of the refusal, or None when the actor may."""
    if actor.role < LEAST_ROLE[permission]:
        return "Only members of this workspace can change experiments. Ask one of them to do it for you."
    if before is None:
        return None
    if permission in NEVER_BY_AUTHORS and actor.user in before.authors:
        return "You wrote this design, so somebody else has to approve it."
    named = before.review.reviewers if before.review else ()
    if permission in ONLY_BY_NAMED_REVIEWERS and named and actor.user not in named:
        return "This review asks particular people; ask the owner to add you as a reviewer."
    return None


def require(actor: Actor, command: Command, before: Experiment | None) -> None:
    """Raise `Forbidden` unless the actor may execute the command on this experiment."""
    if before is not None and before.workspace != actor.workspace:
        raise Forbidden("That experiment belongs to another workspace.")
    if refusal := allows(command.needs, actor, before):
        raise Forbidden(refusal)
