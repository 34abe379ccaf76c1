"""What leads on from a picture of one readout."""

from __future__ import annotations

from handlers.pictures.asked import Asked, Down
from handlers.surfaces.state import target_of


def ways_on(asked: Asked, *charts: tuple[str, str]) -> tuple[Down, ...]:
    """To the results, to the variants, and to these other pictures (words and name) of the experiment."""
    target = target_of(asked.experiment)
    pictures = (Down(words, "chart", f"{name}:{asked.experiment.key}") for words, name in charts)
    return Down("Results", "results", target), Down("Variants", "variants", target), *pictures
