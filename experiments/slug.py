"""Keys for people who do not care how it is called: from a title, and for further attempts at the same question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import count

from experiments.texts import VERSION_IN_KEY

LONGEST = 60
ATTEMPT = re.compile(r"-(\d{1,4})(?:st|nd|rd|th)$")


def slug(title: str) -> str:
    """Lower-case kebab of at most 50 characters; `experiment` when the title has no letter or digit to use.

    >>> slug("Größerer Knopf: v2 vs. v3!")
    'grosserer-knopf-vs'
    """
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode().lower()
    key = "-".join(word for word in re.findall(r"[a-z0-9]+", plain) if not VERSION_IN_KEY.search(word))[:50].strip("-")
    while VERSION_IN_KEY.search(key):
        key = key.rpartition("-")[0]
    return key if len(key) > 1 else "experiment"


def attempts(key: str) -> Iterator[tuple[str, int]]:
    """Keys for the attempts after the one with this key, each with its number; they never end.

    >>> found = attempts("bigger-button")
    >>> next(found), next(found)
    (('bigger-button-2nd', 2), ('bigger-button-3rd', 3))
    >>> next(attempts("bigger-button-12th"))
    ('bigger-button-13th', 13)
    """
    stem, number, ending = key, 1, ATTEMPT.search(key)
    if ending and ending.start():
        stem, number = key[: ending.start()], max(1, int(ending[1]))
    for attempt in count(number + 1):
        ordinal = f"-{attempt}{_ordinal(attempt)}"
        yield _shortened(stem, LONGEST - len(ordinal)) + ordinal, attempt


def _shortened(stem: str, most: int) -> str:
    shown = stem[:most].strip("-")
    while VERSION_IN_KEY.search(shown):
        shown = shown.rpartition("-")[0]
    return shown or "experiment"


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
