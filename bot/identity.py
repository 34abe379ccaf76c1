"""Who somebody is: time zone, groups and roles of a Slack user, asked once and remembered for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import structlog

from experiments.errors import Unavailable
from experiments.permissions import Actor, Role
from experiments.policy import Policies
from experiments.ports import Slack
from experiments.repositories import UnitOfWork

REMEMBERED_SECONDS = 60.0
ROLES_REMEMBERED_SECONDS = 5.0
MOST_REMEMBERED = 20_000
NEVER = float("-inf")
NO_SUCH_GROUP = frozenset({"no_such_subteam", "missing_scope", "plan_upgrade_required", "permission_denied"})
"""Slack's answers that will not change by asking again: nobody has a role by this group."""

log = structlog.get_logger(__name__)

Reading = Callable[[str], AbstractAsyncContextManager[UnitOfWork]]


@dataclass(frozen=True, slots=True)
class Person:
    """What Slack says of somebody. Guests and people of other workspaces are `guest`, deactivated ones `gone`."""

    user: str
    name: str
    tz: str
    guest: bool
    boss: bool
    gone: bool


@dataclass(slots=True)
class Directory:
    """Slack's people as actors with the roles that the policies give them and their user groups."""

    slack: Slack
    reading: Reading
    admins: frozenset[str] = frozenset()
    ticks: Callable[[], float] = time.monotonic
    _people: dict[tuple[str, str], tuple[float, Person]] = field(default_factory=dict)
    _groups: dict[str, tuple[float, tuple[str, ...]]] = field(default_factory=dict)
    _policies: dict[str, tuple[float, Policies]] = field(default_factory=dict)

    async def actor(self, workspace: str, user: str, delivery: str | None = None) -> Actor:
        """The actor for this person; `Unavailable` when Slack does not say who it is."""
        person = await self._person(workspace, user)
        policies = await self._rules(workspace)
        role, projects = Role.OUTSIDER, dict[str, Role]()
        if not person.gone:
            groups = [] if person.guest or person.boss else await self._groups_of(user, policies)
            role, projects = policies.roles({user, *groups}, is_guest=person.guest, is_admin=person.boss)
        return Actor(
            workspace=workspace,
            user=user,
            name=person.name,
            role=role,
            projects=projects,
            is_guest=person.guest,
            tz=person.tz,
            delivery=delivery,
        )

    async def members(self, group: str) -> tuple[str, ...]:
        """The user ids of a user group; nobody when there is no such group any more."""
        until, members = self._groups.get(group, (NEVER, ()))
        if until < self.ticks():
            members = await self._ask_for(group)
            self._groups[group] = (self.ticks() + REMEMBERED_SECONDS, members)
        return members

    def forget(self, user: str = "") -> None:
        """This person was changed, which happens all the time where many work; without one, roles or groups were."""
        if user:
            for known in [each for each in self._people if each[1] == user]:
                del self._people[known]
            return
        self._people.clear()
        self._policies.clear()
        self._groups.clear()

    async def _groups_of(self, user: str, policies: Policies) -> list[str]:
        """The user groups with a role that this person is in."""
        named = sorted({grant.subject for grant in policies.grants if grant.is_group})
        return [group for group in named if user in await self.members(group)]

    async def _ask_for(self, group: str) -> tuple[str, ...]:
        try:
            return tuple((await self.slack.call("usergroups.users.list", usergroup=group)).get("users", ()))
        except Unavailable as error:
            if error.reason not in NO_SUCH_GROUP:
                raise
            log.warning("a user group with a role cannot be read", group=group, reason=error.reason)
            return ()

    async def _rules(self, workspace: str) -> Policies:
        until, policies = self._policies.get(workspace, (NEVER, None))
        if policies is None or until < self.ticks():
            async with self.reading(workspace) as uow:
                policies = await uow.policies.get()
            self._policies[workspace] = (self.ticks() + ROLES_REMEMBERED_SECONDS, policies)
        return policies

    async def _person(self, workspace: str, user: str) -> Person:
        until, person = self._people.get((workspace, user), (NEVER, None))
        if person is None or until < self.ticks():
            person = await self._ask(workspace, user)
            if len(self._people) >= MOST_REMEMBERED:
                self._people.clear()
            self._people[workspace, user] = (self.ticks() + REMEMBERED_SECONDS, person)
        return person

    async def _ask(self, workspace: str, user: str) -> Person:
        said = (await self.slack.call("users.info", user=user))["user"]
        guest = said.get("is_restricted") or said.get("is_ultra_restricted") or said.get("is_stranger")
        foreign = said.get("team_id", workspace) != workspace
        return Person(
            user=user,
            name=said.get("real_name") or said.get("name", ""),
            tz=said.get("tz") or "UTC",
            guest=bool(guest or foreign),
            boss=bool(user in self.admins or said.get("is_admin") or said.get("is_owner")),
            gone=bool(said.get("deleted")),
        )
