"""What people typed is shown as typed: it cannot ping, link, format or turn the line around."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.surfaces.kit import Message
from handlers.surfaces.taken_from import MESSAGE_IN_SLACK
from handlers.surfaces.words import clip, moment, people, person, retold, said, visible
from tests import gallery
from tests.handlers.surfaces import situations
from tests.handlers.surfaces.test_limits import nodes

MESSAGES, VIEWS = gallery.all_messages(), gallery.all_views()
DATE = r"<!date\^\d+\^\{date_short(_pretty)?\}( at \{time\})?\|\d{4}-\d\d-\d\d( \d\d:\d\d UTC)?>"
MESSAGE = rf"<({MESSAGE_IN_SLACK.pattern.replace('&', '&amp;')})\|(the message|message|this thread|this conversation)>"
OURS = re.compile(rf"<@[UW][A-Z0-9]+>|<#[CDG][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>|{DATE}|{MESSAGE}")


def mrkdwn(root: Any) -> Iterator[str]:
    for node in nodes(root):
        if node.get("type") == "mrkdwn":
            assert node["verbatim"] is True
            yield node["text"]


def spoken(surface: Any) -> Iterator[str]:
    """Every text that Slack reads as mrkdwn."""
    if isinstance(surface, Message):
        yield surface.text
        yield from mrkdwn(surface.blocks)
    else:
        yield from mrkdwn(surface)


@pytest.mark.parametrize("name", [*MESSAGES, *VIEWS])
def test_only_our_own_mentions_and_dates_are_in_angle_brackets(name: str) -> None:
    for text in spoken(MESSAGES.get(name) or VIEWS[name]):
        rest = OURS.sub("", text)
        assert "<" not in rest, rest
        assert ">" not in rest, rest
        assert "<@U1>" not in text
        assert not re.search(r"&(?!(amp|lt|gt);)", rest), rest


@pytest.mark.parametrize("name", [name for name in [*MESSAGES, *VIEWS] if "hostile" in name or "full" in name])
def test_hostile_words_neither_format_nor_name_emoji(name: str) -> None:
    for text in spoken(MESSAGES.get(name) or VIEWS[name]):
        assert "`code`" not in text
        assert "*bold*" not in text
        assert "_italic_" not in text
        assert "~gone~" not in text
        assert ":smile:" not in text


@pytest.mark.parametrize("name", [*MESSAGES, *VIEWS])
def test_plain_text_names_no_emoji_in_peoples_words(name: str) -> None:
    surface = MESSAGES.get(name) or VIEWS[name]
    for node in nodes(surface.blocks if isinstance(surface, Message) else surface):
        if node.get("type") == "plain_text" and ":smile:" in node["text"]:
            assert node["emoji"] is False


@pytest.mark.parametrize("name", [*MESSAGES, *VIEWS])
def test_nothing_turns_the_reading_direction_around(name: str) -> None:
    surface = MESSAGES.get(name) or VIEWS[name]
    for node in nodes(surface.blocks if isinstance(surface, Message) else surface):
        for text in (value for key, value in node.items() if key in ("text", "alt_text") and isinstance(value, str)):
            assert not set(text) & set("\u202a\u202b\u202d\u202e\u2066\u2067")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("plain words", "plain words"),
        ("snake_case 2*3 1~2", "snake_case 2*3 1~2"),
        ("<!channel> & co", "&lt;!channel&gt; &amp; co"),
        ("two\nlines\t here", "two lines here"),
        ("\u202eeht", "eht"),
        ("\u200b\u200f", "(nothing visible)"),
        ("שלום", "\u2068שלום\u2069"),
        ("at 10:30", "at 10:30"),
        ("", ""),
    ],
)
def test_said(typed: str, shown: str) -> None:
    assert said(typed) == shown


def test_said_parts_marks_and_emoji_names() -> None:
    for typed in ("*bold*", "_it_", "~no~", ":smile:", "`code`"):
        shown = said(typed)
        assert shown != typed
        assert "".join(each for each in shown if unicodedata.category(each) != "Cf").replace("ˋ", "`") == typed


@pytest.mark.parametrize("most", [10, 60, 300, 3000])
@pytest.mark.parametrize("typed", ["&" * 9000, "<>" * 5000, situations.bait(10_000), "word " * 3000])
def test_said_fits(typed: str, most: int) -> None:
    assert 0 < len(said(typed, most)) <= most


def test_cutting_says_how_much_is_missing() -> None:
    cut = clip("x" * 1000, 100)
    assert len(cut) <= 100
    kept = cut.index("…")
    assert cut.endswith(f"… (cut; {1000 - kept} characters more)")
    assert clip("x" * 30, 24) == "x" * 23 + "…"
    assert clip("short", 24) == "short"


def test_people_are_mentioned_only_by_their_ids() -> None:
    assert person("U0ADA") == "<@U0ADA>"
    assert person("<!channel>") == "&lt;!channel&gt;"
    assert person("cli") == "cli"
    assert person("bunsen") == "Bunsen"
    assert people(["U1", "U2", "U3"], most=2) == "<@U1>, <@U2> and 1 more"


def test_moments_are_told_in_the_readers_zone() -> None:
    at = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    assert moment(at) == f"<!date^{int(at.timestamp())}^{{date_short_pretty}} at {{time}}|2026-03-09 09:00 UTC>"


def test_visible_keeps_lines() -> None:
    assert visible("one\ntwo", 100) == "one\ntwo"


def test_a_cut_leaves_no_direction_open() -> None:
    cut = visible("שלום " * 100, 100)
    assert (cut[0], cut[-1]) == ("\u2068", "\u2069")
    assert len(cut) <= 100


def test_moments_of_the_log_are_told_in_the_readers_zone() -> None:
    booked = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
    assert retold("scheduled its start for 2027-03-01 08:00 UTC") == f"scheduled its start for {moment(booked)}"
    assert retold("on 2027-02-31 08:00 UTC <!channel>") == "on 2027-02-31 08:00 UTC &lt;!channel&gt;"
