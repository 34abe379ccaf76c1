"""An experiment at every stage of its life, and the command of every kind that a person would give it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from experiments.commands import (
    AddNote,
    ApproveReview,
    ArchiveExperiment,
    Command,
    CreateExperiment,
    EditExperiment,
    ImportAggregates,
    LogDecision,
    RequestChanges,
    RequestReview,
    StartExperiment,
    StopExperiment,
)
from experiments.execute import execute
from experiments.model import Experiment, Outcome, Status, StopReason
from tests.worlds import ADA, BO, MemoryWorld

KEY = "bigger-button"
HYPOTHESIS = "If the button is bigger, then more people buy, because they see it."
VARIANTS: tuple[dict[str, Any], ...] = (
    {"key": "control", "weight": 5000, "is_control": True},
    {"key": "treatment", "weight": 5000},
)
METRICS: tuple[dict[str, Any], ...] = (
    {"key": "conversion", "role": "primary", "kind": "proportion", "unit": "buyers per visitor"},
    {"key": "latency", "role": "guardrail", "kind": "mean", "direction": "down", "unit": "ms"},
)
PATH = (
    (CreateExperiment, ADA),
    (EditExperiment, ADA),
    (RequestReview, ADA),
    (ApproveReview, BO),
    (StartExperiment, ADA),
    (ImportAggregates, ADA),
    (StopExperiment, ADA),
    (LogDecision, ADA),
    (ArchiveExperiment, ADA),
)
STEPS_TO = {
    Status.DRAFT: 2,
    Status.IN_REVIEW: 3,
    Status.APPROVED: 4,
    Status.RUNNING: 6,
    Status.STOPPED: 7,
    Status.DECIDED: 8,
    Status.ARCHIVED: 9,
}
LATER = {
    Status.SCHEDULED: Status.APPROVED,
    Status.PAUSED: Status.RUNNING,
    Status.ROLLING_OUT: Status.DECIDED,
    Status.ROLLED_OUT: Status.DECIDED,
    Status.ROLLED_BACK: Status.DECIDED,
}


def rows(day: float = 1.0, n: int = 1000) -> tuple[tuple[Any, ...], ...]:
    """One day of data for both arms and metrics."""
    return tuple(
        (metric, variant, day, n, 0.1, 0.09)
        for metric in ("conversion", "latency")
        for variant in ("control", "treatment")
    )


def a_command(kind: type[Command], before: Experiment | None, *, key: str = KEY, turn: int = 1) -> Command:
    """The command of this kind that somebody who sees `before` would give; `turn` makes its content new."""
    seen = before.design.hash if before else "0" * 64
    fields: dict[type[Command], Callable[[], dict[str, Any]]] = {
        CreateExperiment: lambda: {"title": "Bigger button", "hypothesis": HYPOTHESIS, "channel": "C0EXPERIMENTS"},
        EditExperiment: lambda: {
            "hypothesis": f"{HYPOTHESIS} ({turn})",
            "variants": VARIANTS,
            "metrics": METRICS,
            "tags": ("checkout",),
        },
        RequestReview: dict,
        ApproveReview: lambda: {"design_hash": seen},
        RequestChanges: lambda: {"design_hash": seen, "comment": "Say what will count as a success."},
        StartExperiment: dict,
        ImportAggregates: lambda: {"rows": rows(day=float(turn)), "origin": "shop.csv"},
        StopExperiment: lambda: {"reason": StopReason.COMPLETED},
        AddNote: lambda: {"text": f"Looks fine so far ({turn})."},
        LogDecision: lambda: {"outcome": Outcome.SHIP, "reasoning": "It sells more and is as quick as before."},
        ArchiveExperiment: dict,
    }
    return kind.model_validate({"key": key, **fields[kind]()})


async def lead_to(status: Status, bench: MemoryWorld) -> Experiment:
    """Lead an experiment to a status through commands; the stages of later commands are set by hand."""
    experiment = None
    for kind, actor in PATH[: STEPS_TO[LATER.get(status, status)]]:
        bench.clock.advance(hours=1)
        experiment = await execute(a_command(kind, experiment), actor, bench.world)
    assert experiment is not None
    if status in LATER:
        experiment = experiment.evolve(status=status)
        bench.tables.experiments[experiment.key] = experiment
    return experiment
