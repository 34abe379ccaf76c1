"""Canaries as the engine makes them of simulated windows: in a step, at its gate, over; and at the edges."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from experiments.canary import CanaryPlan
from experiments.design import Action, Design, Direction, Limit, Metric, MetricKind, MetricRole, Scale, Variant
from experiments.measuring import Samples
from experiments.model import Experiment, Status
from experiments.pictures.canary import Canary, canary_of
from experiments.running import Breach, Phase, Withdrawal

BEGAN = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
PLAN = CanaryPlan(steps=(500, 2_500, 5_000), minutes=30, critical=("error-rate",))
ERRORS = Metric(
    key="error-rate", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION, direction=Direction.DOWN,
    unit="per request", limit=Limit(harm=0.25),
)  # fmt: skip
LATENCY = Metric(
    key="latency-p95", role=MetricRole.GUARDRAIL, direction=Direction.DOWN, unit="ms", limit=Limit(harm=0.10)
)
QUALITY = Metric(
    key="answer-quality", role=MetricRole.GUARDRAIL, unit="judge's score", limit=Limit(harm=0.2, scale=Scale.ABSOLUTE)
)
COST = Metric(key="cost", role=MetricRole.COST, direction=Direction.DOWN, unit="€ per 1,000 requests")
TRUTH = {
    "error-rate": (0.012, 0.0022), "latency-p95": (412.0, 18.0), "answer-quality": (4.21, 0.11), "cost": (1.9, 0.06),
}  # fmt: skip


def experiment(
    step: int = 1, *, plan: CanaryPlan = PLAN, metrics: tuple[Metric, ...] = (ERRORS, LATENCY, QUALITY, COST),
    status: Status = Status.RUNNING, ended: float | None = None, **changes: Any,
) -> Experiment:  # fmt: skip
    """A canary in this step, which began half an hour after the one before; `ended` so many minutes into it."""
    length = timedelta(minutes=plan.minutes)
    phases = tuple(
        Phase(number=at + 1, started_at=BEGAN + at * length, day=at * length / timedelta(days=1),
              weights={"stable": 10_000 - share, "canary": share})
        for at, share in enumerate(plan.steps[: step + 1])
    )  # fmt: skip
    made: dict[str, Any] = {
        "workspace": "T1", "key": "ranking-service", "title": "New ranking service", "owner": "U1", "status": status,
        "design": Design(
            hypothesis="If ranking moves to the new service, then nothing gets worse.",
            variants=(Variant(key="stable", weight=9_500, is_control=True), Variant(key="canary", weight=500)),
            metrics=metrics, canary=plan,
        ),
        "phases": phases, "started_at": BEGAN, "created_at": BEGAN - timedelta(days=2), "updated_at": BEGAN,
    }  # fmt: skip
    if ended is not None:
        made["stopped_at"] = phases[-1].started_at + timedelta(minutes=ended)
        made["updated_at"] = made["stopped_at"]
    return Experiment.model_validate({**made, **changes})


def sampled(
    made: Experiment, windows: int, harm: Mapping[str, float] | None = None, *, seed: int = 7, gap: range = range(0)
) -> Samples:
    """Windows of every metric, in the canary changed by a factor; nobody comes in those of the gap."""
    dice, harm = np.random.default_rng(seed), harm or {}
    samples: dict[str, dict[str, tuple[float, ...]]] = {}
    for metric in made.design.metrics:
        centre, spread = TRUTH.get(metric.key, (100.0, 6.0))
        samples[metric.key] = {
            arm: tuple(
                math.nan if at in gap else float(max(0.0, dice.normal(centre * factor, spread * wide)))
                for at in range(windows)
            )
            for arm, factor, wide in (("stable", 1.0, 0.7), ("canary", harm.get(metric.key, 1.0), 1.4))
        }
    return samples


def shown(made: Experiment, samples: Samples, minutes: float) -> Canary:
    """As it looks so many minutes into its newest step."""
    assert made.phase is not None
    return canary_of(made, samples, made.phase.started_at + timedelta(minutes=minutes))


def ordinary() -> Canary:
    """Past the gate of its second step: latency is too high, which is not critical, so a person decides."""
    made = experiment()
    return shown(made, sampled(made, 60, {"latency-p95": 1.16, "cost": 0.94}), 31)


def in_a_step() -> Canary:
    """Eighteen minutes into it: the critical metric alone is judged so far."""
    made = experiment()
    return shown(made, sampled(made, 36), 18)


def breach(made: Experiment) -> Breach:
    """What the judge of a critical metric says when it takes the canary back."""
    assert made.stopped_at is not None
    back, why = (
        "Back to stable: error-rate failed, twice in a row.",
        "error-rate is higher with canary than with stable",
    )
    return Breach(
        metric="error-rate", variant="canary", action=Action.ROLL_BACK, phase=3, words=f"{back} {why}, +71 %",
        at=made.stopped_at,
    )  # fmt: skip


def rolled_back() -> Canary:
    """Taken back in its last step, where errors rose."""
    made = experiment(2, status=Status.ROLLED_BACK, ended=17.5)
    assert made.stopped_at is not None
    gone = Withdrawal(by="guardrail", at=made.stopped_at, share=5_000, since=BEGAN)
    samples = sampled(made, 35, {"error-rate": 1.71, "latency-p95": 1.04})
    return shown(made.evolve(breach=breach(made), withdrawal=gone), samples, 60)


def passed() -> Canary:
    """Its last step is passed."""
    made = experiment(2)
    return shown(made, sampled(made, 60, {"latency-p95": 0.9}), 30.5)


def paused() -> Canary:
    made = experiment(status=Status.PAUSED)
    return shown(made, sampled(made, 22), 14)


def begun() -> Canary:
    """The first window is still open."""
    return shown(experiment(0), {}, 0.2)


def one_point() -> Canary:
    made = experiment(0)
    return shown(made, sampled(made, 1), 0.6)


def gaps() -> Canary:
    """Nobody came for six minutes, and one metric is missing in the canary."""
    made = experiment()
    samples = {key: dict(arms) for key, arms in sampled(made, 68, gap=range(20, 32)).items()}
    del samples["cost"]["canary"]
    return shown(made, samples, 34)


def stopped_early() -> Canary:
    made = experiment(status=Status.STOPPED, ended=9)
    return shown(made, sampled(made, 18), 30)


def none() -> Canary:
    """An experiment that has no canary."""
    made = experiment()
    return shown(made.evolve(design=made.design.model_copy(update={"canary": None})), {}, 3)


def hostile() -> Canary:
    """A title, a unit and keys without end or mercy; eleven metrics, a plan of ten steps, a person's own share."""
    keys = [f"{'very-long-name-' * 3}{number}" for number in range(11)]
    metrics = tuple(
        Metric(key=key, role=MetricRole.GUARDRAIL, direction=Direction.DOWN, unit="$x_1$ \\frac % שלום 😀\u202e" * 2)
        for key in keys
    )
    plan = CanaryPlan(steps=tuple(range(500, 5_500, 500)), minutes=7 * 24 * 60, critical=(keys[7],))
    made = experiment(9, plan=plan, metrics=metrics, title=("$\\alpha$_x <!channel> שלום 😀 中 " * 5)[:120])
    beside = Phase(number=11, started_at=BEGAN + timedelta(days=80), weights={"stable": 6_667, "canary": 3_333})
    made = made.evolve(phases=(*made.phases, beside))
    return shown(made, sampled(made, 60, {keys[2]: 1.3}), plan.minutes + 1)


