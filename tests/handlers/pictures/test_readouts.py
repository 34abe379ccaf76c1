"""Pictures of one readout: what can be chosen, that asking twice shows the same, and where they lead."""

from __future__ import annotations

from typing import Any

import pytest

from charts import CHARTS, describe
from experiments.commands import ImportAggregates
from experiments.execute import execute
from experiments.model import Experiment
from experiments.pictures.factors import FactorMap
from experiments.pictures.segments import SegmentMap
from experiments.pictures.significance import Significance
from experiments.readout import Readout
from handlers.pictures.asked import Asked
from handlers.pictures.comparison import comparison
from handlers.pictures.factors import factors
from handlers.pictures.segments import segments
from handlers.pictures.shelf import SHELF
from handlers.pictures.significance import significance
from handlers.table import ACTIONS
from tests.charts.pictures import factors as grids
from tests.charts.pictures import segments as maps
from tests.charts.readings import CONVERSION, REVENUE, means, shares
from tests.experiments.readings import NOW, an_experiment
from tests.handlers.pictures.fleets import offered
from tests.worlds import ADA, WORKSPACE, MemoryWorld

RATES = {"control": 0.10, "bold": 0.12, "quiet": 0.101}


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


async def kept(made: Experiment, rows: Any, bench: MemoryWorld) -> Experiment:
    """The experiment in the store, running, with these rows as its only batch."""
    tables = bench.database.tables(WORKSPACE)
    tables.experiments[made.key] = made.evolve(workspace=WORKSPACE, version=1, data_version=0, started_at=NOW)
    return await execute(ImportAggregates(key=made.key, rows=tuple(rows)), ADA, bench.world)


async def two_treatments(bench: MemoryWorld) -> Experiment:
    made = an_experiment("bold", "quiet", metrics=(CONVERSION, REVENUE), planned_units=20_000, smallest_effect=0.1)
    rows = [
        *shares("conversion", RATES, days=6),
        *means("revenue", {"control": 12.0, "bold": 12.4, "quiet": 12.1}, days=6, deviation=7),
    ]
    return await kept(made, rows, bench)


def asked(experiment: Experiment, bench: MemoryWorld, **chosen: str) -> Asked:
    return Asked(ADA, bench.world.now(), chosen, experiment)


async def test_significance_has_a_plan_for_the_primary_metric_alone(bench: MemoryWorld) -> None:
    made = await two_treatments(bench)
    found = await significance(asked(made, bench), bench.world)
    assert isinstance(found.data, Significance)
    assert offered(found) == {"metric": "conversion", "variant": "all"}
    assert [track.treatment for track in found.data.tracks] == ["bold", "quiet"]
    assert found.data.prospect is not None
    other = await significance(asked(made, bench, metric="revenue", variant="quiet"), bench.world)
    assert offered(other) == {"metric": "revenue", "variant": "quiet"}
    assert isinstance(other.data, Significance)
    assert ([track.treatment for track in other.data.tracks], other.data.prospect) == (["quiet"], None)


async def test_comparison_is_of_every_metric_unless_a_role_is_chosen(bench: MemoryWorld) -> None:
    made = await two_treatments(bench)
    found = await comparison(asked(made, bench), bench.world)
    assert isinstance(found.data, Readout)
    assert offered(found) == {"role": "all", "variant": "all"}
    assert len(found.data.comparisons) == 4
    one = await comparison(asked(made, bench, role="secondary", variant="bold"), bench.world)
    assert isinstance(one.data, Readout)
    assert [(each.metric, each.treatment.variant) for each in one.data.comparisons] == [("revenue", "bold")]
    (role, _) = found.options
    assert [value for value, _ in role.choices] == ["all", "primary", "secondary"]


async def test_segments_are_of_all_dimensions_unless_one_is_chosen(bench: MemoryWorld) -> None:
    treatments = {"bold": 1.0, "quiet": -0.6}
    made = an_experiment(*treatments, metrics=(CONVERSION, REVENUE), planned_units=40_000)
    made = await kept(made, maps.by_segment(treatments, maps.LIFTS), bench)
    found = await segments(asked(made, bench), bench.world)
    assert isinstance(found.data, SegmentMap)
    assert offered(found) == {"dimension": "all", "variant": "all"}, "only one metric was read by segment"
    assert [each.name for each in found.data.dimensions] == ["country", "device", "time-of-day", "user"]
    one = await segments(asked(made, bench, dimension="device", variant="bold"), bench.world)
    assert isinstance(one.data, SegmentMap)
    assert ([each.name for each in one.data.dimensions], one.data.treatments) == (["device"], ("bold",))
    assert one.data.policy == found.data.policy


async def test_factors_are_of_the_clearest_pair_unless_one_is_chosen(bench: MemoryWorld) -> None:
    made = grids.designed({"prompt": ("long", "short"), "model": ("small", "large"), "tools": ("none", "all")},
                          grids.SOLVED, grids.COST)  # fmt: skip
    truth = grids.effects(made, 0.5, {frozenset({"short", "all"}): 0.08})
    money = dict.fromkeys(truth, 3.0)
    rows = [*shares("solved", truth, days=12, per_day=300), *means("cost", money, days=12, per_day=300, deviation=1.5)]
    made = await kept(made, rows, bench)
    found = await factors(asked(made, bench), bench.world)
    assert isinstance(found.data, FactorMap)
    assert offered(found) == {"metric": "solved", "pair": "prompt × tools"}
    other = await factors(asked(made, bench, metric="cost", pair="model × tools"), bench.world)
    assert offered(other) == {"metric": "cost", "pair": "model × tools"}
    assert isinstance(other.data, FactorMap)
    assert (other.data.metric, {other.data.axis, other.data.other}) == ("cost", {"model", "tools"})


@pytest.mark.parametrize("name", ["comparison", "significance", "segments", "factors"])
async def test_every_picture_is_the_same_later_and_says_what_is_not_there(name: str, bench: MemoryWorld) -> None:
    made = await two_treatments(bench)
    first = await SHELF[name].gather(asked(made, bench), bench.world)
    bench.clock.advance(minutes=7)
    later = await SHELF[name].gather(asked(made, bench, metric="gone", variant="gone", role="gone"), bench.world)
    assert first.data.model_dump_json() == later.data.model_dump_json()
    assert offered(first) == offered(later)
    assert CHARTS[name](first.data).startswith(b"\x89PNG")
    assert made.title in describe(name, first.data)
    assert {down.verb for down in first.down} <= {*ACTIONS, "chart"}
    assert {down.value.partition(":")[0] for down in first.down if down.verb == "chart"} <= SHELF.keys()


@pytest.mark.parametrize("name", ["comparison", "significance", "segments", "factors"])
async def test_before_any_data_it_is_as_of_now(name: str, bench: MemoryWorld) -> None:
    tables = bench.database.tables(WORKSPACE)
    made = an_experiment("bold", metrics=(CONVERSION,)).evolve(workspace=WORKSPACE, version=1, data_version=0)
    tables.experiments[made.key] = made
    found = await SHELF[name].gather(asked(made, bench), bench.world)
    assert CHARTS[name](found.data).startswith(b"\x89PNG")
    moment = bench.world.now()
    readout = found.data if isinstance(found.data, Readout) else found.data.readout  # type: ignore[attr-defined]
    assert readout.as_of == moment
