"""Quality as the engine makes it from simulated days: what is usual first, then what a picture must survive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from experiments.aggregate import Aggregate
from experiments.design import Direction, Method, Metric, MetricKind, MetricRole
from experiments.model import Experiment
from experiments.pictures.quality import Quality, quality_of
from experiments.running import Phase
from tests.charts.readings import means, shares
from tests.experiments.readings import NOW, an_experiment, reading

HELPFUL = Metric(key="helpful", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION, unit="per answer")
JUDGE = Metric(key="judge-agreement", kind=MetricKind.PROPORTION, unit="per answer")
REVENUE = Metric(key="revenue", role=MetricRole.PRIMARY, unit="€ per user")
HOSTILE = "$x_1$ \\frac{1}{2} %s <!channel> שלום \u202e中文 😀\u200b " + "very-long-" * 10


def pictured(
    experiment: Experiment, rows: Sequence[Aggregate], *, metric: str = "helpful", variant: str = ""
) -> Quality:
    """The picture of these rows."""
    known = experiment.evolve(data_at=NOW + timedelta(days=max((row.day for row in rows), default=0.0)))
    return quality_of(known, rows, reading(known, rows), metric=metric, variant=variant)


def assistant(*treatments: str, metrics: Sequence[Metric] = (HELPFUL, JUDGE), **changes: Any) -> Experiment:
    made = an_experiment(*treatments, metrics=metrics, planned_units=20_000, **changes)
    return made.evolve(title="Answers by the smaller model", started_at=NOW)


def judged(rates: Mapping[str, float], *, days: int = 11, per_day: int = 700) -> list[Aggregate]:
    """Helpful answers, of which a person looked at one in six."""
    agreed = dict.fromkeys(rates, 0.91)
    return [
        *shares("helpful", rates, days=days, per_day=per_day, seed=21),
        *shares("judge-agreement", agreed, days=days, per_day=per_day // 6, seed=22),
    ]


def ordinary() -> Quality:
    """Day 11 of 14: two prompts against the old one, one of them better, with a judge that people check."""
    rates = {"control": 0.612, "short-prompt": 0.645, "no-examples": 0.607}
    return pictured(assistant("short-prompt", "no-examples"), judged(rates))


def in_phases() -> Quality:
    """The weights changed on day 6: what was before is parted from what came after."""
    made = assistant("short-prompt", metrics=(REVENUE,))
    weights = {each.key: each.weight for each in made.design.variants}
    phases = (
        Phase(number=1, started_at=NOW, day=0.0, weights=weights),
        Phase(number=2, started_at=NOW + timedelta(days=6), day=6.0, weights={"control": 2_000, "short-prompt": 8_000}),
    )
    before = means("revenue", {"control": 12.0, "short-prompt": 12.3}, days=6, deviation=6, seed=3)
    after = [
        row._replace(day=row.day + 6, n=row.n * (2 if row.variant == "control" else 8) // 10)
        for row in means("revenue", {"control": 12.1, "short-prompt": 12.6}, days=7, deviation=6, per_day=3_000, seed=4)
    ]
    return pictured(made.evolve(phases=phases), [*before, *after], metric="revenue")


def with_a_gap() -> Quality:
    """No data between day 5 and day 12 of a year."""
    made = assistant("short-prompt", metrics=(HELPFUL,), planned_days=365)
    rows = shares("helpful", {"control": 0.61, "short-prompt": 0.63}, days=140, per_day=60, seed=5)
    return pictured(made, [row for row in rows if not 40 < row.day < 85])


def one_variant() -> Quality:
    """Only control has been heard of."""
    return pictured(assistant("short-prompt"), judged({"control": 0.61}, days=5))


def one_point() -> Quality:
    """A single look, on day 4."""
    rows = judged({"control": 0.61, "short-prompt": 0.66}, days=4)
    return pictured(assistant("short-prompt"), [row for row in rows if row.day == 4])


def early() -> Quality:
    """Two days: no difference before the minimum run time."""
    return pictured(assistant("short-prompt"), judged({"control": 0.61, "short-prompt": 0.66}, days=2))


def monitoring() -> Quality:
    """A design that is read once, at its planned end."""
    made = assistant("short-prompt", method=Method.FIXED)
    return pictured(made, judged({"control": 0.61, "short-prompt": 0.64}, days=6))


def empty() -> Quality:
    """Started, nothing has arrived."""
    return pictured(assistant("short-prompt"), [])


def broken() -> Quality:
    """A broken sample ratio: no lift, and no level that would give it away."""
    rows = judged({"control": 0.61, "short-prompt": 0.64}, days=8)
    return pictured(
        assistant("short-prompt"),
        [row._replace(n=row.n * 9 // 10) if row.variant == "control" else row for row in rows],
    )


def crowded() -> Quality:
    """Eight treatments with names longer than their room, day 40 of 14."""
    names = [f"variant-{letter}-with-quite-a-long-name" for letter in "abcdefgh"]
    rates = {"control": 0.5, **{name: 0.5 + 0.006 * place for place, name in enumerate(names)}}
    made = assistant(*names, metrics=(HELPFUL,))
    return pictured(made, shares("helpful", rates, days=40, per_day=600, seed=6))


def extreme() -> Quality:
    """Huge values that differ in their eighth digit, and fall."""
    made = assistant("short-prompt", metrics=(REVENUE.model_copy(update={"direction": Direction.DOWN}),))
    rows = means("revenue", {"control": -3e15, "short-prompt": -3.0000004e15}, days=9, deviation=4e9, seed=7)
    return pictured(made, rows, metric="revenue")


def tiny() -> Quality:
    """Values of a billionth."""
    made = assistant("short-prompt", metrics=(REVENUE,))
    rows = means("revenue", {"control": 2e-9, "short-prompt": 2.2e-9}, days=9, deviation=1e-9, seed=8)
    return pictured(made, rows, metric="revenue")


def hostile() -> Quality:
    """Names that nobody should have written."""
    data = ordinary()
    renamed = {course.variant: f"{course.variant[:2]} {HOSTILE}" for course in data.levels}

    def named(courses: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(each.model_copy(update={"variant": renamed[each.variant]}) for each in courses)

    comparisons = tuple(
        each.model_copy(
            update={"treatment": each.treatment.model_copy(update={"variant": renamed[each.treatment.variant]})}
        )
        for each in data.comparisons
    )
    return data.model_copy(
        update={
            "basis": data.basis.model_copy(update={"title": HOSTILE}), "metric": HOSTILE, "unit": HOSTILE,
            "levels": named(data.levels), "differences": named(data.differences), "comparisons": comparisons,
            "agreement": named(data.agreement), "warnings": (HOSTILE,),
            "places": {renamed[name]: at for name, at in data.places.items()},
        }
    )  # fmt: skip


EXAMPLES: dict[str, Callable[[], Quality]] = {
    made.__name__: made
    for made in (
        ordinary, in_phases, with_a_gap, one_variant, one_point, early, monitoring, empty, broken, crowded, extreme,
        tiny, hostile,
    )
}  # fmt: skip
GOLDEN = ("ordinary", "in_phases", "crowded", "broken")
