"""Adjusted p-values and the levels of the intervals that agree with them."""

from __future__ import annotations

from itertools import chain, combinations
from typing import get_args

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats.multiplicity import Method, Split, adjust, holm, levels, preferential

METHODS: tuple[Method, ...] = get_args(Method)
SIMPLE = [0.04, 0.001, 0.03, 0.2, 0.012, 0.03, 0.9]
some_p = st.one_of(st.sampled_from([0.0, 5e-324, 0.01, 0.025, 0.05, 1 / 3, 1.0]), st.floats(0, 1))
families = st.lists(some_p, min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("none", SIMPLE),
        ("bonferroni", [0.28, 0.007, 0.21, 1, 0.084, 0.21, 1]),
        ("holm", [0.15, 0.007, 0.15, 0.4, 0.072, 0.15, 0.9]),
        ("hochberg", [0.12, 0.007, 0.12, 0.4, 0.072, 0.12, 0.9]),
        ("hommel", [0.12, 0.007, 0.09, 0.4, 0.06, 0.09, 0.9]),
        ("bh", [0.056, 0.007, 0.0525, 0.7 / 3, 0.042, 0.0525, 0.9]),
        ("by", [0.1452, 0.01815, 0.136125, 0.605, 0.1089, 0.136125, 1]),
    ],
)
def test_the_definitions_worked_by_hand(method: Method, expected: list[float]) -> None:
    assert adjust(SIMPLE, method).tolist() == pytest.approx(expected, rel=1e-12)


def test_sidak_is_the_chance_of_one_such_p_among_all() -> None:
    assert adjust([0.01, 0.5, 1.0], "sidak").tolist() == pytest.approx([1 - 0.99**3, 1 - 0.5**3, 1], rel=1e-12)
    assert adjust([1e-300, 0.5], "sidak")[0] == pytest.approx(2e-300, rel=1e-12), "no 1 − cdf far out"


@given(families)
def test_hommel_is_closed_testing_with_simes(p: list[float]) -> None:
    """Slowly, from the definition: the largest Simes p of all the sets that hold the comparison."""
    sets = list(chain.from_iterable(combinations(range(len(p)), size) for size in range(1, len(p) + 1)))

    def simes(members: tuple[int, ...]) -> float:
        rising = sorted(p[at] for at in members)
        return min(len(members) * each / rank for rank, each in enumerate(rising, start=1))

    slow = [max(simes(members) for members in sets if at in members) for at in range(len(p))]
    assert adjust(p, "hommel").tolist() == pytest.approx(np.minimum(slow, 1), rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("method", METHODS)
@given(p=families, alpha=st.floats(0.001, 0.999), data=st.data())
@example(p=[0.05, 0.05], alpha=0.1, data=None)
@example(p=[0.05 / 3, 0.025, 0.05], alpha=0.05, data=None)
@example(p=[0.0], alpha=0.2288060066671366, data=None)
def test_the_laws_of_a_family(method: Method, p: list[float], alpha: float, data: st.DataObject | None) -> None:
    raw, adjusted, level = np.array(p), adjust(p, method), levels(p, alpha, method)
    assert ((adjusted >= raw) & (adjusted <= 1)).all()
    order = np.argsort(raw, kind="stable")
    assert (np.diff(adjusted[order]) >= -1e-12).all(), "a smaller p is never adjusted to a larger one"
    assert ((raw <= level) == (adjusted <= alpha)).all(), "interval and adjusted p tell the same story"
    assert (level <= np.maximum(alpha, raw)).all()
    assert (level > 0).all()
    for value in set(p):
        assert len({*level[raw == value]}) == 1, "ties are treated alike"
    if data is not None:
        turned = data.draw(st.permutations(range(len(p))))
        assert adjust(raw[turned], method).tolist() == adjusted[turned].tolist()
        assert levels(raw[turned], alpha, method).tolist() == level[turned].tolist()


@given(families)
def test_from_the_strictest_to_the_mildest(p: list[float]) -> None:
    by = {method: adjust(p, method) for method in METHODS}
    for strict, mild in (
        ("bonferroni", "sidak"),
        ("bonferroni", "holm"),
        ("holm", "hochberg"),
        ("hochberg", "hommel"),
        ("hommel", "bh"),
        ("holm", "bh"),
        ("by", "bh"),
        ("bh", "none"),
    ):
        assert (by[mild] <= by[strict] * (1 + 1e-12)).all(), (strict, mild)


@pytest.mark.parametrize("method", METHODS)
@given(
    rows=st.lists(families, min_size=1, max_size=4),
    filler=st.sampled_from([0.0, 0.5, 1.0, np.nan, np.inf, -3.0]),
    seed=st.integers(0, 99),
)
def test_padding_never_influences(method: Method, rows: list[list[float]], filler: float, seed: int) -> None:
    width = max(map(len, rows)) + 2
    padded, present = np.full((len(rows), width), filler), np.zeros((len(rows), width), dtype=bool)
    places = np.random.default_rng(seed)
    for at, row in enumerate(rows):
        present[at, places.permutation(width)[: len(row)]] = True
        padded[at, present[at]] = row
    adjusted, level = adjust(padded, method, present), levels(padded, 0.05, method, present)
    for at, row in enumerate(rows):
        assert adjusted[at, present[at]].tolist() == adjust(row, method).tolist()
        assert level[at, present[at]].tolist() == levels(row, 0.05, method).tolist()
    assert (adjusted[~present] == 1).all()
    assert (level[~present] == 0.05).all()


@pytest.mark.parametrize("method", METHODS)
def test_families_of_any_shape(method: Method) -> None:
    p = np.random.default_rng(4).random((2, 3, 4)) ** 3
    alphas = np.array([[0.01, 0.05, 0.1], [0.2, 0.05, 0.01]])
    adjusted, level = adjust(p, method), levels(p, alphas, method)
    for at in np.ndindex(2, 3):
        assert adjusted[at].tolist() == adjust(p[at], method).tolist()
        assert level[at].tolist() == levels(p[at], float(alphas[at]), method).tolist()
    assert adjust(np.empty((3, 0)), method).shape == (3, 0)
    assert levels(np.empty(0), 0.05, method).shape == (0,)
    assert adjust([0.3, 0.4], method, [False, False]).tolist() == [1, 1]
    assert levels([0.3, 0.4], 0.05, method, [False, False]).tolist() == [0.05, 0.05]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("none", [0.05] * 7),
        ("bonferroni", [0.05 / 7] * 7),
        ("sidak", [1 - 0.95 ** (1 / 7)] * 7),
        ("holm", [0.05 / 6, 0.05 / 7, 0.05 / 6, 0.05 / 6, 0.05 / 6, 0.05 / 6, 0.05 / 6]),
        ("hochberg", [0.05 / 6, 0.05 / 7, 0.05 / 6, 0.05 / 6, 0.05 / 6, 0.05 / 6, 0.05 / 6]),
        ("hommel", [0.05 / 6] * 7),
        ("bh", [0.1 / 7] * 7),
        ("by", [0.05 / 7 / (1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 5 + 1 / 6 + 1 / 7)] * 7),
    ],
)
def test_the_level_of_each_method(method: Method, expected: list[float]) -> None:
    assert levels(SIMPLE, 0.05, method).tolist() == pytest.approx(expected, rel=1e-12)


