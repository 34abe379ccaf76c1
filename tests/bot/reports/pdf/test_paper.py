"""Lines, rows and pages: whatever is typed stays within its column and is all there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reports.pdf.paper import BODY, CODE, INNER, QUIET, SIDE, TITLE, Paper, Style
from bot.reports.pdf.tables import Column, facts, table
from tests.bot.reports.pdf.sheets import bare, opened, pieces_of, text_of

POINTS = 72 / 25.4
WORDS = "Whatever people wrote is shown here, one word after the other, until the page is full. "


def a_paper() -> Paper:
    return Paper(title="", key="key", as_of="now UTC", made_at=datetime(2026, 3, 9, tzinfo=UTC))


PAPER = a_paper()


@given(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=300), min_size=1, max_size=8),
    st.sampled_from([BODY, CODE, TITLE]),
)
@settings(max_examples=8, deadline=None)
def test_no_text_leaves_its_column(texts: list[str], look: Style) -> None:
    """Many texts on one paper, because a paper costs more than they do."""
    paper = a_paper()
    table(
        paper, (Column("one", 1), Column("two", 1, look=look), Column("three", 4)), [("", each, "") for each in texts]
    )
    width = (INNER - 5) / 6
    edges = [SIDE, SIDE + width + 2.5, SIDE + 2 * width + 5]
    for page in opened(paper.finished()).pages:
        inner = [piece for piece in pieces_of(page) if piece.top < 265 * POINTS and piece.bottom > 25 * POINTS]
        assert all(edges[1] * POINTS - 0.5 <= piece.left for piece in inner)
        assert all(piece.right <= (edges[1] + width) * POINTS + 0.5 for piece in inner)


@given(st.text(st.characters(codec="utf-8"), max_size=200))
@settings(max_examples=50, deadline=None)
def test_lines_hold_all_of_a_text(words: str) -> None:
    lines = PAPER.lines(words, 40, BODY)
    shown = bare("".join(line.text for line in lines))
    assert all(character in shown for character in bare(words) if character.isalnum() and character.isascii())


@pytest.mark.parametrize("words", ["x" * 200, "x" * 199 + " y", "word " * 60, "中" * 60, "مرحبا" * 40, "a\u0301" * 100])
def test_long_words_are_broken(words: str) -> None:
    lines = PAPER.lines(words, 40, BODY)
    assert len(lines) > 1
    assert all(len(line.text) < 60 for line in lines)


def test_a_cell_that_no_page_holds_goes_on_under_the_head() -> None:
    paper, long = a_paper(), " ".join(f"word{number}" for number in range(2_000))
    table(paper, (Column("Number", 1), Column("Words", 2)), [("first", "short"), ("second", long), ("third", "end")])
    content = paper.finished()
    pages = [page.extract_text() for page in opened(content).pages]
    assert len(pages) > 2
    assert all(page.startswith("Number Words") for page in (" ".join(page.split()) for page in pages))
    assert bare(long) in bare(text_of(content)).replace("NumberWords", "")
    assert "third" in pages[-1]


def test_a_row_stays_together_where_a_page_holds_it() -> None:
    paper = a_paper()
    paper.prose(WORDS * 37)
    before = paper.room
    table(paper, (Column("Words", 1),), [(f"row{number} {WORDS * 5} end{number}",) for number in range(6)])
    pages = [page.extract_text() for page in opened(paper.finished()).pages]
    assert 0 < before < 100
    assert len(pages) > 1
    for number in range(6):
        assert [page for page in pages if f"row{number}" in page] == [page for page in pages if f"end{number}" in page]


@pytest.mark.parametrize("lines", range(36, 60))
def test_no_line_of_a_paragraph_is_left_alone(lines: int) -> None:
    paper = a_paper()
    paper.prose("\n".join(f"first{number}" for number in range(lines)))
    paper.prose("\n".join(f"second{number}" for number in range(6)))
    pages = [page.extract_text() for page in opened(paper.finished()).pages]
    assert 1 not in [page.count("second") for page in pages]


def test_a_heading_is_never_the_last_thing_on_a_page() -> None:
    for lines in range(40, 56):
        paper = a_paper()
        paper.prose("\n".join("words" for _ in range(lines)), QUIET)
        paper.heading("Heading")
        paper.prose("Below it.")
        pages = [page.extract_text() for page in opened(paper.finished()).pages]
        assert [page for page in pages if "Heading" in page] == [page for page in pages if "Below it." in page]


def test_facts_without_a_value_are_left_out() -> None:
    paper = a_paper()
    facts(paper, [("Known", "yes"), ("Unknown", ""), ("A label that is much longer than its value ever is", "no")])
    said = text_of(paper.finished())
    assert "Known" in said
    assert "Unknown" not in said
    assert bare("longer than its value ever is") in bare(said).replace("no", "")
