"""What people write behind the options of `bunsen analyze` and `bunsen size`, read or refused in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from experiments.errors import BadInput


class Size(NamedTuple):
    """A size that is relative (0.05 is 5 %) or in the metric's own unit.

    >>> Size(0.05, relative=True).value
    0.05
    """

    value: float
    relative: bool


def size_of(text: str, option: str) -> Size:
    """“5%” is relative, a plain number is in the metric's own unit; `BadInput` for anything else.

    >>> size_of("5 %", "--effect"), size_of("-0.01", "--effect")
    (Size(value=0.05, relative=True), Size(value=-0.01, relative=False))
    """
    plain = text.strip().replace("−", "-")
    relative = plain.endswith("%")
    value = number_of(plain.removesuffix("%").strip(), option, shown=text)
    return Size(value / 100 if relative else value, relative)


def number_of(text: str, option: str, shown: str | None = None) -> float:
    """A finite number; `BadInput` with the option's name for anything else.

    >>> number_of("0.25", "--weights")
    0.25
    """
    try:
        value = float(text) if "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadInput(f"{option}: “{shown or text}” is not a number like 0.01, or 5% of control.", field=option)
    return value


def named(texts: Sequence[str], option: str, *, optional: bool = False) -> dict[str, str]:
    """NAME=VALUE pairs; with `optional` a name alone has the value "". `BadInput` for a name without one, or twice.

    >>> named(["latency=down"], "--direction"), named(["latency"], "--guardrail", optional=True)
    ({'latency': 'down'}, {'latency': ''})
    """
    found: dict[str, str] = {}
    for text in texts:
        name, parted, value = (part.strip() for part in text.partition("="))
        if not name or bool(parted) != bool(value) or not (parted or optional):
            raise BadInput(f"{option}: “{text}” is not of the form NAME=VALUE.", field=option)
        if name in found:
            raise BadInput(f"{option}: {name} is given twice.", field=option)
        found[name] = value
    return found


def weights_of(text: str, option: str = "--weights") -> dict[str, float] | tuple[float, ...]:
    """Weights by variant, or in order with control first; any sum, none below 0. `BadInput` for anything else.

    >>> weights_of("50,50"), weights_of("control=90,treatment=10")
    ((50.0, 50.0), {'control': 90.0, 'treatment': 10.0})
    """
    parts = [part for part in text.split(",") if part.strip()]
    if "=" in text:
        found = {name: number_of(value, option) for name, value in named(parts, option).items()}
    else:
        found = {str(place): number_of(part.strip(), option) for place, part in enumerate(parts)}
    if len(found) < 2 or min(found.values()) < 0 or not 0 < sum(found.values()) < math.inf:
        raise BadInput(
            f"{option}: “{text}” is not a weight for each of at least two variants, like 50,50.", field=option
        )
    return found if "=" in text else tuple(found.values())
