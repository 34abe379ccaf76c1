"""The picture of predictions: whose can be chosen, where it leads, and what nobody sees who may not."""

from __future__ import annotations

from experiments.permissions import Role
from experiments.pictures.hypotheses import Hypotheses
from handlers.pictures.hypotheses import hypotheses
from handlers.table import ACTIONS
from tests.charts.pictures.hypotheses import predicted
from tests.experiments.pictures.attempts import fleet
from tests.handlers.pictures.fleets import asked, chosen, stored
from tests.worlds import ADA, BO


async def test_the_team_is_shown_and_oneself_on_demand_but_nobody_else() -> None:
    bench = stored(predicted(fleet(24)))
    team = await hypotheses(asked(), bench.world)
    assert isinstance(team.data, Hypotheses)
    assert (team.data.whose, team.data.forecasts, chosen(team)["person"]) == ("", 24, "team")
    assert [value for value, _ in team.options[0].choices] == ["team", "U0ADA"]
    mine = await hypotheses(asked(person="U0ADA"), bench.world)
    assert isinstance(mine.data, Hypotheses)
    assert (mine.data.whose, mine.data.predictions) == ("Ada Meyer", mine.data.forecasts)
    other = await hypotheses(asked(BO, person="U0ADA"), bench.world)
    assert other.data.model_dump_json() == team.data.model_dump_json()


async def test_the_farthest_from_their_prediction_lead_to_their_cards() -> None:
    found = await hypotheses(asked(), stored(predicted(fleet(24))).world)
    assert isinstance(found.data, Hypotheses)
    farthest = max(found.data.guesses, key=lambda each: abs(each.measured - each.predicted))
    assert found.down[0].value.startswith(f"{farthest.key}@")
    assert {down.verb for down in found.down} <= {*ACTIONS, "chart"}


async def test_nobody_sees_what_they_may_not_read() -> None:
    guest = ADA.model_copy(update={"role": Role.OUTSIDER, "projects": {"search": Role.VIEWER}})
    found = await hypotheses(asked(guest), stored(predicted(fleet(5))).world)
    assert isinstance(found.data, Hypotheses)
    assert (found.data.forecasts, found.data.missing) == (0, ())
