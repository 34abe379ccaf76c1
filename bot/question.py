"""What a person asks with the options of `bunsen analyze`: how a file is to be read and decided on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.options import named, number_of, size_of, weights_of
from experiments.aggregate import Aggregate
from experiments.design import Correction, DecisionRule, Design, Direction, Limit, Method, Scale
from experiments.errors import BadInput
from experiments.from_rows import design_of, find_control
from experiments.intake import Intake
from experiments.intake.cells import key_of
from experiments.intake.result import Unusable
from experiments.numerals import listed

CORRECTIONS = {"bh": Correction.BENJAMINI_HOCHBERG}


@dataclass(frozen=True, slots=True)
class Question:
    """The options with names turned into keys; `settings` are fields of a design.

    >>> Question.asked(method="welch", guardrail=["P95 Latency=2%"]).guardrails
    {'p95-latency': Limit(harm=0.02, scale=<Scale.RELATIVE: 'relative'>)}
    """

    control: str | None
    weights: Mapping[str, float] | tuple[float, ...] | None
    directions: Mapping[str, Direction]
    guardrails: Mapping[str, Limit | None]
    primary: str | None
    settings: Mapping[str, Any]
    quantiles: Mapping[str, tuple[float, ...]]

    @classmethod
    def asked(
        cls,
        *,
        control: str | None = None,
        alpha: float = 0.05,
        method: str = "always-valid",
        correction: str = "holm",
        weights: str | None = None,
        rule: str = "clear-signals",
        direction: Sequence[str] = (),
        primary: str | None = None,
        guardrail: Sequence[str] = (),
        quantile: Sequence[str] = (),
        planned_days: int | None = None,
        planned_units: int | None = None,
    ) -> Question:
        """From the options as they are written; `BadInput` for what they cannot mean.

        >>> Question.asked(control="A", correction="bh").control
        'variant-a'
        """
        settings: dict[str, Any] = {
            "alpha": alpha,
            "method": Method(method.replace("-", "_")),
            "correction": CORRECTIONS.get(correction) or Correction(correction),
            "rule": DecisionRule(rule.replace("-", "_")),
        }
        settings |= {} if planned_days is None else {"planned_days": planned_days}
        settings |= {} if planned_units is None else {"planned_units": planned_units}
        given = None if weights is None else weights_of(weights)
        if isinstance(given, dict):
            given = {key_named(name, "variant", "--weights"): weight for name, weight in given.items()}
        limits = named(guardrail, "--guardrail", optional=True).items()
        ways = named(direction, "--direction").items()
        return cls(
            control=None if control is None else key_named(control, "variant", "--control"),
            weights=given,
            directions={key_named(name, "metric", "--direction"): _direction(way) for name, way in ways},
            guardrails={key_named(name, "metric", "--guardrail"): _limit(limit) for name, limit in limits},
            primary=None if primary is None else key_named(primary, "metric", "--primary"),
            settings=settings,
            quantiles={
                key_named(name, "metric", "--quantile"): _quantiles(each)
                for name, each in named(quantile, "--quantile").items()
            },
        )

    def design(self, key: str, rows: Sequence[Aggregate], intake: Intake) -> Design:
        """The design by which the rows of one experiment are read.

        >>> rows = [Aggregate("orders", arm, 14.0, 1000, 2.0, 3.0) for arm in ("control", "treatment")]
        >>> Question.asked(weights="90,10").design("shop", rows, Intake({}, (), 2)).control.weight
        9000
        """
        variants = {row.variant for row in rows}
        control = self.control or find_control(variants)
        weights = self.weights
        if isinstance(weights, tuple):
            names = [control, *sorted(variants - {control})]
            if len(weights) != len(names):
                raise BadInput(f"--weights: {key} has {len(names)} variants: {listed(names, 10)}.", field="--weights")
            weights = dict(zip(names, weights, strict=True))
        return design_of(
            rows,
            key=key,
            control=control,
            kinds=intake.metrics.get(key),
            weights=weights,
            directions=self.directions,
            primary=self.primary,
            guardrails=self.guardrails,
            **self.settings,
        )


def key_named(name: str, what: str, option: str) -> str:
    """The key of a metric, variant or experiment that an option names; `BadInput` when there cannot be one.

    >>> key_named("Page Views", "metric", "--primary")
    'page-views'
    """
    try:
        return key_of(name.strip(), "" if what == "experiment" else f"{what}-")
    except Unusable as flaw:
        raise BadInput(f"{option}: the name {flaw.reason}.", field=option) from None


def _direction(text: str) -> Direction:
    if text.lower() not in set(Direction):
        raise BadInput(f"--direction: “{text}” is neither up nor down.", field="--direction")
    return Direction(text.lower())


def _quantiles(text: str) -> tuple[float, ...]:
    found = tuple(number_of(each.strip(), "--quantile") for each in text.split(","))
    if not all(0 < each < 1 for each in found):
        raise BadInput(f"--quantile: “{text}” is not between 0 and 1, like 0.5,0.95.", field="--quantile")
    return tuple(sorted(set(found)))


def _limit(text: str) -> Limit | None:
    if not text:
        return None
    harm, relative = size_of(text, "--guardrail")
    if harm < 0:
        raise BadInput(
            f"--guardrail: “{text}” is below 0; a limit says how much worse it may get.", field="--guardrail"
        )
    return Limit(harm=harm, scale=Scale.RELATIVE if relative else Scale.ABSOLUTE)
