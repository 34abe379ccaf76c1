"""Size: an experiment's own design → what it can find in how many days."""

from __future__ import annotations

from experiments.design import Method
from experiments.pictures.size import size_of
from experiments.ports import World
from handlers.aside import aside
from handlers.pictures.asked import Asked, Down, Found, Option
from handlers.surfaces.state import READINGS, target_of
from handlers.usual import usual_in


async def size(asked: Asked, world: World) -> Found:
    """By what the design expects; else by what its project has measured. Read in another way where one is chosen."""
    experiment = asked.experiment
    option = _method(asked)
    design = experiment.design.model_copy(update={"method": Method(option.value)})
    expected, told = design.expectation, ""
    if expected is None and (usual := await usual_in(experiment.project, asked.actor, world)):
        expected, told = usual.expectation, usual.words
    data = await aside(size_of, experiment.title, design, expected, told, experiment.updated_at)
    down = [Down("Open the experiment", "show", target_of(experiment)), Down("Calculate another", "size", "new")]
    return Found(data, [option], down)


def _method(asked: Asked) -> Option:
    own = asked.experiment.design.method
    choices = [(each.value, words) for each, words in READINGS.items()]
    if own not in READINGS:
        choices.insert(0, (own.value, own.words))
    return Option("method", "How it is read", choices, asked.pick("method", choices, own.value))
