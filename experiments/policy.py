"""The rules a workspace sets for itself: who has which role where, and what a project asks of a review."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from experiments.errors import BadInput, Forbidden, Stale
from experiments.permissions import Actor, Permission, Role, allows
from experiments.texts import Frozen, Line, Name

AUDITED_AS = "@policies"
MOST_GRANTS = 500
MOST_PROJECTS = 200


class Grant(Frozen):
    """A role for a person or a Slack user group (an id that begins with S), in one project or, without one, in all."""

    subject: str = Field(min_length=2, max_length=40)
    role: Role
    project: str = ""


class Project(Frozen):
    """What a project asks: how many approvals, who reviews by default, its own points of the checklist, its times."""

    name: Name
    department: str = Field(default="", max_length=60)
    required_approvals: int = Field(default=1, ge=1, le=5)
    reviewers: tuple[str, ...] = ()
    checklist: tuple[Line, ...] = Field(default=(), max_length=10)
    review_days: int = Field(default=2, ge=1, le=30)
    expires_days: int = Field(default=5, ge=1, le=60)


class Policies(Frozen):
    """All of them. Until roles are given, every member may create and review, and only admins may change settings.

    Guests and people of connected workspaces have the role they were given by name, at most viewer, else none.
    """

    version: int = 0
    default_role: Role = Role.REVIEWER
    grants: tuple[Grant, ...] = Field(default=(), max_length=MOST_GRANTS)
    projects: tuple[Project, ...] = Field(default=(), max_length=MOST_PROJECTS)

    def project(self, name: str) -> Project:
        """What the project of this name asks; the defaults when nobody set anything."""
        return next((each for each in self.projects if each.name == name), Project(name=name))

    def roles(self, subjects: Collection[str], *, is_guest: bool, is_admin: bool) -> tuple[Role, dict[str, Role]]:
        """The role everywhere and the higher ones in single projects, of somebody who is these subjects: their user id
        and the ids of their groups."""
        if is_admin and not is_guest:
            return Role.ADMIN, {}
        everywhere = Role.OUTSIDER if is_guest else self.default_role
        projects: dict[str, Role] = {}
        given = [grant for grant in self.grants if grant.subject in subjects]
        for grant in given:
            role = min(grant.role, Role.VIEWER) if is_guest else grant.role
            if not grant.project:
                everywhere = max(everywhere, role)
            else:
                projects[grant.project] = max(role, projects.get(grant.project, Role.OUTSIDER))
        return everywhere, {name: role for name, role in projects.items() if role > everywhere}

    def departments(self) -> tuple[str, ...]:
        return tuple(sorted({each.department for each in self.projects if each.department}))

    def projects_of(self, department: str) -> tuple[str, ...]:
        """The projects of a department."""
        return tuple(sorted(each.name for each in self.projects if each.department == department))


class PolicyCommand(Frozen):
    """One change of the policies; like every change it leaves an audit record."""

    needs: ClassVar[Permission] = Permission.SETTINGS

    version: int | None = None

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
        if self.version is not None and self.version != before.version:
            raise Stale("Somebody else changed the settings in the meantime. Open them again and look.")
        return self.apply(before, actor, now).model_copy(update={"version": before.version + 1})


class GiveRole(PolicyCommand):
    """Give a person or a user group a role, instead of the one they had there; no role takes it away."""

    subject: str = Field(min_length=2, max_length=40)
    role: Role | None = None
    project: str = Field(default="", max_length=60)

    def apply(self, before: Policies, actor: Actor, now: datetime) -> Policies:
        kept = tuple(each for each in before.grants if (each.subject, each.project) != (self.subject, self.project))
        if self.role is None and len(kept) == len(before.grants):
            raise BadInput("They have no such role, so there is none to take away.", field="role")
        if self.role is None:
            return before.model_copy(update={"grants": kept})
        if len(kept) >= MOST_GRANTS:
            raise BadInput(f"At most {MOST_GRANTS} roles can be given; use a user group.", field="subject")
        given = Grant(subject=self.subject, role=self.role, project=self.project)
        return before.model_copy(update={"grants": (*kept, given)})

    def sentence(self, before: Policies, after: Policies) -> str:
        where = f" in {self.project}" if self.project else ""
        return (
            f"made {self.subject} {self.role.words}{where}" if self.role else f"took {self.subject}'s role{where} away"
        )


class SetDefaultRole(PolicyCommand):
    """What every member is who was given no role."""

    role: Role

    def apply(self, before: Policies, actor: Actor, now: datetime) -> Policies:
        if self.role is Role.ADMIN:
            raise BadInput("Not everybody can be an admin; choose reviewer or less.", field="role")
        return before.model_copy(update={"default_role": self.role})

    def sentence(self, before: Policies, after: Policies) -> str:
        return f"set the default role: {before.default_role.words} → {after.default_role.words}"


class SetProject(PolicyCommand):
    """What a project asks, in place of what it asked before."""

    project: Project

    def apply(self, before: Policies, actor: Actor, now: datetime) -> Policies:
        kept = tuple(each for each in before.projects if each.name != self.project.name)
        if len(kept) >= MOST_PROJECTS:
            raise BadInput(f"At most {MOST_PROJECTS} projects have settings of their own.", field="name")
        return before.model_copy(update={"projects": (*kept, self.project)})

    def sentence(self, before: Policies, after: Policies) -> str:
        was, now = before.project(self.project.name), after.project(self.project.name)
        changes = [
            f"{name.replace('_', ' ')} {_said(getattr(was, name))} → {_said(getattr(now, name))}"
            for name in Project.model_fields
            if getattr(was, name) != getattr(now, name)
        ]
        return f"changed the settings of {self.project.name}: {'; '.join(changes) or 'nothing'}"


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value) or "none"
