"""Active: all that runs and passes the filters → how each of it is, the most pressing first."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.fleet import ANY
from experiments.model import LIVE, Experiment, Status
from experiments.pictures.active import MOST, Active, active_of, pressing
from experiments.pictures.condition import Level
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Down, Found, Option
from handlers.pictures.fleet import fleet_of
from handlers.surfaces.fields import Choice
from handlers.surfaces.state import target_of

WATCHED = 100
STATES: Sequence[Choice] = ((ANY, "Running and paused"), (Status.RUNNING, "Running"), (Status.PAUSED, "Paused"))
FITTING = ("time", "department", "kind", "significance")
MOST_SHOWN = 3


async def active(asked: Asked, world: World) -> Found:
    """The most pressing ones are read, all others counted; among those it is asked which have a silent guardrail."""
    state, now = asked.pick("status", STATES, ANY), asked.now
    live, _, filters, _ = await fleet_of(asked, world, FITTING, statuses=LIVE if state == ANY else (Status(state),))
    first = (await aside(pressing, live, now))[:WATCHED]
    async with world.reading(asked.actor.workspace) as uow:
        watches = await uow.watches.many([each.key for each in first])
        missing = {each.key: each.missing_since for each in watches if each.missing_since}
        shown = pressing(first, now, missing)[:MOST]
        data = {each.key: await uow.aggregates.of(each.key, each.data_version) for each in shown}
    found = await aside(active_of, live, data, now, missing)
    return Found(found, [Option("status", "Status", STATES, state), *filters], _down(found, shown))


def _down(found: Active, shown: Sequence[Experiment]) -> list[Down]:
    """To the results of the first ones in trouble, else to their cards; and to what was finished."""
    known = {each.key: each for each in shown}
    first = [
        Down(row.title, "results" if row.condition.level is Level.TROUBLE else "show", target_of(known[row.key]))
        for row in found.rows[:MOST_SHOWN]
    ]
    return [*first, Down("Velocity", "chart", "velocity"), Down("Portfolio", "chart", "portfolio")]
