"""Who may do what in which state: one table, asked in one place."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from experiments.errors import Forbidden
from experiments.model import BEFORE_START, EDITABLE, ENDED, LIVE, SERVING, Experiment, Status
from experiments.texts import Frozen, Words

if TYPE_CHECKING:
    from experiments.commands.base import Command

S = Status
EVERY = tuple(Status)
NOT_ARCHIVED = tuple(status for status in Status if status is not Status.ARCHIVED)


class Role(IntEnum):
    """What a person is, in the workspace or in a project; each role may do what those below it may."""

    OUTSIDER = 0
    VIEWER = 1
    EXPERIMENTER = 2
    REVIEWER = 3
    ADMIN = 4

    @property
    def words(self) -> str:
        return self.name.lower()


def _by_name(value: object) -> object:
    return Role.__members__.get(value.strip().upper(), value) if isinstance(value, str) else value


GivenRole = Annotated[
    Role,
    BeforeValidator(_by_name),
    PlainSerializer(lambda role: role.words, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "enum": [role.words for role in Role]}),
]
"""A role by its word, as people write it and files keep it."""


class Permission(Words):
    READ = "read"
    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    CLONE = "clone"
    PREDICT = "predict"
    REQUEST_REVIEW = "request_review"
    CANCEL_REVIEW = "cancel_review"
    APPROVE = "approve"
    START = "start"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    TRAFFIC = "traffic"
    TESTERS = "testers"
    GUARDRAILS = "guardrails"
    AGREE = "agree"
    IMPORT = "import"
    NOTE = "note"
    DECIDE = "decide"
    PROMOTE = "promote"
    CONFIRM = "confirm"
    ADVANCE = "advance"
    ROLL_BACK = "roll_back"
    ARCHIVE = "archive"
    RECORD = "record"
    MEASURE = "measure"
    WARN = "warn"
    SETTINGS = "settings"


class Rule(NamedTuple):
    """The least role, and the states of the experiment in which it makes sense; none where there is no experiment yet.

    With `owner` the experiment's owner may too, whatever their role; `not_authors` shuts out all who wrote the design,
    `named` all but those who were asked by name; `by_bunsen` leaves it to Bunsen itself.
    """

    least: Role
    states: tuple[Status, ...] = EVERY
    owner: bool = True
    not_authors: bool = False
    named: bool = False
    by_bunsen: bool = False


def _in(*states: Status, **more: bool) -> Rule:
    return Rule(Role.EXPERIMENTER, tuple(status for status in Status if status in states), **more)


TABLE: dict[Permission, Rule] = {
    Permission.READ: Rule(Role.VIEWER),
    Permission.CREATE: Rule(Role.EXPERIMENTER, ()),
    Permission.EDIT: _in(*EDITABLE),
    Permission.DELETE: _in(S.DRAFT),
    Permission.CLONE: Rule(Role.EXPERIMENTER, owner=False),
    Permission.PREDICT: Rule(Role.VIEWER, tuple(status for status in Status if status in BEFORE_START)),
    Permission.REQUEST_REVIEW: _in(S.DRAFT),
    Permission.CANCEL_REVIEW: _in(S.IN_REVIEW),
    Permission.APPROVE: Rule(Role.REVIEWER, (S.IN_REVIEW,), owner=False, not_authors=True, named=True),
    Permission.START: _in(S.APPROVED, S.SCHEDULED),
    Permission.SCHEDULE: _in(S.APPROVED, S.SCHEDULED),
    Permission.UNSCHEDULE: _in(S.SCHEDULED),
    Permission.PAUSE: _in(S.RUNNING),
    Permission.RESUME: _in(S.PAUSED),
    Permission.STOP: _in(*LIVE),
    Permission.TRAFFIC: _in(*LIVE),
    Permission.TESTERS: _in(S.APPROVED, S.SCHEDULED, *LIVE, S.ROLLING_OUT),
    Permission.GUARDRAILS: _in(*EDITABLE, *LIVE),
    Permission.AGREE: Rule(Role.REVIEWER, tuple(sorted(LIVE)), owner=False),
    Permission.IMPORT: _in(*LIVE, S.STOPPED),
    Permission.NOTE: _in(*NOT_ARCHIVED),
    Permission.DECIDE: _in(S.STOPPED, S.ROLLED_BACK),
    Permission.PROMOTE: _in(S.DECIDED),
    Permission.CONFIRM: Rule(Role.REVIEWER, (S.DECIDED,), owner=False),
    Permission.ADVANCE: _in(S.ROLLING_OUT),
    Permission.ROLL_BACK: _in(*SERVING),
    Permission.ARCHIVE: _in(*ENDED),
    Permission.RECORD: Rule(Role.ADMIN, EVERY, owner=False, by_bunsen=True),
    Permission.MEASURE: Rule(Role.ADMIN, tuple(sorted({*LIVE, S.STOPPED, S.ROLLED_BACK})), owner=False, by_bunsen=True),
    Permission.WARN: Rule(Role.ADMIN, tuple(sorted(SERVING)), owner=False, by_bunsen=True),
    Permission.SETTINGS: Rule(Role.ADMIN, (), owner=False),
}
BUNSEN = "bunsen"
GUARDRAIL = "guardrail"


class Actor(Frozen):
    """Who acts, in which workspace, and the id of the delivery that asked for it (a repeated one acts once).

    `role` holds everywhere, `projects` names those in which the person is more; a guest may no more than the role says,
    also where they are the owner. `user` is always the person: what asks in a person's name, such as an API token, says
    so in `via` and may no more than that person.
    """

    workspace: str
    user: str
    name: str = ""
    role: Role = Role.REVIEWER
    projects: dict[str, Role] = {}
    is_guest: bool = False
    tz: str = "UTC"
    delivery: str | None = None
    via: str = ""

    def role_in(self, project: str) -> Role:
        """The role in one project."""
        return max(self.role, self.projects.get(project, Role.OUTSIDER))

    @property
    def readable(self) -> tuple[str, ...] | None:
        """The projects whose experiments this person may read; None means all."""
        if self.role >= TABLE[Permission.READ].least:
            return None
        return tuple(sorted(name for name, role in self.projects.items() if role >= TABLE[Permission.READ].least))

    @property
    def is_outsider(self) -> bool:
        return self.readable == ()


def bunsen(workspace: str) -> Actor:
    """Bunsen itself, for what nobody has to ask for: readings, and requests that expire."""
    return Actor(workspace=workspace, user=BUNSEN, name="Bunsen", role=Role.ADMIN)


def guardrail(workspace: str) -> Actor:
    """The monitor, where it stops, pauses or rolls back what does harm."""
    return Actor(workspace=workspace, user=GUARDRAIL, name="Guardrail", role=Role.ADMIN)


def states(permission: Permission) -> tuple[Status, ...]:
    """The states in which it makes sense."""
    return TABLE[permission].states


def allows(permission: Permission, actor: Actor, before: Experiment | None) -> str | None:
    """The words of the refusal, or None when the actor may. The state is not asked here but by the command itself."""
    rule = TABLE[permission]
    if rule.by_bunsen:
        return None if actor.user in {BUNSEN, GUARDRAIL} else "Bunsen does this by itself; nobody has to ask for it."
    role = actor.role_in(before.project) if before else max((actor.role, *actor.projects.values()))
    if role < TABLE[Permission.READ].least:
        return (
            "Only members of this workspace who were given a role can use this. Ask one of them to do it for you, "
            "or an admin for a role."
        )
    is_owner = before is not None and rule.owner and actor.user == before.owner and not actor.is_guest
    if role < rule.least and not is_owner:
        return f"This needs the role {rule.least.words}; you are {a(role)} here. {_who_helps(rule, actor, before)}"
    if before is None:
        return None
    if rule.not_authors and actor.user in before.authors:
        return "You wrote this design, so somebody else has to approve it."
    asked = before.review.reviewers if before.review and before.status in rule.states else ()
    if rule.named and asked and actor.user not in asked:
        return "This review asks particular people; ask the owner to add you as a reviewer."
    return None


def may(permission: Permission, actor: Actor, experiment: Experiment) -> bool:
    """Whether it makes sense now and this person may: which buttons to show them."""
    return experiment.status in states(permission) and allows(permission, actor, experiment) is None


def require(actor: Actor, command: Command, before: Experiment | None) -> None:
    """Raise `Forbidden` unless the actor may execute the command on this experiment."""
    if before is not None and before.workspace != actor.workspace:
        raise Forbidden("That experiment belongs to another workspace.")
    if refusal := allows(command.needs, actor, before):
        raise Forbidden(refusal)
    enters, least = getattr(command, "project", None), TABLE[command.needs].least
    if before is not None and (command.needs is not Permission.EDIT or enters == before.project):
        return
    if enters and actor.role_in(enters) < least:
        raise Forbidden(
            f"This needs the role {least.words} in the project {enters}, which you do not have. "
            "Choose another project, or ask an admin.",
            field="project",
        )


def a(role: Role) -> str:
    """A viewer, an experimenter."""
    return f"{'a' if role in {Role.VIEWER, Role.REVIEWER} else 'an'} {role.words}"


def _who_helps(rule: Rule, actor: Actor, before: Experiment | None) -> str:
    if actor.is_guest:
        return "Guests and people of connected workspaces can only read; a member can do it for you."
    if before is not None and rule.owner:
        return "Its owner can do it, and an admin can give you the role."
    return "An admin can give you the role (/experiment roles)."
