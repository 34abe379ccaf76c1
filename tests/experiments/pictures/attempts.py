"""Ended experiments as they are kept, with effects drawn from true ones, for pictures of many experiments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from experiments.design import Design, Direction, Kind, Metric, MetricKind, MetricRole, Variant
from experiments.model import Decision, Experiment, Outcome, Status, StopReason
from experiments.policy import Policies, Project
from experiments.readout import Standing, VerdictStatus
from experiments.running import Effect, Phase, Reading, Significance

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
VARIANTS = (Variant(key="control", weight=5_000, is_control=True), Variant(key="treatment", weight=5_000))
CONVERSION = Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION)
TITLES = (
    "Shorter answers in search", "Bigger checkout button", "Lazy images on product pages", "Summary on top of results",
    "One-page checkout", "Guest checkout", "Free returns in the basket", "Reviews above the fold", "Sticky basket",
    "Delivery date on the card", "Fewer form fields", "Trust badges", "Progress bar", "Smarter autocomplete",
    "Dark product pages", "Recently viewed row", "Price per unit", "Video previews", "Saved baskets", "Gift wrapping",
    "Personal ranking", "Query rewriting", "Voice search", "Back-in-stock mails",
)  # fmt: skip
TAGS = ("checkout", "search", "product-page", "trust", "latency", "pricing")


def attempt(number: int = 1, lift: float = 0.03, error: float = 0.01, **changes: Any) -> Experiment:
    """One ended experiment with this lift; `direction`, `standing`, `units`, `kind`, `days` and `ended` say more, every
    other change is one of the experiment's own fields."""
    days, ended = changes.pop("days", 14.0), changes.pop("ended", NOW - timedelta(days=number))
    direction, kind = changes.pop("direction", Direction.UP), changes.pop("metric_kind", MetricKind.PROPORTION)
    turned = lift if direction is Direction.UP else -lift
    usual = Standing.BETTER if turned > 2 * error else Standing.WORSE if turned < -2 * error else Standing.UNCLEAR
    standing = changes.pop("standing", usual)
    effect = Effect(
        metric="conversion", kind=kind, direction=direction, treatment="treatment", lift=lift, lower=lift - 2 * error,
        upper=lift + 2 * error, error=error, standing=standing, control=changes.pop("control", 0.1),
        units=changes.pop("units", 28_000),
    )  # fmt: skip
    start = ended - timedelta(days=days)
    outcome = changes.pop("outcome", Outcome.SHIP if standing is Standing.BETTER else Outcome.ABANDON)
    made = {
        "workspace": "T0SANDBOX", "key": f"attempt-{number}", "title": f"Attempt {number}", "project": "shop",
        "owner": "U0ADA", "created_at": start, "updated_at": ended, "started_at": start, "stopped_at": ended,
        "stop_reason": StopReason.COMPLETED, "status": Status.DECIDED, "data_version": 1,
        "design": Design(kind=Kind.FEATURE, variants=VARIANTS, metrics=(CONVERSION,), planned_units=20_000),
        "phases": (Phase(number=1, started_at=start, weights={"control": 5_000, "treatment": 5_000}),),
        "decision": Decision(outcome=outcome, reasoning="As the data say.", by="U0ADA", at=ended, readout_number=1),
        "reading": Reading(
            number=1, day=days, status=VerdictStatus.SHIP, sentence="Read.", significance=Significance.SIGNIFICANT,
            at=ended, effects=(effect,),
        ),
    }  # fmt: skip
    return Experiment.model_validate({**made, **changes})


def fleet(count: int = 24, seed: int = 5, spread: float = 0.022, mean: float = 0.015) -> tuple[Experiment, ...]:
    """Experiments of about a year and a half, their true lifts around a small mean, measured with their errors."""
    dice = np.random.default_rng(seed)
    made = []
    for number in range(count):
        error = float(dice.uniform(0.006, 0.02))
        lift = float(dice.normal(mean, spread) + dice.normal(0, error))
        length = float(dice.choice([5, 9, 14, 14, 21, 28, 42]) + dice.exponential(1.5))
        tags = tuple(dict.fromkeys(str(each) for each in dice.choice(TAGS, size=2, p=[0.3, 0.25, 0.2, 0.1, 0.1, 0.05])))
        made.append(
            attempt(
                number + 1,
                lift,
                error,
                title=TITLES[number % len(TITLES)],
                days=length,
                tags=tags,
                ended=NOW - timedelta(days=float(dice.uniform(2, 540))),
                units=int(length * dice.uniform(2_000, 6_000)),
            )
        )
    return tuple(made)


def policies(**changes: Any) -> Policies:
    """The shop knows what a conversion is worth."""
    shop = {"name": "shop", "worth": {"conversion": 12.5}, "currency": "EUR", "day_cost": 450.0, **changes}
    return Policies(projects=(Project.model_validate(shop),))
