"""A printed document read back: its text, its fonts, and where on the page every piece of it lies."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream

FOOT = re.compile(r"\n?page \d+ of \d+as of [^\n]*UTC[^\n]*$|\n?page \d+ of \d+ as of [^\n]*UTC [^\n]*$")


class Piece(NamedTuple):
    """What is drawn between two edges at one height, in points from the lower left corner."""

    left: float
    right: float
    bottom: float
    top: float


def opened(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content), strict=True)


def text_of(content: bytes) -> str:
    """All text without the feet of the pages."""
    return "\n".join(FOOT.sub("", page.extract_text()) for page in opened(content).pages)


def bare(text: str) -> str:
    """Only the characters that are not space: lines may be broken anywhere."""
    return "".join(text.split())


def fonts_of(reader: PdfReader) -> dict[str, Any]:
    """Every font that some page uses, by its name in the document."""
    found = {}
    for page in reader.pages:
        for name, font in page["/Resources"].get_object().get("/Font", {}).items():  # type: ignore[union-attr]
            found[name] = font.get_object()
    return found


def contents_of(reader: PdfReader) -> list[tuple[str, str, int]]:
    """Outline title, destination's text, and page number of every section."""
    made = []
    for entry in reader.outline:
        number = reader.get_destination_page_number(entry)  # type: ignore[arg-type]
        made.append((str(entry.title), reader.pages[number].extract_text(), number + 1))  # type: ignore[union-attr]
    return made


def links_of(page: PageObject) -> list[int]:
    """The page numbers that the links of this page lead to, from top to bottom, each once."""
    places = {each.indirect_reference: number for number, each in enumerate(page.pdf.pages, start=1)}  # type: ignore[union-attr]
    numbers = [places[annotation.get_object()["/Dest"][0]] for annotation in page.get("/Annots", ())]
    assert numbers[::2] == numbers[1::2], "a title and its page number lead to the same place"
    return numbers[::2]


def pieces_of(page: PageObject) -> Iterator[Piece]:
    """The boxes of all text, measured with the widths of the embedded fonts, and of all rectangles and pictures."""
    widths = {name: _widths(font) for name, font in fonts_of(page.pdf).items()}  # type: ignore[arg-type]
    font, size, x, y = "", 0.0, 0.0, 0.0
    for operands, operator in ContentStream(page.get_contents(), page.pdf).operations:
        match operator:
            case b"Tf":
                font, size = str(operands[0]), float(operands[1])
            case b"Td":
                x, y = float(operands[0]), float(operands[1])
            case b"Tm":
                x, y = float(operands[4]), float(operands[5])
            case b"Tj":
                codes = operands[0].original_bytes
                known, default = widths[font]
                units = sum(
                    known.get(int.from_bytes(codes[place : place + 2], "big"), default)
                    for place in range(0, len(codes), 2)
                )
                yield Piece(x, x + units * size / 1000, y - 0.24 * size, y + 0.76 * size)
                x += units * size / 1000
            case b"re":
                left, bottom, width, height = map(float, operands)
                yield Piece(left, left + width, *sorted((bottom, bottom + height)))
            case b"cm":
                yield Piece(
                    float(operands[4]),
                    float(operands[4]) + float(operands[0]),
                    float(operands[5]),
                    float(operands[5]) + float(operands[3]),
                )


def _widths(font: Any) -> tuple[dict[int, float], float]:
    inner = font["/DescendantFonts"][0].get_object()
    known: dict[int, float] = {}
    listed = iter(inner["/W"])
    for first in listed:
        following = next(listed)
        if isinstance(following, list):
            known |= {int(first) + place: float(width) for place, width in enumerate(following)}
        else:
            known |= dict.fromkeys(range(int(first), int(following) + 1), float(next(listed)))
    return known, float(inner["/DW"])