def test_levels_step_by_step() -> None:
    assert levels([0.01, 0.04, 0.03], 0.05).tolist() == pytest.approx([0.05 / 3, 0.025, 0.025])
    assert levels([0.01, 0.02, 0.03], 0.05).tolist() == pytest.approx([0.05 / 3, 0.025, 0.05])
    assert levels([0.01, 0.01, 0.04], 0.05).tolist() == pytest.approx([0.05 / 3, 0.05 / 3, 0.05]), "ties together"
    assert levels([0.01, 0.04, 0.03], 0.05, "hochberg").tolist() == pytest.approx([0.05] * 3)
    assert levels([0.01, 0.9, 0.02], 0.05, "hochberg").tolist() == pytest.approx([0.025, 0.05, 0.025])
    assert levels([0.01, 0.04, 0.03], 0.05, "hommel").tolist() == pytest.approx([0.05] * 3)
    assert levels([0.9, 0.8], 0.05, "bh").tolist() == pytest.approx([0.025] * 2), "at least α/m"


def test_holm_by_its_own_name() -> None:
    assert holm([0.01, 0.04, 0.03]).tolist() == adjust([0.01, 0.04, 0.03], "holm").tolist()
    assert holm([0.01, 7.0], [True, False]).tolist() == [0.01, 1]


@pytest.mark.parametrize("odd", [[np.nan, 0.1], [-0.1, 0.1], [1.1], [np.inf], 0.05])
def test_what_is_no_family_of_p_values_is_refused(odd: object) -> None:
    with pytest.raises(InsufficientData):
        adjust(odd)  # type: ignore[arg-type]
    with pytest.raises(InsufficientData):
        levels(odd, 0.05)  # type: ignore[arg-type]


@pytest.mark.parametrize("alpha", [0.0, 1.0, np.nan, -1.0])
def test_a_level_outside_0_to_1_is_refused(alpha: float) -> None:
    with pytest.raises(InsufficientData):
        levels([0.1], alpha)


def test_the_preferential_split_spends_the_whole_level() -> None:
    found = preferential(0.05, 0.4, treatments=3, metrics=5)
    assert 3 * (found.primary + 4 * found.other) == pytest.approx(0.05)
    assert preferential(0.05, 0.5, 1, 2) == Split(0.025, 0.025)


@pytest.mark.parametrize(
    ("alpha", "gamma", "treatments", "metrics"),
    [
        (0.0, 0.5, 1, 2),
        (0.05, 0.0, 1, 2),
        (0.05, 1.0, 1, 2),
        (0.05, np.nan, 1, 2),
        (0.05, 0.5, 0, 2),
        (0.05, 0.5, 1, 1),
    ],
)
def test_a_split_that_cannot_be_is_refused(alpha: float, gamma: float, treatments: int, metrics: int) -> None:
    with pytest.raises(InsufficientData):
        preferential(alpha, gamma, treatments, metrics)
