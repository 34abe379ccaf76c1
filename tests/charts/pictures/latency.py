"""Latency as the engine makes it from simulated days: what is usual first, then what a picture must survive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import numpy as np

from experiments.aggregate import Aggregate, Spread
from experiments.design import Direction, Method, Metric, MetricKind, MetricRole
from experiments.model import Experiment
from experiments.pictures.latency import Latency, Quantile, latency_of
from experiments.running import Phase
from experiments.stats.estimates import quantile_of
from experiments.stats.spread import spread_of
from tests.charts.pictures.quality import HOSTILE
from tests.charts.readings import shares
from tests.experiments.readings import NOW, an_experiment, reading

CONVERSION = Metric(key="answered", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION, unit="per request")


def quantile(value: float, family: str = "latency", unit: str = "ms") -> Metric:
    key = f"{family}-p{value * 100:g}".replace(".", "-")
    return Metric(key=key, kind=MetricKind.QUANTILE, quantile=value, direction=Direction.DOWN, unit=unit)


P50, P95, P99 = (quantile(value) for value in (0.5, 0.95, 0.99))
USUAL = (CONVERSION, P50, P95, P99)


def pictured(
    experiment: Experiment, rows: Sequence[Aggregate], *, family: str = "latency", variant: str = ""
) -> Latency:
    """The picture of these rows."""
    last = max((row.day for row in rows), default=0.0)
    known = experiment.evolve(data_at=NOW + timedelta(days=last), data_day=last or None)
    return latency_of(known, rows, reading(known, rows), family=family, variant=variant)


def service(*treatments: str, metrics: Sequence[Metric] = USUAL, **changes: Any) -> Experiment:
    made = an_experiment(*treatments, metrics=metrics, planned_units=20_000, **changes)
    return made.evolve(title="Answers from the nearer region", started_at=NOW)


def timed(
    medians: Mapping[str, float], metrics: Sequence[Metric] = (P50, P95, P99), *, days: int = 9, per_day: int = 1_200,
    spread: float = 0.55, seed: int = 41, step: float = 1.0, slow: Mapping[str, float] = MappingProxyType({}),
) -> list[Aggregate]:  # fmt: skip
    """Lognormal times, cumulated; on some days more come than on others. The slowest are so many times as `slow`."""
    dice, rows = np.random.default_rng(seed), list[Aggregate]()
    for variant, median in medians.items():
        came = dice.poisson(per_day * (1 + 0.25 * np.sin(np.arange(days) * 0.9))).cumsum()
        times = median * np.exp(spread * dice.standard_normal(int(came[-1])))
        times[times > np.quantile(times, 0.98)] *= slow.get(variant, 1.0)
        for place, n in enumerate(came.tolist(), 1):
            for metric in metrics:
                found = quantile_of(times[:n], metric.quantile)
                value, variance = float(found.value[0]), float(found.variance[0]) * n
                parts = spread_of(times[:n]) if place == days else None
                rows.append(Aggregate(metric.key, variant, place * step, n, value, variance, spread=parts))
            rows.append(Aggregate("answered", variant, place * step, n, 0.9, 0.09))
    return rows


def ordinary() -> Latency:
    """Day 9: a nearer region is quicker in the middle and slower in the tail, a cache is quicker throughout."""
    rows = timed({"control": 412, "near": 371, "cached": 352}, slow={"near": 1.16})
    return pictured(service("near", "cached"), rows)


def one_quantile() -> Latency:
    """Only p95, one treatment."""
    return pictured(service("near", metrics=(CONVERSION, P95)), timed({"control": 412, "near": 380}, (P95,)))


def by_the_hour() -> Latency:
    """A first day and a half, by the hour: too early for a difference."""
    return pictured(service("near"), timed({"control": 412, "near": 380}, days=36, per_day=60, step=1 / 24))


def in_phases() -> Latency:
    """The weights changed on day 4."""
    made = service("near")
    weights = {each.key: each.weight for each in made.design.variants}
    phases = (
        Phase(number=1, started_at=NOW, weights=weights),
        Phase(number=2, started_at=NOW + timedelta(days=4), day=4.0, weights={"control": 5_000, "near": 5_000}),
    )
    later = [
        row._replace(day=row.day + 4) for row in timed({"control": 412, "near": 371}, days=6, per_day=2_400, seed=43)
    ]
    return pictured(made.evolve(phases=phases), [*timed({"control": 412, "near": 371}, days=4), *later])


def long_tail() -> Latency:
    """From 20 ms to 20 s: only powers of ten show both."""
    many = tuple(quantile(value) for value in (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999))
    rows = timed({"control": 400, "near": 330}, many, spread=1.6)
    return pictured(service("near", metrics=(CONVERSION, *many)), rows)


def one_variant() -> Latency:
    """Only control has been heard of."""
    return pictured(service("near"), timed({"control": 412}))


def one_point() -> Latency:
    """A single look, on day 4."""
    rows = timed({"control": 412, "near": 371}, days=4)
    return pictured(service("near"), [row for row in rows if row.day == 4])


def monitoring() -> Latency:
    """A design that is read once, at its planned end."""
    return pictured(service("near", method=Method.FIXED), timed({"control": 412, "near": 371}))


def none_measured() -> Latency:
    """A design without quantiles."""
    rows = shares("answered", {"control": 0.9, "near": 0.9}, days=5)
    return pictured(service("near", metrics=(CONVERSION,)), rows, family="")


def from_prometheus() -> Latency:
    """Quantiles that come in windows of time."""
    query = P95.model_copy(update={"query": 'latency{variant="{variant}"}[{window}]'})
    return pictured(service("near", metrics=(CONVERSION, query)), [])


def empty() -> Latency:
    """Started, nothing has arrived."""
    return pictured(service("near"), [])


def broken() -> Latency:
    """A broken sample ratio."""
    rows = timed({"control": 412, "near": 371})
    return pictured(service("near"), [r._replace(n=r.n * 9 // 10) if r.variant == "control" else r for r in rows])


def crowded() -> Latency:
    """Eight treatments, five quantiles, day 30 of 14."""
    names = [f"variant-{letter}-with-quite-a-long-name" for letter in "abcdefgh"]
    many = tuple(quantile(value) for value in (0.5, 0.75, 0.9, 0.95, 0.99))
    medians = {"control": 400.0, **{name: 400.0 - 6 * place for place, name in enumerate(names)}}
    return pictured(service(*names, metrics=(CONVERSION, *many)), timed(medians, many, days=30, per_day=150))


def extreme() -> Latency:
    """Huge and tiny at once, and below zero."""
    return pictured(service("near"), made_of(timed({"control": 412, "near": 371}), 1e12, 700))


def tiny() -> Latency:
    """Billionths."""
    return pictured(service("near"), made_of(timed({"control": 412, "near": 371}), 1e-11))


def mostly_zero() -> Latency:
    """Four in ten had nothing to wait for, some gained time."""
    waits = {"control": 0.4, "near": 0.5}
    return pictured(service("near"), drawn(lambda dice, name: np.where(
        dice.random(4_000) < waits[name], 0.0, dice.lognormal(3, 1, 4_000) - 4)))  # fmt: skip


def whole_numbers() -> Latency:
    """Attempts, of which there are few."""
    tries = {"control": 2.2, "near": 1.6}
    metrics = [each.model_copy(update={"key": f"tries-{each.key[8:]}", "unit": "tries"}) for each in (P50, P95, P99)]
    rows = drawn(lambda dice, name: 1 + dice.poisson(tries[name], 3_000), metrics)
    return pictured(service("near", metrics=(CONVERSION, *metrics)), rows, family="tries")


def all_alike() -> Latency:
    """Everybody waits for the same time-out."""
    return pictured(service("near"), drawn(lambda dice, name: np.full(400, 250.0)))


def few() -> Latency:
    """A dozen units each: no interval yet."""
    return pictured(service("near"), drawn(lambda dice, name: dice.lognormal(6, 0.5, 12 if name == "near" else 11)))


def single() -> Latency:
    """One unit each."""
    return pictured(service("near"), drawn(lambda dice, name: [-3.0]))


def two_humps() -> Latency:
    """From the cache or not: the mean of these is where nobody is."""
    shares = {"control": 0.3, "near": 0.6}
    return pictured(service("near"), drawn(lambda dice, name: np.where(
        dice.random(6_000) < shares[name], dice.normal(60, 9, 6_000), dice.normal(420, 50, 6_000))))  # fmt: skip


def unknown() -> Latency:
    """From data that have quantiles and nothing about what is between them."""
    rows = [row._replace(spread=None) for row in timed({"control": 412, "near": 371})]
    return pictured(service("near"), rows)


def made_of(rows: Sequence[Aggregate], factor: float, less: float = 0.0) -> list[Aggregate]:
    """The same in another unit."""
    return [
        row._replace(
            mean=(row.mean - less) * factor,
            variance=row.variance * factor**2,
            spread=row.spread and Spread.of([[(end - less) * factor for end in part] for part in row.spread.parts]),
        ) if row.metric != "answered" else row for row in rows
    ]  # fmt: skip


def drawn(
    values: Callable[[np.random.Generator, str], Any], metrics: Sequence[Metric] = (P50, P95, P99)
) -> list[Aggregate]:
    """One look, on day 6, at these values of both variants."""
    rows = []
    for variant in ("control", "near"):
        times = np.asarray(values(np.random.default_rng(11), variant), dtype=float)
        for metric in metrics:
            found = quantile_of(times, metric.quantile)
            value, variance = float(found.value[0]), float(found.variance[0]) * times.size
            rows.append(Aggregate(metric.key, variant, 6.0, times.size, value, variance, spread=spread_of(times)))
        rows.append(Aggregate("answered", variant, 6.0, times.size, 0.9, 0.09))
    return rows


def hostile() -> Latency:
    """Names that nobody should have written."""
    data = ordinary()
    names = [each.variant for each in data.quantiles[0].levels]
    renamed = {name: f"{name[:2]} {HOSTILE}" for name in names}

    def levels(found: Quantile) -> Quantile:
        compared = tuple(
            one.model_copy(
                update={"treatment": one.treatment.model_copy(update={"variant": renamed[one.treatment.variant]})}
            )
            for one in found.comparisons
        )
        named = tuple(each.model_copy(update={"variant": renamed[each.variant]}) for each in found.levels)
        return found.model_copy(update={"levels": named, "comparisons": compared})

    assert data.distribution
    shapes = tuple(each.model_copy(update={"variant": renamed[each.variant]}) for each in data.distribution.shapes)
    arrivals = tuple(each.model_copy(update={"variant": renamed[each.variant]}) for each in data.arrivals)
    return data.model_copy(
        update={
            "basis": data.basis.model_copy(update={"title": HOSTILE}), "family": HOSTILE, "unit": HOSTILE,
            "warnings": (HOSTILE,), "quantiles": tuple(map(levels, data.quantiles)), "arrivals": arrivals,
            "distribution": data.distribution.model_copy(update={"shapes": shapes}),
            "places": {renamed[name]: at for name, at in data.places.items()},
        }
    )  # fmt: skip


EXAMPLES: dict[str, Callable[[], Latency]] = {
    made.__name__: made
    for made in (
        ordinary, one_quantile, by_the_hour, in_phases, long_tail, one_variant, one_point, monitoring, none_measured,
        from_prometheus, empty, broken, crowded, extreme, tiny, mostly_zero, whole_numbers, all_alike, few, single,
        two_humps, unknown, hostile,
    )
}  # fmt: skip
GOLDEN = ("ordinary", "by_the_hour", "long_tail", "crowded", "two_humps", "mostly_zero")
