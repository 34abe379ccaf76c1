"""Templates: designs to begin with, one for each kind of experiment, to be filled in and changed at will."""

from __future__ import annotations

import difflib

from experiments.design import (
    FULL_WEIGHT,
    Action,
    DecisionRule,
    Design,
    Direction,
    Kind,
    Limit,
    Metric,
    MetricKind,
    MetricRole,
    Unit,
    Variant,
)
from experiments.slug import slug
from experiments.texts import Frozen, Key, Line, Tag, Title

ALIKE = 0.5


class Template(Frozen):
    """A design to begin with. `title` is what people call it, `about` says when it fits; the hypothesis of its design
    has gaps (…) to fill in."""

    name: Key
    title: Title
    about: Line
    design: Design
    tags: tuple[Tag, ...] = ()


def nearest(word: str) -> Template | None:
    """The template somebody means: by its name or title, by how it begins, or as it is nearly spelt.

    >>> nearest("Prompt A/B").name, nearest("promt-ab").name, nearest("canary").name, nearest("zzz")
    ('prompt-ab', 'prompt-ab', 'canary', None)
    """
    asked = slug(word) if word.strip() else ""
    names = {
        slug(known): each for each in TEMPLATES.values() for known in (each.name, each.title, each.design.kind.value)
    }
    begun = [name for name in names if asked and name.startswith(asked)]
    close = difflib.get_close_matches(asked, names, n=1, cutoff=ALIKE)
    found = next(iter((*(name for name in begun if name == asked), *begun, *close)), None)
    return names[found] if found else None


def _arms(control: str, treatment: str, share: int = FULL_WEIGHT // 2) -> tuple[Variant, ...]:
    return (
        Variant(key=control, weight=FULL_WEIGHT - share, is_control=True),
        Variant(key=treatment, weight=share),
    )


def _better(key: str, kind: MetricKind, unit: str = "per unit", direction: Direction = Direction.UP) -> Metric:
    return Metric(key=key, role=MetricRole.PRIMARY, kind=kind, unit=unit, direction=direction)


def _not_worse(
    key: str,
    kind: MetricKind,
    harm: float,
    *,
    unit: str = "per unit",
    direction: Direction = Direction.DOWN,
    action: Action = Action.WARN,
) -> Metric:
    """A guardrail that tolerates this share of control as harm."""
    limit = Limit(harm=harm)
    return Metric(
        key=key, role=MetricRole.GUARDRAIL, kind=kind, unit=unit, direction=direction, limit=limit, action=action
    )


def _latency(harm: float = 0.1, action: Action = Action.WARN) -> Metric:
    return _not_worse("latency-p95", MetricKind.QUANTILE, harm, unit="ms", action=action)


def _cost(harm: float) -> Metric:
    return _not_worse("cost-per-request", MetricKind.MEAN, harm, unit="USD")


TEMPLATES = {
    template.name: template
    for template in (
        Template(
            name="prompt-ab",
            title="Prompt A/B",
            about="A new prompt against the present one, by how often it succeeds.",
            tags=("prompt",),
            design=Design(
                kind=Kind.PROMPT_AB,
                unit=Unit.REQUEST,
                hypothesis="If the prompt … then the success rate rises by …, because …",
                variants=_arms("present-prompt", "new-prompt"),
                metrics=(_better("success-rate", MetricKind.PROPORTION), _cost(0.05), _latency()),
                planned_days=14,
            ),
        ),
        Template(
            name="model-comparison",
            title="Model comparison",
            about="Another model against the present one, by quality, cost and latency.",
            tags=("model",),
            design=Design(
                kind=Kind.MODEL_COMPARISON,
                unit=Unit.REQUEST,
                hypothesis="If … answers instead of … then the quality score rises by …, because …",
                variants=_arms("present-model", "new-model"),
                metrics=(_better("quality-score", MetricKind.MEAN, "points"), _cost(0.1), _latency()),
                planned_days=14,
            ),
        ),
        Template(
            name="feature",
            title="Feature",
            about="A change people see, by how many of them do what it is for.",
            tags=("feature",),
            design=Design(
                kind=Kind.FEATURE,
                unit=Unit.USER,
                hypothesis="If … then more people …, because …",
                variants=_arms("control", "treatment"),
                metrics=(
                    _better("conversion", MetricKind.PROPORTION),
                    _not_worse("error-rate", MetricKind.PROPORTION, 0.05, action=Action.STOP),
                    _latency(),
                ),
                planned_days=14,
            ),
        ),
        Template(
            name="canary",
            title="Infrastructure canary",
            about="A new version on a tenth of the traffic, which must not break anything.",
            tags=("infrastructure", "canary"),
            design=Design(
                kind=Kind.INFRASTRUCTURE,
                unit=Unit.REQUEST,
                hypothesis="If … serves the traffic then errors and latency stay as they are, because …",
                variants=_arms("stable", "canary", FULL_WEIGHT // 10),
                metrics=(
                    _better("error-rate", MetricKind.PROPORTION, direction=Direction.DOWN),
                    _latency(0.1, Action.ROLL_BACK),
                ),
                smallest_effect=0.1,
                planned_days=7,
                rule=DecisionRule.DO_NO_HARM,
            ),
        ),
        Template(
            name="cost-optimization",
            title="Cost optimization",
            about="The same result for less: cost per success, while nothing else gets worse.",
            tags=("cost",),
            design=Design(
                kind=Kind.COST_OPTIMIZATION,
                unit=Unit.USER,
                hypothesis="If … then a success costs … less, because …",
                variants=_arms("control", "cheaper"),
                metrics=(
                    _better("cost-per-success", MetricKind.RATIO, "USD", Direction.DOWN),
                    _not_worse("success-rate", MetricKind.MEAN, 0.01, direction=Direction.UP, action=Action.STOP),
                    _latency(),
                ),
                smallest_effect=0.05,
                planned_days=14,
                rule=DecisionRule.DO_NO_HARM,
            ),
        ),
    )
}
