"""Patterns: the ended experiments that pass the filters → what they say together by tag, project or kind."""

from __future__ import annotations

from typing import cast

from experiments.knowledge.patterns import Grouping
from experiments.pictures.patterns import patterns_picture_of
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Down, Found, Option
from handlers.pictures.fleet import fleet_of

GROUPINGS = [("tag", "by tag"), ("project", "by project"), ("kind", "by kind")]


async def patterns(asked: Asked, world: World) -> Found:
    """By tag unless another grouping is chosen."""
    experiments, _, filters, _ = await fleet_of(asked, world)
    by = asked.pick("direction", GROUPINGS)
    data = await aside(patterns_picture_of, experiments, cast(Grouping, by), asked.now)
    options = [Option("direction", "Read together", GROUPINGS, by), *filters]
    return Found(data, options, [Down("Every attempt", "chart", "history"), Down("Predictions", "chart", "hypotheses")])
