"""A card to draw on: a fresh matplotlib Figure measured in pixels from the top left, and its PNG.

Shapes are matplotlib's, letters are set by Pillow above them, which is ten times quicker. Fonts are the files that
come with matplotlib, taken by path, and everything a matplotlibrc could change is said explicitly, so a picture does
not depend on the machine: no display, no installed font, no configuration. Where the home folder cannot be written,
matplotlib keeps its own font cache in a temporary folder; nothing here reads it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from charts import style
from charts.letters import DPI, POINTS_PER_PIXEL, drawable, fit, is_shaped, letters, shaped, text_width, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

Data = TypeVar("Data")

TICK_GAP = 11
ANCHOR = {"left": "ls", "center": "ms", "right": "rs"}
SHIFT = {"left": 0.0, "center": 0.5, "right": 1.0}


LINE = {
    "solid_joinstyle": "round",
    "solid_capstyle": "butt",
    "dash_joinstyle": "round",
    "dash_capstyle": "butt",
    "antialiased": True,
}
"""What a matplotlibrc could say of lines otherwise."""


class Words(NamedTuple):
    """One line of text on a card: where its baseline begins, ends or has its middle, and how it is set."""

    x: float
    y: float
    text: str
    size: float
    bold: bool
    colour: str
    align: str


class Card:
    """One picture being drawn. Coordinates and sizes are pixels, y runs down from the top edge."""

    def __init__(self, width: int, height: int) -> None:
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        self.figure = Figure(
            figsize=(width / DPI, height / DPI), dpi=DPI, facecolor=style.CARD, edgecolor=style.EDGE, linewidth=2,
            frameon=True,
        )  # fmt: skip
        self.figure.set_layout_engine("none")
        self.words: list[Words] = []

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = style.TEXT,
        bold: bool = False,
        colour: str = style.INK,
        align: str = "left",
        width: float = 10_000,
        whole: bool = False,
    ) -> None:
        """One line of text with its baseline at y, shown literally; what is wider than `width` is elided, or set
        smaller where it must stay `whole`, as numbers must."""
        if whole:
            text = drawable(text, bold)
            size *= min(1.0, width / max(1.0, text_width(text, size, bold)))
        else:
            text = fit(text, width, size, bold)
        if text:
            self.words.append(Words(x, y, text, size, bold, colour, align))

    def paragraph(
        self,
        x: float,
        y: float,
        text: str,
        *,
        width: float,
        size: float = style.TEXT,
        bold: bool = False,
        colour: str = style.INK,
        most: int = 6,
    ) -> float:
        """Wrapped text whose first baseline is at y; returns the baseline that would come next."""
        for line in wrap(text, width, size, bold, most):
            self.write(x, y, line, size=size, bold=bold, colour=colour)
            y += size * 1.4
        return y

    def rule(self, y: float, *, left: float, right: float, colour: str = style.GRID, thickness: float = 2) -> None:
        """A horizontal line."""
        self.box(left, y - thickness / 2, right - left, thickness, colour)

    def box(self, left: float, top: float, width: float, height: float, colour: str) -> None:
        """A filled rectangle."""
        from matplotlib.patches import Rectangle

        self.figure.add_artist(
            Rectangle(
                (left / self.width, 1 - (top + height) / self.height), width / self.width, height / self.height,
                facecolor=colour, edgecolor="none", linewidth=0, transform=self.figure.transFigure, zorder=0,
            )
        )  # fmt: skip

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes at this place, bare but for what is drawn into them: no frame, no ticks, no grid."""
        axes = self.figure.add_axes(
            (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height),
            facecolor="none", frame_on=False, xmargin=0, ymargin=0, autoscale_on=False, axisbelow=True,
        )  # fmt: skip
        axes.set_axis_off()
        for axis in (axes.xaxis, axes.yaxis):
            ticks(axis, [], [])
        return axes

    def png(self) -> bytes:
        """The finished picture."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from PIL import Image, ImageDraw

        for line in (line for axes in self.figure.axes for line in axes.lines):
            line.set(**LINE)
        canvas = FigureCanvasAgg(self.figure)
        canvas.draw()  # type: ignore[no-untyped-call]
        pixels = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
        picture = Image.frombuffer("RGBA", (self.width, self.height), pixels, "raw", "RGBA", 0, 1).convert("RGB")
        pen = ImageDraw.Draw(picture)
        for each in (*self.words, *self.tick_labels()):
            if is_shaped(each.text):
                mask, baseline = shaped(each.text, each.size, each.bold)
                left = each.x - mask.width * SHIFT[each.align]
                picture.paste(each.colour, (round(left), round(each.y - baseline)), mask)
            else:
                pen.text(
                    (each.x, each.y), each.text, each.colour, letters(each.size, each.bold), anchor=ANCHOR[each.align]
                )
        out = io.BytesIO()
        # A palette halves the file: the card has few colours, all else is the edge of a letter.
        picture.quantize(200, Image.Quantize.FASTOCTREE).save(out, "PNG", compress_level=6)
        return out.getvalue()

    def tick_labels(self) -> list[Words]:
        """The words beside the axes, where `ticks` put them."""
        found = []
        for axes in self.figure.axes:
            for axis in (axes.xaxis, axes.yaxis):
                for place, words in _ticked(axis):
                    at = (place, 0.0) if axis.axis_name == "x" else (0.0, place)
                    x, y = axes.transData.transform(at)
                    if axis.axis_name == "x":
                        below = self.height - axes.bbox.y0 + TICK_GAP + style.SMALL * 0.76
                        found.append(Words(float(x), below, words, style.SMALL, False, style.MUTED, "center"))
                    else:
                        middle = self.height - float(y) + style.SMALL * 0.36
                        found.append(
                            Words(axes.bbox.x0 - TICK_GAP, middle, words, style.SMALL, False, style.MUTED, "right")
                        )
        return found


def ticks(axis: Axis, places: Sequence[float], labels: Sequence[str]) -> None:
    """Exactly these ticks with these labels, in the house font, and no minor ones; the card writes the labels."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullFormatter, NullLocator

    axis.set_major_locator(FixedLocator(places))
    axis.set_major_formatter(FixedFormatter([drawable(each) for each in labels]))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def _ticked(axis: Any) -> list[tuple[float, str]]:
    """The ticks of an axis that lie within its bounds."""
    low, high = sorted(axis.get_view_interval())
    slack = (high - low) * 1e-9
    pairs = zip(axis.get_major_locator().locs, axis.get_major_formatter().seq, strict=True)
    return [(float(place), words) for place, words in pairs if words and low - slack <= place <= high + slack]


def area(radius: float) -> float:
    """What matplotlib calls the size of a marker of this radius in pixels."""
    return (2 * radius * POINTS_PER_PIXEL) ** 2


def round_ticks(low: float, high: float, about: int = 6, *, whole: bool = False) -> list[float]:
    """Round numbers between two bounds, whole ones where half a day would say nothing."""
    from matplotlib.ticker import MaxNLocator

    if not low < high:
        return [low]
    places = MaxNLocator(nbins=about, steps=[1, 2, 2.5, 5, 10], integer=whole).tick_values(low, high)
    slack = (high - low) * 1e-9
    return [float(place) + 0.0 for place in places if low - slack <= place <= high + slack]


def render(draw: Callable[[Card, Data], object], data: Data, *, size: tuple[int, int]) -> bytes:
    """The PNG of what `draw` puts on a fresh card."""
    card = Card(*size)
    draw(card, data)
    return card.png()
