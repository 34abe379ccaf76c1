"""The App Home: set-up while it lasts, what needs me, my experiments, the fleet with its filters."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from experiments.fleet import Choices
from experiments.model import Experiment
from experiments.numerals import counted
from experiments.permissions import Role
from handlers.surfaces import kit
from handlers.surfaces.fleet import FleetState, entry_of, fleet_tab, new_button
from handlers.surfaces.kit import Block, Group, View
from handlers.surfaces.needs import Need, needed
from handlers.surfaces.setup import Setup, walk_through
from handlers.surfaces.words import moment

SHOWN_NEEDS = 8
SHOWN_MINE = 6
FLEET_PAGE = 10


@dataclass(frozen=True, slots=True)
class HomeState:
    """What one person sees at one moment; `mine_total` counts those of theirs that have no room, too. `undelivered`
    are messages about their experiments that could not be delivered, `running` are all experiments that run, `picture`
    is the file of theirs and its words."""

    fleet: FleetState
    needs: Sequence[Need]
    mine: Sequence[Experiment]
    mine_total: int
    now: datetime
    setup: Setup
    undelivered: int = 0
    running: int = 0
    picture: tuple[str, str] | None = None


def home(state: HomeState) -> View:
    """The whole tab; what is chosen in it travels along. Before there is a fleet, set-up stands alone."""
    is_new = not state.setup.is_over and not state.fleet.total and state.fleet.choices == Choices()
    top = [_doors(state)]
    bottom = [kit.context(f"As of {moment(state.now)} · /experiment help lists every command")]
    groups = [
        *walk_through(state.setup),
        *_needs(state),
        *_mine(state),
        *_running(state),
        *([] if is_new else _fleet(state)),
    ]
    blocks = kit.fit(
        groups, "experiment", around=[*top, *bottom], blocks=kit.VIEW_BLOCKS, characters=kit.VIEW_CHARACTERS
    )
    return {
        "type": "home",
        "private_metadata": json.dumps(state.fleet.choices.all, separators=(",", ":"), ensure_ascii=False),
        "blocks": [*top, *blocks, *bottom],
    }


def _fleet(state: HomeState) -> list[Group]:
    above, entries, below = fleet_tab(state.fleet)
    return [*(Group([block], 0) for block in above), *entries, *(Group([block], 0) for block in below)]


def _running(state: HomeState) -> list[Group]:
    if state.picture is None:
        return []
    file, words = state.picture
    return [Group([kit.header("What runs"), kit.image(file, words)], 0)]


def _doors(state: HomeState) -> Block:
    rules = [kit.button("Roles", "roles")] if state.fleet.actor.role >= Role.ADMIN else []
    new = new_button(state.fleet.actor)
    return kit.actions(
        *new,
        kit.button("Sample size", "size"),
        kit.button("Pictures", "charts"),
        kit.button("Settings", "settings"),
        *rules,
    )


def _needs(state: HomeState) -> list[Group]:
    lost = [_lost(state.undelivered)] if state.undelivered else []
    if not state.needs and not lost:
        return [] if not state.setup.is_over else [Group([kit.header("What needs you"), kit.section("Nothing. 🎉")], 0)]
    entries = needed(state.needs, SHOWN_NEEDS, state.fleet.actor)
    return [Group([kit.header("What needs you")], 0), *lost, *entries]


def _lost(count: int) -> Group:
    words = f"📭 {counted(count, 'message')} could not be delivered."
    return Group([kit.section(words, accessory=kit.button("See which", "deliveries"))], count)


def _mine(state: HomeState) -> list[Group]:
    if not state.mine:
        return []
    more = state.mine_total - len(state.mine)
    rest = [Group([kit.context(f"… and {more:,} more of yours, further down in the fleet")], more)] if more > 0 else []
    entries = [entry_of(each, state.fleet.actor) for each in state.mine]
    return [Group([kit.header("Your experiments")], 0), *entries, *rest]
