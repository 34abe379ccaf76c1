"""Who is looking at their Home tab, so that it is drawn anew when something they do changes it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from experiments.fleet import Choices
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about
from handlers.home import publish
from handlers.turn import Turn

MOST_REMEMBERED = 2_000


@dataclass(slots=True)
class AtHome:
    """The Home tabs people have before them, with what each shows. Slack says when one is opened, not when it is left,
    so whoever does something elsewhere is taken to have left it."""

    _tabs: OrderedDict[str, dict[str, Any]] = field(default_factory=OrderedDict)

    def opened(self, user: str, tab: str) -> None:
        """Slack says that the person opened this tab of Bunsen."""
        if tab == "home":
            self._look(user, {})
        else:
            self._tabs.pop(user, None)

    def acted(self, user: str, body: Mapping[str, Any]) -> None:
        """The person did something: on the tab itself, in a form above it, or somewhere else."""
        view = body.get("view") or {}
        if view.get("type") == "home":
            self._look(user, about(view))
        elif view.get("type") != "modal":
            self._tabs.pop(user, None)

    def watched(self, world: World, actor: Actor, turn: Turn) -> World:
        """The same world, whose changes are followed by a new drawing of the tab when the person is looking at it."""
        shown = self._tabs.get(actor.user)
        if shown is None:
            return world
        drawn = False

        def changed() -> None:
            nonlocal drawn
            world.nudge()
            if not drawn:
                drawn = True
                turn.later(publish(actor, world, Choices.given(shown) if shown else None))

        return replace(world, nudge=changed)

    def _look(self, user: str, shown: dict[str, Any]) -> None:
        self._tabs[user] = shown
        self._tabs.move_to_end(user)
        if len(self._tabs) > MOST_REMEMBERED:
            self._tabs.popitem(last=False)
