"""A strip of what is known of a plan: its precision, its units, its power, and when it is as precise as planned."""

from __future__ import annotations

import math

from charts.parts.figures import Figure
from charts.wording import about, chance, count, floored, percent
from experiments.numerals import stated
from experiments.pictures.prospects import Path, Prospect

STRIP = 128


def figures_of(prospect: Prospect) -> tuple[Figure, ...]:
    """Its four figures."""
    return _precision(prospect), _sample(prospect), _power(prospect), _date(prospect)


def prospect_words(prospect: Prospect) -> str:
    """The same in one or two sentences."""
    parts = [f"{_precision(prospect).value} of the planned precision is reached" if prospect.reached is not None
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


def _precision(prospect: Prospect) -> Figure:
    caption = "Planned precision reached"
    if prospect.reached is None:
        return Figure(caption, "not known", prospect.no_target)
    smallest = stated(prospect.smallest)
    if prospect.reached >= 1:
        return Figure(caption, "100 %", f"interval at most ±{smallest} of control", 1.0)
    now = prospect.smallest / math.sqrt(prospect.reached)
    under = f"±{percent(now)} now, ±{smallest} planned"
    return Figure(caption, floored(prospect.reached), under, prospect.reached)


def _sample(prospect: Prospect) -> Figure:
    units = f"{count(prospect.units)} units"
    if prospect.needed is None:
        enough = (prospect.reached or 0) >= 1
        return Figure("Sample", units, "enough for this precision" if enough else "needed: not known")
    return Figure("Sample", units, f"of about {about(prospect.needed)} needed", prospect.units / prospect.needed)


def _power(prospect: Prospect) -> Figure:
    caption = f"Power for a change of {stated(prospect.smallest)}"
    if prospect.power_now is None or prospect.power_planned is None:
        return Figure(caption, "not known", prospect.no_power)
    under = f"mark: {chance(prospect.power_planned)} at the planned end"
    return Figure(caption, f"{chance(prospect.power_now)} now", under, prospect.power_now, prospect.power_planned)


def _date(prospect: Prospect) -> Figure:
    caption = "As precise as planned"
    if prospect.path is None:
        return Figure(caption, "reached" if (prospect.reached or 0) >= 1 else "no date", prospect.no_path)
    return Figure(caption, prospect.path.when, f"at the {_rates(prospect.path)} so far")


def _rates(path: Path) -> str:
    return "rates seen" if path.first < path.last else "rate"


def _on(when: str) -> str:
    return f"from {when}" if " to " in when else f"on {when}"
