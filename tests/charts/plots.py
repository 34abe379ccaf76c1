"""A drawn card to ask questions of, and what every picture has to keep to whatever it is given."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from PIL import Image

from charts import CHARTS, style
from charts.canvas import Card
from charts.letters import text_width
from charts.wording import MOST_ALT


class Drawn:
    """A picture drawn by these functions of its module, with its texts and its axes."""

    def __init__(self, draw: Callable[[Card, Any], Any], height: int, data: Any) -> None:
        self.card = Card(style.WIDTH, height)
        self.axes = draw(self.card, data)

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.card.words]

    def written(self, part: str) -> str:
        """The one text that has this in it."""
        (found,) = [each for each in self.texts if part in each]
        return found

    @property
    def out_of_bounds(self) -> list[str]:
        """Texts that do not lie within the card."""
        found = []
        for each in (*self.card.words, *self.card.tick_labels()):
            wide = text_width(each.text, each.size, each.bold)
            left = each.x - wide * {"left": 0.0, "center": 0.5, "right": 1.0}[each.align]
            if left < 0 or left + wide > self.card.width + 1 or not each.size / 2 < each.y < self.card.height:
                found.append(each.text)
        return found


def artist(axes: Any, label: str) -> Any:
    """The one shape of the axes with this label."""
    (found,) = [each for each in (*axes.lines, *axes.collections) if each.get_label() == label]
    return found


def holds(name: str, data: Any, describe: Callable[[Any], str]) -> None:
    """It draws, no larger than a picture may be, and its words fit an alt text and hold no number that is none."""
    png = CHARTS[name](data)
    assert Image.open(io.BytesIO(png)).width == style.WIDTH
    assert len(png) <= 150_000
    words = describe(data)
    assert 20 < len(words) <= MOST_ALT
    assert not {"nan", "inf", "-inf"} & set(re.split(r"[\s(),;:+−]+", words))
