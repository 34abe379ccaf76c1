"""Factors: in a multivariate experiment a variant is one cell of a grid, a level of every factor."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Annotated

from pydantic import AfterValidator

from experiments.numerals import counted, listed
from experiments.texts import Name

Cell = Mapping[str, str]

WORD = re.compile(r"[^\s=,;:()]{1,60}")
MOST_FACTORS = 4
MOST_LEVELS = 12
MOST_NAMED = 3


def _word(value: str) -> str:
    if not WORD.fullmatch(value):
        raise ValueError("a factor and its level are single words, like prompt=short")
    return value


FactorWord = Annotated[Name, AfterValidator(_word)]
"""The name of a factor or of one of its levels: one word, so that it can be written as prompt=short."""


def levels_of(cells: Sequence[Cell]) -> dict[str, tuple[str, ...]]:
    """The levels of every factor, in the order in which they are named; empty without factors.

    >>> levels_of([{"prompt": "short"}, {"prompt": "long"}])
    {'prompt': ('short', 'long')}
    """
    names = cells[0] if cells else ()
    return {name: tuple(dict.fromkeys(cell[name] for cell in cells)) for name in names}


def lacking(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The combinations of levels that no variant has.

    >>> lacking([{"prompt": "short", "model": "small"}, {"prompt": "long", "model": "large"}])
    ({'prompt': 'short', 'model': 'large'}, {'prompt': 'long', 'model': 'small'})
    """
    levels = levels_of(cells)
    every = (dict(zip(levels, each, strict=True)) for each in product(*levels.values())) if levels else ()
    return tuple(each for each in every if each not in cells)


def cell_words(cell: Cell) -> str:
    """As it is written: prompt=short model=small.

    >>> cell_words({"prompt": "short", "model": "small"})
    'prompt=short model=small'
    """
    return " ".join(f"{factor}={level}" for factor, level in cell.items())


def grid_words(cells: Sequence[Cell]) -> str:
    """What the variants are made of, and whether every combination is there; empty without factors.

    >>> grid_words([{"prompt": "short"}, {"prompt": "long"}])
    'prompt (short, long); all 2 combinations have a variant'
    """
    levels = levels_of(cells)
    if not levels:
        return ""
    named = " × ".join(f"{name} ({', '.join(each)})" for name, each in levels.items())
    total, gone = prod(len(each) for each in levels.values()), lacking(cells)
    if not gone:
        return f"{named}; all {total} combinations have a variant"
    missing = listed([cell_words(each) for each in gone], MOST_NAMED)
    have = "has" if total - len(gone) == 1 else "have"
    return (
        f"{named}; {total - len(gone)} of {total} combinations {have} a variant. Without {missing} each variant can be "
        "compared with control, but the factors cannot be told apart"
    )


def checked(factors: Mapping[str, Cell]) -> None:
    """`ValueError` in words unless these variants (by key) name the same factors or none, each with two levels and no
    combination twice; a combination that is missing is no error.

    >>> checked({"short": {"prompt": "short"}, "long": {"prompt": "long"}})
    """
    with_some = [key for key, cell in factors.items() if cell]
    if not with_some:
        return
    first = factors[with_some[0]]
    if len(first) > MOST_FACTORS:
        raise ValueError(f"{with_some[0]} names {len(first)} factors; at most {MOST_FACTORS} can be told apart")
    for key, cell in factors.items():
        if set(cell) != set(first):
            named = listed(list(cell)) if cell else "no factor"
            raise ValueError(f"{key} names {named} and {with_some[0]} names {listed(list(first))}; give all the same")
    for name, levels in levels_of(list(factors.values())).items():
        if len(levels) < 2:
            raise ValueError(f"the factor {name} is {levels[0]} everywhere; give it two levels or leave it out")
        if len(levels) > MOST_LEVELS:
            raise ValueError(f"the factor {name} has {counted(len(levels), 'level')}; {MOST_LEVELS} are the most")
    seen: dict[frozenset[tuple[str, str]], str] = {}
    for key, cell in factors.items():
        if (twin := seen.setdefault(frozenset(cell.items()), key)) != key:
            raise ValueError(f"{twin} and {key} are both {cell_words(cell)}; each combination has one variant")
