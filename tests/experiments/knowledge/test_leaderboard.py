"""The leaderboard: who is on the front, how ties are kept, and how likely each place is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from experiments.errors import InsufficientData
from experiments.knowledge.leaderboard import Sense, chances, pareto_front

SENSES: list[Sense] = ["min", "max", "min"]
tables = st.integers(1, 12).flatmap(
    lambda rows: st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=rows, max_size=rows)
)


def dominated(rows: NDArray[np.float64], place: int) -> bool:
    costs = rows * np.array([1, -1, 1])
    return any((other <= costs[place]).all() and (other < costs[place]).any() for other in costs)


@given(tables)
def test_the_front_is_what_nothing_dominates(table: list[list[int]]) -> None:
    rows = np.asarray(table, dtype=np.float64)
    assert pareto_front(rows, SENSES, distinct=False).tolist() == [not dominated(rows, at) for at in range(len(rows))]


@given(tables)
def test_of_identical_rows_the_first_is_kept(table: list[list[int]]) -> None:
    every = pareto_front(table, SENSES, distinct=False)
    kept = [bool(every[at]) and row not in table[:at] for at, row in enumerate(table)]
    assert pareto_front(table, SENSES).tolist() == kept


@given(tables)
def test_turning_a_column_and_its_sense_changes_nothing(table: list[list[int]]) -> None:
    turned = np.asarray(table) * [-1, 1, 1]
    assert (pareto_front(turned, ["max", "max", "min"]) == pareto_front(table, SENSES)).all()


@given(tables)
def test_rows_that_differ_in_a_diff_column_do_not_compete(table: list[list[int]]) -> None:
    rows = np.asarray(table)
    found = pareto_front(rows, ["diff", "max", "min"])
    for group in np.unique(rows[:, 0]):
        own = rows[:, 0] == group
        assert (found[own] == pareto_front(rows[own][:, 1:], ["max", "min"])).all()


def test_infinite_cost_loses_to_any_other() -> None:
    assert pareto_front(np.array([[np.inf, 1], [5, 1], [5, np.inf]]), ["min", "max"]).tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("rows", "sense", "words"),
    [
        ([[1, np.nan]], ["min", "max"], "missing"),
        ([], ["min"], "at least one entry"),
        ([[1, 2]], ["min"], "in every column"),
        ([1, 2], ["min", "max"], "in every column"),
        ([[1]], ["less"], "min, max or diff"),
        ([[1]], ["diff"], "at least one is min or max"),
    ],
)
def test_what_cannot_be_ranked_is_refused(rows: object, sense: list[Sense], words: str) -> None:
    with pytest.raises(InsufficientData, match=words):
        pareto_front(rows, sense)  # type: ignore[arg-type]


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_the_chance_to_be_best_is_the_known_one_for_two() -> None:
    """P(X > Y) = Φ(1 / √2) for means one standard error apart; the loser is on no front of one column."""
    found = chances([[1.0], [0.0]], [[1.0], [1.0]], ["max"], rng(), draws=200_000)
    assert found.best[:, 0] == pytest.approx([0.7602499, 0.2397501], abs=0.004)
    assert found.on_front == pytest.approx(found.best[:, 0], abs=1e-12)


def test_two_independent_columns_keep_the_worse_off_the_front_at_the_product() -> None:
    found = chances([[0.0, 0.0], [0.0, 0.0]], np.ones((2, 2)), ["min", "max"], rng(), draws=200_000)
    assert found.on_front == pytest.approx([0.75, 0.75], abs=0.004)


def test_without_errors_the_front_is_certain_and_ties_share_the_first_place() -> None:
    rows = [[1.0, 2.0], [1.0, 2.0], [2.0, 3.0], [3.0, 1.0]]
    found = chances(rows, np.zeros((4, 2)), ["min", "max"], rng(), draws=10)
    assert found.on_front.tolist() == pareto_front(rows, ["min", "max"], distinct=False).tolist()
    assert found.best.tolist() == [[0.5, 0], [0.5, 0], [0, 1], [0, 0]]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6), st.floats(0, 1e6))
def test_chances_of_the_best_add_up_to_one(values: list[float], error: float) -> None:
    found = chances([[each] for each in values], [[error]] * len(values), ["min"], rng(), draws=50)
    assert found.best.sum() == pytest.approx(1)
    assert ((found.on_front >= 0) & (found.on_front <= 1)).all()


def test_the_same_seed_gives_the_same_chances() -> None:
    first, again = (chances([[1.0], [0.9]], [[0.2], [0.2]], ["max"], rng()) for _ in range(2))
    assert (first.best == again.best).all()


@pytest.mark.parametrize(
    ("rows", "errors", "sense", "draws", "words"),
    [
        ([[np.inf]], [[1]], ["min"], 10, "finite estimate"),
        ([[1]], [[1], [1]], ["min"], 10, "finite estimate"),
        ([[1]], [[1]], ["min"], 0, "finite estimate"),
        ([[1]], [[-1]], ["min"], 10, "negative"),
        ([[1]], [[np.inf]], ["min"], 10, "infinite"),
        ([[1]], [[np.nan]], ["min"], 10, "missing"),
        ([[1, 1]], [[1, 1]], ["min", "diff"], 10, "needs a direction"),
    ],
)
def test_chances_without_a_sound_error_are_refused(
    rows: object, errors: object, sense: list[Sense], draws: int, words: str
) -> None:
    with pytest.raises(InsufficientData, match=words):
        chances(rows, errors, sense, rng(), draws)  # type: ignore[arg-type]
