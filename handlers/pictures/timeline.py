"""Timeline: an experiment and its log → its way from the draft to the rollout."""

from __future__ import annotations

from experiments.pictures.timeline import timeline_of
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Down, Found
from handlers.surfaces.state import target_of


async def timeline(asked: Asked, world: World) -> Found:
    experiment = asked.experiment
    async with world.reading(experiment.workspace) as uow:
        records = await uow.audit.of(experiment.key)
    target = target_of(experiment)
    ways = [Down("History", "history", target)]
    if experiment.started_at or experiment.data_version:
        ways.append(Down("Results", "results", target))
    if experiment.design.canary and experiment.started_at:
        ways.append(Down("Canary", "chart", f"canary:{experiment.key}"))
    return Found(await aside(timeline_of, experiment, records, asked.now), down=ways)
