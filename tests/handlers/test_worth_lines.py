"""What metrics are worth, written a line each: read and written back, and what cannot be read is named."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import BadInput
from handlers import worth_lines
from handlers.worth_lines import worth_from, worth_text

KEYS = st.from_regex(r"[a-z0-9]{2,8}(-[a-z]{2,6}){0,2}", fullmatch=True).filter(lambda key: not key.startswith("v"))
MONEY = st.floats(-1e12, 1e12).filter(lambda money: money == 0 or abs(money) > 1e-15)


def test_the_examples_hold() -> None:
    assert doctest.testmod(worth_lines).failed == 0


@given(st.dictionaries(KEYS, MONEY, max_size=30))
def test_nothing_is_lost_on_the_way_through_a_form(worth: dict[str, float]) -> None:
    assert worth_from(worth_text(worth)) == worth
    assert len(worth_text(worth)) <= 3_000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("conversion", "Line 1: write a metric and what one more of it is worth, like conversion 12.50."),
        ("conversion 12.50\nrevenue lots", "Line 2: write a metric"),
        ("conversion 1.2.3", "Line 1: write a metric"),
        ("conversion 12,500", "Line 1: “12,500” can be read in two ways; write it without the comma."),
        ("Conversion 2", "Line 1: a key has lower-case letters"),
        ("conversion 2\n\nconversion 3", "Line 3: conversion is named twice."),
        ("\n".join(f"metric-{number} 1" for number in range(31)), "These are 31 metrics; 30 is the most."),
    ],
)
def test_what_cannot_be_read_is_named(text: str, words: str) -> None:
    with pytest.raises(BadInput, match="^" + words.replace("(", r"\(")) as refused:
        worth_from(text)
    assert refused.value.field == "worth"
