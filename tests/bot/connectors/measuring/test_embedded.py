"""Refreshed by what is new, the state gives what counting everything anew gives, in whatever order events come."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.connectors.measuring.embedded import Embedded
from experiments.design import Metric, MetricKind, MetricRole
from experiments.measuring import Measured
from experiments.model import Experiment, Status, StopReason
from tests.bot.connectors.measuring import worlds
from tests.bot.connectors.measuring.reference import Exposure, Observation
from tests.bot.connectors.measuring.stores import Store

SMALL = (
    Metric(key="revenue", role=MetricRole.PRIMARY, lookback_days=2),
    Metric(key="bought", kind=MetricKind.PROPORTION),
    Metric(key="share", kind=MetricKind.RATIO, denominator="revenue", lookback_days=1),
    Metric(key="latency", kind=MetricKind.QUANTILE),
)
UNITS = st.sampled_from([f"u{number}" for number in range(7)])
TIMES = st.integers(-50, 100).map(lambda hours: worlds.START + timedelta(hours=hours))
EXPOSED = st.builds(
    Exposure,
    st.just("shop"),
    st.sampled_from(["control", "blue", "control"]),
    UNITS,
    TIMES,
    st.sampled_from([{}, {"country": "DE"}, {"country": "FR"}]),
    st.sampled_from([None, 1, 2]),
)
OBSERVED = st.builds(
    Observation,
    st.sampled_from(["revenue", "bought", "share", "latency"]),
    UNITS,
    st.sampled_from([-1.0, 0.0, 0.25, 1.0, 3.5, 1e6, 0.1]),
    TIMES,
)


def same(
    found: Measured,
    each: Experiment,
    exposures: Sequence[Exposure],
    observations: Sequence[Observation],
    detail: bool,
    until: datetime = worlds.LATER,
) -> None:
    rows, crossed = worlds.wanted(each, exposures, observations, detail=detail, until=until)
    assert worlds.differences(found, rows, shape=detail) == []
    assert found.crossed == crossed


@pytest.mark.parametrize("seed", [1, 2])
def test_many_refreshes_give_what_one_count_gives(tmp_path: Path, seed: int) -> None:
    experiments = worlds.several()
    exposures, observations = worlds.events(experiments, 150, seed=seed)
    store = Store(tmp_path / "events")
    embedded = Embedded(store, tmp_path)
    parts = 5
    for at in range(parts):
        store.take(exposures[at::parts], observations[at::parts])
        embedded.measure_now(experiments[: 1 + at], worlds.LATER, detail=False)
    for detail in (False, True):
        found = embedded.measure_now(experiments, worlds.LATER, detail=detail)
        assert sum(each.crossed for each in found.values()) > 0
        for each in experiments:
            same(found[each.key], each, exposures, observations, detail)
    assert embedded.recount("general", worlds.LATER) == {}
    embedded.close()


@settings(max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.lists(EXPOSED, max_size=6), st.lists(OBSERVED, max_size=12)), min_size=1, max_size=4))
def test_any_interleaving_gives_the_same(batches: list[tuple[list[Exposure], list[Observation]]]) -> None:
    """Observations before their exposure, exposures that come late, crossing in any batch, twice the same event."""
    shop = worlds.experiment("shop", metrics=SMALL)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder, "events"))
        embedded = Embedded(store, Path(folder))
        exposures: list[Exposure] = []
        observations: list[Observation] = []
        for exposed, observed in batches:
            store.take(exposed, observed)
            exposures += exposed
            observations += observed
            found = embedded.measure_now([shop], worlds.LATER, detail=False)
            same(found["shop"], shop, exposures, observations, detail=False)
        found = embedded.measure_now([shop], worlds.LATER, detail=True)
        same(found["shop"], shop, exposures, observations, detail=True)
        assert embedded.recount("general", worlds.LATER) == {}
        embedded.close()


def many(values: Sequence[float], arm: str = "control") -> tuple[list[Exposure], list[Observation]]:
    start = worlds.START
    units = [f"{arm}-{number}" for number in range(len(values))]
    return (
        [Exposure("shop", arm, unit, start) for unit in units],
        [
            Observation("revenue", unit, value, start + timedelta(hours=1))
            for unit, value in zip(units, values, strict=True)
        ],
    )


def test_a_huge_value_that_leaves_takes_no_digits_along(tmp_path: Path) -> None:
    shop = worlds.experiment("shop", metrics=SMALL[:1])
    store, exposures, observations = Store(tmp_path / "events"), *many([0.1 * number for number in range(50)])
    embedded = Embedded(store, tmp_path)
    store.take(exposures, observations)
    giant = Observation("revenue", "control-7", 1e14, worlds.START + timedelta(hours=2))
    store.take([], [giant])
    embedded.measure_now([shop], worlds.LATER, detail=False)
    crossing = Exposure("shop", "blue", "control-7", worlds.START + timedelta(hours=3))
    store.take([crossing], [])
    found = embedded.measure_now([shop], worlds.LATER, detail=False)
    same(found["shop"], shop, [*exposures, crossing], [*observations, giant], detail=False)
    embedded.close()


def test_values_that_move_far_from_where_they_began_keep_their_spread(tmp_path: Path) -> None:
    shop = worlds.experiment("shop", metrics=SMALL[:1])
    store, exposures, observations = Store(tmp_path / "events"), *many([0.0, 1.0, 2.0, 4.0] * 5)
    embedded = Embedded(store, tmp_path)
    store.take(exposures, observations)
    embedded.measure_now([shop], worlds.LATER, detail=False)
    added = [each._replace(value=1e9, time=each.time + timedelta(hours=1)) for each in observations]
    store.take([], added)
    found = embedded.measure_now([shop], worlds.LATER, detail=False)
    same(found["shop"], shop, exposures, [*observations, *added], detail=False)
    embedded.close()


def test_a_refresh_that_fails_changes_nothing(tmp_path: Path) -> None:
    experiments = worlds.several()[:1]
    exposures, observations = worlds.events(experiments, 40, seed=3)
    store = Store(tmp_path / "events")
    embedded = Embedded(store, tmp_path)
    store.take(exposures[::2], observations[::2])
    embedded.measure_now(experiments, worlds.LATER, detail=False)
    store.take(exposures[1::2], observations[1::2])
    _, last = store.written["observations"][-1]
    content = last.read_bytes()
    last.write_bytes(content[: len(content) // 2])
    with pytest.raises(duckdb.Error):
        embedded.measure_now(experiments, worlds.LATER, detail=False)
    last.write_bytes(content)
    for _ in range(2):
        found = embedded.measure_now(experiments, worlds.LATER, detail=False)
        same(found["checkout"], experiments[0], exposures, observations, detail=False)
        embedded.close()


def test_another_design_is_counted_anew_and_what_ended_counts_no_more(tmp_path: Path) -> None:
    shop = worlds.experiment("shop", metrics=SMALL[:2])
    store, exposures, observations = Store(tmp_path / "events"), *many([1.0, 2.0, 4.0])
    embedded = Embedded(store, tmp_path)
    store.take(exposures, observations)
    embedded.measure_now([shop], worlds.LATER, detail=False)
    further = shop.evolve(design=shop.design.model_copy(update={"metrics": SMALL}))
    found = embedded.measure_now([further], worlds.LATER, detail=False)
    same(found["shop"], further, exposures, observations, detail=False)
    end = worlds.START + timedelta(days=1)
    stopped = further.evolve(status=Status.STOPPED, stopped_at=end, stop_reason=StopReason.COMPLETED)
    embedded.measure_now([stopped], worlds.LATER, detail=False)
    store.take([Exposure("shop", "blue", "new", end + timedelta(hours=1))], [])
    found = embedded.measure_now([stopped], worlds.LATER, detail=False)
    same(found["shop"], further, exposures, observations, detail=False, until=end)
    assert {row.day for row in found["shop"].rows} == {1.0}
    embedded.close()


def test_what_came_in_with_others_after_an_end_counts_no_more(tmp_path: Path) -> None:
    shop, other = worlds.experiment("shop", metrics=SMALL), worlds.experiment("other", metrics=SMALL)
    store, exposures, observations = Store(tmp_path / "events"), *many([1.0, 2.0, 4.0])
    embedded = Embedded(store, tmp_path)
    store.take(exposures, observations)
    embedded.measure_now([shop, other], worlds.LATER, detail=False)
    end = worlds.START + timedelta(days=1)
    after = end + timedelta(hours=1)
    store.take([Exposure("shop", "blue", "new", after)], [Observation("revenue", "control-1", 8.0, after)])
    embedded.measure_now([other], worlds.LATER, detail=False)
    stopped = shop.evolve(status=Status.STOPPED, stopped_at=end, stop_reason=StopReason.COMPLETED)
    for detail in (False, True):
        found = embedded.measure_now([stopped], worlds.LATER, detail=detail)
        same(found["shop"], shop, exposures, observations, detail=detail, until=end)
    embedded.close()


def test_windows_are_cohorts_of_their_own(tmp_path: Path) -> None:
    shop = worlds.experiment("shop", metrics=SMALL[:2])
    store, start = Store(tmp_path / "events"), worlds.START
    store.take(
        [
            Exposure("shop", arm, f"{arm}{at}", start + timedelta(minutes=10 * at))
            for at in range(4)
            for arm in ("control", "blue")
        ],
        [Observation("revenue", f"blue{at}", 5.0 + at, start + timedelta(minutes=10 * at + 1)) for at in range(4)],
    )
    embedded = Embedded(store, tmp_path)
    samples = embedded.samples_now(shop, start, start + timedelta(minutes=35), 600)
    assert samples["revenue"] == {"control": (0.0, 0.0, 0.0), "blue": (5.0, 6.0, 7.0)}
    assert samples["bought"]["control"] == (0.0, 0.0, 0.0)
    embedded.close()


def test_a_window_in_which_nobody_came_has_no_value_and_keeps_its_place(tmp_path: Path) -> None:
    shop = worlds.experiment("shop", metrics=SMALL[:1])
    store, start = Store(tmp_path / "events"), worlds.START
    seen = [("control", 0), ("control", 1), ("control", 2), ("blue", 0), ("blue", 2)]
    store.take([Exposure("shop", arm, f"{arm}{at}", start + timedelta(minutes=10 * at)) for arm, at in seen], [])
    embedded = Embedded(store, tmp_path)
    [arms] = embedded.samples_now(shop, start, start + timedelta(minutes=35), 600).values()
    assert arms["control"] == (0.0, 0.0, 0.0)
    assert arms["blue"] == pytest.approx((0.0, math.nan, 0.0), nan_ok=True)
    embedded.close()
