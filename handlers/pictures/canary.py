"""Canary: an experiment → the samples of its newest step → how the canary does beside stable."""

from __future__ import annotations

import asyncio
from datetime import datetime

from experiments.canary import window_seconds
from experiments.model import Experiment
from experiments.pictures.canary import Canary, canary_of, ended_at
from experiments.ports import World
from handlers.pictures.asked import Asked, Down, Found
from handlers.surfaces.state import target_of
from handlers.surfaces.steps import LABELS, MODALS, verbs

STEPS = ("step", "resume", "pause", "rollback")


async def canary(asked: Asked, world: World) -> Found:
    """The newest step; the buttons are those of its live card, as far as they fit and the actor may press them."""
    experiment = asked.experiment
    target, fitting = target_of(experiment), verbs(experiment, asked.actor)
    steps = [verb for verb in STEPS if verb in fitting] if experiment.design.canary else []
    return Found(
        await pictured(experiment, asked.now, world),
        down=[
            *(Down(LABELS[verb], MODALS.get(verb, verb), target) for verb in steps),
            Down("Results", "results", target),
            Down("Timeline", "chart", f"timeline:{experiment.key}"),
        ],
    )


async def pictured(experiment: Experiment, now: datetime, world: World) -> Canary:
    """A canary as its samples show it now, or showed it when it ended."""
    plan, phase = experiment.design.canary, experiment.phase
    if plan is None or phase is None:
        return await asyncio.to_thread(canary_of, experiment, {}, now)
    until = ended_at(experiment) or now
    samples = await world.measurements.samples(experiment, phase.started_at, until, window_seconds(plan))
    return await asyncio.to_thread(canary_of, experiment, samples, now)
