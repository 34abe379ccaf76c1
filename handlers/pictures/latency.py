"""Latency: an experiment and what its quantiles measure → every quantile, its difference to control, the throughput."""

from __future__ import annotations

from functools import partial

from experiments.pictures.latency import families_of, latency_of
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Found, Option
from handlers.pictures.narrowing import MOST_CHOICES, chosen_variant, variant_option, ways_on
from handlers.reading import data_of


async def latency(asked: Asked, world: World) -> Found:
    """The chosen family of quantiles, the first unless another is; of all treatments unless one is chosen."""
    experiment = asked.experiment
    families, variants = _families(asked), variant_option(asked)
    rows, readout = await data_of(experiment, world)
    draw = partial(latency_of, family=families.value, variant=chosen_variant(variants))
    return Found(
        await aside(draw, experiment, rows, readout),
        options=(families, variants),
        down=ways_on(asked, ("Quality", "quality")),
    )


def _families(asked: Asked) -> Option:
    choices = [(name, name) for name in families_of(asked.experiment)][:MOST_CHOICES]
    return Option("family", "Metric", choices, asked.pick("family", choices))
