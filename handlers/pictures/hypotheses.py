"""Hypotheses: the ended experiments that pass the filters → how well they were predicted, by the team or by oneself."""

from __future__ import annotations

from experiments.pictures.hypotheses import hypotheses_of
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Down, Found, Option
from handlers.pictures.fleet import fleet_of, those
from handlers.surfaces.state import target_of

TEAM = "team"
MOST_SHOWN = 3


async def hypotheses(asked: Asked, world: World) -> Found:
    """Of the team unless somebody asks for their own. Nobody is shown how well somebody else predicts."""
    experiments, _, filters, _ = await fleet_of(asked, world)
    person = _person(asked)
    mine = person.value == asked.actor.user
    by, whose = (asked.actor.user, asked.actor.name or "one person") if mine else ("", "")
    data = await aside(hypotheses_of, experiments, by, whose, asked.now)
    farthest = sorted(data.guesses, key=lambda each: -abs(each.measured - each.predicted))[:MOST_SHOWN]
    shown = await those(experiments, [each.key for each in farthest])
    down = [Down(each.title, "show", target_of(each)) for each in shown]
    return Found(data, [person, *filters], [*down, Down("Patterns", "chart", "patterns")])


def _person(asked: Asked) -> Option:
    choices = [(TEAM, "The team together"), (asked.actor.user, f"Only {asked.actor.name or 'me'}"[:75])]
    return Option("person", "Predictions of", choices, asked.pick("person", choices, TEAM))
