"""What somebody settles before an experiment about the test that will read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from experiments.errors import InsufficientData
from experiments.stats.group_sequential import SMALLEST_ALPHA, Rule
from experiments.stats.refusal import LARGEST, require_level
from experiments.stats.sequential_power import AlwaysValid, Looks
from experiments.stats.spending import Sides

Goal: TypeAlias = Literal["two-sided", "greater", "less", "equivalence"]
Test: TypeAlias = Literal["welch", "student", "z", "pooled"]
LEAST_SHARE = 1e-6
LARGEST_ALPHA = 0.5


@dataclass(frozen=True, slots=True)
class Plan:
    """Test, errors, split and looks. Every treatment is compared with control, all with the same effect.

    `goal`: which side counts; for `equivalence` the effect must lie within ±`null`. `null`: what the effect is tested
    against (a non-inferiority margin is negative for `greater`). `relative`: effect and null are shares of the control
    mean; the margin is then tested as treatment − (1 + null)·control (Fieller 1954). `shares`: weights of the arms,
    control first. `split_alpha`: α over the number of treatments (Bonferroni; planning for Holm is the same). `test`: t
    test with Welch's or Student's degrees of freedom, z, or the pooled z of two rates. `both_tails`: count rejections
    on the wrong side too, as some calculators do, at one look. `sequential` and `looks`: stopping rule and number of
    equally spaced looks; such plans rest on the normal distribution.

    Raises `InsufficientData` for anything that is not a test.

    >>> Plan(shares=(2, 1, 1)).level, Plan(shares=(2, 1, 1)).compared
    (0.025, (0.5, 0.25))
    """

    alpha: float = 0.05
    power: float = 0.8
    goal: Goal = "two-sided"
    null: float = 0.0
    relative: bool = False
    shares: tuple[float, ...] = (1.0, 1.0)
    split_alpha: bool = True
    test: Test = "welch"
    both_tails: bool = False
    sequential: Rule | AlwaysValid | None = None
    looks: int = 14

    def __post_init__(self) -> None:
        require_level(self.alpha)
        if not SMALLEST_ALPHA * len(self.shares) <= self.alpha <= LARGEST_ALPHA:
            raise InsufficientData("With this level of significance there is nothing to plan; choose one such as 0.05.")
        if not self.alpha < self.power < 1:
            raise InsufficientData("A power lies above the level of significance and below 1.")
        if len(self.shares) < 2 or not all(LEAST_SHARE * sum(self.shares) < share < np.inf for share in self.shares):
            raise InsufficientData(
                "A comparison needs a control and a treatment, each with a share of the units above 0."
            )
        if not abs(self.null) <= LARGEST or (self.relative and self.null <= -1):
            raise InsufficientData("The margin is missing, or takes away all of the control mean.")
        if self.goal == "equivalence" and (self.null <= 0 or self.sequential is not None):
            raise InsufficientData("Equivalence needs a margin above 0 and is read once, at the end.")
        if self.test == "pooled" and (self.null or self.goal == "equivalence"):
            raise InsufficientData("The pooled test compares two rates for equality; a margin needs another test.")

    @property
    def level(self) -> float:
        """α of one comparison."""
        return self.alpha / (len(self.shares) - 1) if self.split_alpha else self.alpha

    @property
    def sides(self) -> Sides:
        return 2 if self.goal == "two-sided" else 1

    @property
    def compared(self) -> tuple[float, float]:
        """Shares of all units in control and in the smallest treatment, which is the one that decides the size."""
        total = sum(self.shares)
        return self.shares[0] / total, min(self.shares[1:]) / total

    def over_looks(self, drift: float, units: float) -> float:
        """Power with the plan's looks, up to `units` units in all arms, where z is expected to be `drift`.

        >>> round(Plan(sequential=AlwaysValid(1_000)).over_looks(2.8016, 1_000), 4)
        0.4838
        """
        looks = Looks(self.sequential or AlwaysValid(), self.looks, self.level, self.sides)
        return looks.power(drift, units * sum(self.compared))
