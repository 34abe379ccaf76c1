"""Sample size and duration in words, and the fields they follow from."""

from __future__ import annotations

from experiments.design import Design, Expectation, MetricKind
from experiments.sizing import Sizing
from handlers.surfaces import kit
from handlers.surfaces.fields import number_field
from handlers.surfaces.kit import Block
from handlers.surfaces.words import said

SIZING = "sizing"
LARGEST = 1e12
Sized = Sizing | str | None
"""A size, or in words why there is none, or nothing as long as the baseline is not known."""


def baseline_fields(kind: MetricKind, known: Expectation | None, scope: str = "") -> list[Block]:
    """Where the primary metric stands today: a rate in percent, or a mean with its spread. Fields of another `scope`
    are new ones to Slack, which then shows what is known instead of what was typed."""
    hint = "The sample size follows from it."
    if kind is MetricKind.PROPORTION:
        rate = round(known.baseline * 100, 8) if known and known.sd is None and 0 < known.baseline < 1 else None
        return [_baseline(f"baseline__percent{scope}", "Rate today, in percent", rate, 100, hint)]
    spread = known.sd if known else None
    mean = known.baseline if known else None
    return [
        _baseline(f"baseline__mean{scope}", "Mean today", mean, LARGEST, hint),
        _baseline(f"sd{scope}", "Its standard deviation per unit", spread, LARGEST),
    ]


def _baseline(name: str, label: str, value: float | None, most: float, hint: str = "") -> Block:
    return number_field(name, label, value, least=0, most=most, decimal=True, optional=True, hint=hint, live=True)


def per_day_field(unit: str, known: int | None, scope: str = "") -> Block:
    """How many units come a day, of which the exposure takes part."""
    return number_field(
        f"per_day{scope}", f"How many {unit}s come a day", known, least=1, most=LARGEST, optional=True, live=True
    )


def sizing_block(sized: Sized, design: Design) -> Block:
    """The size in words, or what is still needed to tell it."""
    match sized:
        case Sizing():
            words = f"📐 *Sample size and duration*\n{said(sized.words, 2500)}"
        case str():
            words = f"📐 {said(sized, 2500)}"
        case None:
            words = (
                f"📐 Say where the primary metric stands today and how many {design.unit.words}s come a day; "
                "the sample size and the duration then appear here."
            )
    return kit.named(SIZING, kit.section(words))
