"""Factors in the lines of the form: each variant names its level of every factor, and reads back as it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.design import Design
from experiments.errors import BadInput
from experiments.factors import WORD
from handlers.lines import variants_from
from handlers.surfaces.design_lines import variants_text


def test_variants_name_their_level_of_every_factor() -> None:
    text = "control 25 prompt=long model=small\nshort-small=25 % prompt=short model=small"
    text += "; b-c 25 model=0.7 prompt=kürzer (control), d 25"
    assert [(each["key"], each["weight"], each["is_control"], each["factors"]) for each in variants_from(text)] == [
        ("control", 2500, False, {"prompt": "long", "model": "small"}),
        ("short-small", 2500, False, {"prompt": "short", "model": "small"}),
        ("b-c", 2500, True, {"model": "0.7", "prompt": "kürzer"}),
        ("d", 2500, False, {}),
    ]


@given(
    st.lists(
        st.tuples(*(st.from_regex(WORD, fullmatch=True).filter(str.isprintable) for _ in range(2))),
        min_size=2, max_size=2, unique_by=lambda pair: pair[0],
    )
)  # fmt: skip
def test_what_stands_in_the_form_reads_back_the_same(pairs: list[tuple[str, str]]) -> None:
    cells = [dict(pairs), {factor: f"{level}x" for factor, level in pairs}]
    design = Design(
        variants=tuple(
            {"key": key, "weight": 5_000, "is_control": key == "control", "factors": cell}
            for key, cell in zip(("control", "short"), cells, strict=True)
        )
    )
    assert [each["factors"] for each in variants_from(variants_text(design))] == [
        dict(each.factors) for each in design.variants
    ]


def test_a_factor_that_is_named_twice_blames_its_field() -> None:
    with pytest.raises(BadInput, match="names prompt twice") as caught:
        variants_from("control 50 prompt=short prompt=long, b 50")
    assert caught.value.field == "variants"
