"""The leaderboard: which experiments are read for it, which board is shown, and what nobody sees who may not."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.commands import ImportAggregates
from experiments.execute import execute
from experiments.permissions import Role
from experiments.pictures.leaderboard import Leaderboard
from handlers.pictures.leaderboard import leaderboard
from handlers.table import ACTIONS
from tests.charts.pictures import leaderboard as examples
from tests.experiments.pictures.contests import Contest, Truth, contest
from tests.handlers.pictures.fleets import asked, chosen, stored
from tests.worlds import ADA, MemoryWorld

TRUTHS = {"control": Truth(0.7, 1, 400), "other": Truth(0.8, 2, 500)}


async def kept(contests: Sequence[Contest]) -> MemoryWorld:
    """A world in which these experiments have their rows."""
    bench = stored(each.experiment.evolve(data_version=0) for each in contests)
    for each in contests:
        await execute(ImportAggregates(key=each.experiment.key, rows=tuple(each.rows)), ADA, bench.world)
    return bench


async def test_the_board_with_the_most_entries_is_shown_until_another_is_chosen() -> None:
    bench = await kept(examples.runs())
    found = await leaderboard(asked(), bench.world)
    assert isinstance(found.data, Leaderboard)
    option = next(each for each in found.options if each.name == "dataset")
    assert sorted(words for _, words in option.choices) == [
        "support-qa, version 2, by accuracy", "support-qa, version 3, by accuracy",
    ]  # fmt: skip
    other = next(value for value, words in option.choices if words != found.data.board)
    second = await leaderboard(asked(dataset=other), bench.world)
    assert isinstance(second.data, Leaderboard)
    assert second.data.board != found.data.board
    assert chosen(second)["dataset"] == other
    assert any("Not compared" in each for each in found.data.apart)


async def test_entries_lead_to_their_results() -> None:
    bench = await kept([contest("duel", {"control": {"model": "a"}, "other": {"model": "b"}}, TRUTHS)])
    found = await leaderboard(asked(), bench.world)
    assert [(down.verb, down.words) for down in found.down] == [("results", "Duel")]
    assert found.down[0].verb in ACTIONS


async def test_nobody_sees_what_they_may_not_read() -> None:
    guest = ADA.model_copy(update={"role": Role.OUTSIDER, "projects": {"search": Role.VIEWER}})
    bench = await kept([contest("duel", {"control": {"model": "secret"}, "other": {"model": "b"}}, TRUTHS)])
    found = await leaderboard(asked(guest), bench.world)
    assert "secret" not in str(found)
    assert "Name a model or a prompt" in found.data.model_dump_json()


async def test_without_experiments_it_says_what_to_do() -> None:
    found = await leaderboard(asked(), stored(()).world)
    assert isinstance(found.data, Leaderboard)
    assert (found.data.entries, list(found.down)) == ((), [])
