"""Factors: a multivariate experiment and a metric of it → what each factor changes, alone and with another."""

from __future__ import annotations

from functools import partial

from experiments.pictures.factors import factors_of, pairs_of
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Found, Option
from handlers.pictures.narrowing import metric_option, ways_on
from handlers.reading import data_of

PAIR = "pair"


async def factors(asked: Asked, world: World) -> Found:
    """The chosen metric, the primary one unless another is; of the pair of factors whose interaction is clearest unless
    another is chosen."""
    experiment = asked.experiment
    metrics = metric_option(asked, experiment.design.metrics)
    rows, readout = await data_of(experiment, world)
    draw = partial(factors_of, metric=metrics.value, pair=asked.chosen.get(PAIR, ""))
    data = await aside(draw, experiment, rows, readout)
    pairs = [(pair, pair) for pair in pairs_of(experiment)]
    options = (metrics, Option(PAIR, "Factors together", pairs, data.pair))
    return Found(
        data,
        options=options,
        down=ways_on(asked, ("All metrics", "comparison")),
    )
