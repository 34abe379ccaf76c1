"""Scenario: who comes, what is true of them in which variant, and what goes wrong on the way."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from experiments.errors import BadInput
from experiments.faults import fault_words
from experiments.texts import Frozen, Key, Name, Words

TREATMENTS = "*"
MOST_PER_VISIT = 60
NEARLY_ONE = 1e-6


class TrueKind(Words):
    """How a metric's values come about.

    `proportion`: at most once per person, with the probability `baseline`. `mean`: skewed (lognormal) values with the
    mean `baseline`; `latency`: the same with the median `baseline`. `ratio`: of the things done in a visit, counted
    under `denominator`, the share `baseline`.
    """

    PROPORTION = "proportion"
    MEAN = "mean"
    RATIO = "ratio"
    LATENCY = "latency"


class Exposures(Words):
    """What records who saw a variant: the evaluation of the flag, or an event that the application sends itself."""

    EVALUATION = "evaluation"
    EVENTS = "events"


class Kept(Words):
    EXPOSURES = "exposures"
    OBSERVATIONS = "observations"


class Effect(Frozen):
    """The true relative effect of a variant: 0.1 is 10 % more than in control.

    It begins `after_hours` of the scenario; with `fades_days` it shrinks with every day since a person's first visit,
    to a third after that many days.
    """

    relative: float = Field(ge=-1, le=100, allow_inf_nan=False)
    after_hours: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    fades_days: float | None = Field(default=None, gt=0, allow_inf_nan=False)


class Outliers(Frozen):
    """A share of values that are larger by a factor."""

    share: float = Field(default=0.001, ge=0, le=1)
    factor: float = Field(default=50.0, ge=0, allow_inf_nan=False)


class TrueMetric(Frozen):
    """What is true of one metric.

    `spread` is the standard deviation of the logarithm of values, `steadiness` the share of its variance that stays
    with a person from visit to visit; for a proportion or a ratio `spread` makes people differ in their rate.
    `per_visit` is the mean number of values or things in a visit. An observation arrives `delay_hours` after the visit
    on average. With `history_days` every person also has a value from so many days before their first visit.
    """

    metric: Key
    kind: TrueKind
    baseline: float = Field(ge=0, allow_inf_nan=False)
    effects: dict[Name, Effect] = {}
    spread: float = Field(default=0.0, ge=0, le=5)
    steadiness: float = Field(default=0.5, ge=0, le=1)
    per_visit: float = Field(default=1.0, ge=1, le=MOST_PER_VISIT / 2)
    denominator: Key | None = None
    outliers: Outliers | None = None
    delay_hours: float = Field(default=0.0, ge=0, le=24 * 90)
    history_days: float = Field(default=0.0, ge=0, le=60)

    @field_validator("effects", mode="before")
    @classmethod
    def _plain_numbers(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {name: {"relative": each} if isinstance(each, int | float) else each for name, each in given.items()}

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kind in (TrueKind.PROPORTION, TrueKind.RATIO) and self.baseline > 1:
            raise ValueError(f"{self.metric} is a share; its baseline is at most 1")
        if (self.kind is TrueKind.RATIO) != (self.denominator is not None):
            raise ValueError(f"{self.metric}: a ratio, and nothing else, names the metric of its denominator")
        if self.history_days and self.kind not in (TrueKind.MEAN, TrueKind.PROPORTION):
            raise ValueError(f"{self.metric}: only a mean or a proportion has a value from before")
        return self

    def effect_of(self, variant: str, control: str) -> Effect | None:
        """What a variant does; `*` speaks for every variant but control."""
        return self.effects.get(variant) or (None if variant == control else self.effects.get(TREATMENTS))


class Level(Frozen):
    """People with one value of an attribute: their share, and by what factors their baseline and effects differ."""

    name: Name
    share: float = Field(gt=0, le=1)
    baseline: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    effect: float = Field(default=1.0, allow_inf_nan=False)


class Segment(Frozen):
    """An attribute that an evaluation carries, and its levels."""

    attribute: Name
    levels: tuple[Level, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_everybody(self) -> Self:
        if abs(sum(level.share for level in self.levels) - 1) > NEARLY_ONE:
            raise ValueError(f"the shares of {self.attribute} do not sum to 1")
        return self


class Bots(Frozen):
    """Machines among the people: each sends `events` values of every metric within the hour."""

    per_day: float = Field(default=2.0, ge=0, le=10_000, allow_inf_nan=False)
    events: int = Field(default=5_000, ge=1, le=100_000)


class Loss(Frozen):
    """A share of the people of one variant of whom Bunsen never hears: of their exposure, or of what they did."""

    variant: Name = TREATMENTS
    share: float = Field(gt=0, le=1)
    what: Kept = Kept.EXPOSURES


class Outage(Frozen):
    """A stretch of the scenario in which no events are sent; afterwards they come late, or are `lost`."""

    after_hours: float = Field(ge=0, allow_inf_nan=False)
    hours: float = Field(gt=0, allow_inf_nan=False)
    lost: bool = False


class Scenario(Frozen):
    """Everything that is true of the visitors of one experiment; the same one with the same seed has the same people.

    `returning` is the chance that somebody comes back on each of the `return_days` days after their first visit;
    `rhythm` is how much more of them come in the evening than on average.
    """

    experiment: Key = "experiment"
    control: Name = "control"
    about: str = ""
    seed: int = Field(default=1, ge=0)
    people_per_day: float = Field(default=3_000, gt=0, le=10**8, allow_inf_nan=False)
    rhythm: float = Field(default=0.0, ge=0, le=1)
    returning: float = Field(default=0.0, ge=0, le=1)
    return_days: int = Field(default=7, ge=0, le=60)
    exposures: Exposures = Exposures.EVALUATION
    segments: tuple[Segment, ...] = Field(default=(), max_length=10)
    metrics: tuple[TrueMetric, ...] = Field(min_length=1, max_length=50)
    bots: Bots | None = None
    losses: tuple[Loss, ...] = ()
    outages: tuple[Outage, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        names = [metric.metric for metric in self.metrics]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"the metric {twice} is named twice")
        if self.exposures is Exposures.EVALUATION and any(loss.what is Kept.EXPOSURES for loss in self.losses):
            raise ValueError('exposures can only be lost where the application sends them: exposures = "events"')
        return self

    def changed(self, **changes: Any) -> Scenario:
        """The same scenario with these fields changed, validated anew."""
        return Scenario.model_validate({**dict(self), **changes})


def read_scenario(path: Path) -> Scenario:
    """A scenario from a TOML or JSON file; `BadInput` in words for anything else."""
    try:
        text = path.read_text(encoding="utf-8")
        given = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        return Scenario.model_validate(given)
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}).") from None
    except (UnicodeDecodeError, json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} is neither TOML nor JSON: {error}.") from None
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, fault['loc'])) or 'scenario'}: {fault_words(fault)}" for fault in error.errors())
        raise BadInput(f"{path} is no scenario. " + "; ".join(faults)) from None
