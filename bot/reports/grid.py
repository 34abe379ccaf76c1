"""Cells aligned in columns, and words wrapped, within the width of a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 100
GAP = "  "
NARROWEST = 12


def aligned(rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), flexible: Sequence[int] = ()) -> list[str]:
    """Lines with the cells in columns, those in `right` flush right; the widest `flexible` ones are cut to fit.

    A row that is shorter than the longest one does not widen its last column: that cell runs on to the end of the line.

    >>> aligned([["METRIC", "N", "P"], ["orders", "10", "0.5"], ["age", "no number: too few units"]], right=[1])
    ['METRIC   N  P', 'orders  10  0.5', 'age     no number: too few units']
    """
    count = max(map(len, rows))
    widths = [0] * count
    for row in rows:
        for place, text in enumerate(row if len(row) == count else row[:-1]):
            widths[place] = max(widths[place], len(text))
    while (
        sum(widths) + len(GAP) * (count - 1) > WIDTH and max((widths[each] for each in flexible), default=0) > NARROWEST
    ):
        widths[max(flexible, key=widths.__getitem__)] -= 1
    return [_line(row, widths, set(right)) for row in rows]


def _line(row: Sequence[str], widths: Sequence[int], right: set[int]) -> str:
    cells: list[str] = []
    for place, text in enumerate(row):
        if place == len(row) - 1 and len(row) < len(widths):
            cells.append(cut(text, WIDTH - sum(map(len, cells)) - len(GAP) * len(cells)))
        else:
            shown = cut(text, widths[place])
            cells.append(shown.rjust(widths[place]) if place in right else shown.ljust(widths[place]))
    return GAP.join(cells).rstrip()


def cut(text: str, most: int) -> str:
    """The text, with an ellipsis where it does not fit.

    >>> cut("conversion", 20), cut("conversion", 5)
    ('conversion', 'conv…')
    """
    return text if len(text) <= most else f"{text[: max(most - 1, 0)]}…"


def wrapped(text: str, mark: str = "") -> list[str]:
    """Lines of words no longer than a terminal is wide, the following ones indented as far as the mark reaches.

    >>> wrapped("a b", "! ")
    ['! a b']
    """
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=True,
        break_on_hyphens=False,
    )
