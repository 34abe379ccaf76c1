"""Over a million ids: splits are as wide as their weights, exposure moves nobody, experiments ignore each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from experiments.assignment import Assignment, Flag, Purpose, Why, assign, bucket
from experiments.targeting import Exclusion

MILLION = 1_000_000
BUCKETS = 10_000
# Fixed ids give fixed answers; this is how odd one of them may look among the forty or so that are asked for.
ODDEST = 1e-4
SALTS = ("0123456789abcdef", "fedcba9876543210", "00000000000000a1")
WEIGHTS = (
    (5000, 5000),
    (9000, 1000),
    (1, 9999),
    (3334, 3333, 3333),
    (9990, 0, 10),
    (1000,) * 10,
    (10000, 0),
)
IDS = [f"user-{number}" for number in range(MILLION // 2)] + [f"{number:08d}" for number in range(MILLION // 2)]
FEW = IDS[::10]
Places = NDArray[np.int64]


@cache
def places(purpose: Purpose, salt: str) -> Places:
    """The buckets of all ids."""
    return np.fromiter((bucket(purpose, salt, unit) for unit in IDS), dtype=np.int64, count=MILLION)


@cache
def one_of_each(salt: str) -> list[str]:
    """An id from every bucket of this salt, in their order."""
    seen, first = np.unique(places("variant", salt), return_index=True)
    assert len(seen) == BUCKETS
    return [IDS[place] for place in first]


def flag(weights: tuple[int, ...] = (5000, 5000), salt: str = SALTS[0], **more: Any) -> Flag:
    variants = ("control", *(f"treatment-{number}" for number in range(1, len(weights))))
    given: dict[str, Any] = {"workspace": "T0LAB", "project": "shop", "serves": "split", "control": "control", **more}
    return Flag(key="button", salt=salt, variants=variants, weights=weights, **given)


def split(drawn: Flag) -> Places:
    """Which variant every id gets. One id of each bucket is asked; all others of the bucket get the same."""
    by_bucket = [drawn.variants.index(assign(drawn, unit, {}).variant) for unit in one_of_each(drawn.salt)]
    everybody: Places = np.array(by_bucket)[places("variant", drawn.salt)]
    for place in range(0, MILLION, 997):
        assert drawn.variants[everybody[place]] == assign(drawn, IDS[place], {}).variant
    return everybody


def as_expected(counts: Sequence[int], weights: Sequence[int]) -> bool:
    """Whether χ² of these counts stays within its bound; what has no weight must not occur at all."""
    pairs = [(count, weight) for count, weight in zip(counts, weights, strict=True) if weight]
    observed, wanted = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    if observed.sum() != sum(counts):
        return False
    expected = wanted / wanted.sum() * observed.sum()
    return bool(((observed - expected) ** 2 / expected).sum() <= stats.chi2.isf(ODDEST, max(len(pairs) - 1, 1)))


def independent(one: Places, other: Places) -> bool:
    table = np.histogram2d(one, other, bins=[np.arange(one.max() + 2), np.arange(other.max() + 2)])[0]
    return bool(stats.chi2_contingency(table).pvalue > ODDEST)


@pytest.mark.parametrize(
    ("purpose", "salt"),
    [*(("variant", salt) for salt in SALTS), ("exposure", SALTS[0]), ("group", "checkout"), ("holdout", "T0LAB")],
)
def test_every_bucket_is_as_full_as_the_others(purpose: Purpose, salt: str) -> None:
    counts = np.bincount(places(purpose, salt), minlength=BUCKETS)
    assert as_expected(counts.tolist(), [1] * BUCKETS)


@pytest.mark.parametrize("salt", SALTS)
@pytest.mark.parametrize("weights", WEIGHTS, ids=str)
def test_every_split_is_within_its_bounds(weights: tuple[int, ...], salt: str) -> None:
    counts = np.bincount(split(flag(weights, salt)), minlength=len(weights))
    assert as_expected(counts.tolist(), weights)


def test_the_bounds_would_notice_a_tenth_of_a_point() -> None:
    counts = np.bincount(split(flag((5020, 4980))), minlength=2)
    assert not as_expected(counts.tolist(), (5000, 5000))
    assert not as_expected([999_999, 1], (10_000, 0))


def test_exposure_raised_moves_nobody_who_was_in() -> None:
    weights = (2000, 3000, 5000)
    low, high = flag(weights, exposure=500), flag(weights, exposure=5000)
    ways: Counter[tuple[Assignment, Assignment]] = Counter(
        (assign(low, unit, {}), assign(high, unit, {})) for unit in IDS
    )
    assert all(now == was for was, now in ways if was.exposed)
    for drawn, which in ((low, 0), (high, 1)):
        taking = [sum(ways[way] for way in ways if way[which] == (name, Why.ASSIGNED, True)) for name in drawn.variants]
        assert as_expected([sum(taking), MILLION - sum(taking)], [drawn.exposure, BUCKETS - drawn.exposure])
        assert as_expected(taking, weights)


@settings(deadline=None)
@given(st.text(), st.integers(0, BUCKETS), st.integers(0, BUCKETS), st.sampled_from(WEIGHTS))
def test_more_exposure_never_takes_anybody_out(unit: str, one: int, other: int, weights: tuple[int, ...]) -> None:
    less, more = (assign(flag(weights, exposure=each), unit, {}) for each in sorted((one, other)))
    assert less == more or (not less.exposed and less.why is Why.NOT_EXPOSED)


def rolling(share: int) -> Flag:
    return replace(flag((share, BUCKETS - share)), serves="rollout", variants=("treatment", "control"))


@settings(deadline=None)
@given(st.text(), st.lists(st.integers(0, BUCKETS), min_size=2, max_size=5))
def test_a_rollout_takes_the_variant_from_nobody(unit: str, stages: list[int]) -> None:
    reached = [assign(rolling(share), unit, {}).variant == "treatment" for share in sorted(stages)]
    assert reached == sorted(reached)


def test_a_rollout_reaches_its_share_of_everybody() -> None:
    quarter = rolling(2500)
    given = [assign(quarter, unit, {}) for unit in FEW]
    counts = [sum(each.variant == name for each in given) for name in ("treatment", "control")]
    assert as_expected(counts, (2500, 7500))
    assert all(each.exposed and each.why is Why.ASSIGNED for each in given)


@pytest.mark.parametrize(("one", "other"), list(combinations(SALTS, 2)))
def test_two_experiments_ignore_each_other(one: str, other: str) -> None:
    assert independent(split(flag((2000, 3000, 5000), one)), split(flag((5000, 5000), other)))
    assert independent(places("variant", one) // 500, places("variant", other) // 500)


@pytest.mark.parametrize(
    ("purpose", "salt"), [("exposure", SALTS[0]), ("exposure", SALTS[1]), ("group", "checkout"), ("holdout", "T0LAB")]
)
def test_who_takes_part_says_nothing_of_the_variant(purpose: Purpose, salt: str) -> None:
    assert independent(places(purpose, salt) // 500, places("variant", SALTS[0]) // 500)


def test_independence_would_be_missed() -> None:
    same = places("variant", SALTS[0]) // 500
    assert not independent(same, same)
    assert not independent(same, np.where(np.arange(MILLION) % 100 == 0, same, places("variant", SALTS[1]) // 500))


def test_a_group_never_gives_anybody_two_experiments() -> None:
    parts = [
        Exclusion(group="checkout", first=first, share=share) for first, share in ((0, 2500), (2500, 1), (2501, 7499))
    ]
    drawn = [flag(salt=salt, exclusion=part) for salt, part in zip(SALTS, parts, strict=True)]
    counts = [0, 0, 0]
    for unit in FEW:
        taken = [place for place, each in enumerate(drawn) if assign(each, unit, {}).why is Why.ASSIGNED]
        assert len(taken) == 1
        counts[taken[0]] += 1
    assert as_expected(counts, [2500, 1, 7499])


def test_the_holdout_is_the_same_people_everywhere_and_nested() -> None:
    def held(drawn: Flag) -> set[str]:
        return {unit for unit in FEW if assign(drawn, unit, {}).why is Why.HOLDOUT}

    shop = held(flag(holdout=500, exposure=2000, exclusion=Exclusion(group="checkout", share=1)))
    search = held(flag((1, 9999), SALTS[1], project="search", holdout=500))
    larger = held(flag(salt=SALTS[2], project="mail", holdout=1000, serves="rollout"))
    elsewhere = held(flag(workspace="T0OTHER", holdout=500))
    assert shop == search < larger
    everybody = len(FEW)
    assert as_expected([len(shop), everybody - len(shop)], [500, 9500])
    assert as_expected([len(elsewhere & shop), everybody - len(elsewhere & shop)], [25, 9975])
