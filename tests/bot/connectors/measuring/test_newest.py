"""When each metric was last heard of, the same from every place; and nothing counts before its time has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.connectors.measuring.connecting import open_warehouse
from bot.connectors.measuring.embedded import Embedded
from experiments.design import Metric, MetricKind
from experiments.measuring import Heard
from experiments.model import Experiment
from experiments.sources import DataSource, SourceOfData
from tests.bot.connectors.measuring import worlds
from tests.bot.connectors.measuring.reference import Exposure, Observation, units_of
from tests.bot.connectors.measuring.stores import Store

MINUTE = timedelta(minutes=1)
METRICS = (
    Metric(key="revenue", lookback_days=7),
    Metric(key="bought", kind=MetricKind.PROPORTION),
    Metric(key="never", kind=MetricKind.PROPORTION),
    Metric(key="latency", kind=MetricKind.QUANTILE),
    Metric(key="clicks-per-view", kind=MetricKind.RATIO, denominator="revenue"),
)


def heard(
    experiment: Experiment, exposures: Sequence[Exposure], observations: Sequence[Observation], until: datetime
) -> dict[str, Heard]:
    """The slow and obvious way: by metric, its own newest observation and the units that have any."""
    assert experiment.phase
    variants = [each.key for each in experiment.design.variants]
    phase = experiment.phase
    units, _ = units_of(experiment.key, phase.number, phase.started_at, until, variants, exposures)
    found = {}
    for metric in experiment.design.metrics:
        back = timedelta(days=metric.lookback_days)
        own = [
            each
            for each in observations
            if each.unit in units and each.metric == metric.key and units[each.unit].first - back <= each.time < until
        ]
        below = {
            each.unit
            for each in observations
            if each.unit in units and each.metric == metric.denominator and units[each.unit].first <= each.time < until
        }
        if own:
            found[metric.key] = Heard(max(each.time for each in own), len({each.unit for each in own} | below))
    return found


def test_every_place_knows_when_each_metric_was_last_heard_of(tmp_path: Path) -> None:
    shop = worlds.experiment("shop", metrics=METRICS)
    exposures, observations = worlds.events([shop], 80, seed=4)
    arms: dict[str, str] = {}
    exposures = [each for each in exposures if arms.setdefault(each.unit, each.variant) == each.variant]
    known = heard(shop, exposures, observations, worlds.UNTIL)
    assert known.keys() == {"revenue", "bought", "latency", "clicks-per-view"}
    store = Store(tmp_path / "events")
    for at in range(4):
        store.take(exposures[at::4], observations[at::4])
    embedded = Embedded(store, tmp_path)
    for detail in (False, True):
        assert embedded.measure_now([shop], worlds.UNTIL, detail=detail)["shop"].heard == known
    embedded.close()
    files = worlds.write(tmp_path, exposures, observations)
    source = DataSource(kind=SourceOfData.WAREHOUSE, connection="company", exposures="seen", observations="noted")
    warehouse = open_warehouse(_database(tmp_path, files), source)
    assert warehouse.measure_now([shop], worlds.UNTIL, detail=True)["shop"].heard == known
    warehouse.close()


def _database(folder: Path, files: dict[str, list[Path]]) -> str:
    import duckdb

    path = folder / "company.duckdb"
    with duckdb.connect(str(path)) as connection:
        for table, kind in (("seen", "exposures"), ("noted", "observations")):
            connection.execute(f"CREATE TABLE {table} AS SELECT * FROM read_parquet('{files[kind][0]}')")
    return f"duckdb:///{path}"


def test_a_metric_falls_silent_while_another_goes_on(tmp_path: Path) -> None:
    shop, start = worlds.experiment("shop", metrics=METRICS), worlds.START
    store = Store(tmp_path / "events")
    embedded = Embedded(store, tmp_path)
    for minute in range(1, 5):
        at, unit = start + minute * MINUTE, f"user-{minute}"
        bought = [Observation("bought", unit, 0.0, at)] if minute <= 2 else []
        store.take([Exposure("shop", "blue", unit, at)], [Observation("revenue", unit, 3.0, at), *bought])
        found = embedded.measure_now([shop], at + MINUTE, detail=False)["shop"]
    assert found.newest == start + 4 * MINUTE
    assert found.heard == {
        "revenue": Heard(start + 4 * MINUTE, 4),
        "bought": Heard(start + 2 * MINUTE, 2),
    }, "the denominator of a ratio says nothing of the ratio's own events"
    embedded.close()


@pytest.mark.parametrize("detail", [False, True])
def test_what_lies_ahead_counts_when_its_time_has_come_and_once(tmp_path: Path, detail: bool) -> None:
    shop, now = worlds.experiment("shop", metrics=METRICS[:2]), worlds.START + timedelta(hours=1)
    store = Store(tmp_path / "events")
    embedded = Embedded(store, tmp_path)
    exposures: list[Exposure] = []
    observations: list[Observation] = []
    for step in range(8):
        offset = timedelta(minutes=[0, 4, -3, 2][step % 4])
        unit, arm = f"user-{step}", "control" if step % 2 else "blue"
        batch = [Exposure("shop", arm, unit, now + offset), Exposure("shop", arm, unit, now - MINUTE)][: 1 + step % 3]
        noted = [Observation("revenue", f"user-{max(step - 3, 0)}", 2.0 + step, now + offset)]
        store.take(batch, noted)
        exposures += batch
        observations += noted
        now += MINUTE
        found = embedded.measure_now([shop], now, detail=detail)["shop"]
        rows, crossed = worlds.wanted(shop, exposures, observations, detail=detail, until=now)
        assert worlds.differences(found, rows, shape=detail) == []
        assert found.crossed == crossed
        assert found.newest is None or found.newest < now
    assert embedded.recount("general", now) == {}
    later = now + timedelta(minutes=10)
    rows, _ = worlds.wanted(shop, exposures, observations, detail=detail, until=later)
    for _ in range(2):
        found = embedded.measure_now([shop], later, detail=detail)["shop"]
        assert worlds.differences(found, rows, shape=detail) == []
    embedded.close()


def test_an_experiment_that_is_asked_for_later_has_what_lay_ahead_as_well(tmp_path: Path) -> None:
    shop, other = (worlds.experiment(key, metrics=METRICS[:1]) for key in ("shop", "other"))
    store, now = Store(tmp_path / "events"), worlds.START + timedelta(hours=1)
    embedded = Embedded(store, tmp_path)
    ahead = [Exposure(key, "blue", "user", now + MINUTE) for key in ("shop", "other")]
    store.take(ahead, [Observation("revenue", "user", 5.0, now + 2 * MINUTE)])
    assert embedded.measure_now([shop], now, detail=False)["shop"].rows == ()
    found = embedded.measure_now([shop, other], now + 1.5 * MINUTE, detail=False)
    assert {row.mean for each in found.values() for row in each.rows} == {0.0}
    found = embedded.measure_now([shop, other], now + 3 * MINUTE, detail=False)
    assert {row.mean for each in found.values() for row in each.rows} == {5.0}
    assert embedded.recount("general", now + 3 * MINUTE) == {}
    embedded.close()
