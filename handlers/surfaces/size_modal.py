"""Size: how many units and days it takes to find an effect, recomputed as fields change, and a draft to use it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.design import FULL_WEIGHT, Design, Method, MetricKind, Unit, Variant
from experiments.model import Experiment, Status
from experiments.numerals import counted, stated
from handlers.surfaces import kit
from handlers.surfaces.fields import number_field, select_field, words_of
from handlers.surfaces.kit import View
from handlers.surfaces.pick_modal import pick_modal
from handlers.surfaces.sizing_block import baseline_fields, per_day_field, sizing_block
from handlers.surfaces.state import READINGS, name

KINDS = ((MetricKind.PROPORTION.value, "A rate: units do it or not"), (MetricKind.MEAN.value, "A mean per unit"))
MOST_TREATMENTS = 10

Tuned = Mapping[str, Any]
"""What a draft takes over from the calculator: fields of its design."""


def even_variants(treatments: int) -> tuple[Variant, ...]:
    """Control and this many treatments with equal shares."""
    share, rest = divmod(FULL_WEIGHT, treatments + 1)
    keys = ["control", *(f"treatment-{number}" for number in range(1, treatments + 1))]
    return tuple(
        Variant(key=key, weight=share + (place < rest), is_control=place == 0) for place, key in enumerate(keys)
    )


def size_modal() -> View:
    """The calculator with the usual assumptions."""
    design = Design()
    return kit.modal(
        "size",
        "Sample size, duration",
        sizing_block(None, design),
        select_field("unit", "What is counted", words_of(Unit), design.unit.value, live=True),
        select_field("primary_kind", "What is measured", KINDS, MetricKind.PROPORTION.value, live=True),
        *baseline_fields(MetricKind.PROPORTION, None),
        number_field(
            "smallest_effect__percent",
            "Smallest effect to find, in percent of control",
            5,
            least=0.01,
            most=1000,
            decimal=True,
            live=True,
        ),
        per_day_field("unit", None),
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
        about={},
    )


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
