"""Canary: an experiment → the samples of its newest step → how the canary does beside stable."""

from __future__ import annotations

from datetime import datetime

from experiments.canary import CanaryPlan, counted, most_windows, usual_length, window_seconds
from experiments.measuring import Samples
from experiments.model import Experiment
from experiments.pictures.canary import Canary, canary_of, ended_at
from experiments.ports import World
from experiments.running import Phase
from handlers.aside import aside
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
        return await aside(canary_of, experiment, {}, now)
    samples = await samples_of(experiment, plan, phase, ended_at(experiment) or now, world)
    return await aside(canary_of, experiment, samples, now)


async def samples_of(experiment: Experiment, plan: CanaryPlan, phase: Phase, until: datetime, world: World) -> Samples:
    """The windows of a step. Only its first ones count, so those of days that it waits afterwards are not asked for,
    unless too many of the first are missing."""
    enough, seconds = phase.started_at + usual_length(plan), window_seconds(plan)
    found = await world.measurements.samples(experiment, phase.started_at, min(until, enough), seconds)
    if until > enough and not _is_full(found, experiment, plan):
        return await world.measurements.samples(experiment, phase.started_at, until, seconds)
    return found


def _is_full(samples: Samples, experiment: Experiment, plan: CanaryPlan) -> bool:
    """Whether every judged metric has all the windows that count, in stable and in each canary."""
    from experiments.guarding.canary import judged_metrics  # numpy and scipy load when the first canary is judged

    return all(
        len(arms) > 1 and all(len(counted(values, plan)) == most_windows(plan) for values in arms.values())
        for metric in judged_metrics(experiment.design)
        for arms in (samples.get(metric.key, {}),)
    )
