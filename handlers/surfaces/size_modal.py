"""Size: how many units and days it takes to find an effect, recomputed as fields change, and a draft to use it in."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from experiments.design import FULL_WEIGHT, Design, Method, MetricKind, Unit, Variant
from experiments.knowledge.usual import Usual
from experiments.model import Experiment, Status
from experiments.numerals import counted, stated
from handlers.surfaces import kit
from handlers.surfaces.fields import number_field, select_field, words_of
from handlers.surfaces.kit import Block, View
from handlers.surfaces.pick_modal import pick_modal
from handlers.surfaces.sizing_block import baseline_fields, per_day_field, sizing_block
from handlers.surfaces.state import READINGS, name
from handlers.surfaces.words import said

KINDS = ((MetricKind.PROPORTION.value, "A rate: units do it or not"), (MetricKind.MEAN.value, "A mean per unit"))
MOST_TREATMENTS = 10
TOLD, CURVE = "told", "curve"

Tuned = Mapping[str, Any]
"""What a draft takes over from the calculator: fields of its design."""


def even_variants(treatments: int) -> tuple[Variant, ...]:
    """Control and this many treatments with equal shares."""
    share, rest = divmod(FULL_WEIGHT, treatments + 1)
    keys = ["control", *(f"treatment-{number}" for number in range(1, treatments + 1))]
    return tuple(
        Variant(key=key, weight=share + (place < rest), is_control=place == 0) for place, key in enumerate(keys)
    )


def size_modal(projects: Sequence[str] = (), project: str = "", usual: Usual | None = None, before: str = "") -> View:
    """The calculator with the usual assumptions, or with what is usual in the project that was chosen; its fields then
    have a scope other than that `before`, so that nothing that was typed stays in them."""
    design, scope = Design(), f"__{zlib.crc32((before + project).encode()):08x}" if usual else ""
    kind, unit = (usual.kind, usual.unit) if usual else (MetricKind.PROPORTION, design.unit)
    known = usual.expectation if usual else None
    return kit.modal(
        "size",
        "Sample size, duration",
        *_from_project(projects, project, usual),
        sizing_block(None, design),
        select_field(f"unit{scope}", "What is counted", words_of(Unit), unit.value, live=True),
        select_field(f"primary_kind{scope}", "What is measured", KINDS, kind.value, live=True),
        *baseline_fields(kind, known, scope),
        number_field(
            "smallest_effect__percent",
            "Smallest effect to find, in percent of control",
            5,
            least=0.01,
            most=1000,
            decimal=True,
            live=True,
        ),
        per_day_field("unit", known.per_day if known else None, scope),
        number_field("planned_days", "Planned days", design.planned_days, least=1, most=400, live=True),
        number_field("treatments", "Treatments beside control", 1, least=1, most=MOST_TREATMENTS, live=True),
        select_field(
            "method",
            "How it is read",
            [(each.value, READINGS[each]) for each in Method if each in READINGS],
            design.method.value,
            live=True,
        ),
        submit="Use in a draft",
        close="Close",
        about={"project": project, "scope": scope, "metric": usual.metric if usual else ""},
    )


def _from_project(projects: Sequence[str], project: str, usual: Usual | None) -> list[Block]:
    """Whose history fills the form in, and what that says."""
    if not projects:
        return []
    choices = [(name, name) for name in dict.fromkeys(filter(None, (project, *projects)))]
    field = select_field("project", "Project whose history fills this in", choices, project, live=True)
    return [{**field, "optional": True}, told_block(project, usual)]


def told_block(project: str, usual: Usual | None) -> Block:
    """Where the numbers come from."""
    if usual:
        words = f"🧪 {said(usual.words, 600)}"
    elif project:
        words = f"Nobody has measured a rate or a mean in {said(project)} yet. What is filled in stays."
    else:
        words = "Choose a project, or fill in what you know."
    return kit.named(TOLD, kit.context(words))


def curve_block(alt: str, file: str | None) -> Block:
    """The curve as a picture; words where it could not be had."""
    return kit.named(CURVE, kit.image(file, alt) if file else kit.context(kit.UNDRAWN))


def drawing_block() -> Block:
    """In the place of a curve that is on its way."""
    return kit.named(CURVE, kit.context("✏️ The curve follows in a moment."))


def remembering(view: View, **seen: str) -> View:
    """The view with more to come back with its answers."""
    known = json.loads(view.get("private_metadata") or "{}")
    return {**view, "private_metadata": json.dumps({**known, **seen}, separators=(",", ":"), ensure_ascii=False)}


def use_modal(drafts: Sequence[Experiment], tuned: Tuned) -> View:
    """Which draft takes the numbers over; says which."""
    picked = pick_modal(drafts, "size", about={"tuned": dict(tuned), "statuses": [Status.DRAFT.value]})
    intro = kit.section("The draft you choose takes these over:", *tuned_lines(tuned))
    return {**picked, "blocks": [intro, *picked["blocks"]]}


def used_modal(experiment: Experiment, tuned: Tuned) -> View:
    """What a draft says now."""
    return kit.modal(
        "size_used",
        "Taken over",
        kit.section(f"*{name(experiment)}* ({experiment.key}) says now:", *tuned_lines(tuned)),
        close="Close",
        about={},
    )


def tuned_lines(tuned: Tuned) -> list[str]:
    """What is taken over, a line each."""
    return [
        f"• smallest effect {stated(tuned['smallest_effect'])} of control",
        f"• {counted(tuned['planned_days'], 'planned day')}",
        f"• {tuned['planned_units']:,} units in control and one treatment together",
        f"• read {Method(tuned['method']).words}",
    ]
