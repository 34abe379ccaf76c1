"""The nearest keys: a slip of the finger still finds what was meant, and quickly among very many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.nearest import nearest

KEYS = ("checkout-button", "checkout-copy", "search-prompt", "small-model", "cache-embeddings")
MANY = tuple(f"experiment-of-something-{number}" for number in range(3_000))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("chekout-button", "checkout-button"),
        ("checkoutbutton", "checkout-button"),
        ("Checkout_Button", "checkout-button"),
        ("#search-prompt,", "search-prompt"),
        ("serach", "search-prompt"),
        ("embeddings", "cache-embeddings"),
        ("small", "small-model"),
    ],
)
def test_what_was_meant_comes_first(typed: str, meant: str) -> None:
    assert nearest(typed, (*MANY, *KEYS))[0] == meant


@pytest.mark.parametrize("typed", ["", "  ", "zzz", "?", "<!channel>"])
def test_what_is_like_nothing_finds_nothing(typed: str) -> None:
    assert nearest(typed, KEYS) == ()


@given(st.sampled_from(KEYS), st.integers(0, 30))
def test_one_letter_left_out_does_not_matter(key: str, place: int) -> None:
    place %= len(key)
    found = nearest(key[:place] + key[place + 1 :], KEYS)
    assert key in found
    assert len(found) <= 3
