"""The velocity picture: what is read for it, what can be chosen, where it leads, and what nobody sees who may not."""

from __future__ import annotations

from experiments.permissions import Role
from experiments.pictures.velocity import Velocity
from experiments.policy import Policies, Project
from handlers.pictures.velocity import velocity
from handlers.table import ACTIONS
from tests.experiments.pictures.attempts import NOW, attempt
from tests.experiments.pictures.pipelines import years
from tests.handlers.pictures.fleets import asked, chosen, stored
from tests.worlds import ADA


async def test_it_is_of_twelve_months_unless_a_time_is_chosen() -> None:
    bench = stored(years(30))
    found = await velocity(asked(), bench.world)
    assert isinstance(found.data, Velocity)
    assert (len(found.data.months), chosen(found)["time"]) == (12, "any")
    assert set(chosen(found)) == {"time", "department", "status", "kind", "significance", "outcome"}
    month = await velocity(asked(time="30"), bench.world)
    assert isinstance(month.data, Velocity)
    assert (NOW - month.data.since).days == 30
    assert {down.verb for down in found.down} <= {*ACTIONS, "chart"}


async def test_a_department_narrows_it_and_nobody_sees_what_they_may_not_read() -> None:
    policies = Policies(projects=(Project(name="search", department="Discovery"),))
    bench = stored([attempt(1), attempt(2, project="search"), attempt(3, project="search")], policies)
    found = await velocity(asked(department="Discovery"), bench.world)
    assert isinstance(found.data, Velocity)
    assert found.data.rates[0].of == 2
    guest = ADA.model_copy(update={"role": Role.OUTSIDER, "projects": {"shop": Role.VIEWER}})
    theirs = await velocity(asked(guest), bench.world)
    assert isinstance(theirs.data, Velocity)
    assert theirs.data.rates[0].of == 1


async def test_where_there_is_nothing_it_says_so() -> None:
    found = await velocity(asked(), stored(()).world)
    assert isinstance(found.data, Velocity)
    assert found.data.is_empty
