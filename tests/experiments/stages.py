"""An experiment at every stage of its life, and the command of every kind that a person would give it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from experiments.commands import (
    AddNote,
    AdvanceRollout,
    AgreeToLoosening,
    ApproveReview,
    ArchiveExperiment,
    ChangeGuardrails,
    CloneExperiment,
    Command,
    ConfigureTraffic,
    ConfirmPromotion,
    CreateExperiment,
    DeleteNote,
    EditExperiment,
    EditNote,
    ExpireReview,
    ImportAggregates,
    LogDecision,
    PauseExperiment,
    PauseRollout,
    Predict,
    PromoteVariant,
    RaiseAlarm,
    RecordMeasurements,
    RecordReading,
    RequestChanges,
    RequestReview,
    ResumeRollout,
    RollBack,
    ScheduleStart,
    SetTesters,
    StartExperiment,
    StopExperiment,
    SuspendSchedule,
)
from experiments.design import Design
from experiments.execute import execute
from experiments.model import Experiment, Outcome, Status, StopReason
from experiments.permissions import TABLE, Actor, bunsen, guardrail
from experiments.readout import VerdictStatus
from experiments.running import Significance
from tests.worlds import ADA, BO, CHEN, MONDAY, WORKSPACE, MemoryWorld

S = Status
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
Way = tuple[tuple[type[Command], Actor], ...]
DRAFTED: Way = ((CreateExperiment, ADA), (EditExperiment, ADA))
ASKED: Way = (*DRAFTED, (RequestReview, ADA))
AGREED: Way = (*ASKED, (ApproveReview, BO))
BEGUN: Way = (*AGREED, (StartExperiment, ADA), (ImportAggregates, ADA))
ENDED: Way = (*BEGUN, (StopExperiment, ADA))
CONCLUDED: Way = (*ENDED, (LogDecision, ADA))
GIVEN: Way = (*CONCLUDED, (PromoteVariant, ADA), (ConfirmPromotion, BO))
PATH: Way = (*CONCLUDED, (ArchiveExperiment, ADA))
WAYS: dict[Status, Way] = {
    S.DRAFT: DRAFTED,
    S.IN_REVIEW: ASKED,
    S.APPROVED: AGREED,
    S.SCHEDULED: (*AGREED, (ScheduleStart, ADA)),
    S.RUNNING: BEGUN,
    S.PAUSED: (*BEGUN, (PauseExperiment, ADA)),
    S.STOPPED: ENDED,
    S.DECIDED: CONCLUDED,
    S.ROLLING_OUT: GIVEN,
    S.ROLLED_OUT: (*GIVEN, (AdvanceRollout, ADA)),
    S.ROLLED_BACK: (*BEGUN, (RollBack, ADA)),
    S.ARCHIVED: PATH,
}


def rows(day: float = 1.0, n: int = 1000) -> tuple[tuple[Any, ...], ...]:
    """One day of data for both arms and metrics."""
    return tuple(
        (metric, variant, day, n, 0.1, 0.09)
        for metric in ("conversion", "latency")
        for variant in ("control", "treatment")
    )


def breach(turn: int = 1) -> dict[str, Any]:
    """What the monitor found at its look of this number."""
    return {
        "metric": "latency",
        "variant": "treatment",
        "action": "warn",
        "value": 312.0,
        "control": 240.0,
        "harm": 72.0,
        "limit": "any clear harm",
        "p": 0.0004,
        "look": turn,
        "units": 4_000,
        "at": MONDAY,
        "words": "latency is 312 ms with treatment and 240 ms with control: 72 ms worse.",
    }


def fields_of(before: Experiment | None, turn: int) -> dict[type[Command], Callable[[], dict[str, Any]]]:
    """What somebody who sees `before` would fill into each command that asks for anything."""
    design = before.design if before else Design()
    seen = design.hash if before else "0" * 64
    booked = before.booking.start_at if before and before.booking else MONDAY
    outcome = Outcome.ITERATE if before and before.status is S.ROLLED_BACK else Outcome.SHIP
    return {
        CreateExperiment: lambda: {"title": "Bigger button", "hypothesis": HYPOTHESIS, "channel": "C0EXPERIMENTS"},
        CloneExperiment: lambda: {"title": "Bigger button", "derived_from": "first-button", "design": design},
        EditExperiment: lambda: {
            "hypothesis": f"{HYPOTHESIS} ({turn})",
            "variants": VARIANTS,
            "metrics": METRICS,
            "tags": ("checkout",),
        },
        Predict: lambda: {"probability": (turn % 100) / 100, "effect": 0.02},
        ApproveReview: lambda: {"design_hash": seen},
        RequestChanges: lambda: {"design_hash": seen, "comment": "Say what will count as a success."},
        ExpireReview: lambda: {"number": before.review_count if before else 1},
        ScheduleStart: lambda: {"start_at": MONDAY + timedelta(days=200, hours=turn % 1000)},
        SuspendSchedule: lambda: {"start_at": booked, "reason": "The primary metric has no data yet."},
        ConfigureTraffic: lambda: {"exposure": 9000 - turn},
        ChangeGuardrails: lambda: {"guardrails": (METRICS[1], {"key": f"errors-{turn}", "direction": "down"})},
        ImportAggregates: lambda: {"rows": rows(day=float(turn)), "origin": "shop.csv"},
        RecordReading: lambda: {
            "number": turn,
            "day": float(turn),
            "status": VerdictStatus.DAYS_LEFT,
            "verdict": "About 8 days left until it is clear.",
            "significance": Significance.NOT_SHOWN,
        },
        RecordMeasurements: lambda: {
            "rows": rows(day=float(turn)),
            "origin": {"until": MONDAY + timedelta(days=200 + turn)},
        },
        RaiseAlarm: lambda: {"breach": breach(turn)},
        SetTesters: lambda: {"overrides": {f"tester-{turn}": "treatment"}},
        StopExperiment: lambda: {"reason": StopReason.COMPLETED},
        AddNote: lambda: {"text": f"Looks fine so far ({turn})."},
        EditNote: lambda: {"number": max(before.note_count if before else 1, 1), "text": f"Looks odd ({turn})."},
        DeleteNote: lambda: {"number": max(before.note_count if before else 1, 1)},
        LogDecision: lambda: {"outcome": outcome, "reasoning": "It sells more and is as quick as before."},
        PromoteVariant: lambda: {"variant": "treatment", "stages": (1000, 10_000)},
        AdvanceRollout: lambda: {"stage": before.rollout.stage if before and before.rollout else 0},
    }


def a_command(kind: type[Command], before: Experiment | None, *, key: str = KEY, turn: int = 1) -> Command:
    """The command of this kind that somebody who sees `before` would give; `turn` makes its content new."""
    filled = fields_of(before, turn).get(kind, dict)()
    return kind.model_validate({"key": key, **filled})


async def lead_to(status: Status, bench: MemoryWorld, *, ready_for: type[Command] | None = None) -> Experiment:
    """Lead an experiment to a status through commands; and on, so that a command has something to answer."""
    experiment = None
    for kind, actor in WAYS[status]:
        bench.clock.advance(hours=1)
        experiment = await execute(a_command(kind, experiment), actor, bench.world)
    assert experiment is not None
    assert experiment.status is status
    if ready_for is not None and (groundwork := groundwork_for(ready_for, experiment)):
        experiment = await execute(groundwork[0], groundwork[1], bench.world)
    if ready_for is ExpireReview:
        bench.clock.advance(days=30)
    return experiment


def groundwork_for(kind: type[Command], experiment: Experiment) -> tuple[Command, Actor] | None:
    """What somebody must have done before, and who, where a command answers something."""
    if kind is ConfirmPromotion and experiment.status is S.DECIDED:
        return a_command(PromoteVariant, experiment), ADA
    if kind is AgreeToLoosening and experiment.is_live:
        return ChangeGuardrails(key=KEY, guardrails=()), ADA
    if kind is ResumeRollout and experiment.status is S.ROLLING_OUT:
        return PauseRollout(key=KEY), ADA
    if kind in {EditNote, DeleteNote} and experiment.status is not S.ARCHIVED:
        return AddNote(key=KEY, text="Looks fine so far."), CHEN
    return None


def who_gives(kind: type[Command], person: Actor) -> Actor:
    """The person, or Bunsen itself for what only it may do."""
    if kind is RaiseAlarm:
        return guardrail(WORKSPACE)
    return bunsen(WORKSPACE) if TABLE[kind.needs].by_bunsen else person
