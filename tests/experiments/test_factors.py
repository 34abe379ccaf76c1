"""Factors of a multivariate experiment: which variants go together, and what is missing in words."""

from __future__ import annotations

import doctest
from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from experiments import factors
from experiments.design import FULL_WEIGHT, Design
from experiments.factors import MOST_FACTORS, MOST_LEVELS, grid_words, lacking, levels_of

SHORT, LONG = ({"prompt": prompt, "model": "small"} for prompt in ("short", "long"))
LARGE = {"prompt": "short", "model": "large"}
BOTH = {"prompt": "long", "model": "large"}


def design(*cells: Mapping[str, str]) -> Design:
    share, rest = divmod(FULL_WEIGHT, len(cells))
    return Design.model_validate(
        {
            "variants": [
                {"key": f"variant-{place}", "weight": share + (rest if place == 0 else 0), "is_control": place == 0,
                 "factors": cell}
                for place, cell in enumerate(cells)
            ]
        }
    )  # fmt: skip


def test_a_full_and_a_partial_grid_are_designs() -> None:
    assert lacking([each.factors for each in design(SHORT, LONG, LARGE, BOTH).variants]) == ()
    assert lacking([each.factors for each in design(SHORT, LONG, LARGE).variants]) == (BOTH,)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ((SHORT, {}), "variant-1 names no factor and variant-0 names prompt and model; give all the same"),
        ((SHORT, {"prompt": "long"}), "variant-1 names prompt and variant-0 names prompt and model"),
        ((SHORT, BOTH, SHORT), "variant-0 and variant-2 are both prompt=short model=small; each combination has one"),
        ((SHORT, LONG), "the factor model is small everywhere; give it two levels or leave it out"),
        (({f"factor-{place}": "a" for place in range(MOST_FACTORS + 1)}, {}), "at most 4 can be told apart"),
        (tuple({"seed": str(place)} for place in range(MOST_LEVELS + 1)), "has 13 levels; 12 are the most"),
        (({"my prompt": "short"}, {"my prompt": "long"}), "single words, like prompt=short"),
        (({"prompt": "a=b"}, {"prompt": "c"}), "single words, like prompt=short"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_said_kindly(cells: tuple[Mapping[str, str], ...], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        design(*cells)


def test_the_grid_in_words() -> None:
    assert grid_words([SHORT, LONG, LARGE, BOTH]) == (
        "prompt (short, long) × model (small, large); all 4 combinations have a variant"
    )
    assert grid_words([SHORT, BOTH]) == (
        "prompt (short, long) × model (small, large); 2 of 4 combinations have a variant. Without prompt=short "
        "model=large and prompt=long model=small each variant can be compared with control, but the factors cannot be "
        "told apart"
    )
    assert grid_words([{}, {}]) == grid_words([]) == ""


def test_the_order_of_levels_is_that_of_the_variants() -> None:
    assert levels_of([BOTH, SHORT, LONG, LARGE]) == {"prompt": ("long", "short"), "model": ("large", "small")}


def test_the_examples_of_the_docstrings() -> None:
    assert doctest.testmod(factors).failed == 0
