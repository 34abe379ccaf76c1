"""The PDF read back: everything is in it, in place, with its fonts, and the contents lead where they say."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.reports.pdf.document import pdf
from bot.reports.pdf.figures import Figure, shown_in
from bot.reports.pdf.letters import printable
from bot.reports.pdf.paper import HEIGHT, WIDTH
from bot.reports.pdf.words import moment
from charts import CHARTS, describe
from experiments.model import NoteState, Status
from experiments.report import Report
from tests.bot.reports import samples
from tests.bot.reports.pdf.sheets import bare, contents_of, fonts_of, links_of, opened, pieces_of, text_of
from tests.charts import readings

POINTS = 72 / 25.4
REPORTS: dict[str, Callable[[], Report]] = {
    "whole": samples.whole,
    "nasty": samples.nasty,
    "blank": samples.blank,
    "blocked": samples.blocked,
    "stopped": lambda: samples.at(Status.STOPPED),
    "monitoring": lambda: samples.at(Status.RUNNING, readings.monitoring),
    "cuped": lambda: samples.at(Status.RUNNING, readings.cuped),
    "in review": lambda: samples.at(Status.IN_REVIEW, readings.group_sequential),
}


@functools.cache
def printed(name: str) -> bytes:
    report = REPORTS[name]()
    return pdf(
        report, {name: Figure(CHARTS[name](data), describe(name, data)) for name, data in shown_in(report).items()}
    )


@functools.cache
def text(name: str) -> str:
    return text_of(printed(name))


@pytest.mark.parametrize("name", REPORTS)
def test_every_font_is_embedded(name: str) -> None:
    fonts = fonts_of(opened(printed(name)))
    assert fonts
    for font in fonts.values():
        assert font["/Subtype"] == "/Type0"
        assert "/ToUnicode" in font
        assert "/FontFile2" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"]


@pytest.mark.parametrize("name", REPORTS)
def test_the_contents_lead_to_their_sections(name: str) -> None:
    reader = opened(printed(name))
    found = contents_of(reader)
    assert found
    assert all(title in page for title, page, _ in found)
    front = next(page for page in reader.pages if "Contents" in page.extract_text())
    assert links_of(front) == [number for _, _, number in found]
    said = bare(front.extract_text())
    assert all(bare(f"{title}{number}") in said for title, _, number in found)


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_lies_outside_the_page(name: str) -> None:
    for page in opened(printed(name)).pages:
        pieces = list(pieces_of(page))
        assert pieces
        assert (page.mediabox.width, page.mediabox.height) == pytest.approx((WIDTH * POINTS, HEIGHT * POINTS), abs=0.1)
        assert min(piece.left for piece in pieces) > 20 * POINTS
        assert max(piece.right for piece in pieces) < (WIDTH - 20) * POINTS
        assert min(piece.bottom for piece in pieces) > 10 * POINTS
        assert max(piece.top for piece in pieces) < (HEIGHT - 20) * POINTS


@pytest.mark.parametrize("name", REPORTS)
def test_every_page_says_which_it_is(name: str) -> None:
    report, pages = REPORTS[name](), opened(printed(name)).pages
    for number, page in enumerate(pages, start=1):
        said = page.extract_text()
        assert f"page {number} of {len(pages)}" in said
        assert report.experiment.key in said
        assert f"as of {moment(report.as_of)}" in said


def test_everything_people_wrote_is_in_it() -> None:
    report, said = samples.whole(), bare(text("whole"))
    experiment = report.experiment
    assert experiment.decision
    wanted = [
        experiment.title,
        experiment.design.hypothesis,
        experiment.source.reference,
        *experiment.tags,
        *(f"{note.text}{note.source}" for note in report.notes if note.state is not NoteState.DELETED),
        *(record.sentence for record in report.records),
        *(record.hash[:10] for record in report.records),
        *(f"{each.reason}" for each in experiment.predictions),
        *("71.0 %", "+8.3 %"),
        *(metric.key for metric in experiment.design.metrics),
        *(variant.description for variant in experiment.design.variants),
        *(experiment.decision.reasoning, experiment.decision.next_steps, experiment.decision.summary),
        *("Watch refunds.", "Events are logged", "10 % → 50 % → 95 %, 5 % held back; now at 50 %"),
        "control 90 %, bigger-button 10 %",
        *("Ship, against the advice of the rule", "Chen Wei", experiment.stop_note, experiment.design.hash, "1.2.3"),
        '"colour": "grün"',
    ]
    assert [words for words in wanted if bare(words) not in said] == []
    assert "(forgotten)" not in text("whole")
    assert "This note was deleted." in text("whole")


def test_every_comparison_stands_in_it_with_its_numbers() -> None:
    said = bare(text("whole"))
    for words in (
        "conversion primary, per user, ↑ good bigger-button against control 9,000",
        "latency-p95 guardrail, ms, ↓ good", "p < 0.001 harm > 2.0 % ✕ breached", "○ inconclusive", "✓ healthy",
        "DE shorter-form against control 4,000", "The effect differs between them (p < 0.001",
    ):  # fmt: skip
        assert bare(words) in said


def test_nasty_words_are_shown_letter_by_letter() -> None:
    """Right-to-left words are drawn in their own order and are left to the eye; all others are read back."""
    report, said = samples.nasty(), bare(text("nasty"))
    glyphs = {*range(0x250), *map(ord, "–“”…⟨⟩⚠\u0301\u0323😀")}
    for words in ("x" * 3000, samples.NASTY, report.experiment.design.variants[-1].key):
        assert bare(printable(words, glyphs)) in said
    assert said.count("4E2D") >= 3000
    assert "⟨woman⟩⟨200D⟩⟨personalcomputer⟩⚠" in said
    assert "{nb}" in said
    assert "Some characters have no glyph" in text("nasty")
    assert "Some characters have no glyph" not in text("whole")
    assert all(bare(each.metric) in said for each in report.readout.comparisons) if report.readout else False


def test_the_head_of_a_table_is_on_every_page_it_reaches() -> None:
    pages = [page.extract_text() for page in opened(printed("whole")).pages]
    trail = [page for page in pages if "aggregates from checkout-" in page]
    assert len(trail) > 2
    assert all(bare("No. Time (UTC) Who What Hash") in bare(page) for page in trail)


def test_predictions_stay_private_until_the_start() -> None:
    approved = samples.at(Status.APPROVED).experiment.evolve(predictions=samples.predictions())
    before = text_of(pdf(samples.a_report(approved), {}))
    assert "Predictions stay private until the start." in before
    assert not any(words in bare(before) for words in ("71.0%", "+8.3%", "2022"))


def test_no_lift_is_shown_of_broken_data() -> None:
    report = samples.blocked()
    assert report.readout
    assert report.readout.blocked
    said = text("blocked")
    assert "do not read these numbers" in said
    assert "No lift is shown" in said
    assert "Every comparison" not in said


def test_what_is_not_there_is_said() -> None:
    said = text("blank")
    for words in (
        "No data have been read.", "No hypothesis has been written down.", "Predictions stay private until the start.",
        "No variants have been named.", "No metrics have been named.", "Nobody has been asked for a review.",
        "No decision has been logged yet.", "Nobody has written a note.", "Nothing has been recorded.",
    ):  # fmt: skip
        assert words in said
    assert "Segments" not in said


def test_the_same_report_gives_the_same_bytes() -> None:
    assert pdf(samples.blank(), {}) == pdf(samples.blank(), {})
    assert opened(printed("blank")).metadata.creation_date == datetime(2026, 3, 9, 9, tzinfo=UTC)  # type: ignore[union-attr]


def test_pictures_have_words_for_those_who_cannot_see_them() -> None:
    content = printed("whole")
    assert content.count(b"/Alt <") == len(shown_in(samples.whole())) > 2
    assert "Forest plot".encode("utf-16-be").hex().encode() in content
