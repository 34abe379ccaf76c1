"""Comparison: an experiment → its metrics against control, all of them or those of one role or treatment."""

from __future__ import annotations

from experiments.design import MetricRole
from experiments.pictures.comparison import only
from experiments.ports import World
from handlers.pictures.asked import Asked, Found, Option
from handlers.pictures.narrowing import EVERY, chosen_variant, variant_option, ways_on
from handlers.reading import readout_of


async def comparison(asked: Asked, world: World) -> Found:
    """Every metric and treatment unless some are chosen."""
    roles, variants = _roles(asked), variant_option(asked)
    role = MetricRole(roles.value) if roles.value in tuple(MetricRole) else None
    return Found(
        only(await readout_of(asked.experiment, world), role=role, treatment=chosen_variant(variants)),
        options=(roles, variants),
        down=ways_on(asked, ("Over time", "significance"), ("Segments", "segments")),
    )


def _roles(asked: Asked) -> Option:
    """The roles of its metrics; there is nothing to choose while all have the same."""
    present = [role for role in MetricRole if any(each.role is role for each in asked.experiment.design.metrics)]
    if len(present) < 2:
        return Option("role", "Role", (), EVERY)
    choices = [(EVERY, "all metrics"), *((role.value, role.words) for role in present)]
    return Option("role", "Role", choices, asked.pick("role", choices, EVERY))
