"""Pictures of one experiment's levels: what is read for them, what can be chosen, and where they lead."""

from __future__ import annotations

from typing import Any

import pytest

from charts import describe
from experiments.commands import ImportAggregates
from experiments.execute import execute
from experiments.model import Experiment
from experiments.pictures.cost import Cost
from experiments.pictures.latency import Latency
from experiments.pictures.quality import Quality
from experiments.policy import Policies
from handlers.pictures.asked import Asked
from handlers.pictures.cost import cost
from handlers.pictures.latency import latency
from handlers.pictures.quality import quality
from handlers.table import ACTIONS
from tests.charts.pictures import cost as costs
from tests.charts.pictures import latency as times
from tests.charts.pictures import quality as examples
from tests.handlers.pictures.fleets import offered
from tests.worlds import ADA, WORKSPACE, MemoryWorld


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


async def kept(made: Experiment, rows: Any, bench: MemoryWorld) -> Experiment:
    """The experiment in the store, with these rows as its only batch."""
    tables = bench.database.tables(WORKSPACE)
    tables.experiments[made.key] = made.evolve(workspace=WORKSPACE, version=1, data_version=0)
    return await execute(ImportAggregates(key=made.key, rows=tuple(rows)), ADA, bench.world)


def asked(experiment: Experiment, bench: MemoryWorld, **chosen: str) -> Asked:
    return Asked(ADA, bench.world.now(), chosen, experiment)


async def test_quality_is_of_the_primary_metric_and_all_treatments(bench: MemoryWorld) -> None:
    rates = {"control": 0.612, "short-prompt": 0.645, "no-examples": 0.607}
    made = await kept(examples.assistant("short-prompt", "no-examples"), examples.judged(rates), bench)
    found = await quality(asked(made, bench), bench.world)
    assert isinstance(found.data, Quality)
    assert offered(found) == {"metric": "helpful", "variant": "all"}
    assert [course.variant for course in found.data.levels] == ["control", "short-prompt", "no-examples"]
    assert {down.verb for down in found.down} <= {*ACTIONS, "chart"}
    other = await quality(asked(made, bench, metric="judge-agreement", variant="no-examples"), bench.world)
    assert offered(other) == {"metric": "judge-agreement", "variant": "no-examples"}
    assert "judge-agreement over time" in describe("quality", other.data)
    gone = await quality(asked(made, bench, metric="gone", variant="gone"), bench.world)
    assert offered(gone) == offered(found)
    assert gone.data.model_dump_json() == found.data.model_dump_json(), "asking twice shows the same picture"


async def test_with_one_treatment_there_is_none_to_choose(bench: MemoryWorld) -> None:
    made = examples.assistant("short-prompt", metrics=(examples.HELPFUL,))
    kept_one = await kept(made, examples.shares("helpful", {"control": 0.6, "short-prompt": 0.61}, days=4), bench)
    assert offered(await quality(asked(kept_one, bench), bench.world)) == {}


async def test_cost_takes_prices_from_the_project(bench: MemoryWorld) -> None:
    rates, paid = {"control": 0.41, "small": 0.42, "tiny": 0.4}, {"control": 0.124, "small": 0.101, "tiny": 0.08}
    made = await kept(costs.chats("small", "tiny"), costs.spent(rates, paid, days=4), bench)
    found = await cost(asked(made, bench), bench.world)
    assert isinstance(found.data, Cost)
    assert offered(found) == {"variant": "all"}
    assert found.data.missing
    tables = bench.database.tables(WORKSPACE)
    tables.policies[""] = Policies(projects=(costs.FUNDED,))
    priced = await cost(asked(made, bench, variant="tiny"), bench.world)
    assert priced.data.missing == ()
    assert [each.variant for each in priced.data.returns] == ["tiny"]
    assert {down.verb for down in priced.down} <= {*ACTIONS, "chart"}


async def test_latency_is_of_one_family_at_a_time(bench: MemoryWorld) -> None:
    queue = times.quantile(0.9, "queue")
    metrics = (*times.USUAL, queue)
    rows = [*times.timed({"control": 412, "near": 371}, days=4, per_day=300)]
    rows += [row._replace(metric=queue.key) for row in rows if row.metric == times.P95.key]
    made = await kept(times.service("near", metrics=metrics), rows, bench)
    found = await latency(asked(made, bench), bench.world)
    assert isinstance(found.data, Latency)
    assert offered(found) == {"family": "latency"}
    assert [each.metric for each in found.data.quantiles] == ["latency-p50", "latency-p95", "latency-p99"]
    other = await latency(asked(made, bench, family="queue"), bench.world)
    assert [each.metric for each in other.data.quantiles] == ["queue-p90"]
    assert {down.verb for down in found.down} <= {*ACTIONS, "chart"}
