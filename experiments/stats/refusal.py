"""What the data of a comparison must be like before any number is made of them."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.errors import InsufficientData

if TYPE_CHECKING:
    from experiments.stats.estimates import Estimates

LARGEST = 1e100
ROUNDING = 10 * float(np.finfo(np.float64).eps)


class Refusal(IntEnum):
    """Why a comparison gets no number; `SOUND` is 0 so that a column of these reads as a mask.

    >>> Refusal.TOO_FEW.words
    'There are fewer than two units in an arm.'
    """

    SOUND = 0
    NOT_A_NUMBER = 1
    TOO_LARGE = 2
    TOO_FEW = 3
    CONSTANT = 4
    DENOMINATOR = 5
    TOO_FEW_UNITS = 6
    NO_LOOK = 7
    BEFORE_FIRST_LOOK = 8

    @property
    def words(self) -> str:
        return WORDS[self]


WORDS = {
    Refusal.SOUND: "",
    Refusal.NOT_A_NUMBER: "A count, mean or variance is missing, negative or not a number.",
    Refusal.TOO_LARGE: "The values are too large to calculate with; use a larger unit.",
    Refusal.TOO_FEW: "There are fewer than two units in an arm.",
    Refusal.CONSTANT: "All units of an arm have the same value so far, so nothing is known about the spread.",
    Refusal.DENOMINATOR: "The denominator of the ratio is too close to zero.",
    Refusal.TOO_FEW_UNITS: "There are too few units in an arm for the statistics to hold.",
    Refusal.NO_LOOK: "There are no data from both arms yet.",
    Refusal.BEFORE_FIRST_LOOK: "The first planned look comes later.",
}


def flaws(arm: Estimates) -> NDArray[np.int8]:
    """Per row the first `Refusal` that stands in the way, or `Refusal.SOUND` (0).

    >>> from experiments.stats.estimates import Estimates
    >>> flaws(Estimates.given([100, 1, 100], [1.0, 1.0, 1.0], [0.1, 0.1, 0.0])).tolist()
    [0, 3, 4]
    """
    n, value, variance = arm.n, arm.value, arm.variance
    with np.errstate(invalid="ignore", over="ignore"):
        sound = (n >= 2) & (n <= LARGEST) & (np.abs(value) <= LARGEST) & (variance * n * n <= LARGEST)
        sound &= (variance > np.square(ROUNDING * value)) & (arm.flaw == Refusal.SOUND)
    if sound.all():
        return np.zeros(n.shape, dtype=np.int8)
    found = np.zeros(n.shape, dtype=np.int8)
    odd = ~sound
    found[odd] = _reasons(n[odd], value[odd], variance[odd], arm.flaw[odd])
    return found


def _reasons(
    n: NDArray[np.float64], value: NDArray[np.float64], variance: NDArray[np.float64], known: NDArray[np.int8]
) -> NDArray[np.int8]:
    finite = np.isfinite(n) & np.isfinite(value) & np.isfinite(variance)
    with np.errstate(invalid="ignore", over="ignore"):
        too_large = (np.abs(value) > LARGEST) | (n > LARGEST) | (variance * n * n > LARGEST)
    return np.select(
        [~finite | (n < 0) | (variance < 0), too_large, n < 2, known != Refusal.SOUND],
        [Refusal.NOT_A_NUMBER, Refusal.TOO_LARGE, Refusal.TOO_FEW, known],
        Refusal.CONSTANT,
    ).astype(np.int8)


def refusals(control: Estimates, treatment: Estimates) -> NDArray[np.int8]:
    """Per row the first `Refusal` of either arm, or `Refusal.SOUND` (0).

    >>> from experiments.stats.estimates import Estimates
    >>> one, few = Estimates.given(100, 1.0, 0.1), Estimates.given(0, 0.0, 0.0)
    >>> refusals(one, one).tolist(), refusals(one, few).tolist()
    ([0], [3])
    """
    ours, theirs = flaws(control), flaws(treatment)
    return np.where(ours == Refusal.SOUND, theirs, ours).astype(np.int8)


def require_level(alpha: ArrayLike) -> None:
    """`InsufficientData` unless every level lies strictly between 0 and 1.

    >>> require_level(0.05)
    """
    levels = np.asarray(alpha)
    if not ((levels > 0) & (levels < 1)).all():
        raise InsufficientData("A level of significance lies between 0 and 1.")
