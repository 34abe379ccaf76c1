"""Significance: an experiment and a metric of it → its looks so far, and what its plan still needs."""

from __future__ import annotations

from functools import partial

from experiments.pictures.significance import significance_of
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Found
from handlers.pictures.narrowing import chosen_variant, metric_option, variant_option, ways_on
from handlers.reading import readout_of


async def significance(asked: Asked, world: World) -> Found:
    """The chosen metric, the primary one unless another is; of all treatments unless one is chosen."""
    metrics, variants = metric_option(asked, asked.experiment.design.metrics), variant_option(asked)
    readout = await readout_of(asked.experiment, world)
    draw = partial(significance_of, metric=metrics.value, treatment=chosen_variant(variants))
    return Found(
        await aside(draw, readout, asked.experiment),
        options=(metrics, variants),
        down=ways_on(asked, ("All metrics", "comparison")),
    )
