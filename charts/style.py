"""The house style: an opaque near-white card, colours that colour-blind people tell apart, sizes in pixels."""

from __future__ import annotations

from typing import Any

from experiments.pictures.condition import Level
from experiments.readout import Standing

WIDTH = 1400
MARGIN = 44

CARD = "#FCFCFA"
EDGE = "#D5D7DB"
BAND = "#F1F2F4"
GRID = "#DFE2E6"
INK = "#1B1F24"
MUTED = "#545C66"
BLUE = "#005FA8"
ORANGE = "#B8410B"

STANDING = dict.fromkeys(Standing, MUTED) | {Standing.BETTER: BLUE, Standing.WORSE: ORANGE}
# Shape says the same as colour: filled circle, filled square, hollow circle, and a diamond where nothing is read yet.
MARKERS = dict.fromkeys(Standing, "o") | {Standing.WORSE: "s", Standing.MONITORING: "D"}

ENDED = (Standing.BETTER, Standing.WORSE, Standing.UNCLEAR)
"""How an ended experiment is marked: what cannot be read is unclear."""

MOST_SERIES = 6
# Dark enough for text on the card; each also has its own dashes and marker.
SERIES = (BLUE, ORANGE, "#581DBA", "#A25778", "#510B5F", INK)
DASHES: tuple[tuple[float, ...], ...] = ((), (7, 2.5), (2, 2), (8, 2.5, 2, 2.5), (4, 1.5), (11, 3))
SERIES_MARKERS = ("o", "s", "^", "D", "v", "P")
SERIES_GLYPHS = ("●", "■", "▲", "◆", "▼", "✚")

TITLE = 32
HEADLINE = 27
TEXT = 22
SMALL = 19

PLAIN: dict[str, Any] = {"linestyle": "solid", "marker": "none"}
"""A line that is nothing but a line."""

CONDITION = {Level.TROUBLE: ORANGE, Level.NEEDS_A_LOOK: INK, Level.HEALTHY: BLUE}
HEALTH = {Level.TROUBLE: "■", Level.NEEDS_A_LOOK: "▲", Level.HEALTHY: "●"}
"""How a running experiment is, by shape."""


def ended(standing: Standing) -> Standing:
    """One of `ENDED`."""
    return standing if standing in ENDED else Standing.UNCLEAR
