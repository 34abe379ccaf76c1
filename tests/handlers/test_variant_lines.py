"""What variants are, written a line each: read and written back, and what cannot be read is named."""

from __future__ import annotations

import doctest
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.design import Variant
from experiments.errors import BadInput
from handlers import variant_lines
from handlers.variant_lines import Details, details_from, details_text

WORDS = st.text(max_size=60)
SCALARS = st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS | WORDS, lambda some: st.lists(some, max_size=3) | st.dictionaries(WORDS, some, max_size=3), max_leaves=6
)


def test_the_examples_hold() -> None:
    assert doctest.testmod(variant_lines).failed == 0


@given(WORDS, st.dictionaries(st.text(min_size=1, max_size=12), VALUES, max_size=4))
def test_nothing_is_lost_on_the_way_through_a_form(description: str, config: dict[str, Any]) -> None:
    variants = (
        Variant(key="control", weight=5_000, is_control=True),
        Variant(key="small", weight=5_000, description=description, config=config),
    )
    found = details_from(details_text(variants), ["control", "small"])
    assert found.get("small", Details()) == (variants[1].description, config)
    assert "control" not in found


@pytest.mark.parametrize(
    ("text", "details"),
    [
        ("small: the cheaper one", Details("the cheaper one")),
        ("small : half, no more", Details("half, no more")),
        ("small: model = tiny 2 , n=3", Details("", {"model": "tiny 2", "n": 3})),
        ('small: "a=b", tools=["a", "b"], "odd name"=true', Details("a=b", {"tools": ["a", "b"], "odd name": True})),
        ("small: ratio=NaN, version=007, empty=", Details("", {"ratio": "NaN", "version": "007", "empty": ""})),
        ("small: url=https://example.com/?a=1", Details("", {"url": "https://example.com/?a=1"})),
    ],
)
def test_what_people_write(text: str, details: Details) -> None:
    assert details_from(text, ["small"]) == {"small": details}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the cheaper one", "Line 1: write a variant, a colon and what it is, like small: the cheaper one"),
        ("small: a\n\nhuge: b", "Line 3: no variant is called huge; there are control and small."),
        ("small: a\nsmall: b", "Line 2: small has two lines; one is enough."),
        ("small: n=1, n=2", "Line 1: n is named twice."),
        ('small: tools=["a"', 'Line 1: “["a"” is no JSON; close its quotes and brackets.'),
        ('small: tools=["a"] model=b', "Line 1: a comma is missing before “model=b”."),
        ("small: , a", "Line 1: “, a” cannot be read"),
        (f"small: {'x' * 300}", "Line 1: "),
    ],
)
def test_what_cannot_be_read_is_named_at_its_line(text: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        details_from(text, ["control", "small"])
    assert caught.value.field == "details"
    assert caught.value.words.startswith(words)
