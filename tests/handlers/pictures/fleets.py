"""A store full of ended experiments, and somebody who asks for pictures of them."""

from __future__ import annotations

from collections.abc import Iterable

from experiments.model import Experiment
from experiments.permissions import Actor
from experiments.policy import Policies
from handlers.pictures.asked import Asked, Found
from tests.experiments.pictures.attempts import NOW
from tests.worlds import ADA, WORKSPACE, MemoryWorld


def stored(some: Iterable[Experiment], policies: Policies | None = None) -> MemoryWorld:
    """A world in which these experiments are kept."""
    bench = MemoryWorld()
    tables = bench.database.tables(WORKSPACE)
    for each in some:
        tables.experiments[each.key] = each.evolve(workspace=WORKSPACE, version=1)
    if policies:
        tables.policies[""] = policies
    return bench


def asked(actor: Actor = ADA, **chosen: str) -> Asked:
    return Asked(actor, NOW, chosen)


def chosen(found: Found) -> dict[str, str]:
    return {option.name: option.value for option in found.options}


def offered(found: Found) -> dict[str, str]:
    """What is chosen in the filters that leave something to choose."""
    return {option.name: option.value for option in found.options if len(option.choices) > 1}
