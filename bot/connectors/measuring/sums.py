"""Sums over the units of every group (a metric in a variant), moved by what each unit's values become.

They are about a fixed centre, so what one move rounds away is about 1e-16 of the largest sum there ever was (`peak`).
Where a sum has shrunk far below its peak, or the values have moved far from their centre, digits were lost, and the
group has to be summed up anew about its new mean.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.connectors.measuring.columns import Columns

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

AXES = ("x", "y", "z")
SUMS = ("sx", "sy", "sz", "sxx", "syy", "szz", "sxy", "sxz", "syz")
CENTRES = ("cx", "cy", "cz")
PEAKS = {"sxx": "peak_x", "syy": "peak_y", "szz": "peak_z"}
MOST_LOST = 1e3
"""How much larger than what is left a sum may have been; 1e3 times the rounding of a day's refreshes is below 1e-9."""


class Points(NamedTuple):
    """The values of units: x, what it is divided by y, the one from before exposure z."""

    x: Floats
    y: Floats
    z: Floats


def nothing() -> dict[str, Any]:
    """The sums of a group without a unit, which has no centre yet."""
    return dict.fromkeys(CENTRES, np.nan) | dict.fromkeys((*SUMS, *PEAKS.values()), 0.0) | {"present": 0}


def move(groups: Columns, group: NDArray[np.int64], points: Points, sign: int) -> None:
    """Put units of these groups in, or with −1 as sign take them out; the mean of the first that come to a group is its
    centre."""
    size = len(groups)
    count = np.bincount(group, minlength=size)
    begun = (count > 0) & np.isnan(groups["cx"])
    if begun.any():
        for centre, values in zip(CENTRES, points, strict=True):
            groups[centre][begun] = np.bincount(group, values, size)[begun] / count[begun]
    groups["present"] += sign * count
    with np.errstate(over="ignore", invalid="ignore"):
        about = {
            axis: around
            for axis, centre, values in zip(AXES, CENTRES, points, strict=True)
            if (around := values - groups[centre][group]).any()
        }
        for name in SUMS:
            if about.keys() >= set(name[1:]):
                moved = np.bincount(group, reduce(np.multiply, [about[axis] for axis in name[1:]]), size)
                groups[name] += sign * moved
                if name in PEAKS:
                    np.maximum(groups[PEAKS[name]], moved, out=groups[PEAKS[name]])


def lost(groups: Columns) -> Mask:
    """The groups whose sums have lost digits, or that have a centre and no unit."""
    present = groups["present"]
    inside = np.maximum(present, 1)
    found = present == 0
    with np.errstate(over="ignore", invalid="ignore"):
        for axis, (square, peak) in zip(AXES, PEAKS.items(), strict=True):
            total, whole, centre = groups[f"s{axis}"], groups[square], groups[f"c{axis}"]
            shift = total * total / inside
            moved = shift > MOST_LOST * np.maximum(whole - shift, 0.0)
            shrunk = groups[peak] > MOST_LOST * whole
            found |= moved & (np.abs(total) > 1e-9 * present * np.abs(centre))
            found |= shrunk & (groups[peak] > 1e-18 * present * centre * centre)
            found |= ~np.isfinite(whole)
    return np.asarray(found & ~np.isnan(groups["cx"]))


def moments(groups: Columns, looks: Collection[int]) -> dict[tuple[int, int], tuple[float, ...]]:
    """Per metric and variant of these looks how many units there are, their means and sums of squared deviations."""
    wanted = np.isin(groups["look"], list(looks)) & (groups["present"] > 0)
    present = groups["present"][wanted]
    found = [present.astype(float)]
    for axis, centre, square in zip(AXES, CENTRES, PEAKS, strict=True):
        total = groups[f"s{axis}"][wanted]
        found += [groups[centre][wanted] + total / present, groups[square][wanted] - total * total / present]
    keys = zip(groups["measure"][wanted].tolist(), groups["arm"][wanted].tolist(), strict=True)
    return dict(zip(keys, map(tuple, np.transpose(found).tolist()), strict=True))
