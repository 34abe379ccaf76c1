"""Every character is printed or named; none is lost."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.pdf.letters import is_right_to_left, needs_shaping, printable

LATIN = frozenset(range(32, 127)) | frozenset(
    map(ord, "äöüß€–“”… שלוםمرحبا⟨⟩⚠\u00a0\u200c\u200d\u200b\u202e\ufeff\u00ad")
)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("plain words, 4 % & <b>", "plain words, 4 % & <b>"),
        ("größer – “so”", "größer – “so”"),
        ("one\r\ntwo\rthree\u2028four\x0bfive", "one\ntwo\nthree\nfour\nfive"),
        ("tab\there", "tab    here"),
        ("⚠️ hot", "⚠ hot"),
        ("🚀", "⟨rocket⟩"),
        ("🚀🚀", "⟨rocket⟩⟨rocket⟩"),
        ("中文", "⟨4E2D 6587⟩"),
        ("a\u202eb", "a⟨202E⟩b"),
        ("zero\u200bwidth\ufeff", "zero⟨200B⟩width⟨FEFF⟩"),
        ("soft\u00adhyphen", "soft⟨00AD⟩hyphen"),
        ("pay\u200dpal", "pay⟨200D⟩pal"),
        ("مر\u200cحبا", "مر\u200cحبا"),
        ("\u2003wide\u3000space", " wide space"),
        ("\ue000", "⟨E000⟩"),
        ("\ufe0f", "⟨FE0F⟩"),
        ("", ""),
    ],
)
def test_what_is_shown(typed: str, shown: str) -> None:
    assert printable(typed, LATIN) == shown


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_all_that_is_left_can_be_printed(text: str) -> None:
    shown = printable(text, LATIN)
    assert all(character == "\n" or ord(character) in LATIN for character in shown)
    assert all(
        unicodedata.category(character)[0] != "C" for character in shown if character not in "\n\u200c\u200d"
    )  # fmt: skip


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Z", "Cc"]), max_size=20))
def test_no_visible_character_is_lost(text: str) -> None:
    """Each either stands there itself or is named or numbered, in order."""
    shown, at = printable(text, LATIN), 0
    for character in text:
        if character in "\ufe0e\ufe0f":
            continue
        said = [character, f"{ord(character):04X}", unicodedata.name(character, "?").lower()]
        found = [shown.find(words, at) for words in said]
        assert max(found) >= 0, (character, shown)
        at = min(place for place in found if place >= 0)


def test_direction_and_shaping() -> None:
    assert needs_shaping("שלום")
    assert needs_shaping("a\u0323")
    assert not needs_shaping("größer – 4 %")
    assert is_right_to_left("12 % שלום Ada")
    assert not is_right_to_left("Ada שלום")
    assert not is_right_to_left("12 %")
