"""The curve of an experiment: by what its design expects, else by its project, read in another way on demand."""

from __future__ import annotations

from experiments.design import Expectation
from experiments.model import Experiment
from experiments.permissions import Role
from experiments.pictures.size import Size
from handlers.pictures.asked import Asked
from handlers.pictures.size import size
from handlers.table import ACTIONS
from tests.charts.pictures.size import design
from tests.experiments.knowledge.test_usual import rows
from tests.experiments.pictures.attempts import NOW, attempt
from tests.handlers.pictures.fleets import chosen
from tests.worlds import ADA, WORKSPACE, MemoryWorld


def of(subject: Experiment, **given: str) -> Asked:
    return Asked(ADA, NOW, given, subject)


def measured(*some: Experiment) -> MemoryWorld:
    bench = MemoryWorld()
    tables = bench.database.tables(WORKSPACE)
    for each in some:
        tables.experiments[each.key] = each.evolve(workspace=WORKSPACE, version=1)
        tables.batches[each.key, 1] = tuple(rows())
    return bench


async def test_by_what_the_design_expects() -> None:
    planned = attempt(1, design=design(expectation=Expectation(baseline=0.2, per_day=500)))
    found = await size(of(planned), measured(attempt(2)).world)
    assert isinstance(found.data, Size)
    assert (found.data.baseline, found.data.daily, found.data.told) == (0.2, 500, "")
    assert chosen(found) == {"method": "always_valid"}
    assert {down.verb for down in found.down} <= {*ACTIONS}


async def test_else_by_what_its_project_measured() -> None:
    bench = measured(attempt(2), attempt(3, project="search"))
    found = await size(of(attempt(1)), bench.world)
    assert isinstance(found.data, Size)
    assert (found.data.baseline, found.data.daily) == (0.1, 1_000)
    assert found.data.told.startswith("From the newest measured experiment of shop")
    guest = ADA.model_copy(update={"role": Role.OUTSIDER, "projects": {"search": Role.VIEWER}})
    none = await size(Asked(guest, NOW, {}, attempt(1)), bench.world)
    assert isinstance(none.data, Size)
    assert none.data.reaches == ()


async def test_another_way_of_reading_can_be_tried() -> None:
    bench = measured(attempt(2))
    usual, fixed = [await size(of(attempt(1), **given), bench.world) for given in ({}, {"method": "fixed"})]
    assert isinstance(usual.data, Size)
    assert isinstance(fixed.data, Size)
    day = usual.data.planned_days
    assert dict(fixed.data.reaches[0].points)[day] < dict(usual.data.reaches[0].points)[day]
    assert "fixed" in fixed.data.basis.footer
