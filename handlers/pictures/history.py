"""History: the ended experiments that pass the filters → every attempt by direction, and what the winners add up to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from experiments.pictures.history import directions_of, history_of, metrics_of
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Down, Found, Option
from handlers.pictures.fleet import fleet_of, those
from handlers.surfaces.state import target_of

MOST_SHOWN = 3
MOST_CHOICES = 99
EVERY = "all"


async def history(asked: Asked, world: World) -> Found:
    """Of every direction and metric, unless one is chosen; the newest attempts lead to their cards."""
    experiments, _, filters, _ = await fleet_of(asked, world)
    direction = _option(asked, "direction", "Direction", await aside(directions_of, experiments))
    metric = _option(asked, "metric", "Metric", await aside(metrics_of, experiments))
    draw = partial(history_of, direction=_chosen(direction), metric=_chosen(metric))
    data = await aside(draw, experiments, asked.now)
    newest = await those(experiments, [each.key for each in data.attempts[: -MOST_SHOWN - 1 : -1]])
    down = [Down(each.title, "show", target_of(each)) for each in newest]
    return Found(data, [direction, metric, *filters], [*down, Down("Cost and benefit", "chart", "roi")])


def _option(asked: Asked, name: str, words: str, values: Sequence[str]) -> Option:
    choices = [(EVERY, f"Every {name}"), *((f"={each}", each) for each in values[:MOST_CHOICES])]
    return Option(name, words, choices, asked.pick(name, choices, EVERY))


def _chosen(option: Option) -> str:
    """What is chosen, "" for everything; marked, since a direction may be called anything."""
    return option.value[1:] if option.value != EVERY else ""
