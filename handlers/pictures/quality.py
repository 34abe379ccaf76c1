"""Quality: an experiment and a metric of it → its levels and differences over the days."""

from __future__ import annotations

from functools import partial

from experiments.pictures.quality import metrics_of, quality_of
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Found
from handlers.pictures.narrowing import chosen_variant, metric_option, variant_option, ways_on
from handlers.reading import data_of


async def quality(asked: Asked, world: World) -> Found:
    """The chosen metric, the primary one unless another is; of all treatments unless one is chosen."""
    experiment = asked.experiment
    metrics, variants = metric_option(asked, metrics_of(experiment)), variant_option(asked)
    rows, readout = await data_of(experiment, world)
    draw = partial(quality_of, metric=metrics.value, variant=chosen_variant(variants))
    return Found(
        await aside(draw, experiment, rows, readout),
        options=(metrics, variants),
        down=ways_on(asked, ("Significance", "significance")),
    )
