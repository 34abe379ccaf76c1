"""Factorial designs from cell aggregates."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.stats.factorial import Cell, Kind, anova, marginal_means, wald
from experiments.stats.heterogeneity import interaction
from experiments.stats.moments import Moments

MTCARS = [
    Cell({"cyl": "4", "am": "0"}, 3, 22.9, 2.11),
    Cell({"cyl": "6", "am": "0"}, 4, 19.125, 2.6625),
    Cell({"cyl": "8", "am": "0"}, 12, 15.05, 7.697272727272727),
    Cell({"cyl": "4", "am": "1"}, 8, 28.075, 20.105),
    Cell({"cyl": "6", "am": "1"}, 3, 20.566666666666666, 0.5633333333333339),
    Cell({"cyl": "8", "am": "1"}, 2, 15.4, 0.32),
]
THREE_WAY = [
    Cell(dict(zip("fgh", levels, strict=True)), *rest)
    for levels, rest in zip(
        product("xyz", "pq", "uv"),
        zip(
            [4, 7, 3, 5, 9, 2, 6, 3, 5, 8, 4, 6],
            [10.0, 12.5, 9.0, 11.0, 14.0, 10.5, 8.0, 13.0, 12.0, 9.5, 15.0, 11.5],
            [2.0, 3.0, 1.5, 4.0, 2.5, 6.0, 1.0, 3.5, 2.0, 5.0, 1.25, 3.0],
            strict=True,
        ),
        strict=True,
    )
]
measured = st.tuples(st.integers(2, 10_000), st.floats(-1e3, 1e3), st.floats(0.01, 1e3))


def design(values: list[tuple[int, float, float]], **sizes: int) -> list[Cell]:
    grid = product(*([f"{name}{at}" for at in range(size)] for name, size in sizes.items()))
    return [Cell(dict(zip(sizes, levels, strict=True)), *value) for levels, value in zip(grid, values, strict=True)]


two_by_three = st.lists(measured, min_size=6, max_size=6).map(lambda values: design(values, prompt=2, model=3))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "I",
            {
                "cyl": (824.7845900974, 44.85165668722, 3.7252736145e-09),
                "am": (36.76691949254, 3.998758634255, 0.05608373127711),
                "cyl:am": (25.43651124339, 1.383233493092, 0.2686140226296),
            },
        ),
        (
            "II",
            {
                "cyl": (456.4009212802, 24.81901053774, 9.354734621e-07),
                "am": (36.76691949254, 3.998758634255, 0.05608373127711),
                "cyl:am": (25.43651124339, 1.383233493092, 0.2686140226296),
            },
        ),
        (
            "III",
            {
                "cyl": (410.4638921958, 22.32096209883, 2.2742633820e-06),
                "am": (29.86735042735, 3.248363666363, 0.08310052545877),
                "cyl:am": (25.43651124339, 1.383233493092, 0.2686140226296),
            },
        ),
    ],
)
def test_mtcars(kind: Kind, expected: dict[str, tuple[float, float, float]]) -> None:
    """mpg ~ cyl * am: statsmodels 0.15.0 anova_lm types 1, 2 and 3 (Sum contrasts) on data with these cells."""
    found = anova(MTCARS, kind)
    assert {term.name: (term.ss, term.f, term.p) for term in found.terms} == {
        name: pytest.approx(values, rel=1e-9) for name, values in expected.items()
    }
    assert (found.residual_df, found.residual_ss) == (26, pytest.approx(239.0591666667, rel=1e-9))


@pytest.mark.parametrize(
    ("kind", "ss", "p"),
    [
        (
            "I",
            [4.747414556728, 7.554817090642, 1.288702694414, 100.9621743310, 75.22704093807, 9.975581398246],
            [
                0.4413597543782,
                0.1100863959336,
                0.5047708671201,
                1.557658732265e-06,
                2.535911572926e-05,
                0.0674512508957,
            ],
        ),
        (
            "II",
            [2.902122810041, 8.266142282045, 0.2150362613243, 81.66682897096, 73.99749134502, 9.975581398246],
            [0.6046199274626, 0.0950484515133, 0.7848746480465, 1.224665226434e-05, 2.92113032048e-05, 0.0674512508957],
        ),
        (
            "III",
            [18.13897719905, 0.3598457803798, 0.0, 51.24167128830, 71.36461986705, 17.63244323861],
            [0.0502626813324, 0.7240663984572, 1.0, 0.0004675475735705, 3.965015308932e-05, 0.01633969510909],
        ),
    ],
)
def test_three_factors_of_unequal_cells(kind: Kind, ss: list[float], p: list[float]) -> None:
    """statsmodels 0.15.0 as above; in the last, h has means so that its type III is exactly nothing."""
    found = anova(THREE_WAY, kind)
    assert [term.name for term in found.terms] == ["f", "g", "h", "f:g", "f:h", "g:h", "f:g:h"]
    assert [term.df for term in found.terms] == [2, 1, 1, 2, 2, 1, 2]
    assert [term.ss for term in found.terms] == pytest.approx([*ss, 56.66765608767], rel=1e-9, abs=1e-9)
    assert [term.p for term in found.terms] == pytest.approx([*p, 0.0002345917523219], rel=1e-8, abs=1e-6)
    assert (found.residual_ss, found.residual_df) == (pytest.approx(142.75), 50)


def test_the_wald_test_of_unequal_variances() -> None:
    """Johansen 1980 computed with mpmath at 50 digits, from contrasts against the first level."""
    found = {term.name: (term.statistic, term.f, term.residual_df, term.p) for term in wald(MTCARS)}
    assert found == {
        "cyl": pytest.approx((122.574253510791, 58.5059501408018, 14.0242682021228, 1.56547768748702e-7), rel=1e-11),
        "am": pytest.approx((9.96334436648376, 9.96334436648376, 17.2213528004954, 0.00569168331356695), rel=1e-11),
        "cyl:am": pytest.approx((5.8054024959457, 2.77097823765399, 14.0242682021228, 0.096795973251212), rel=1e-11),
    }


def test_interactions_are_ordered_as_in_r() -> None:
    cells = design([(3, float(at % 5), 1.0) for at in range(16)], a=2, b=2, c=2, d=2)
    names = [term.name for term in wald(cells)]
    assert names[4:10] == ["a:b", "a:c", "b:c", "a:d", "b:d", "c:d"]
    assert names[10:] == ["a:b:c", "a:b:d", "a:c:d", "b:c:d", "a:b:c:d"]


@given(measured, measured)
def test_two_cells_are_welchs_t(control: tuple[int, float, float], treatment: tuple[int, float, float]) -> None:
    (n, mean, variance), (m, other, spread) = control, treatment
    ours, theirs = variance / n, spread / m
    found = wald(design([control, treatment], variant=2))[0]
    df = (ours + theirs) ** 2 / (ours**2 / (n - 1) + theirs**2 / (m - 1))
    assert found.f == pytest.approx((other - mean) ** 2 / (ours + theirs), rel=1e-9, abs=1e-12)
    assert found.residual_df == pytest.approx(df, rel=1e-9)


@given(st.lists(measured, min_size=3, max_size=6))
def test_one_factor_is_welchs_f(groups: list[tuple[int, float, float]]) -> None:
    """Welch 1951 in his own formula."""
    n, mean, variance = map(np.array, zip(*groups, strict=True))
    weight, k = n / variance, len(groups)
    centre = (weight * mean).sum() / weight.sum()
    unsure = ((1 - weight / weight.sum()) ** 2 / (n - 1)).sum()
    f = (weight * (mean - centre) ** 2).sum() / (k - 1) / (1 + 2 * (k - 2) / (k**2 - 1) * unsure)
    found = wald(design(groups, variant=k))[0]
    assert found.f == pytest.approx(f, rel=1e-6, abs=1e-9)
    assert found.residual_df == pytest.approx((k**2 - 1) / (3 * unsure), rel=1e-6)


@given(st.lists(measured, min_size=4, max_size=4))
def test_two_by_two_is_the_interaction_of_two_experiments(values: list[tuple[int, float, float]]) -> None:
    n, mean, variance = (np.reshape(each, (2, 2)) for each in zip(*values, strict=True))
    term = wald(design(values, first=2, second=2))[2]
    assert term.statistic == pytest.approx(
        float(interaction(Moments.given(n, mean, variance)).z) ** 2, rel=1e-6, abs=1e-9
    )


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(0.1, 50)), min_size=12, max_size=12), st.integers(2, 500))
def test_in_a_balanced_design_all_types_agree_and_add_up(values: list[tuple[float, float]], n: int) -> None:
    cells = design([(n, *value) for value in values], a=3, b=2, c=2)
    one, two, three = (anova(cells, kind) for kind in ("I", "II", "III"))
    largest = max(term.ss for term in one.terms)
    for other in (two, three):
        for ours, theirs in zip(one.terms, other.terms, strict=True):
            assert ours.ss == pytest.approx(theirs.ss, rel=1e-8, abs=1e-10 * largest + 1e-12)
    means = np.array([mean for mean, _ in values])
    assert sum(term.ss for term in one.terms) == pytest.approx(
        n * ((means - means.mean()) ** 2).sum(), rel=1e-8, abs=1e-9
    )


@pytest.mark.parametrize(
    "read", [lambda cells: anova(cells, "II").terms, lambda cells: anova(cells, "III").terms, wald]
)
@given(cells=two_by_three, seed=st.integers(0, 99), scale=st.sampled_from([1e-6, 1.0, 1e6]))
def test_order_names_and_scale_do_not_matter(
    read: Callable[..., tuple], cells: list[Cell], seed: int, scale: float
) -> None:  # type: ignore[type-arg]
    turned = [
        Cell(
            {"model": cell.levels["model"], "prompt": cell.levels["prompt"]},
            cell.n,
            cell.mean * scale,
            cell.variance * scale**2,
        )
        for cell in np.random.default_rng(seed).permutation(np.array(cells, dtype=object))
    ]
    there, back = ({frozenset(term.name.split(":")): term for term in read(each)} for each in (cells, turned))
    largest = max(term.f for term in there.values())
    for name, term in there.items():
        assert back[name].f == pytest.approx(term.f, rel=1e-6, abs=1e-9 * largest + 1e-12)
        assert 0 <= term.p <= 1


def test_an_offset_of_a_billion_changes_nothing() -> None:
    moved = [Cell(cell.levels, cell.n, cell.mean + 2.0**30, cell.variance) for cell in THREE_WAY]
    for kind in ("I", "II", "III"):
        for ours, theirs in zip(anova(THREE_WAY, kind).terms, anova(moved, kind).terms, strict=True):
            assert ours.ss == pytest.approx(theirs.ss, rel=1e-6, abs=1e-6)
    for here, there in zip(wald(THREE_WAY), wald(moved), strict=True):
        assert here.statistic == pytest.approx(there.statistic, rel=1e-6, abs=1e-6)


def test_cells_of_very_different_size_and_one_unit() -> None:
    cells = design([(10**15, 1.0, 1.0), (1, 3.0, 0.0), (7, 2.0, 1.0), (9, 5.0, 1.0)], a=2, b=2)
    found = anova(cells, "III")
    assert found.residual_df == 10**15 - 1 + 6 + 8
    assert found.terms[2].ss == pytest.approx((1 - 3 - 2 + 5) ** 2 / (1e-15 + 1 + 1 / 7 + 1 / 9), rel=1e-9)


def test_the_classic_table_takes_one_unit_and_constant_cells_the_wald_test_does_not() -> None:
    cells = design([(1, 1.0, np.nan), (5, 3.0, 0.0), (7, 2.0, 1.0), (9, 5.0, 1.0)], a=2, b=2)
    assert anova(cells).residual_df == 18
    with pytest.raises(InsufficientData, match="two units"):
        wald([Cell(cell.levels, cell.n, cell.mean, 1.0) for cell in cells])
    with pytest.raises(InsufficientData, match="same value"):
        wald([Cell(cell.levels, max(cell.n, 2), cell.mean, 0.0) for cell in cells])


@given(two_by_three)
def test_marginal_means_count_every_combination_the_same(cells: list[Cell]) -> None:
    found = {(each.factor, each.level): each for each in marginal_means(cells, 0.1)}
    assert list(found) == [("prompt", "prompt0"), ("prompt", "prompt1"), *(("model", f"model{at}") for at in range(3))]
    for (factor, level), each in found.items():
        members = [cell for cell in cells if cell.levels[factor] == level]
        assert each.mean == pytest.approx(sum(cell.mean for cell in members) / len(members), abs=1e-9)
        assert each.se**2 == pytest.approx(sum(cell.variance / cell.n for cell in members) / len(members) ** 2)
        assert each.mean - each.lower == pytest.approx(each.upper - each.mean, rel=1e-6)
        assert each.df >= min(cell.n for cell in members) - 1 - 1e-6


def test_the_interval_of_one_cell_is_students() -> None:
    """mean ± t(0.975, 9) · s / √n, with the t of the tables: 2.262157."""
    first = marginal_means(design([(10, 13.0, 20.0), (30, 10.0, 5.0)], prompt=2))[0]
    assert (first.df, first.upper) == (pytest.approx(9), pytest.approx(13 + 2.262157163 * np.sqrt(2.0)))


A, B = {"f": "a"}, {"f": "b"}


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([], "names a level"),
        ([Cell({}, 5, 1.0, 1.0), Cell({}, 5, 2.0, 1.0)], "names a level"),
        ([Cell(A, 5, 1.0, 1.0), Cell({"g": "b"}, 5, 2.0, 1.0)], "names a level"),
        ([Cell(A, 5, 1.0, 1.0)], "only one level"),
        ([Cell(A, 5, 1.0, 1.0), Cell(A, 5, 1.0, 1.0), Cell(B, 5, 1.0, 1.0)], "twice"),
        (MTCARS[1:], "no units"),
        ([Cell(A, 5, 1.0, 1.0), Cell(B, 0, 0.0, 0.0)], "no units"),
        ([Cell(A, 5, 1.0, 1.0), Cell(B, np.nan, 0.0, 1.0)], "missing, negative"),
        ([Cell(A, 5, 1.0, 1.0), Cell(B, -5, 0.0, 1.0)], "missing, negative"),
        ([Cell(A, 5, 1.0, 1.0), Cell(B, 5, np.inf, 1.0)], "missing, negative"),
        ([Cell(A, 5, 1.0, 1.0), Cell(B, 5, 1.0, np.nan)], "missing, negative"),
        ([Cell(A, 5, 1.0, 1.0), Cell(B, 5, 1.0, -1.0)], "missing, negative"),
        ([Cell(A, 5, 1.0, 0.0), Cell(B, 5, 2.0, 0.0)], "same value"),
        ([Cell(A, 5, 1e9, 1e-15), Cell(B, 5, 2e9, 1e-15)], "same value"),
        ([Cell(A, 5, 1e70, 1e140), Cell(B, 5, 2e70, 1e140)], "another unit"),
        ([Cell(A, 5, 0.0, 1e-320), Cell(B, 5, 0.0, 1e-320)], "another unit"),
        ([Cell(A, 5, 0.0, 1e60), Cell(B, 5, 0.0, 1e60)], "another unit"),
        ([Cell(A, 1e30, 0.0, 1.0), Cell(B, 5, 1.0, 1.0)], "too much"),
    ],
)
def test_degenerate_designs_are_refused(cells: list[Cell], words: str) -> None:
    for read in (anova, wald):
        with pytest.raises(InsufficientData, match=words):
            read(cells)
    if words != "too much":
        with pytest.raises(InsufficientData, match=words):
            marginal_means(cells)


def test_a_unit_per_cell_says_nothing_of_the_spread() -> None:
    with pytest.raises(InsufficientData, match="only one unit"):
        anova([Cell(A, 1, 1.0, 0.0), Cell(B, 1, 2.0, 0.0)])


def test_a_marginal_mean_needs_a_level_of_significance() -> None:
    with pytest.raises(InsufficientData, match="level of significance"):
        marginal_means(MTCARS, alpha=0.0)
