"""Active: all that runs and passes the filters → how each of it is, the most pressing first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from experiments.fleet import ANY
from experiments.model import LIVE, Experiment, Status
from experiments.pictures.active import MOST, Active, active_of, pressing
from experiments.pictures.condition import Level
from experiments.ports import World
from experiments.repositories import UnitOfWork
from handlers.aside import aside
from handlers.pictures.asked import Asked, Down, Found, Option
from handlers.pictures.fleet import MOST as MOST_LIVE
from handlers.pictures.fleet import choices_of, fleet_options
from handlers.surfaces.fields import Choice
from handlers.surfaces.state import target_of

WATCHED = 100
STATES: Sequence[Choice] = ((ANY, "Running and paused"), (Status.RUNNING, "Running"), (Status.PAUSED, "Paused"))
FITTING = ("time", "department", "kind", "significance")
MOST_SHOWN = 3


async def active(asked: Asked, world: World) -> Found:
    """The most pressing ones are read, all others counted."""
    state, now = asked.pick("status", STATES, ANY), asked.now
    async with world.reading(asked.actor.workspace) as uow:
        policies = await uow.policies.get()
        which = choices_of(asked).filter(asked.actor.readable, policies, asked.now, MOST_LIVE)
        statuses = tuple(sorted(LIVE)) if state == ANY else (Status(state),)
        collected = await uow.experiments.collect(which.model_copy(update={"statuses": statuses}))
    live = await aside(collected)
    ranked = await aside(pressing, live, now)
    async with world.reading(asked.actor.workspace) as uow:
        missing = await _missing(ranked[:WATCHED], uow)
        shown = pressing(ranked, now, missing)[:MOST]
        data = {each.key: await uow.aggregates.of(each.key, each.data_version) for each in shown}
    found = await aside(active_of, live, data, now, missing)
    filters = {option.name: option for option in fleet_options(asked, policies)}
    options = [Option("status", "Status", STATES, state), *(filters[name] for name in FITTING)]
    return Found(found, options, _down(found, shown))


async def _missing(some: Sequence[Experiment], uow: UnitOfWork) -> dict[str, datetime]:
    """Since when data of a guardrail are missing, where they are."""
    watches = [await uow.watches.get(each.key) for each in some]
    return {watch.key: watch.missing_since for watch in watches if watch and watch.missing_since}


def _down(found: Active, shown: Sequence[Experiment]) -> list[Down]:
    """To the results of the first ones in trouble, else to their cards; and to what was finished."""
    known = {each.key: each for each in shown}
    first = [
        Down(row.title, "results" if row.condition.level is Level.TROUBLE else "show", target_of(known[row.key]))
        for row in found.rows[:MOST_SHOWN]
    ]
    return [*first, Down("Velocity", "chart", "velocity"), Down("Portfolio", "chart", "portfolio")]
