"""Which of many keys somebody meant who mistyped one."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from experiments.slug import slug

ALIKE, BEGUN_ALIKE = 0.6, 0.75
CONSIDERED = 30


def nearest(typed: str, keys: Sequence[str], most: int = 3) -> tuple[str, ...]:
    """The keys most like what was typed, the likeliest first; a key that holds it, or that it holds, counts as alike.

    Comparing letter by letter is slow, so that only the keys that share most pairs of letters are compared.

    >>> nearest("chekout", ["checkout", "search", "checkout-copy"])
    ('checkout', 'checkout-copy')
    >>> nearest("Search", ["checkout", "search"]), nearest("zzz", ["checkout"])
    (('search',), ())
    """
    wanted = slug(typed) if typed.strip() else ""
    pairs = _pairs(wanted)
    if not pairs:
        return ()
    considered = sorted(keys, key=lambda key: -_overlap(pairs, _pairs(key)))[:CONSIDERED]
    alike = sorted((-_likeness(wanted, key), key) for key in considered)
    return tuple(key for likeness, key in alike if -likeness >= ALIKE)[:most]


def _pairs(word: str) -> frozenset[str]:
    return frozenset(word[place : place + 2] for place in range(len(word) - 1))


def _overlap(some: frozenset[str], others: frozenset[str]) -> float:
    return 2 * len(some & others) / (len(some) + len(others)) if others else 0.0


def _likeness(wanted: str, key: str) -> float:
    """How alike they are, from 0 to 1; a key that goes on after what was typed is alike enough."""
    whole = difflib.SequenceMatcher(None, wanted, key).ratio()
    begun = difflib.SequenceMatcher(None, wanted, key[: len(wanted)]).ratio()
    goes_on = len(wanted) > 2 and (wanted in key or begun >= BEGUN_ALIKE)
    return max(whole, ALIKE) if goes_on else whole
