"""Cost as the engine makes it from simulated days: what is usual first, then what a picture must survive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from experiments.aggregate import Aggregate, Companion
from experiments.design import Direction, Method, Metric, MetricKind, MetricRole
from experiments.model import Experiment
from experiments.pictures.cost import Cost, cost_of
from experiments.policy import Project
from tests.charts.pictures.quality import HOSTILE
from tests.charts.readings import means, shares
from tests.experiments.readings import NOW, an_experiment, reading

SOLVED = Metric(key="solved", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION, unit="per chat")
TOKENS = Metric(key="model-cost", role=MetricRole.COST, direction=Direction.DOWN, unit="€ per chat")
EACH = Metric(
    key="cost-per-solved", role=MetricRole.COST, kind=MetricKind.RATIO, direction=Direction.DOWN, denominator="solved",
    unit="€ per solved chat",
)  # fmt: skip
FUNDED = Project(name="general", worth={"solved": 0.9}, currency="EUR", day_cost=380.0)


def pictured(
    experiment: Experiment, rows: Sequence[Aggregate], *, metric: str = "model-cost", variant: str = "",
    project: Project = FUNDED,
) -> Cost:  # fmt: skip
    """The picture of these rows."""
    last = max((row.day for row in rows), default=0.0)
    known = experiment.evolve(data_at=NOW + timedelta(days=last), data_day=last or None)
    readout = reading(known, rows)
    return cost_of(known, rows, readout, project, metric=metric, variant=variant)


def chats(*treatments: str, metrics: Sequence[Metric] = (SOLVED, TOKENS), **changes: Any) -> Experiment:
    made = an_experiment(*treatments, metrics=metrics, planned_units=40_000, **changes)
    return made.evolve(title="A smaller model for the first answer", started_at=NOW)


def spent(
    rates: Mapping[str, float], costs: Mapping[str, float], *, days: int = 10, per_day: int = 1_800
) -> list[Aggregate]:
    return [
        *shares("solved", rates, days=days, per_day=per_day, seed=31),
        *means("model-cost", costs, days=days, per_day=per_day, deviation=0.06, seed=32),
    ]


def ordinary() -> Cost:
    """Day 10: two smaller models, both cheaper, one of them solves as much."""
    rates = {"control": 0.412, "small": 0.409, "tiny": 0.371}
    costs = {"control": 0.124, "small": 0.081, "tiny": 0.043}
    return pictured(chats("small", "tiny", exposure=5_000), spent(rates, costs))


def exact() -> Cost:
    """The design measures the cost of a solved chat as a ratio, with the covariance of the two."""
    made = chats("small", metrics=(SOLVED, TOKENS, EACH))
    dice, rows = np.random.default_rng(33), list[Aggregate]()
    rates, costs = {"control": 0.41, "small": 0.42}, {"control": 0.124, "small": 0.088}
    for variant in rates:
        hits = dice.random(16_000) < rates[variant]
        paid = dice.gamma(4, costs[variant] / 4, hits.size) * np.where(hits, 0.8, 1.14)
        for day in range(1, 9):
            x, y = paid[: day * 2_000], hits[: day * 2_000].astype(float)
            spread = np.cov(x, y)
            below = Companion(float(y.mean()), float(spread[1, 1]), float(spread[0, 1]))
            row = Aggregate("cost-per-solved", variant, float(day), x.size, float(x.mean()), float(spread[0, 0]))
            rows += [row._replace(denominator=below), row._replace(metric="model-cost")]
            rows.append(Aggregate("solved", variant, float(day), y.size, float(y.mean()), float(spread[1, 1])))
    return pictured(made, rows)


def unfunded() -> Cost:
    """Nobody has said what anything is worth: savings alone, and what to fill in."""
    costs = {"control": 0.124, "small": 0.101}
    return pictured(chats("small"), spent({"control": 0.41, "small": 0.40}, costs), project=Project(name="chats"))


def in_tokens() -> Cost:
    """A cost that is not money."""
    metric = TOKENS.model_copy(update={"unit": "tokens per chat"})
    rows = spent({"control": 0.41, "small": 0.40}, {"control": 1.24, "small": 1.01})
    more = [row._replace(mean=row.mean * 1e3, variance=row.variance * 1e6) if row.metric == "model-cost" else row
            for row in rows]  # fmt: skip
    return pictured(chats("small", metrics=(SOLVED, metric)), more)


def only_cost() -> Cost:
    """The cost itself is the primary metric."""
    metric = TOKENS.model_copy(update={"role": MetricRole.PRIMARY})
    rows = spent({}, {"control": 0.124, "small": 0.101})
    return pictured(chats("small", metrics=(metric,)), rows)


def costless() -> Cost:
    """A design without any cost."""
    rows = shares("solved", {"control": 0.41, "small": 0.40}, days=5)
    return pictured(chats("small", metrics=(SOLVED,)), rows, metric="")


def one_variant() -> Cost:
    """Only control has been heard of."""
    return pictured(chats("small"), spent({"control": 0.41}, {"control": 0.12}, days=5))


def one_point() -> Cost:
    """A single look, on day 4."""
    rows = spent({"control": 0.41, "small": 0.42}, {"control": 0.124, "small": 0.101}, days=4)
    return pictured(chats("small"), [row for row in rows if row.day == 4])


def early() -> Cost:
    """Two days: nothing is said of a difference."""
    rows = spent({"control": 0.41, "small": 0.42}, {"control": 0.124, "small": 0.101}, days=2)
    return pictured(chats("small"), rows)


def monitoring() -> Cost:
    """A design that is read once, at its planned end."""
    rows = spent({"control": 0.41, "small": 0.42}, {"control": 0.124, "small": 0.101}, days=6)
    return pictured(chats("small", method=Method.FIXED), rows)


def empty() -> Cost:
    """Started, nothing has arrived."""
    return pictured(chats("small"), [])


def broken() -> Cost:
    """A broken sample ratio."""
    rows = spent({"control": 0.41, "small": 0.42}, {"control": 0.124, "small": 0.101}, days=6)
    return pictured(chats("small"), [r._replace(n=r.n * 9 // 10) if r.variant == "control" else r for r in rows])


def crowded() -> Cost:
    """Eight treatments with long names, and money in millions."""
    names = [f"variant-{letter}-with-quite-a-long-name" for letter in "abcdefgh"]
    rates = {"control": 0.41, **{name: 0.41 + 0.004 * place for place, name in enumerate(names)}}
    costs = {"control": 0.124, **{name: 0.12 - 0.004 * place for place, name in enumerate(names)}}
    return pictured(chats(*names, exposure=200), spent(rates, costs, days=21, per_day=1_000))


def extreme() -> Cost:
    """Huge costs that may be below zero, tiny successes."""
    rows = spent({"control": 0.004, "small": 0.006}, {"control": 0.124, "small": 0.101}, days=9)
    more = [row._replace(mean=(row.mean - 0.11) * 1e15, variance=row.variance * 1e30)
            if row.metric == "model-cost" else row for row in rows]  # fmt: skip
    return pictured(chats("small"), more)


def hostile() -> Cost:
    """Names that nobody should have written."""
    data = ordinary()
    renamed = {each.variant: f"{each.variant[:2]} {HOSTILE}" for each in data.per_unit}

    def named(many: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(each.model_copy(update={"variant": renamed[each.variant]}) for each in many)

    return data.model_copy(
        update={
            "basis": data.basis.model_copy(update={"title": HOSTILE}), "metric": HOSTILE, "unit": HOSTILE,
            "success": HOSTILE, "saved_in": HOSTILE[:10], "warnings": (HOSTILE,), "missing": (HOSTILE,),
            "per_unit": named(data.per_unit), "per_success": named(data.per_success), "returns": named(data.returns),
            "places": {renamed[name]: at for name, at in data.places.items()},
        }
    )  # fmt: skip


EXAMPLES: dict[str, Callable[[], Cost]] = {
    made.__name__: made
    for made in (
        ordinary, exact, unfunded, in_tokens, only_cost, costless, one_variant, one_point, early, monitoring, empty,
        broken, crowded, extreme, hostile,
    )
}  # fmt: skip
GOLDEN = ("ordinary", "exact", "unfunded", "crowded")
