"""What a person or a system wrote, made safe to show: shown literally, never pinging, linking or formatting."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime

from experiments.permissions import BUNSEN, GUARDRAIL

PERSON = re.compile(r"[UW][A-Z0-9]+")
LOGGED = re.compile(r"\b(20\d\d-\d\d-\d\d \d\d:\d\d) UTC\b")
STEERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
EMOJI_NAME = re.compile(r":(?=[\w+'-]+:)")
MARK = re.compile(r"(?<![^\W_])[*_~]|[*_~](?![^\W_])")
SPACE_NOBODY_SEES = "\ufeff"
OWN_NAMES = {BUNSEN: "Bunsen", GUARDRAIL: "Guardrail"}
ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"
# A pair of backticks makes code whatever stands beside them, so a grave accent takes their place.
SHOWN = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "\u02cb"})


def clip(text: str, most: int) -> str:
    """At most this many characters; where there is room, in words how many were left out."""
    if len(text) <= most:
        return text
    if most < 60:
        return text[: most - 1].rstrip() + "…"
    kept = most - len(f"… (cut; {len(text):,} characters more)")
    return f"{text[:kept].rstrip()}… (cut; {len(text) - kept:,} characters more)"


def visible(text: str, most: int) -> str:
    """The text for places that take it literally: cut to fit, and without what turns the reading direction around."""
    if text.isascii() and any(map(str.isalnum, text)):
        return clip(text.strip(), most)
    steady = STEERING.sub("", text).strip()
    if not any(unicodedata.category(character)[0] in "LNPS" for character in steady):
        return "(nothing visible)" if text else ""
    if any(unicodedata.bidirectional(character) in {"R", "AL"} for character in steady):
        return f"{ISOLATE}{clip(steady, most - 2)}{END_OF_ISOLATE}"
    return clip(steady, most)


def said(text: str, most: int = 300) -> str:
    """Somebody's words on one line of mrkdwn, shown as they were typed; the result fits `most` characters."""
    line, room = " ".join(text.split()), most
    while len(shown := _unformatted(visible(line, room)).translate(SHOWN)) > most:
        room -= max(1, (len(shown) - most) // 5)
    return shown


def person(user: str) -> str:
    """A mention, Bunsen and its monitor by their names, or the words as they are where they are no Slack id."""
    if PERSON.fullmatch(user):
        return f"<@{user}>"
    return OWN_NAMES.get(user) or said(user, 80)


def either(choices: Sequence[str]) -> str:
    """One of several things: "a", "a or b", "a, b or c"."""
    return " or ".join(part for part in (", ".join(choices[:-1]), *choices[-1:]) if part)


def people(users: Sequence[str], most: int = 10) -> str:
    """Mentions with commas between; beyond `most` only how many more there are."""
    more = f" and {len(users) - most} more" if len(users) > most else ""
    return ", ".join(person(user) for user in users[:most]) + more


def moment(at: datetime) -> str:
    """Date and time in the reader's zone."""
    fallback = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} at {{time}}|{fallback}>"


def day(at: datetime) -> str:
    """The date in the reader's zone."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}}|{at.astimezone(UTC).strftime('%Y-%m-%d')}>"


def retold(sentence: str, most: int = 300) -> str:
    """A sentence of the log, which keeps moments in UTC, with these in the reader's zone."""
    return LOGGED.sub(_in_zone, said(sentence, most))


def date(at: datetime) -> str:
    """The date in the reader's zone, written out also when it is today's."""
    return f"<!date^{int(at.timestamp())}^{{date_short}}|{at.astimezone(UTC).strftime('%Y-%m-%d')}>"


def _in_zone(logged: re.Match[str]) -> str:
    try:
        return moment(datetime.fromisoformat(logged[1]).replace(tzinfo=UTC))
    except ValueError:
        return logged[0]


def _unformatted(line: str) -> str:
    """Slack formats between a mark and a word, and names emoji between colons: an unseen space parts the two."""
    parted = MARK.sub(lambda mark: f"{SPACE_NOBODY_SEES}{mark[0]}{SPACE_NOBODY_SEES}", line)
    return EMOJI_NAME.sub(f":{SPACE_NOBODY_SEES}", parted)
