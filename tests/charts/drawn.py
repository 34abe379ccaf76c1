"""A drawn card to ask questions of: its words, and what stands in each of its panels under a label."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from charts import style
from charts.canvas import Card


class Drawn:
    """The picture of this name and data, drawn onto a card that is still open."""

    def __init__(self, name: str, data: Any) -> None:
        chart = import_module(f"charts.{name}")
        self.data = data
        self.card = Card(style.WIDTH, chart._height(data))
        self.panels = chart._draw(self.card, data)

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.card.words]

    def says(self, words: str) -> bool:
        return any(words in text for text in self.texts)

    def line(self, panel: int, label: str) -> Any:
        return next(line for line in self.panels[panel].lines if line.get_label() == label)

    def drawn(self, panel: int, label: str) -> Any:
        (found,) = [each for each in self.panels[panel].collections if each.get_label() == label]
        return found

    def bars(self, panel: int) -> list[tuple[float, float]]:
        """Where the intervals of this panel begin and end."""
        return [(float(start[0]), float(end[0])) for start, end in self.drawn(panel, "intervals").get_segments()]
