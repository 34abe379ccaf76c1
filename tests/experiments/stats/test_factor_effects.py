"""Contrasts of cells: they agree with the marginal means and with Wald's test, and with effects known by hand."""

from __future__ import annotations

import doctest
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats import factor_effects
from experiments.stats.factor_effects import effects, means
from experiments.stats.factorial import Cell, marginal_means, wald

KITCHEN = [
    Cell({"prompt": "long", "model": "small"}, 100, 10.0, 4.0),
    Cell({"prompt": "long", "model": "large"}, 200, 14.0, 9.0),
    Cell({"prompt": "short", "model": "small"}, 150, 11.0, 5.0),
    Cell({"prompt": "short", "model": "large"}, 120, 18.0, 8.0),
]
BASE = {"prompt": "long", "model": "small"}


def test_by_hand() -> None:
    found = {each.term: each.change for each in effects(KITCHEN, BASE)}
    assert found["prompt",].value == pytest.approx(((11 - 10) + (18 - 14)) / 2)
    assert found["model",].value == pytest.approx(((14 - 10) + (18 - 11)) / 2)
    assert found["prompt", "model"].value == pytest.approx((18 - 14) - (11 - 10))
    noise = 4 / 100 + 9 / 200 + 5 / 150 + 8 / 120
    assert found["prompt", "model"].se == pytest.approx(noise**0.5)
    assert found["prompt",].se == pytest.approx(noise**0.5 / 2)


def test_with_two_levels_a_squared_z_is_walds_statistic_with_its_degrees_of_freedom() -> None:
    for contrast, test in zip(effects(KITCHEN, BASE), wald(KITCHEN), strict=True):
        assert ":".join(contrast.term) == test.name
        assert contrast.change.z**2 == pytest.approx(test.f)
        assert contrast.change.df == pytest.approx(test.residual_df)


def test_means_of_one_factor_are_the_marginal_means() -> None:
    known = {(each.factor, each.level): each for each in marginal_means(KITCHEN)}
    for factor in BASE:
        for each in means(KITCHEN, (factor,)):
            marginal = known[factor, each.levels[0]]
            assert (each.mean.value, each.mean.se, each.mean.df) == pytest.approx(
                (marginal.mean, marginal.se, marginal.df)
            )
    assert [each.n for each in means(KITCHEN, ("prompt",))] == [300, 270]


def test_means_of_all_factors_are_the_cells() -> None:
    found = means(KITCHEN, ("model", "prompt"))
    assert [(each.levels, each.mean.value, each.n) for each in found] == [
        (("small", "long"), 10.0, 100),
        (("small", "short"), 11.0, 150),
        (("large", "long"), 14.0, 200),
        (("large", "short"), 18.0, 120),
    ]


def test_of_three_levels_each_is_compared_with_the_base() -> None:
    cells = [Cell({"t": level}, 50, mean, 1.0) for level, mean in (("0", 5.0), ("1", 7.0), ("2", 4.0))]
    assert [(each.levels, each.change.value) for each in effects(cells, {"t": "1"})] == [(("0",), -2.0), (("2",), -3.0)]


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=8, max_size=8),
    st.lists(st.floats(0.1, 1e6), min_size=8, max_size=8),
    st.floats(-1e6, 1e6),
)
def test_what_is_added_to_every_cell_changes_no_effect(values: list[float], spreads: list[float], shift: float) -> None:
    names = list(product("ab", "cd", "ef"))
    first, second = (
        [
            Cell(dict(zip("xyz", levels, strict=True)), 40, mean + extra, spread)
            for levels, mean, spread in zip(names, values, spreads, strict=True)
        ]
        for extra in (0.0, shift)
    )
    base = {"x": "a", "y": "c", "z": "e"}
    before, after = effects(first, base), effects(second, base)
    assert [each.term for each in before] == [each.term for each in after]
    for one, other in zip(before, after, strict=True):
        assert other.change.value == pytest.approx(one.change.value, abs=1e-7 * max(1, abs(shift), *map(abs, values)))
        assert other.change.se == one.change.se


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: means(KITCHEN, ("colour",)), "There is no factor colour."),
        (lambda: effects(KITCHEN, {**BASE, "colour": "red"}), "There is no factor colour."),
        (lambda: effects(KITCHEN, {"prompt": "long"}), "Every factor needs a base level"),
        (lambda: effects(KITCHEN, {**BASE, "prompt": "none"}), "Every factor needs a base level"),
        (lambda: effects(KITCHEN[:3], BASE), "A combination of levels has no units"),
        (lambda: means([Cell({"t": "0"}, 1, 1.0, 1.0), Cell({"t": "1"}, 9, 1.0, 1.0)], ("t",)), "at least two units"),
    ],
)
def test_what_cannot_be_compared_is_refused(ask: object, words: str) -> None:
    with pytest.raises(InsufficientData, match=words):
        ask()  # type: ignore[operator]


def test_coverage_of_an_interaction_is_what_its_level_says() -> None:
    """2,000 repetitions of a 2 × 2 of 60 units a cell: three standard errors around 95 %."""
    dice = np.random.default_rng(8)
    draws = dice.normal([[[1.0]], [[2.0]], [[3.0]], [[3.5]]], 1.3, (4, 2_000, 60))
    averages, spreads = draws.mean(axis=2), draws.var(axis=2, ddof=1)
    inside = 0
    for at in range(2_000):
        cells = [
            Cell(each.levels, 60, float(mean), float(spread))
            for each, mean, spread in zip(KITCHEN, averages[:, at], spreads[:, at], strict=True)
        ]
        change = effects(cells, BASE)[2].change
        inside += abs(change.value - (-0.5)) <= 1.97 * change.se
    assert abs(inside / 2_000 - 0.95) < 3 * (0.05 * 0.95 / 2_000) ** 0.5


def test_the_examples_of_the_docstrings() -> None:
    assert doctest.testmod(factor_effects).failed == 0
