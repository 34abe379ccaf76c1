"""A key made from a title, for people who do not care how it is called."""

from __future__ import annotations

import re
import unicodedata

from experiments.texts import VERSION_IN_KEY


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
