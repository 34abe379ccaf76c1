"""What the picture of segments is given: tests after Holm, the largest levels, refusals in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from experiments.aggregate import Aggregate
from experiments.design import Method, Metric, MetricRole
from experiments.pictures.segments import MOST_DIMENSIONS, Dimension, is_too_few, more_words, segments_of
from experiments.readout import Readout
from tests.experiments.readings import CONVERSION, an_experiment, reading, rows_of


def everybody(*treatments: str, metric: str = "conversion") -> list[Aggregate]:
    return rows_of(metric, {"control": 2.0, **dict.fromkeys(treatments, 2.0)}, days=[4.0], per_day=5_000)


def level(name: str, n: int, means: dict[str, float], metric: str = "conversion") -> list[Aggregate]:
    return [Aggregate(metric, variant, 4.0, n, mean, 1.0, name) for variant, mean in means.items()]


def read(
    *treatments: str, rows: Iterable[Aggregate], metrics: tuple[Metric, ...] = (CONVERSION,), **design: Any
) -> Readout:
    return reading(an_experiment(*treatments, metrics=metrics, **design), list(rows))


def countries(*, blue: float = 2.0, red: float = 2.0) -> list[Aggregate]:
    return [
        *level("country=DE", 4_000, {"control": 2.0, "blue": blue, "red": red}),
        *level("country=FR", 3_000, {"control": 2.0, "blue": 2.0, "red": 2.0}),
        *level("device=phone", 3_500, {"control": 2.0, "blue": 2.0, "red": 2.0}),
        *level("device=desk", 3_500, {"control": 2.0, "blue": 2.0, "red": 2.0}),
    ]


def test_interaction_tests_are_adjusted_over_all_dimensions_and_treatments() -> None:
    readout = read("blue", "red", rows=[*everybody("blue", "red"), *countries(blue=2.08, red=2.06)])
    found = {
        (each.name, treatment): test
        for each in segments_of(readout).dimensions
        for treatment, test in zip(("blue", "red"), each.interactions, strict=True)
    }
    by_hand = sorted((each.p, each.dimension, each.treatment) for each in readout.segments if each.p is not None)
    assert len(by_hand) == 4
    smallest, second = by_hand[:2]
    assert found[smallest[1:]].adjusted == pytest.approx(4 * smallest[0])
    assert found[second[1:]].adjusted == pytest.approx(max(4 * smallest[0], 3 * second[0]))
    assert segments_of(readout).policy.startswith("Interaction tests: Holm over 4;")


@pytest.mark.parametrize("which", [{"dimension": "country"}, {"treatment": "blue"}, {"metric": "conversion"}])
def test_looking_at_fewer_does_not_make_the_tests_fewer(which: dict[str, str]) -> None:
    readout = read("blue", "red", rows=[*everybody("blue", "red"), *countries(blue=2.08)])
    whole, part = segments_of(readout), segments_of(readout, **which)
    assert part.policy == whole.policy
    assert part.dimensions[0].interactions[0] == whole.dimensions[0].interactions[0]


def test_two_primary_metrics_share_one_family_of_tests() -> None:
    second = Metric(key="revenue", role=MetricRole.PRIMARY, unit="€")
    rows = [*everybody("blue"), *everybody("blue", metric="revenue")]
    for metric in ("conversion", "revenue"):
        rows += level("country=DE", 2_000, {"control": 2.0, "blue": 2.1}, metric)
        rows += level("country=FR", 2_000, {"control": 2.0, "blue": 2.0}, metric)
    data = segments_of(read("blue", rows=rows, metrics=(CONVERSION, second)), metric="revenue")
    assert (data.metric, data.unit) == ("revenue", "€")
    assert data.policy.startswith("Interaction tests: Holm over 2;")


def test_levels_come_largest_first_with_the_comparisons_of_the_readout() -> None:
    readout = read("blue", "red", rows=[*everybody("blue", "red"), *countries(blue=2.1)])
    data = segments_of(readout, treatment="blue")
    assert [(each.name, [(row.name, row.n) for row in each.levels]) for each in data.dimensions] == [
        ("country", [("DE", 8_000), ("FR", 6_000)]),
        ("device", [("desk", 7_000), ("phone", 7_000)]),
    ]
    of_germany = next(each for each in readout.segments if each.dimension == "country" and each.treatment == "blue")
    assert data.dimensions[0].levels[0].cells == (of_germany.levels["DE"],)
    assert [each.treatment.variant for each in data.overall if each] == ["blue"]


def test_of_two_hundred_levels_the_largest_are_shown_and_the_rest_is_counted() -> None:
    rows = everybody("blue")
    for place in range(200):
        rows += level(f"city=city-{place}", 200 + place, {"control": 2.0, "blue": 2.0})
    rows += level("device=phone", 9_000, {"control": 2.0, "blue": 2.0})
    city, device = segments_of(read("blue", rows=rows)).dimensions
    assert [row.name for row in city.levels] == [f"city-{place}" for place in range(199, 170, -1)]
    assert (city.more, city.more_units) == (171, sum(2 * (200 + place) for place in range(171)))
    assert more_words(city) == f"171 smaller levels of city, {city.more_units:,} units, are not drawn"
    assert (len(device.levels), more_words(device)) == (1, "")


def test_too_many_dimensions_are_counted() -> None:
    rows = everybody("blue")
    for place in range(MOST_DIMENSIONS + 3):
        rows += level(f"dimension-{place:02}=one", 500, {"control": 2.0, "blue": 2.0})
    data = segments_of(read("blue", rows=rows))
    assert (len(data.dimensions), data.more_dimensions) == (MOST_DIMENSIONS, 3)
    assert "Cells: not adjusted, one level each." in data.policy


def test_of_many_treatments_six_are_shown() -> None:
    names = [f"arm-{letter}" for letter in "abcdefgh"]
    rows = [*everybody(*names), *level("country=DE", 900, dict.fromkeys(("control", *names), 2.0))]
    data = segments_of(read(*names, rows=rows))
    assert (data.treatments, data.more_treatments) == (tuple(names[:6]), 2)


def test_a_level_that_one_treatment_does_not_have_is_an_empty_cell() -> None:
    rows = [
        *everybody("blue", "red"),
        *level("country=DE", 900, {"control": 2.0, "blue": 2.0, "red": 2.0}),
        *level("country=FR", 900, {"blue": 2.0}),
    ]
    (country,) = segments_of(read("blue", "red", rows=rows)).dimensions
    assert country.levels[1].cells[1] is None or country.levels[1].cells[1].refused
    assert [test.adjusted for test in country.interactions] == [None, None]


@pytest.mark.parametrize("method", [Method.ALWAYS_VALID, Method.WELCH])
def test_below_a_hundred_units_in_an_arm_a_cell_is_too_small_for_any_method(method: Method) -> None:
    rows = [
        *everybody("blue"),
        *level("country=DE", 900, {"control": 2.0, "blue": 2.0}),
        *level("country=NL", 99, {"control": 2.0, "blue": 2.5}),
    ]
    (country,) = segments_of(read("blue", rows=rows, method=method)).dimensions
    assert [(row.name, is_too_few(row.cells[0])) for row in country.levels if row.cells[0]] == [
        ("DE", False),
        ("NL", True),
    ]


HALVED = [row._replace(n=row.n // 2) if row.variant == "blue" else row for row in everybody("blue")]


@pytest.mark.parametrize(
    ("rows", "design", "headline"),
    [
        (everybody("blue"), {}, "No segments"),
        ([], {}, "No data yet"),
        (HALVED, {}, "⚠ No lift is shown"),
        ([row._replace(day=2.0) for row in everybody("blue")], {}, "Too early to read"),
        (everybody("blue"), {"method": Method.FIXED}, "Nothing to read yet"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused_in_words(rows: list[Aggregate], design: dict[str, Any], headline: str) -> None:
    data = segments_of(read("blue", rows=rows, **design))
    assert (data.headline, data.dimensions, data.overall) == (headline, (), ())
    assert data.refused


def test_one_level_that_is_left_out_is_one() -> None:
    words = more_words(Dimension(name="country", levels=(), more=1, more_units=1_200, interactions=()))
    assert words == "1 smaller level of country, 1,200 units, is not drawn"
