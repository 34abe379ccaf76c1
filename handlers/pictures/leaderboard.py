"""Leaderboard: model comparisons and prompt tests with data → what may be compared → its experiments' rows, ranked."""

from __future__ import annotations

from experiments.model import Experiment
from experiments.pictures.boards import Board, boards_of, nameless
from experiments.pictures.leaderboard import Gathered, leaderboard_of
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Down, Found, Option
from handlers.pictures.fleet import fleet_of
from handlers.reading import data_of
from handlers.surfaces.state import target_of

MOST_READ = 50
MOST_BOARDS = 100
MOST_SHOWN = 3


async def leaderboard(asked: Asked, world: World) -> Found:
    """Of the board with the most entries unless another is chosen; of its experiments the newest fifty are read."""
    experiments, _, filters, _ = await fleet_of(asked, world)
    boards = await aside(boards_of, experiments)
    choices = [(each.value, each.words) for each in boards[:MOST_BOARDS]]
    chosen = asked.pick("dataset", choices)
    board = next((each for each in boards if each.value == chosen), None)
    known = {each.key: Gathered(*await data_of(each, world)) for each in _of(board)}
    unnamed = await aside(nameless, experiments)
    data = await aside(leaderboard_of, board, boards, known, asked.now, unnamed)
    keys = dict.fromkeys(each.experiment for each in data.entries)
    first = [each for each in _of(board) if each.key in list(keys)[:MOST_SHOWN]]
    down = [Down(each.title, "results", target_of(each)) for each in first]
    return Found(data, [Option("dataset", "Compared on", choices, chosen), *filters], down)


def _of(board: Board | None) -> list[Experiment]:
    """The experiments of a board, the newest first."""
    found = {seat.experiment.key: seat.experiment for seat in board.seats} if board else {}
    return list(found.values())[:MOST_READ]
