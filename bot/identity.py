"""Who somebody is: role and time zone of a Slack user, asked once and remembered for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from experiments.permissions import Actor, Role
from experiments.ports import Slack

REMEMBERED_SECONDS = 600.0
MOST_REMEMBERED = 20_000


@dataclass(slots=True)
class Directory:
    """Slack's people as actors; guests and people of other workspaces are outsiders."""

    slack: Slack
    admins: frozenset[str] = frozenset()
    ticks: Callable[[], float] = time.monotonic
    _known: dict[tuple[str, str], tuple[float, Actor]] = field(default_factory=dict)

    async def actor(self, workspace: str, user: str, delivery: str | None = None) -> Actor:
        """The actor for this person; `Unavailable` when Slack does not say who it is."""
        until, actor = self._known.get((workspace, user), (0.0, None))
        if actor is None or until < self.ticks():
            actor = await self._ask(workspace, user)
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[workspace, user] = (self.ticks() + REMEMBERED_SECONDS, actor)
        return actor.model_copy(update={"delivery": delivery})

    async def _ask(self, workspace: str, user: str) -> Actor:
        person = (await self.slack.call("users.info", user=user))["user"]
        guest = person.get("is_restricted") or person.get("is_ultra_restricted") or person.get("is_stranger")
        foreign = person.get("team_id", workspace) != workspace
        boss = user in self.admins or person.get("is_admin") or person.get("is_owner")
        return Actor(
            workspace=workspace,
            user=user,
            name=person.get("real_name") or person.get("name", ""),
            role=Role.OUTSIDER if guest or foreign else Role.ADMIN if boss else Role.MEMBER,
            tz=person.get("tz") or "UTC",
        )
