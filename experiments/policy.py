"""The rules a workspace sets for itself: who has which role where, and what a project asks of a review."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, field_validator

from experiments.errors import AlreadyDone, BadInput, Forbidden, Stale
from experiments.numerals import MINUS, share
from experiments.permissions import Actor, GivenRole, Permission, Role, allows
from experiments.sources import DataSource
from experiments.texts import Frozen, Key, Line, Name, clean_line
from experiments.tokens import Token

AUDITED_AS = "@policies"
MOST_GRANTS = 500
MOST_PROJECTS = 200
MOST_TOKENS = 1_000
MOST_HOSTS = 50
MOST_WORTH = 30
MOST_MONEY = 1e12
GROUP = "S"
SUBJECT = re.compile(r"[USW][A-Z0-9]{2,39}")
Money = Annotated[float, Field(ge=-MOST_MONEY, le=MOST_MONEY, allow_inf_nan=False)]


class Grant(Frozen):
    """A role for a person or a Slack user group (an id that begins with S), in one project or, without one, in all."""

    subject: str = Field(min_length=2, max_length=40)
    role: GivenRole
    project: str = ""

    @property
    def is_group(self) -> bool:
        return self.subject.startswith(GROUP)


class Project(Frozen):
    """What a project asks: how many approvals, who reviews by default, its own points of the checklist, its times.

    `holdout` is the share of all units, in hundredths of a percent, that takes part in nothing; `source` is where the
    data are. `worth` is what one more of a metric per unit is worth in money, of a proportion one more success: below
    zero where more costs something. `day_cost` is what a day of an experiment costs, in the same `currency`.
    """

    name: Name
    department: str = Field(default="", max_length=60)
    required_approvals: int = Field(default=1, ge=1, le=5)
    reviewers: tuple[str, ...] = ()
    checklist: tuple[Line, ...] = Field(default=(), max_length=10)
    review_days: int = Field(default=2, ge=1, le=30)
    expires_days: int = Field(default=5, ge=1, le=60)
    holdout: int = Field(default=0, ge=0, le=5_000)
    source: DataSource = DataSource()
    worth: dict[Key, Money] = Field(default={}, max_length=MOST_WORTH)
    currency: Annotated[str, BeforeValidator(clean_line)] = Field(default="", max_length=10)
    day_cost: float | None = Field(default=None, ge=0, le=MOST_MONEY, allow_inf_nan=False)


class Policies(Frozen):
    """All of them. Until roles are given, every member may create and review, and only admins may change settings.

    Guests and people of connected workspaces have the role they were given by name, at most viewer, else none.
    `allowed_hosts` are the addresses inside the own network that Bunsen may ask: "host", "host:port" or "10.0.0.0/8".
    """

    version: int = 0
    default_role: GivenRole = Role.REVIEWER
    grants: tuple[Grant, ...] = Field(default=(), max_length=MOST_GRANTS)
    projects: tuple[Project, ...] = Field(default=(), max_length=MOST_PROJECTS)
    tokens: tuple[Token, ...] = Field(default=(), max_length=MOST_TOKENS)
    allowed_hosts: tuple[str, ...] = Field(default=(), max_length=MOST_HOSTS)

    def project(self, name: str) -> Project:
        """What the project of this name asks; the defaults when nobody set anything."""
        return next((each for each in self.projects if each.name == name), Project(name=name))

    def roles(self, subjects: Collection[str], *, is_guest: bool, is_admin: bool) -> tuple[Role, dict[str, Role]]:
        """The role everywhere and the higher ones in single projects, of somebody who is these subjects: their user id
        and the ids of their groups. What was given by name counts before what a group was given, and that before the
        default."""
        if is_admin and not is_guest:
            return Role.ADMIN, {}
        everywhere = self._given(subjects, "", is_guest)
        if everywhere is None:
            everywhere = Role.OUTSIDER if is_guest else self.default_role
        named = {grant.project for grant in self.grants if grant.project and grant.subject in subjects}
        projects = {name: self._given(subjects, name, is_guest) or Role.OUTSIDER for name in sorted(named)}
        return everywhere, {name: role for name, role in projects.items() if role > everywhere}

    def _given(self, subjects: Collection[str], project: str, is_guest: bool) -> Role | None:
        given = [grant for grant in self.grants if grant.project == project and grant.subject in subjects]
        by_name = [grant.role for grant in given if not grant.is_group]
        by_group = [grant.role for grant in given if grant.is_group and not is_guest]
        role = max(by_name or by_group, default=None)
        return min(role, Role.VIEWER) if role is not None and is_guest else role

    def departments(self) -> tuple[str, ...]:
        return tuple(sorted({each.department for each in self.projects if each.department}))

    def projects_of(self, department: str) -> tuple[str, ...]:
        """The projects of a department."""
        return tuple(sorted(each.name for each in self.projects if each.department == department))


class PolicyCommand(Frozen):
    """One change of the policies; like every change it leaves an audit record."""

    needs: ClassVar[Permission] = Permission.SETTINGS

    version: int | None = None

    @property
    def scope(self) -> str:
        """The project whose admins may do this too; empty when it takes an admin of the whole workspace."""
        return ""

    @abstractmethod
    def apply(self, before: Policies, actor: Actor, now: datetime) -> Policies: ...

    @abstractmethod
    def sentence(self, before: Policies, after: Policies) -> str: ...

    def payload(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    def decided(self, before: Policies, actor: Actor, now: datetime) -> Policies:
        """The policies after the change, when the actor may and looked at the newest ones."""
        if refusal := allows(self.needs, actor, None):
            raise Forbidden(refusal)
        if actor.role_in(self.scope) < Role.ADMIN:
            mine = ", ".join(sorted(name for name, role in actor.projects.items() if role is Role.ADMIN))
            raise Forbidden(f"You are admin of {mine} alone; choose that project.", field="project")
        if self.version is not None and self.version != before.version:
            raise Stale("Somebody else changed the settings in the meantime. Open them again and look.")
        return self.apply(before, actor, now).model_copy(update={"version": before.version + 1})


class GiveRole(PolicyCommand):
    """Give people and user groups a role, instead of the one they had there; no role takes it away."""

    subjects: tuple[str, ...] = Field(min_length=1, max_length=50)
    role: GivenRole | None = None
    project: Annotated[str, BeforeValidator(clean_line)] = Field(default="", max_length=60)

    @field_validator("subjects")
    @classmethod
    def _are_somebody(cls, subjects: tuple[str, ...]) -> tuple[str, ...]:
        if strangers := [subject for subject in subjects if not SUBJECT.fullmatch(subject)]:
            raise ValueError(f"“{strangers[0][:40]}” is no id of a person or a user group, like U0123ABCD or S0123ABCD")
        return tuple(dict.fromkeys(subjects))

    @field_validator("role")
    @classmethod
    def _is_a_role(cls, role: Role | None) -> Role | None:
        if role is Role.OUTSIDER:
            raise ValueError("choose viewer, experimenter, reviewer or admin, or no role to take it away")
        return role

    @property
    def scope(self) -> str:
        return self.project

    def apply(self, before: Policies, actor: Actor, now: datetime) -> Policies:
        held = self._held(before)
        if self.role is None and not held:
            raise BadInput("They were given no role there, so there is none to take away.", field="role")
        if all(held.get(subject) is self.role for subject in self.subjects):
            raise AlreadyDone("They have this role already; nothing was changed.")
        kept = tuple(each for each in before.grants if each.subject not in held or each.project != self.project)
        role = self.role
        if role is None:
            return before.model_copy(update={"grants": kept})
        given = tuple(Grant(subject=subject, role=role, project=self.project) for subject in self.subjects)
        if len(kept) + len(given) > MOST_GRANTS:
            raise BadInput(f"At most {MOST_GRANTS} roles can be given; use a user group.", field="subjects")
        return before.model_copy(update={"grants": (*kept, *given)})

    def _held(self, policies: Policies) -> dict[str, Role]:
        """What these people and groups were given there."""
        given = {each.subject: each.role for each in policies.grants if each.project == self.project}
        return {subject: given[subject] for subject in self.subjects if subject in given}

    def sentence(self, before: Policies, after: Policies) -> str:
        where = f"in {self.project}" if self.project else "everywhere"
        was, now = self._held(before), self._held(after)
        moved = [f"{subject} {_role(was, subject)} → {_role(now, subject)}" for subject in self.subjects]
        return f"changed roles {where}: {', '.join(moved)}"


def _role(held: dict[str, Role], subject: str) -> str:
    return held[subject].words if subject in held else "none given"


class SetDefaultRole(PolicyCommand):
    """What every member is who was given no role."""

    role: GivenRole

    def apply(self, before: Policies, actor: Actor, now: datetime) -> Policies:
        if self.role is Role.ADMIN:
            raise BadInput("Not everybody can be an admin; choose reviewer or less.", field="role")
        if self.role is before.default_role:
            raise AlreadyDone("This is the default role already; nothing was changed.")
        return before.model_copy(update={"default_role": self.role})

    def sentence(self, before: Policies, after: Policies) -> str:
        return f"set the default role: {before.default_role.words} → {after.default_role.words}"


class SetProject(PolicyCommand):
    """What a project asks, in place of what it asked before."""

    project: Project

    @property
    def scope(self) -> str:
        return self.project.name

    def apply(self, before: Policies, actor: Actor, now: datetime) -> Policies:
        if self.project == before.project(self.project.name) and self.project in before.projects:
            raise AlreadyDone("These are the settings of this project already; nothing was changed.")
        if self.project.source != before.project(self.project.name).source and actor.role < Role.ADMIN:
            raise Forbidden("Only an admin of the whole workspace changes where data come from.", field="source")
        kept = tuple(each for each in before.projects if each.name != self.project.name)
        if len(kept) >= MOST_PROJECTS:
            raise BadInput(f"At most {MOST_PROJECTS} projects have settings of their own.", field="name")
        return before.model_copy(update={"projects": (*kept, self.project)})

    def sentence(self, before: Policies, after: Policies) -> str:
        was, now = before.project(self.project.name), after.project(self.project.name)
        changes = [
            f"{name.replace('_', ' ')} {_said(name, getattr(was, name))} → {_said(name, getattr(now, name))}"
            for name in Project.model_fields
            if getattr(was, name) != getattr(now, name)
        ]
        return f"changed the settings of {self.project.name}: {'; '.join(changes) or 'nothing'}"


def _said(name: str, value: object) -> str:
    if name == "holdout" and isinstance(value, int):
        return share(value)
    if isinstance(value, DataSource):
        return value.words
    if isinstance(value, tuple):
        return ", ".join(str(each).rstrip(".") for each in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_said(name, each)}" for key, each in sorted(value.items())) or "none"
    if isinstance(value, float):
        return f"{value:,.15g}".replace("-", MINUS)
    return "none" if value is None else str(value) or "none"
