"""A strip of what is known of a plan: its precision, its units, its power, and when it is as precise as planned."""

from __future__ import annotations

import math

from charts import style
from charts.canvas import Card
from charts.wording import about, chance, count, floored, percent
from experiments.numerals import stated
from experiments.pictures.prospects import Path, Prospect

STRIP = 128
PITCH, ROOM = 336, 300
METER = 9


def strip(card: Card, prospect: Prospect, top: float) -> None:
    """Four figures side by side, each with what it is measured by; a meter where it is a share of something."""
    figures = (_precision(prospect), _sample(prospect), _power(prospect), _date(prospect))
    for place, (caption, value, under, share, mark) in enumerate(figures):
        left = style.MARGIN + place * PITCH
        card.write(left, top, caption, size=style.SMALL, colour=style.MUTED, width=ROOM)
        card.write(left, top + 37, value, size=style.HEADLINE, bold=True, width=ROOM, whole=True)
        if share is not None:
            card.box(left, top + 52, ROOM, METER, style.GRID)
            card.box(left, top + 52, max(2.0, ROOM * min(share, 1.0)), METER, style.BLUE)
        if mark is not None:
            card.box(left + ROOM * mark - 1.5, top + 48, 3, METER + 8, style.INK)
        card.write(left, top + 88, under, size=style.SMALL, colour=style.MUTED, width=ROOM, whole=True)


def prospect_words(prospect: Prospect) -> str:
    """The same in one or two sentences."""
    parts = [f"{_precision(prospect)[1]} of the planned precision is reached" if prospect.reached is not None
             else f"The planned precision cannot be told: {prospect.no_target}"]  # fmt: skip
    if prospect.needed is not None:
        parts.append(f"{count(prospect.units)} of about {about(prospect.needed)} units are in")
    if prospect.power_now is not None and prospect.power_planned is not None:
        parts.append(
            f"power for a change of {stated(prospect.smallest)} is {chance(prospect.power_now)} now and "
            f"{chance(prospect.power_planned)} at the planned end"
        )
    if prospect.path:
        parts.append(
            f"at the {_rates(prospect.path)} so far the planned precision is reached {_on(prospect.path.when)}"
        )
    elif prospect.no_path and (prospect.reached or 0.0) < 1:
        parts.append(f"no date: {prospect.no_path}")
    return f"{'; '.join(parts)}."


_Figure = tuple[str, str, str, float | None, float | None]


def _precision(prospect: Prospect) -> _Figure:
    caption = "Planned precision reached"
    if prospect.reached is None:
        return caption, "not known", prospect.no_target, None, None
    smallest = stated(prospect.smallest)
    if prospect.reached >= 1:
        return caption, "100 %", f"interval at most ±{smallest} of control", 1.0, None
    now = prospect.smallest / math.sqrt(prospect.reached)
    return caption, floored(prospect.reached), f"±{percent(now)} now, ±{smallest} planned", prospect.reached, None


def _sample(prospect: Prospect) -> _Figure:
    units = f"{count(prospect.units)} units"
    if prospect.needed is None:
        return (
            "Sample",
            units,
            "enough for this precision" if (prospect.reached or 0) >= 1 else "needed: not known",
            None,
            None,
        )
    return "Sample", units, f"of about {about(prospect.needed)} needed", prospect.units / prospect.needed, None


def _power(prospect: Prospect) -> _Figure:
    caption = f"Power for a change of {stated(prospect.smallest)}"
    if prospect.power_now is None or prospect.power_planned is None:
        return caption, "not known", prospect.no_power, None, None
    under = f"mark: {chance(prospect.power_planned)} at the planned end"
    return caption, f"{chance(prospect.power_now)} now", under, prospect.power_now, prospect.power_planned


def _date(prospect: Prospect) -> _Figure:
    caption = "As precise as planned"
    if prospect.path is None:
        return caption, "reached" if (prospect.reached or 0) >= 1 else "no date", prospect.no_path, None, None
    return caption, prospect.path.when, f"at the {_rates(prospect.path)} so far", None, None


def _rates(path: Path) -> str:
    return "rates seen" if path.first < path.last else "rate"


def _on(when: str) -> str:
    return f"from {when}" if " to " in when else f"on {when}"
