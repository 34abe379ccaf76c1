"""The plan of a canary: in which steps it gets more traffic, for how long each, and what lets it pass."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Self

from pydantic import Field, model_validator

from experiments.numerals import share
from experiments.texts import Frozen, Key

FULL_SHARE = 10_000
WINDOWS = 60
FEWEST = 20
SHORTEST_WINDOW = 15


def stepped(weights: Mapping[str, int], control: str, following: int) -> dict[str, int]:
    """These weights at another step: the first canary gets the share of the step, `control` all the rest.

    >>> stepped({"stable": 9_500, "canary": 500}, "stable", 2_500)
    {'stable': 7500, 'canary': 2500}
    """
    treated = [key for key in weights if key != control]
    return dict.fromkeys(weights, 0) | {control: FULL_SHARE - following, treated[0]: following}


class CanaryPlan(Frozen):
    """`steps` are the canary's rising shares in hundredths of a percent; each is judged after `minutes`.

    The judge's score (0 to 100) passes from `pass_score` on and is marginal from `marginal_score` on; any of the
    `critical` metrics that fails, fails the canary whatever the score.
    """

    steps: tuple[int, ...] = Field(default=(500, 2_500, 5_000), min_length=1, max_length=10)
    minutes: int = Field(default=30, ge=1, le=7 * 24 * 60)
    critical: tuple[Key, ...] = ()
    pass_score: float = Field(default=95.0, ge=0, le=100)
    marginal_score: float = Field(default=75.0, ge=0, le=100)

    @model_validator(mode="after")
    def _steps_rise(self) -> Self:
        if list(self.steps) != sorted(set(self.steps)) or self.steps[0] <= 0 or self.steps[-1] >= FULL_SHARE:
            raise ValueError("the steps rise and stay between 0 and 100 %, like 5, 25, 50; stable keeps the rest")
        if self.marginal_score > self.pass_score:
            raise ValueError("the marginal score is at most the passing one")
        return self

    @property
    def words(self) -> str:
        """The steps and their length: 5 % → 25 % → 50 %, 30 minutes each."""
        each = f"{self.minutes} minute{'s' if self.minutes != 1 else ''} each"
        return f"{' → '.join(map(share, self.steps))}, {each}"

    def following(self, share_now: int) -> int | None:
        """The share of the step after this share; None after the last one."""
        return next((step for step in self.steps if step > share_now), None)

    def step_of(self, weight: int) -> int | None:
        """The number of the step in which the canary has this share; None when a person chose another one."""
        return self.steps.index(weight) if weight in self.steps else None


def window_seconds(plan: CanaryPlan) -> int:
    """How long the windows are in which a step is sampled: 60 in a step, none shorter than 15 seconds.

    >>> window_seconds(CanaryPlan(minutes=30)), window_seconds(CanaryPlan(minutes=1))
    (30, 15)
    """
    return max(plan.minutes * 60 // WINDOWS, SHORTEST_WINDOW)


def most_windows(plan: CanaryPlan) -> int:
    """How many windows of a step count in each variant."""
    return max(plan.minutes * 60 // window_seconds(plan), FEWEST)


def counted(values: Sequence[float], plan: CanaryPlan) -> list[tuple[int, float]]:
    """The values that belong to the step, each with the number of its window; those that are missing are made up for
    later.

    >>> counted([1.0, math.nan, 2.0], CanaryPlan())
    [(0, 1.0), (2, 2.0)]
    """
    return list(islice(((at, value) for at, value in enumerate(values) if math.isfinite(value)), most_windows(plan)))


def usual_length(plan: CanaryPlan) -> timedelta:
    """The time in which all windows that count have come, unless every second one is missing."""
    return 2 * most_windows(plan) * timedelta(seconds=window_seconds(plan))
