"""What needs one person, as entries with the button that answers each need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.model import Experiment
from experiments.permissions import Actor
from handlers.surfaces import kit
from handlers.surfaces.fleet import entry_of
from handlers.surfaces.kit import Group
from handlers.surfaces.state import entry, target_of

BUTTONS = {"show": "Look", "decide": "Log decision", "results": "Look at results"}


@dataclass(frozen=True, slots=True)
class Need:
    """An experiment, what about it needs the person, and the verb of the button that leads there."""

    experiment: Experiment
    what: str
    verb: str


def needed(needs: Sequence[Need], most: int, actor: Actor | None = None) -> list[Group]:
    """The first `most` of them, then how many more there are; for an `actor` with a menu of all else they may do."""
    groups = [_entry(each, actor) for each in needs[:most]]
    more = len(needs) - most
    return [*groups, *([Group([kit.context(f"… and {more:,} more; they come up as you go.")], 0)] if more > 0 else [])]


def _entry(need: Need, actor: Actor | None) -> Group:
    target = target_of(need.experiment)
    button = kit.button(BUTTONS[need.verb], need.verb, target, style="primary" if need.verb != "show" else "")
    if actor:
        return entry_of(need.experiment, actor, need.what, button)
    return Group([kit.section(f"{entry(need.experiment, remarked=True)} · *{need.what}*", accessory=button)])
