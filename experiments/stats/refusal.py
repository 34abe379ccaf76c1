"""What the data of a comparison must be like before any number is made of them."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from experiments.errors import InsufficientData
from experiments.stats.moments import Floats, Moments

LARGEST = 1e100
ROUNDING = 10 * float(np.finfo(np.float64).eps)


class Refusal(IntEnum):
    """Why a comparison gets no number; `SOUND` is 0 so that a column of these reads as a mask."""

    SOUND = 0
    NOT_A_NUMBER = 1
    TOO_LARGE = 2
    TOO_FEW = 3
    CONSTANT = 4

    @property
    def words(self) -> str:
        return WORDS[self]


WORDS = {
    Refusal.SOUND: "",
    Refusal.NOT_A_NUMBER: "A count, mean or variance is missing, negative or not a number.",
    Refusal.TOO_LARGE: "The values are too large to calculate with; use a larger unit.",
    Refusal.TOO_FEW: "There are fewer than two units in an arm.",
    Refusal.CONSTANT: "All units of an arm have the same value so far, so nothing is known about the spread.",
}


def _flaw(arm: Moments) -> NDArray[np.int8]:
    parts = (arm.n, arm.mean, arm.m2)
    finite = np.isfinite(arm.n) & np.isfinite(arm.mean) & np.isfinite(arm.m2)
    n, mean, m2 = (np.where(finite, part, 0.0) for part in parts)
    spread = np.maximum(m2, 0) / np.maximum(n, 1) / np.maximum(n - 1, 1)
    return np.select(
        [
            ~finite | (n < 0) | (m2 < 0),
            (np.abs(mean) > LARGEST) | (m2 > LARGEST) | (n > LARGEST),
            n < 2,
            np.sqrt(spread) <= ROUNDING * np.abs(mean),
        ],
        [Refusal.NOT_A_NUMBER, Refusal.TOO_LARGE, Refusal.TOO_FEW, Refusal.CONSTANT],
        Refusal.SOUND,
    ).astype(np.int8)


def refusals(control: Moments, treatment: Moments) -> NDArray[np.int8]:
    """Per row the first `Refusal` of either arm, or `Refusal.SOUND` (0)."""
    ours, theirs = _flaw(control), _flaw(treatment)
    return np.where(ours == Refusal.SOUND, theirs, ours).astype(np.int8)


def require_sound(control: Moments, treatment: Moments) -> None:
    """`InsufficientData` with the reason unless every row can be compared."""
    found = refusals(control, treatment)
    if found.any():
        raise InsufficientData(Refusal(int(found[found > 0].flat[0])).words)


def require_level(alpha: Floats | float) -> None:
    """`InsufficientData` unless every level lies strictly between 0 and 1."""
    levels = np.asarray(alpha)
    if not ((levels > 0) & (levels < 1)).all():
        raise InsufficientData("A level of significance lies between 0 and 1.")
