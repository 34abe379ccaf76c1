"""Portfolio: the projects of a department → what each finishes and wins, where its metric goes, how it is now."""

from __future__ import annotations

from experiments.model import Experiment
from experiments.pictures.portfolio import Portfolio, portfolio_of
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Down, Found
from handlers.pictures.fleet import fleet_of
from handlers.surfaces.state import target_of

FITTING = ("time", "department", "kind")
WAYS_ON = (("What is running", "active"), ("Velocity", "velocity"), ("What works", "patterns"))


async def portfolio(asked: Asked, world: World) -> Found:
    """Of the chosen time, or the last twelve months; what runs and what is owed, whenever it was last changed."""
    experiments, policies, filters, days = await fleet_of(asked, world, FITTING, whenever=True)
    data = await aside(portfolio_of, experiments, policies, asked.now, days)
    return Found(data, filters, [*_people(data, experiments), *(Down(words, "chart", name) for words, name in WAYS_ON)])


def _people(data: Portfolio, experiments: tuple[Experiment, ...]) -> list[Down]:
    """To what needs people: the first experiment in trouble, and the decision that is owed for longest."""
    known = {each.key: each for each in experiments}
    needs = (("In trouble", data.trouble, "results"), ("Undecided", data.oldest_owed, "show"))
    return [Down(f"{words}: {known[key].title}", verb, target_of(known[key])) for words, key, verb in needs if key]
