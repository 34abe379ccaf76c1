"""Letters: what the house font can show, how wide it comes out, where lines break, and the glyphs themselves."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font
    from PIL.Image import Image as Picture
    from PIL.ImageFont import FreeTypeFont

DPI = 100
POINTS_PER_PIXEL = 0.72
ELLIPSIS = "…"
MISSING = "□"
WIDEST = 1.2  # no letter is wider than this share of its size
RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


def _font_file(bold: bool) -> str:
    import matplotlib

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return str(Path(matplotlib.get_data_path(), "fonts", "ttf", name))


@lru_cache(maxsize=2)
def _glyphs(bold: bool) -> frozenset[int]:
    """The characters the house font has, by their code point."""
    return frozenset(_shaping(bold).get_charmap())


def letters(size: float, bold: bool) -> FreeTypeFont:
    """The house font at a size in pixels, for text that is not `is_shaped`."""
    return _font(_stepped(size), bold)


@lru_cache(maxsize=128)
def _font(size: float, bold: bool) -> FreeTypeFont:
    from PIL.ImageFont import Layout, truetype

    # Pillow's own layout is the same everywhere; the other one depends on a library of the system.
    return truetype(_font_file(bold), size, layout_engine=Layout.BASIC)


def _shaping(bold: bool) -> FT2Font:
    from matplotlib.font_manager import get_font

    return get_font(_font_file(bold))


def is_shaped(text: str) -> bool:
    """Whether the order or the form of its letters depends on their neighbours, as in Hebrew or Arabic."""
    return not text.isascii() and any(
        unicodedata.bidirectional(each) in RIGHT_TO_LEFT or unicodedata.category(each) == "Mn" for each in text
    )


def drawable(text: str, bold: bool = False) -> str:
    """The text as the font can show it: one line, no invisible marks, a box for what the font lacks."""
    known = _glyphs(bold)
    visible = (each for each in re.sub(r"[^\S\u00a0]+", " ", text) if unicodedata.category(each)[0] != "C")
    return "".join(each if ord(each) in known else MISSING for each in visible).strip()


def text_width(text: str, size: float, bold: bool = False) -> float:
    """How many pixels wide this drawable text comes out."""
    if is_shaped(text):
        return float(shaped(text, size, bold)[0].width)
    return letters(size, bold).getlength(text)


def _stepped(size: float) -> float:
    """The size in quarters of a pixel, so that few fonts are kept."""
    return round(size * 4) / 4


def shaped(text: str, size: float, bold: bool) -> tuple[Picture, float]:
    """The letters in their order as a mask, and how far below its top the baseline is."""
    from PIL.Image import fromarray

    face = _shaping(bold)
    face.set_size(_stepped(size) * POINTS_PER_PIXEL, DPI)
    face.set_text(text, 0.0)
    face.draw_glyphs_to_bitmap(antialiased=True)
    mask = fromarray(face.get_image())
    return mask, mask.height - face.get_descent() / 64


def fit(text: str, width: float, size: float, bold: bool = False) -> str:
    """The text, its end given up for “…” where it would be wider than `width` pixels."""
    text = drawable(text[:400], bold)
    if len(text) * size * WIDEST <= width or text_width(text, size, bold) <= width:
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
