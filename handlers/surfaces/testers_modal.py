"""Testers: who sees which variant for a trial."""

from __future__ import annotations

from experiments.model import Experiment
from experiments.permissions import Permission, states
from handlers.surfaces import kit
from handlers.surfaces.design_lines import overrides_text
from handlers.surfaces.fields import TEXT, text_field
from handlers.surfaces.kit import View
from handlers.surfaces.problem import problem_modal, refusal
from handlers.surfaces.state import name

SHOWN = 8


def testers_modal(experiment: Experiment) -> View:
    """One tester a line; the present ones stand there."""
    if refused := refusal(experiment, "given testers", states(Permission.TESTERS)):
        return refused
    text = overrides_text(experiment.overrides)
    if len(text) > TEXT:
        return problem_modal(
            f"“{experiment.title}” has {len(experiment.overrides)} testers, more than a form holds. Change them with "
            "bunsen do SetTesters in a terminal.",
            "Too many for a form",
        )
    keys = [variant.key for variant in experiment.design.variants]
    more = f", and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
    treatment = next((each.key for each in experiment.design.treatments), keys[0] if keys else "treatment")
    return kit.modal(
        "testers",
        "Testers",
        kit.section(
            f"Testers of *{name(experiment)}* see the variant you choose, whatever chance would give them, also before "
            "the start. They are not counted.",
            f"Variants: {', '.join(keys[:SHOWN])}{more}",
        ),
        text_field(
            "overrides",
            "Testers",
            text,
            multiline=True,
            optional=True,
            placeholder=f"user-4711 = {treatment}",
            hint=f"One a line: the id of the {experiment.design.unit.words} as your application sends it, = and the "
            "variant. Without any line there are no testers.",
        ),
        submit="Set the testers",
        about={"key": experiment.key, "revision": experiment.revision},
    )
