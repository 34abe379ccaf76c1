"""The history picture: what is read for it, its directions and metrics, and what nobody sees who may not."""

from __future__ import annotations

from experiments.permissions import Role
from experiments.pictures.history import History
from handlers.pictures.history import history
from handlers.table import ACTIONS
from tests.experiments.pictures.attempts import attempt, fleet
from tests.handlers.pictures.fleets import asked, chosen, stored
from tests.worlds import ADA


async def test_every_direction_is_shown_until_one_is_chosen() -> None:
    bench = stored(fleet(20))
    found = await history(asked(), bench.world)
    assert isinstance(found.data, History)
    assert (found.data.experiments, chosen(found)["direction"], chosen(found)["metric"]) == (20, "all", "all")
    option = next(each for each in found.options if each.name == "direction")
    one = await history(asked(direction=option.choices[1][0]), bench.world)
    assert isinstance(one.data, History)
    assert [each.direction for each in one.data.lanes] == [option.choices[1][1]]
    gone = await history(asked(direction="=gone"), bench.world)
    assert gone.data.model_dump_json() == found.data.model_dump_json()


async def test_a_direction_may_be_called_all() -> None:
    bench = stored([attempt(1, tags=("all",)), attempt(2, tags=("other",))])
    found = await history(asked(direction="=all"), bench.world)
    assert isinstance(found.data, History)
    assert [each.key for each in found.data.attempts] == ["attempt-1"]


async def test_the_newest_lead_to_their_cards() -> None:
    found = await history(asked(), stored([attempt(number) for number in range(1, 6)]).world)
    assert [down.words for down in found.down] == ["Attempt 1", "Attempt 2", "Attempt 3", "Cost and benefit"]
    assert {down.verb for down in found.down} <= {*ACTIONS, "chart"}


async def test_nobody_sees_what_they_may_not_read() -> None:
    guest = ADA.model_copy(update={"role": Role.OUTSIDER, "projects": {"search": Role.VIEWER}})
    bench = stored([attempt(1, tags=("secret",)), attempt(2, project="search", tags=("open",))])
    found = await history(asked(guest), bench.world)
    assert "secret" not in str(found)
    assert "attempt-2" in found.data.model_dump_json()
