"""Pictures of a whole readout: the comparison of every metric, and significance over time."""

from __future__ import annotations

from experiments.ports import World
from handlers.pictures.asked import Asked, Down, Found
from handlers.reading import readout_of
from handlers.surfaces.state import target_of


async def comparison(asked: Asked, world: World) -> Found:
    return Found(await readout_of(asked.experiment, world), down=_down(asked, "segments"))


async def significance(asked: Asked, world: World) -> Found:
    return Found(await readout_of(asked.experiment, world), down=_down(asked, "variants"))


def _down(asked: Asked, verb: str) -> tuple[Down, ...]:
    target = target_of(asked.experiment)
    return Down("Results", "results", target), Down(verb.capitalize(), verb, target)
