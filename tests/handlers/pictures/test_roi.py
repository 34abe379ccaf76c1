"""The roi picture: what is read for it, what can be chosen, where it leads, and what nobody sees who may not."""

from __future__ import annotations

from experiments.permissions import Role
from experiments.pictures.roi import Roi
from handlers.pictures.roi import roi
from handlers.table import ACTIONS
from tests.experiments.pictures.attempts import attempt, fleet, policies
from tests.handlers.pictures.fleets import asked, chosen, stored
from tests.worlds import ADA


async def test_money_is_chosen_where_it_is_known_and_percent_can_be() -> None:
    bench = stored(fleet(12), policies())
    found = await roi(asked(), bench.world)
    assert isinstance(found.data, Roi)
    assert (found.data.currency, found.data.experiments, chosen(found)["measure"]) == ("EUR", 12, "money:EUR")
    assert set(chosen(found)) == {"measure", "time", "department", "status", "kind", "significance", "outcome"}
    percents = await roi(asked(measure="percent"), bench.world)
    assert isinstance(percents.data, Roi)
    assert not percents.data.in_money
    gone = await roi(asked(measure="money:GONE"), bench.world)
    assert gone.data.model_dump_json() == found.data.model_dump_json()


async def test_the_largest_lead_to_their_cards() -> None:
    found = await roi(asked(), stored(fleet(12), policies()).world)
    assert isinstance(found.data, Roi)
    assert [down.words for down in found.down[:3]] == [each.title for each in found.data.stakes[:3]]
    assert {down.verb for down in found.down} <= {*ACTIONS, "chart"}
    assert found.down[0].value.startswith(f"{found.data.stakes[0].key}@")


async def test_filters_narrow_it() -> None:
    found = await roi(asked(outcome="abandon"), stored([attempt(1), attempt(2, -0.03)], policies()).world)
    assert isinstance(found.data, Roi)
    assert [each.key for each in found.data.stakes] == ["attempt-2"]


async def test_nobody_sees_what_they_may_not_read() -> None:
    guest = ADA.model_copy(update={"role": Role.OUTSIDER, "projects": {"search": Role.VIEWER}})
    bench = stored([attempt(1), attempt(2, project="search")], policies())
    found = await roi(asked(guest), bench.world)
    assert "1 ended experiment" in found.data.model_dump_json()
    assert "attempt-1" not in found.data.model_dump_json()


async def test_where_nothing_has_ended_it_says_so() -> None:
    found = await roi(asked(), stored(()).world)
    assert isinstance(found.data, Roi)
    assert (found.data.stakes, [down.words for down in found.down]) == ((), ["History"])
