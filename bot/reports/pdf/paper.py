"""Paper: A4 pages on which text, facts, tables and pictures follow each other, with contents and page numbers."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import matplotlib
from fpdf import FPDF
from fpdf.fonts import TTFFont

from bot.reports.pdf.letters import OPEN, is_right_to_left, needs_shaping, printable
from charts import style

if TYPE_CHECKING:
    from fpdf.outline import OutlineSection

FAMILY = "DejaVu"
FONTS = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
MONO, MONO_FONT = "DejaVuMono", "DejaVuSansMono.ttf"
WIDTH, HEIGHT = 210.0, 297.0
SIDE, TOP, BOTTOM = 22.0, 22.0, 24.0
INNER = WIDTH - 2 * SIDE
# No text can hold it: a character for private use is always written out as its code.
PAGES = "\ue00000"
LEAST_SCALE = 0.75
POINT = 25.4 / 72


class Style(NamedTuple):
    """How a piece of text looks; `leading` is the height of a line in points, as `size` is."""

    size: float = 9.0
    leading: float = 13.5
    colour: str = style.INK
    bold: bool = False
    mono: bool = False

    @property
    def height(self) -> float:
        """The height of a line in mm."""
        return self.leading * POINT


BODY = Style()
STRONG = Style(bold=True)
QUIET = Style(size=8, leading=12, colour=style.MUTED)
TITLE = Style(size=22, leading=28, bold=True)
LARGE = Style(size=11.5, leading=17)
SECTION = Style(size=14, leading=19, bold=True)
HEADING = Style(size=10, leading=15, bold=True)
LABEL = Style(size=8, leading=12, colour=style.BLUE, bold=True)
CODE = Style(size=7.5, leading=11, mono=True)
FOOT = Style(size=7, leading=10, colour=style.MUTED)


class Line(NamedTuple):
    """One line that fits its width; a paragraph that begins at the right has all its lines do so."""

    text: str
    from_right: bool = False


class _Sheets(FPDF):
    """The pages of fpdf2 with our footer."""

    def __init__(self, foot: tuple[str, str]) -> None:
        super().__init__(format="A4")
        self._foot = foot
        self.foot_ready = False

    def footer(self) -> None:
        if not self.foot_ready:
            return
        top = HEIGHT - BOTTOM + 8
        self.set_draw_color(style.GRID)
        self.set_line_width(0.2)
        self.line(SIDE, top, WIDTH - SIDE, top)
        self.set_font(FAMILY, size=FOOT.size)
        self.set_text_color(FOOT.colour)
        self.set_text_shaping(use_shaping_engine=False)
        # The number of pages is filled in at the end, into room kept for it: at the right it would not stand flush.
        for text, align in zip((f"page {self.page_no()} of {PAGES}", *self._foot), "LCR", strict=True):
            self.set_xy(SIDE, top + 2)
            self.cell(INNER, FOOT.height, text, align=align)


class Paper:
    """A document that grows downwards; every method writes below what is there and turns the page when it must."""

    def __init__(self, *, title: str, key: str, as_of: str, made_at: datetime) -> None:
        self._pdf = _Sheets((f"as of {as_of}", key))
        self._pdf.set_auto_page_break(auto=False)
        self._pdf.c_margin = 0
        self._pdf.set_margins(SIDE, TOP, SIDE)
        self._pdf.alias_nb_pages(PAGES)
        folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        for weight, name in FONTS.items():
            self._pdf.add_font(FAMILY, weight, folder / name)
        self._pdf.add_font(MONO, "", folder / MONO_FONT)
        self._glyphs = {name: cast(TTFFont, font).cmap.keys() for name, font in self._pdf.fonts.items()}
        self._replaced = False
        self._broken: dict[tuple[str, float, Style], list[Line]] = {}
        self._pdf.set_creation_date(made_at)
        self._pdf.set_title(self._legible(title))
        self._pdf.set_creator("Bunsen")
        self._pdf.set_lang("en-GB")
        self._pdf.foot_ready = True
        self._pdf.add_page()

    @property
    def has_replaced(self) -> bool:
        """Whether some character had no glyph and was written out."""
        return self._replaced

    def space(self, millimetres: float) -> None:
        """Room between two things; none at the head of a page."""
        if self._pdf.get_y() > TOP:
            self._pdf.set_y(self._pdf.get_y() + millimetres)

    def keep(self, millimetres: float) -> None:
        """Turn the page unless so much room is left on it."""
        if self._pdf.get_y() + millimetres > HEIGHT - BOTTOM:
            self._pdf.add_page()

    def section(self, title: str, room: float) -> None:
        """A section of the contents: its title under a rule in the accent colour, with room for what follows in mm."""
        self.space(10)
        self.keep(room)
        self._pdf.start_section(title)
        self._pdf.set_fill_color(style.BLUE)
        self._pdf.rect(SIDE, self._pdf.get_y(), 12, 0.9, style="F")
        self._pdf.set_y(self._pdf.get_y() + 3)
        self.prose(title, SECTION)
        self.space(2)

    def heading(self, title: str) -> None:
        """A title within a section, never alone at the foot of a page."""
        self.space(4)
        self.keep(22)
        self.prose(title, HEADING)
        self.space(0.8)

    def prose(self, text: str, look: Style = BODY, *, indent: float = 0) -> None:
        """Paragraphs from margin to margin; no line of them is left alone on a page."""
        lines = self.lines(text, INNER - indent, look)
        for place, line in enumerate(lines):
            self.keep(look.height * (2 if place in (0, len(lines) - 2) else 1))
            y = self._pdf.get_y()
            self.put(line, SIDE + indent, y, INNER - indent, look)
            self._pdf.set_y(y + look.height)

    def quote(self, label: str, text: str, look: Style = BODY, *, by: str = "") -> None:
        """Somebody's words or a sentence to be seen first beside an upright bar: a label, the words, whose they are."""
        self.space(2)
        self.keep(LABEL.height + 2 * look.height)
        for words, style_of in ((label, LABEL), (text, look), *(((by, QUIET),) if by else ())):
            for line in self.lines(words, INNER - 6, style_of):
                self.keep(style_of.height)
                y = self._pdf.get_y()
                self._pdf.set_fill_color(style.BLUE)
                self._pdf.rect(SIDE, y, 0.7, style_of.height + 0.05, style="F")
                self.put(line, SIDE + 6, y, INNER - 6, style_of)
                self._pdf.set_y(y + style_of.height)
        self.space(2)

    def figure(self, png: bytes, alt: str) -> None:
        """A picture as wide as the text; somewhat smaller where it then fits on this page, or at all."""
        from PIL import Image

        with Image.open(BytesIO(png)) as picture:
            ratio = picture.height / picture.width
        self.space(3)
        if self.room < INNER * ratio * LEAST_SCALE:
            self.turn()
        width = min(INNER, self.room / ratio)
        y = self._pdf.get_y()
        self._pdf.image(BytesIO(png), SIDE, y, width, width * ratio, alt_text=self._legible(alt))
        self._pdf.set_y(y + width * ratio)
        self.space(3)

    def contents(self, count: int) -> None:
        """The table of contents of so many sections: here if there is room, else on a page of its own."""
        self.space(8)
        self.keep(SECTION.height + count * BODY.height * 1.25 + 6)
        self._pdf.insert_toc_placeholder(_write_contents)

    def lines(self, text: str, width: float, look: Style) -> list[Line]:
        """The text broken to fit a width in mm; words that are wider than that are broken too."""
        # Tables say the same again and again, and breaking takes half the time of a report.
        known = self._broken.get((text, width, look))
        if known is None:
            known = self._broken[text, width, look] = self._break(text, width, look)
        return list(known)

    def put(self, line: Line, x: float, y: float, width: float, look: Style, *, right: bool = False) -> None:
        """One line at a place on this page."""
        if not line.text:
            return
        self._wear(look)
        self._shape(line.text, from_right=line.from_right)
        self._pdf.set_xy(x, y)
        self._pdf.cell(width, look.height, line.text, align="R" if right or line.from_right else "L")

    def rule(self, y: float, colour: str = style.GRID, width: float = 0.2) -> None:
        """A line from margin to margin."""
        self._pdf.set_draw_color(colour)
        self._pdf.set_line_width(width)
        self._pdf.line(SIDE, y, SIDE + INNER, y)

    @property
    def y(self) -> float:
        return self._pdf.get_y()

    @y.setter
    def y(self, millimetres: float) -> None:
        self._pdf.set_y(millimetres)

    @property
    def room(self) -> float:
        """What is left of this page in mm."""
        return HEIGHT - BOTTOM - self._pdf.get_y()

    def turn(self) -> None:
        """Go on at the head of a new page."""
        self._pdf.add_page()

    def finished(self) -> bytes:
        """The document; the same content gives the same bytes."""
        return bytes(self._pdf.output())

    def _break(self, text: str, width: float, look: Style) -> list[Line]:
        found: list[Line] = []
        self._wear(look)
        for paragraph in self._legible(text, look).replace(" %", "\u00a0%").split("\n"):
            from_right = self._shape(paragraph)
            # Most cells are one line; breaking costs many times what measuring does.
            if not self._pdf.text_shaping and self._pdf.get_string_width(paragraph) <= width:
                found.append(Line(paragraph.rstrip()))
                continue
            broken = self._pdf.multi_cell(width, look.height, paragraph, align="L", dry_run=True, output="LINES")
            found += [Line(each.rstrip(), from_right) for each in cast(list[str], broken) or [""]]
        return found

    def _legible(self, text: str, look: Style = BODY) -> str:
        shown = printable(text, self._glyphs[f"{(MONO if look.mono else FAMILY).lower()}{'B' if look.bold else ''}"])
        self._replaced = self._replaced or shown.count(OPEN) > text.count(OPEN)
        return shown

    def _wear(self, look: Style) -> None:
        self._pdf.set_font(MONO if look.mono else FAMILY, "B" if look.bold else "", look.size)
        self._pdf.set_text_color(look.colour)

    def _shape(self, text: str, *, from_right: bool | None = None) -> bool:
        """Shape this text if its letters need it; whether it begins at the right."""
        if not needs_shaping(text):
            self._pdf.set_text_shaping(use_shaping_engine=False)
            return False
        from_right = is_right_to_left(text) if from_right is None else from_right
        self._pdf.set_text_shaping(direction="rtl" if from_right else "ltr")
        return from_right


def _write_contents(pdf: FPDF, outline: list[OutlineSection]) -> None:
    pdf.set_text_shaping(use_shaping_engine=False)
    pdf.set_font(FAMILY, "B", HEADING.size)
    pdf.set_text_color(HEADING.colour)
    pdf.set_x(SIDE)
    pdf.cell(INNER, HEADING.height + 2, "Contents", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FAMILY, "", BODY.size)
    pdf.set_draw_color(style.GRID)
    pdf.set_line_width(0.2)
    height = BODY.height * 1.25
    for section in outline:
        link = pdf.add_link(y=(pdf.h_pt - (section.dest.top or pdf.h_pt)) / pdf.k, page=section.page_number)
        y = pdf.get_y()
        pdf.cell(INNER - 12, height, section.name, link=link)
        pdf.cell(12, height, str(section.page_number), align="R", link=link, new_x="LMARGIN", new_y="NEXT")
        pdf.line(SIDE, y + height, SIDE + INNER, y + height)
