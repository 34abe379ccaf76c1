"""Cost: an experiment and a cost metric of it → what variants cost and, at its project's prices, save."""

from __future__ import annotations

from functools import partial

from experiments.pictures.cost import cost_metrics, cost_of
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Found
from handlers.pictures.narrowing import chosen_variant, metric_option, variant_option, ways_on
from handlers.reading import data_of


async def cost(asked: Asked, world: World) -> Found:
    """The chosen cost metric, of all treatments unless one is chosen."""
    experiment = asked.experiment
    metrics, variants = metric_option(asked, cost_metrics(experiment)), variant_option(asked)
    rows, readout = await data_of(experiment, world)
    async with world.reading(experiment.workspace) as uow:
        project = (await uow.policies.get()).project(experiment.project)
    draw = partial(cost_of, metric=metrics.value, variant=chosen_variant(variants))
    return Found(
        await aside(draw, experiment, rows, readout, project),
        options=(metrics, variants),
        down=ways_on(asked, ("Quality", "quality")),
    )
