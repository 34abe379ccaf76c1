"""A card to draw on: a fresh matplotlib Figure measured in pixels from the top left, and its PNG.

Fonts are the files that come with matplotlib, taken by path, and everything a matplotlibrc could change is said
explicitly, so a picture does not depend on the machine: no display, no installed font, no configuration. Where the
home folder cannot be written, matplotlib keeps its own font cache in a temporary folder; nothing here reads it.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from charts import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties
    from matplotlib.ft2font import FT2Font

Data = TypeVar("Data")

DPI = 100
POINTS_PER_PIXEL = 72 / DPI
ELLIPSIS = "…"
MISSING = "□"
HINTING = 1.02  # drawn letters come out up to this much wider than measured ones


@lru_cache(maxsize=2)
def _font_file(bold: bool) -> str:
    import matplotlib

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return str(Path(matplotlib.get_data_path(), "fonts", "ttf", name))


@lru_cache(maxsize=64)
def font(size: float, bold: bool = False) -> FontProperties:
    """The house font at a size in pixels."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=_font_file(bold), size=size * POINTS_PER_PIXEL)


def _measuring(bold: bool) -> FT2Font:
    from matplotlib.font_manager import get_font

    return get_font(_font_file(bold))


def drawable(text: str, bold: bool = False) -> str:
    """The text as the font can show it: one line, no invisible marks, a box for what the font lacks."""
    face = _measuring(bold)
    visible = (each for each in re.sub(r"[^\S\u00a0]+", " ", text) if unicodedata.category(each)[0] != "C")
    return "".join(each if face.get_char_index(ord(each)) else MISSING for each in visible).strip()


def text_width(text: str, size: float, bold: bool = False) -> float:
    """How many pixels wide this drawable text comes out."""
    face = _measuring(bold)
    face.set_size(size * POINTS_PER_PIXEL, DPI)
    face.set_text(text, 0.0)
    return float(face.get_width_height()[0]) / 64 * HINTING


def fit(text: str, width: float, size: float, bold: bool = False) -> str:
    """The text, its end given up for “…” where it would be wider than `width` pixels."""
    text = drawable(text[:400], bold)
    if text_width(text, size, bold) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle].rstrip() + ELLIPSIS, size, bold) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS


def wrap(text: str, width: float, size: float, bold: bool = False, most: int = 6) -> list[str]:
    """The text in lines of at most `width` pixels; what does not fit into `most` lines ends in “…”."""
    words = drawable(text[:2000], bold).replace(" %", "\u00a0%").split(" ")
    lines: list[str] = []
    while words:
        if len(lines) == most - 1:
            lines.append(fit(" ".join(words), width, size, bold))
            break
        line = words.pop(0)
        while words and text_width(f"{line} {words[0]}", size, bold) <= width:
            line = f"{line} {words.pop(0)}"
        lines.append(fit(line, width, size, bold))
    return lines


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
        self.figure.text(
            x / self.width, 1 - y / self.height, text, color=colour, ha=align, va="baseline",
            fontproperties=font(size, bold), parse_math=False, usetex=False, antialiased=True,
        )  # fmt: skip

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
        axes.grid(False)
        for axis in (axes.xaxis, axes.yaxis):
            ticks(axis, [], [])
        return axes

    def png(self) -> bytes:
        """The finished picture."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from PIL import Image

        canvas = FigureCanvasAgg(self.figure)
        canvas.draw()  # type: ignore[no-untyped-call]
        pixels = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
        out = io.BytesIO()
        picture = Image.frombuffer("RGBA", (self.width, self.height), pixels, "raw", "RGBA", 0, 1)
        # A palette halves the file: the card has few colours, all else is the edge of a letter.
        picture.convert("RGB").quantize(200, Image.Quantize.MAXCOVERAGE).save(out, "PNG", compress_level=6)
        return out.getvalue()


def ticks(axis: Any, places: list[float], labels: list[str], *, size: float = style.SMALL) -> None:
    """Exactly these ticks with these labels, in the house font, and no minor ones."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullFormatter, NullLocator

    axis.set_major_locator(FixedLocator(places))
    axis.set_major_formatter(FixedFormatter(labels))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
    near, far = ("labelbottom", "labeltop") if axis.axis_name == "x" else ("labelleft", "labelright")
    axis.set_tick_params(
        which="both", length=0, pad=8, labelcolor=style.MUTED, labelrotation=0, **{near: True, far: False}
    )
    for tick in axis.get_major_ticks(len(places)):
        for label in (tick.label1, tick.label2):
            label.set_fontproperties(font(size))
            label.set_parse_math(False)
            label.set_usetex(False)


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
