"""Tables: rows under a head that is repeated on every page; a cell that no page holds goes on over the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bot.reports.pdf.paper import BODY, INNER, SIDE, Line, Paper, Style
from charts import style

GAP = 2.5
PAD = 1.3
HEAD = Style(size=7, leading=10, colour=style.MUTED, bold=True)
CELL = Style(size=7.5, leading=11)
LABEL = Style(size=9, leading=13.5, colour=style.MUTED)
LABEL_WIDTH = 44.0
# A higher row is broken rather than leaving most of a page empty.
MOST_KEPT = 12


class Column(NamedTuple):
    """Its title and its share of the width; numbers stand at the right of theirs."""

    title: str
    share: float
    right: bool = False
    look: Style = CELL


def table(paper: Paper, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """Rows of cells, each as high as its longest cell and kept together where a page can hold it."""
    grid = _Grid(paper, columns)
    grid.head()
    for row in rows:
        grid.row(row)
    paper.space(3)


def facts(paper: Paper, rows: Iterable[tuple[str, str]]) -> None:
    """What is known, one line each: a quiet label and its value. Facts without a value are left out."""
    for label, value in rows:
        if not value:
            continue
        left, right = paper.lines(label, LABEL_WIDTH - GAP, LABEL), paper.lines(value, INNER - LABEL_WIDTH, BODY)
        if len(left) > len(right):
            right += [Line("")] * (len(left) - len(right))
        paper.keep(min(len(right), 3) * BODY.height)
        for place, line in enumerate(right):
            paper.keep(BODY.height)
            y = paper.y
            if place < len(left):
                paper.put(left[place], SIDE, y, LABEL_WIDTH - GAP, LABEL)
            paper.put(line, SIDE + LABEL_WIDTH, y, INNER - LABEL_WIDTH, BODY)
            paper.y = y + BODY.height
        paper.space(0.8)


class _Grid:
    """The columns at their places on the paper."""

    def __init__(self, paper: Paper, columns: Sequence[Column]) -> None:
        self._paper, self._columns = paper, columns
        free = INNER - GAP * (len(columns) - 1)
        total = sum(column.share for column in columns)
        self._widths = [free * column.share / total for column in columns]
        self._lefts = [SIDE + sum(self._widths[:place]) + GAP * place for place in range(len(columns))]

    def head(self) -> None:
        """The titles, with room for a row below them."""
        titles = [
            self._paper.lines(column.title, width, HEAD)
            for column, width in zip(self._columns, self._widths, strict=True)
        ]
        deepest = max(map(len, titles))
        self._paper.keep(deepest * HEAD.height + 4 * CELL.height)
        self._draw([[Line("")] * (deepest - len(title)) + title for title in titles], [HEAD] * len(titles))
        self._paper.rule(self._paper.y, style.INK, 0.3)

    def row(self, cells: Sequence[str]) -> None:
        """One row, broken between lines only where it is high."""
        looks = [column.look for column in self._columns]
        waiting = [
            self._paper.lines(text, width, look) for text, width, look in zip(cells, self._widths, looks, strict=True)
        ]
        if self._fitting(looks) < min(max(map(len, waiting)), MOST_KEPT):
            self._turn()
        while any(waiting):
            fitting = self._fitting(looks)
            self._draw([lines[:fitting] for lines in waiting], looks)
            waiting = [lines[fitting:] for lines in waiting]
            if any(waiting):
                self._turn()
        self._paper.rule(self._paper.y)

    def _fitting(self, looks: Sequence[Style]) -> int:
        """How many lines of a row have room on this page."""
        return max(0, int((self._paper.room - 2 * PAD) / max(look.height for look in looks)))

    def _turn(self) -> None:
        self._paper.turn()
        self.head()

    def _draw(self, cells: Sequence[Sequence[Line]], looks: Sequence[Style]) -> None:
        top = self._paper.y + PAD
        height = max(look.height for look in looks)
        for column, left, width, lines, look in zip(
            self._columns, self._lefts, self._widths, cells, looks, strict=True
        ):
            for place, line in enumerate(lines):
                self._paper.put(line, left, top + place * height, width, look, right=column.right)
        self._paper.y = top + max(map(len, cells)) * height + PAD
