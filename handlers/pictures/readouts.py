"""What pictures of one readout have in common: the readout as of when its data reach, and the ways on."""

from __future__ import annotations

from experiments.pictures.read import settled
from experiments.ports import World
from experiments.readout import Readout
from handlers.pictures.asked import Asked, Down
from handlers.reading import readout_of
from handlers.surfaces.state import target_of


async def settled_readout(asked: Asked, world: World) -> Readout:
    """The newest readout, the same for everybody who asks until other data come."""
    return settled(await readout_of(asked.experiment, world), asked.experiment, asked.now)


def ways_on(asked: Asked, *charts: tuple[str, str]) -> tuple[Down, ...]:
    """To the results, to the variants, and to these other pictures (words and name) of the experiment."""
    target = target_of(asked.experiment)
    pictures = (Down(words, "chart", f"{name}:{asked.experiment.key}") for words, name in charts)
    return Down("Results", "results", target), Down("Variants", "variants", target), *pictures
