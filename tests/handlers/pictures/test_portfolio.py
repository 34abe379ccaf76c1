"""The portfolio picture: what is read for it, what can be chosen, where it leads, and what nobody sees who may not."""

from __future__ import annotations

from datetime import timedelta

from experiments.permissions import Role
from experiments.pictures.portfolio import Portfolio
from handlers.pictures.asked import Found
from handlers.pictures.portfolio import portfolio
from handlers.table import ACTIONS
from tests.experiments.pictures.attempts import NOW, attempt
from tests.experiments.pictures.companies import company, departments
from tests.experiments.pictures.pipelines import ran
from tests.handlers.pictures.fleets import asked, chosen, stored
from tests.worlds import ADA


def data_of(found: Found) -> Portfolio:
    assert isinstance(found.data, Portfolio)
    return found.data


async def test_a_department_narrows_it() -> None:
    bench = stored(company(), departments())
    found = await portfolio(asked(), bench.world)
    assert chosen(found) == {"time": "any", "department": "any", "kind": "any"}
    assert data_of(found).projects == 6
    theirs = await portfolio(asked(department="Discovery"), bench.world)
    assert {each.project for each in data_of(theirs).holdings} == {"search", "assistant"}


async def test_it_leads_to_what_needs_people() -> None:
    found = await portfolio(asked(), stored(company(), departments()).world)
    assert {down.verb for down in found.down} <= {*ACTIONS, "chart"}
    assert found.down[0].words == "In trouble: Running 902"
    assert found.down[1].words.startswith("Undecided: ")
    assert found.down[1].value.startswith(f"{data_of(found).oldest_owed}@")


async def test_a_short_time_still_shows_what_is_owed_since_long() -> None:
    old = ran(1, NOW - timedelta(days=200), 0.01, 0.01, 10, None)
    data = data_of(await portfolio(asked(time="7"), stored([old, attempt(2)]).world))
    assert (data.total.owed, data.total.finished) == (1, 1)


async def test_filters_that_would_bend_the_rates_are_not_taken() -> None:
    data = data_of(await portfolio(asked(outcome="ship"), stored([attempt(1), attempt(2, -0.03)]).world))
    assert data.total.trials == 2


async def test_nobody_sees_what_they_may_not_read() -> None:
    guest = ADA.model_copy(update={"role": Role.OUTSIDER, "projects": {"search": Role.VIEWER}})
    bench = stored([attempt(1), attempt(2, project="search")])
    data = data_of(await portfolio(asked(guest), bench.world))
    assert ([each.project for each in data.holdings], data.total.finished) == (["search"], 1)