def extreme() -> Canary:
    """Huge, tiny and negative values, one that never varies, errors that rise from nothing."""
    keys = ("huge", "tiny", "negative", "constant", "error-rate")
    metrics = tuple(
        Metric(key=key, role=MetricRole.GUARDRAIL, direction=Direction.DOWN, limit=Limit(harm=0.5)) for key in keys[:4]
    )
    made = experiment(metrics=(*metrics, ERRORS))
    dice = np.random.default_rng(3)
    scales = {"huge": 1e15, "tiny": 1e-9, "negative": -40.0}
    samples = {
        key: {arm: tuple(scale * float(dice.normal(1, 0.1)) for _ in range(60)) for arm in ("stable", "canary")}
        for key, scale in scales.items()
    }
    samples["constant"] = dict.fromkeys(("stable", "canary"), (3.0,) * 60)
    samples["error-rate"] = {"stable": (0.0,) * 60, "canary": tuple(float(dice.random()) / 50 for _ in range(60))}
    return shown(made, samples, 31)


def quick() -> Canary:
    """Steps of one minute."""
    made = experiment(0, plan=CanaryPlan(steps=(1_000,), minutes=1), metrics=(LATENCY,))
    return shown(made, sampled(made, 20), 5)


EXAMPLES: dict[str, Callable[[], Canary]] = {
    "ordinary": ordinary, "in_a_step": in_a_step, "rolled_back": rolled_back, "passed": passed, "paused": paused,
    "begun": begun, "one_point": one_point, "gaps": gaps, "stopped_early": stopped_early, "empty": none,
    "hostile": hostile, "extreme": extreme, "quick": quick,
}  # fmt: skip
GOLDEN = ("ordinary", "in_a_step", "rolled_back", "hostile")
