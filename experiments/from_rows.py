"""The design of an experiment that was run elsewhere, made from its rows and from what people say of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import isfinite
from typing import Any

from experiments.aggregate import Aggregate
from experiments.design import (
    DEFAULT_PLANNED_UNITS,
    FULL_WEIGHT,
    Design,
    Direction,
    Limit,
    Method,
    Metric,
    MetricKind,
    MetricRole,
    Variant,
)
from experiments.errors import BadInput
from experiments.numerals import listed
from experiments.quantile_names import quantile_in

CONTROLS = ("control", "baseline", "off", "variant-a", "variant-0", "variant-c")
LONGEST = 400
FEWEST_UNITS = 100
NOT_RECORDED = (
    "Not recorded: this experiment was run elsewhere and only its data were imported. "
    "An equal split between the variants is assumed."
)


def find_control(variants: Collection[str]) -> str:
    """The variant that is called like a control; `BadInput` when none is.

    >>> find_control(["treatment", "control"]), find_control(["variant-a", "variant-c"])
    ('control', 'variant-a')
    """
    for name in CONTROLS:
        if name in variants:
            return name
    raise BadInput(f"Which variant is the control? Say one of {listed(sorted(variants), 10)}.", field="control")


def design_of(
    rows: Sequence[Aggregate],
    *,
    key: str,
    control: str = "control",
    kinds: Mapping[str, MetricKind | None] | None = None,
    weights: Mapping[str, float] | None = None,
    directions: Mapping[str, Direction] | None = None,
    primary: str | None = None,
    guardrails: Mapping[str, Limit | None] | None = None,
    **settings: Any,
) -> Design:
    """A design that fits these rows of the experiment `key`.

    `kinds` has the metrics in their order, with their kind where it is known; otherwise they come in alphabetical order
    and a kind is told from the variance. Without `weights` (of any sum) an equal split is assumed. The first metric
    that is no guardrail is the primary one unless `primary` names it. `settings` are fields of `Design`; the planned
    days are those of the rows unless given, and so are the planned units of a group-sequential design. Raises
    `BadInput` when something is named that the rows do not have.

    >>> rows = [Aggregate("orders", arm, 14.0, 1000, 2.0, 3.0) for arm in ("control", "treatment")]
    >>> design = design_of(rows, key="shop", guardrails={"latency": None}, directions={"orders": Direction.UP})
    >>> [variant.weight for variant in design.variants], design.primary.key, design.planned_days
    ([5000, 5000], 'orders', 14)
    """
    guardrails, directions = guardrails or {}, directions or {}
    variants = sorted({row.variant for row in rows} - {control})
    if not variants or not any(row.variant == control for row in rows):
        raise BadInput(f"The rows of {key} do not compare anything with {control}.", field="variant")
    named = {row.metric for row in rows}
    metrics = [metric for metric in kinds or sorted(named) if metric in named]
    first = primary or next((metric for metric in metrics if metric not in guardrails), metrics[0])
    if first not in named:
        raise BadInput(f"{key} has no metric {first}; it has {listed(metrics, 10)}.", field="primary")
    settings.setdefault("planned_days", min(LONGEST, max(1, round(max(row.day for row in rows)))))
    if settings.get("method") is Method.GROUP_SEQUENTIAL:
        settings.setdefault("planned_units", max(FEWEST_UNITS, _units(rows, control)))
    return Design(
        hypothesis=NOT_RECORDED,
        variants=_variants(key, [control, *variants], weights),
        metrics=tuple(
            Metric(
                key=metric,
                role=_role(metric, first, guardrails),
                kind=(kinds or {}).get(metric) or _kind([row for row in rows if row.metric == metric]),
                direction=directions.get(metric, Direction.UP),
                limit=guardrails.get(metric) if metric != first else None,
                quantile=_quantile(metric, kinds or {}),
            )
            for metric in metrics
        ),
        **{"planned_units": DEFAULT_PLANNED_UNITS, **settings},
    )


def _role(metric: str, primary: str, guardrails: Collection[str]) -> MetricRole:
    if metric == primary:
        return MetricRole.PRIMARY
    return MetricRole.GUARDRAIL if metric in guardrails else MetricRole.SECONDARY


def _variants(key: str, names: Sequence[str], weights: Mapping[str, float] | None) -> tuple[Variant, ...]:
    """Control first; what rounding leaves over goes to control."""
    shares = dict.fromkeys(names, 1.0) if weights is None else dict(weights)
    if set(shares) != set(names):
        raise BadInput(
            f"The weights are those of {listed(list(shares), 10)}, but {key} has {listed(list(names), 10)}.",
            field="weights",
        )
    total = sum(shares.values())
    if not isfinite(total) or total <= 0 or min(shares.values()) < 0:
        raise BadInput("Weights are numbers that are not negative, like 50,50.", field="weights")
    whole = {name: int(FULL_WEIGHT * share / total) for name, share in shares.items()}
    whole[names[0]] += FULL_WEIGHT - sum(whole.values())
    return tuple(Variant(key=name, weight=whole[name], is_control=name == names[0]) for name in names)


def _kind(rows: Sequence[Aggregate]) -> MetricKind:
    """A proportion's variance is mean · (1 − mean), with n or n − 1 in the denominator."""
    if any(row.denominator for row in rows):
        return MetricKind.RATIO
    binary = all(
        min(abs(spread - row.mean * (1 - row.mean)) for spread in (row.variance, row.variance * (1 - 1 / row.n)))
        <= 1e-3 * row.variance + 1e-9
        for row in rows
    )
    return MetricKind.PROPORTION if binary else MetricKind.MEAN


def _quantile(metric: str, kinds: Mapping[str, MetricKind | None]) -> float:
    """Which one it is, as its key says."""
    named = quantile_in(metric) if kinds.get(metric) is MetricKind.QUANTILE else None
    return named or float(Metric.model_fields["quantile"].default)


def _units(rows: Sequence[Aggregate], control: str) -> int:
    """The most units that control and one treatment have together."""
    most = {row.variant: 0 for row in rows}
    for row in rows:
        most[row.variant] = max(most[row.variant], row.n)
    return most[control] + max(count for variant, count in most.items() if variant != control)
