"""The picture of directions: how it is grouped, narrowed, and what nobody sees who may not."""

from __future__ import annotations

from experiments.permissions import Role
from experiments.pictures.patterns import Patterns
from handlers.pictures.patterns import patterns
from handlers.table import ACTIONS
from tests.experiments.pictures.attempts import attempt, fleet
from tests.handlers.pictures.fleets import asked, chosen, stored
from tests.worlds import ADA


async def test_by_tag_unless_another_grouping_is_chosen() -> None:
    bench = stored(fleet(24))
    found = await patterns(asked(), bench.world)
    assert isinstance(found.data, Patterns)
    assert (found.data.by, chosen(found)["direction"]) == ("tag", "tag")
    assert set(chosen(found)) == {"direction", "time", "department", "status", "kind", "significance", "outcome"}
    kinds = await patterns(asked(direction="kind"), bench.world)
    assert isinstance(kinds.data, Patterns)
    assert [each.pattern.tag for each in kinds.data.directions] == ["feature"]
    assert {down.verb for down in found.down} <= {*ACTIONS, "chart"}


async def test_filters_narrow_it_and_nobody_sees_what_they_may_not_read() -> None:
    bench = stored([attempt(1, tags=("pricing",)), attempt(2, -0.03, tags=("emails",))])
    found = await patterns(asked(outcome="abandon"), bench.world)
    assert isinstance(found.data, Patterns)
    assert [each.pattern.tag for each in found.data.directions] == ["emails"]
    guest = ADA.model_copy(update={"role": Role.OUTSIDER, "projects": {"search": Role.VIEWER}})
    none = await patterns(asked(guest), bench.world)
    assert isinstance(none.data, Patterns)
    assert (none.data.directions, none.data.experiments) == ((), 0)
