"""What every picture of a readout has around its data: title, sample ratio, footer; and words where no lift is."""

from __future__ import annotations

from collections.abc import Iterable

from charts import style
from charts.canvas import Card
from charts.wording import count, is_mismatched, sample_ratio, shares
from experiments.pictures.read import basis_of
from experiments.readout import Readout

TOP = 194
BOTTOM = 66
NOTICE_HEIGHT = 760
MOST_SHARES = 6
RIGHT = style.WIDTH - style.MARGIN
INNER = style.WIDTH - 2 * style.MARGIN


def head(card: Card, title: str, subject: str, remark: str = "", *, alarming: bool = False) -> None:
    """Title, what the picture shows, and what must be known before any number."""
    card.write(style.MARGIN, 62, title, size=style.TITLE, bold=True, width=INNER)
    card.write(style.MARGIN, 98, subject, size=style.TEXT, colour=style.MUTED, width=INNER)
    card.paragraph(
        style.MARGIN, 138, remark, size=style.SMALL, colour=style.ORANGE if alarming else style.INK, bold=alarming,
        width=INNER, most=2,
    )  # fmt: skip


def foot(card: Card, words: str) -> None:
    """The footer below its line: as of when, and on what it rests."""
    card.rule(card.height - BOTTOM + 10, left=style.MARGIN, right=RIGHT)
    card.write(style.MARGIN, card.height - BOTTOM + 43, words, size=style.SMALL, colour=style.MUTED, width=INNER)


def remarks(card: Card, y: float, lines: Iterable[str], pitch: float) -> None:
    """Lines below a picture, the first baseline at y: how to read it, how it was made, what is left out."""
    for place, words in enumerate(lines):
        card.write(style.MARGIN, y + place * pitch, words, size=style.SMALL, colour=style.MUTED, width=INNER)


def nothing(card: Card, headline: str, words: str) -> float:
    """A picture without data: why there are none, large, and what to do; returns where it ends."""
    left, width = style.MARGIN + 36, INNER - 70
    card.write(left, TOP + 54, headline, size=style.TITLE, bold=True, width=width)
    bottom = card.paragraph(left, TOP + 108, words, width=width, size=style.HEADLINE, most=5) - 8
    card.box(style.MARGIN, TOP, INNER, bottom - TOP, style.BAND)
    card.box(style.MARGIN, TOP, 8, bottom - TOP, style.ORANGE)
    return bottom


def heading(card: Card, readout: Readout, subject: str) -> None:
    """The head of a picture of a readout: the sample ratio comes before any number."""
    broken = is_mismatched(readout)
    head(card, readout.title, subject, f"{'⚠' if broken else '✓'} {sample_ratio(readout)}", alarming=broken)


def signature(card: Card, readout: Readout) -> None:
    """The foot of a picture of a readout: as of when, how many, how, and which design."""
    foot(card, basis_of(readout).footer)


def notice(card: Card, readout: Readout, headline: str, words: str) -> None:
    """A picture without a lift: why there is none, large, and the units that did arrive."""
    bottom = nothing(card, headline, words)
    _shares(card, readout, bottom + 52)
    signature(card, readout)


def _shares(card: Card, readout: Readout, top: float) -> None:
    rows = shares(readout)
    if not any(units for _, units, _, _ in rows):
        return
    card.write(style.MARGIN, top, "Share of all units; the upright line is the planned share", size=style.SMALL,
               colour=style.MUTED)  # fmt: skip
    bar, length = style.MARGIN + 330, 560
    step = min(46, 190 / min(len(rows), MOST_SHARES))
    for place, (name, units, share, planned) in enumerate(rows[:MOST_SHARES]):
        base = top + 40 + place * step
        card.write(style.MARGIN, base, name, width=310)
        card.box(bar, base - 20, length, 26, style.BAND)
        card.box(bar, base - 20, max(2, length * share), 26, style.MUTED)
        card.box(bar + length * planned - 2, base - 27, 5, 40, style.INK)
        card.write(
            bar + length + 26, base, f"{count(units)} = {share * 100:.1f} %, planned {planned * 100:g} %",
            width=RIGHT - bar - length - 26,
        )  # fmt: skip
