"""Segments: an experiment and a metric of it → its effect in every segment, or in those of one dimension."""

from __future__ import annotations

from functools import partial

from experiments.pictures.segments import dimensions_of, metrics_of, segments_of
from experiments.ports import World
from experiments.readout import Readout
from handlers.aside import aside
from handlers.pictures.asked import Asked, Found, Option
from handlers.pictures.narrowing import EVERY, MOST_CHOICES, chosen_variant, metric_option, variant_option, ways_on
from handlers.reading import readout_of


async def segments(asked: Asked, world: World) -> Found:
    """The chosen metric in the chosen dimension, in all of them unless one is; of all treatments unless one is."""
    readout = await readout_of(asked.experiment, world)
    read = metrics_of(readout)
    metrics = metric_option(asked, [each for each in asked.experiment.design.metrics if each.key in read])
    dimensions, variants = _dimensions(asked, readout), variant_option(asked)
    dimension = "" if dimensions.value == EVERY else dimensions.value
    draw = partial(segments_of, metric=metrics.value, dimension=dimension, treatment=chosen_variant(variants))
    return Found(
        await aside(draw, readout),
        options=(metrics, dimensions, variants),
        down=ways_on(asked, ("All metrics", "comparison")),
    )


def _dimensions(asked: Asked, readout: Readout) -> Option:
    """All dimensions, or one; there is nothing to choose while there is but one."""
    names = dimensions_of(readout)[: MOST_CHOICES - 1]
    if len(names) < 2:
        return Option("dimension", "Dimension", (), "")
    choices = [(EVERY, "all dimensions"), *((name, name) for name in names)]
    return Option("dimension", "Dimension", choices, asked.pick("dimension", choices, EVERY))
