"""The picture of all that runs: what is read for it, what can be chosen, where it leads, who may see it."""

from __future__ import annotations

from datetime import timedelta

from experiments.model import Status
from experiments.permissions import Role
from experiments.pictures.active import MOST, Active
from experiments.pictures.condition import Level
from experiments.watch import Watch
from handlers.drawing import digest_of
from handlers.pictures.active import active
from handlers.pictures.asked import Found
from handlers.pictures.shelf import found_for
from handlers.table import ACTIONS
from tests.charts.pictures.active import week
from tests.experiments.pictures.attempts import NOW, attempt
from tests.experiments.pictures.underway import Underway, underway
from tests.handlers.pictures.fleets import asked, chosen, stored
from tests.worlds import ADA, WORKSPACE, MemoryWorld


async def running(*some: Underway) -> MemoryWorld:
    """A world in which these run, with their data, and something else that has ended."""
    bench = stored([*(each.experiment for each in some), attempt(1)])
    async with bench.world.uow(WORKSPACE) as uow:
        for each in some:
            await uow.aggregates.add(each.experiment.key, 1, each.rows)
    return bench


def data_of(found: Found) -> Active:
    assert isinstance(found.data, Active)
    return found.data


async def test_all_that_runs_is_read_and_ranked() -> None:
    found = await active(asked(), (await running(*week())).world)
    data = data_of(found)
    assert (data.total, len(data.rows), data.levels[Level.TROUBLE]) == (10, 10, 2)
    assert {down.verb for down in found.down} <= {*ACTIONS, "chart"}
    assert [(down.words, down.verb) for down in found.down[:3]] == [
        ("Query rewriting", "results"), ("Bigger checkout button", "results"), ("Free returns in the basket", "show"),
    ]  # fmt: skip
    assert found.down[0].value.startswith("running-3@")


async def test_status_and_the_other_filters_narrow_it() -> None:
    bench = await running(*week())
    found = await active(asked(status=Status.PAUSED), bench.world)
    assert [row.title for row in data_of(found).rows] == ["Reviews above the fold"]
    assert chosen(found) == {
        "status": "paused", "time": "any", "department": "any", "kind": "any", "significance": "any",
    }  # fmt: skip
    gone = await active(asked(status="decided"), bench.world)
    assert chosen(gone)["status"] == "any"
    assert data_of(await active(asked(kind="prompt_ab"), bench.world)).total == 0


async def test_what_was_chosen_below_another_picture_and_is_not_shown_here_does_not_narrow_it() -> None:
    found = await active(asked(outcome="ship"), (await running(underway())).world)
    assert data_of(found).total == 1
    assert "outcome" not in chosen(found)


async def test_only_the_most_pressing_are_read() -> None:
    some = [underway(number, day=3, per_day=200) for number in range(MOST + 4)]
    data = data_of(await active(asked(), (await running(*some)).world))
    assert (data.total, len(data.rows)) == (MOST + 4, MOST)


async def test_a_guardrail_without_data_is_trouble() -> None:
    bench = await running(underway())
    silent = Watch(key="running-1", next_at=NOW, missing_since=NOW - timedelta(hours=3))
    bench.database.tables(WORKSPACE).watches["running-1"] = (silent, None)
    data = data_of(await active(asked(), bench.world))
    assert data.rows[0].condition.level is Level.TROUBLE


async def test_nobody_sees_what_they_may_not_read() -> None:
    guest = ADA.model_copy(update={"role": Role.OUTSIDER, "projects": {"search": Role.VIEWER}})
    bench = await running(underway(1), underway(2, project="search"))
    data = data_of(await active(asked(guest), bench.world))
    assert ([row.key for row in data.rows], data.total) == (["running-2"], 1)


async def test_within_two_minutes_the_same_data_make_the_same_picture() -> None:
    bench = await running(underway(1))
    bench.clock.time = NOW
    _, first = await found_for("active", ADA, bench.world)
    bench.clock.advance(seconds=119)
    _, second = await found_for("active", ADA, bench.world)
    bench.clock.advance(seconds=1)
    _, third = await found_for("active", ADA, bench.world)
    assert digest_of(first) == digest_of(second) != digest_of(third)
