"""Data that arrive at once: what simulated people would have done by now, imported as aggregates."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from bot.demo_story import TRUTHS
from bot.simulation import STEP_DAYS, Truth, measured
from experiments.commands import ImportAggregates
from experiments.errors import BunsenError
from experiments.execute import execute
from experiments.model import Experiment
from experiments.permissions import Actor, Role
from experiments.ports import World

log = structlog.get_logger(__name__)


async def let_arrive(experiment: Experiment, world: World) -> None:
    """Import what simulated people did in this experiment since its data were last imported."""
    if experiment.started_at is None:
        return
    day = (world.now() - experiment.started_at) / timedelta(days=1)
    if day - (experiment.data_day or 0.0) < STEP_DAYS:
        return
    rows = await asyncio.to_thread(measured, experiment, TRUTHS.get(experiment.key, Truth()), day)
    if not rows:
        return
    people = Actor(workspace=experiment.workspace, user="U0BUNSEN", name="Simulated people", role=Role.REVIEWER)
    command = ImportAggregates(key=experiment.key, rows=rows, origin="simulated people")
    try:
        await execute(command, people, world)
    except BunsenError as error:
        log.warning("simulated data not taken", key=experiment.key, code=error.code, words=error.words)
