"""What surfaces are shown with: experiments at every stage, ordinary and hostile, and what else they take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from experiments.audit import AuditRecord
from experiments.design import Design, Metric, MetricKind, MetricRole, Variant
from experiments.fleet import Choices
from experiments.knowledge.digest import Decided, Digest, Entry, Need, digest_of
from experiments.model import (
    Approval,
    Decision,
    Experiment,
    Note,
    NoteKind,
    Outcome,
    Review,
    Source,
    Status,
    StopReason,
)
from experiments.permissions import Actor, Role
from experiments.running import Booking, Rollout
from handlers.surfaces.fleet import FleetState
from handlers.surfaces.home import HomeState
from handlers.surfaces.setup import Setup

NOW = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
ADA, BO, CHEN = "U0ADA", "U0BO", "U0CHEN"
BAIT = (
    "<!channel> <@U1> <https://evil.example|Approve> <!date^0^{date}|x> `code` *bold* _italic_ ~gone~ :smile: "
    "\u202eesrever\u202c \u200b\u200f שלום ﷽ 😀 & &lt;!here&gt; https://evil.example @here #general\n> quote\n"
)
LONG = 10_000


def bait(most: int) -> str:
    """Hostile words of just the length a field allows."""
    return (BAIT * (most // len(BAIT) + 1))[:most].strip()


def design(**changes: Any) -> Design:
    made = {
        "hypothesis": "If the button is bigger, then more visitors buy, because they find it.",
        "variants": (
            Variant(key="control", weight=5_000, is_control=True),
            Variant(key="bigger-button", weight=5_000),
        ),
        "metrics": (
            Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION, unit="per user"),
            Metric(key="revenue", unit="EUR"),
            Metric(key="latency-p95", role=MetricRole.GUARDRAIL, direction="down", unit="ms"),
        ),
    }
    return Design.model_validate({**made, **changes})


def experiment(status: Status = Status.DRAFT, **changes: Any) -> Experiment:
    """The bigger checkout button at this stage of its life."""
    order = list(Status)
    planned = changes.pop("design", design())
    reached = {stage: order.index(status) >= order.index(stage) for stage in Status}
    made: dict[str, Any] = {
        "workspace": "T0SANDBOX",
        "key": "checkout-button",
        "version": 7,
        "revision": 5,
        "title": "Bigger checkout button",
        "status": status,
        "project": "checkout",
        "source": Source(reference="Interviews of February"),
        "tags": ("checkout", "copy"),
        "channel": "C0EXPERIMENTS",
        "design": planned,
        "reviewers": (BO,),
        "authors": (ADA,),
        "owner": ADA,
        "created_at": NOW - timedelta(days=9),
        "updated_at": NOW,
    }
    if reached[Status.IN_REVIEW]:
        made["review"] = Review(
            number=1,
            design_hash=planned.hash,
            requested_by=ADA,
            requested_at=NOW - timedelta(days=8),
            due_at=NOW - timedelta(days=6),
            reviewers=(BO,),
            question="Is two weeks long enough?",
        )
    if reached[Status.APPROVED]:
        made["approval"] = Approval(design_hash=planned.hash, by=BO, at=NOW - timedelta(days=7))
    if status is Status.SCHEDULED:
        start = NOW + timedelta(days=1)
        made["booking"] = Booking(start_at=start, tz="Europe/Berlin", by=ADA, at=NOW - timedelta(days=3))
    if status in {Status.ROLLING_OUT, Status.ROLLED_OUT}:
        made["rollout"] = Rollout(
            variant=planned.treatments[0].key,
            stages=(1_000, 5_000, 10_000),
            stage=2 if status is Status.ROLLED_OUT else 0,
            by=ADA,
            at=NOW,
            stage_at=NOW,
        )
    if reached[Status.RUNNING]:
        made |= {"started_at": NOW - timedelta(days=6), "started_by": ADA}
        made |= {"data_version": 24, "data_day": 6.0, "data_at": NOW}
    if reached[Status.STOPPED]:
        made |= {"stopped_at": NOW, "stop_reason": StopReason.COMPLETED, "stop_note": "Clear enough."}
    if reached[Status.DECIDED]:
        made["decision"] = Decision(
            outcome=Outcome.SHIP,
            reasoning="Conversion rose by about 4 % and nothing else moved.\nLatency is within its limit.",
            next_steps="Roll out this week.",
            summary="A bigger button sells more.",
            by=ADA,
            at=NOW,
            readout_number=24,
        )
    return Experiment.model_validate({**made, **changes})


def hostile(status: Status = Status.DRAFT, **changes: Any) -> Experiment:
    """The longest and nastiest experiment that the model takes."""
    count = 40
    share, rest = divmod(10_000, count)
    planned = design(
        hypothesis=bait(3000),
        variants=tuple(
            Variant(
                key=f"{'very-long-name-' * 3}{place}",
                weight=share + rest * (place == 0),
                is_control=place == 0,
                description=bait(200),
            )
            for place in range(count)
        ),
        metrics=tuple(
            Metric(
                key=f"{'metric-' * 7}{place}",
                role=MetricRole.PRIMARY if place == 0 else MetricRole.SECONDARY,
                unit=bait(60),
            )
            for place in range(30)
        ),
    )
    made: dict[str, Any] = {
        "design": planned,
        "title": bait(120),
        "project": bait(60),
        "source": Source(reference=bait(200)),
        "tags": tuple(dict.fromkeys(bait(40)[place:] or "x" for place in range(30))),
        "reviewers": tuple(f"U{place:09d}" for place in range(60)),
        "owner": "<!channel>",
    }
    stage = experiment(status, **made)
    if status in {Status.STOPPED, Status.DECIDED, Status.ARCHIVED}:
        made["stop_note"] = bait(3000)
    if stage.review:
        made["review"] = stage.review.model_copy(
            update={"question": bait(3000), "requested_by": "<!here>", "reviewers": made["reviewers"]}
        )
    if stage.decision:
        made["decision"] = stage.decision.model_copy(
            update={"reasoning": bait(3000), "next_steps": bait(3000), "summary": bait(3000), "by": "<!channel>"}
        )
    return experiment(status, **{**made, **changes})


def note(place: int = 0, text: str = "Traffic was low on Sunday.") -> Note:
    return Note(kind=NoteKind.OBSERVATION, text=text, by=ADA, at=NOW - timedelta(hours=place))


def record(place: int = 0, sentence: str = "edited the draft") -> AuditRecord:
    return AuditRecord(
        workspace="T0SANDBOX",
        number=place + 1,
        key="checkout-button",
        command="EditExperiment",
        payload={},
        actor=ADA,
        delivery=None,
        at=NOW - timedelta(hours=place),
        version_before=place,
        version_after=place + 1,
        status_before=Status.DRAFT,
        status_after=Status.DRAFT,
        state_hash="0" * 64,
        sentence=sentence,
    )


def report(**changes: Any) -> Any:
    """What an import did."""
    made = {
        "origin": "aggregates.csv",
        "rows": 240,
        "reached": {"checkout-button": 12.0},
        "created": (),
        "unchanged": (),
        "left_out": (),
    }
    return SimpleNamespace(**{**made, **changes})


def summary(**changes: Any) -> Any:
    """A drafted summary."""
    made = {"text": "Bigger button: conversion rose by 4.1 %.", "by_model": True, "why_not": None}
    return SimpleNamespace(**{**made, **changes})


def week(**changes: Any) -> Digest:
    everything = (
        experiment(Status.IN_REVIEW, key="search-prompt", title="Shorter search prompt"),
        experiment(Status.RUNNING),
        experiment(Status.STOPPED, key="small-model", title="Small model for tagging"),
        experiment(Status.DECIDED, key="cache", title="Cache the embeddings", started_at=NOW - timedelta(days=20)),
    )
    later = NOW + timedelta(minutes=1)
    made = dict(digest_of(everything, (), later - timedelta(days=7), later))
    lines = (
        "checkout: HIGH, 5 of 5 positive, average +3.2 % (5 of 5 by chance: once in 32 tags); "
        "together +3.1 % (1.0 % to 5.2 %), the next one −1.0 % to 7.0 %",
    )
    return Digest.model_validate({**made, "patterns": lines, "pattern_experiments": 5, **changes})


def full_week() -> Digest:
    """More than any message holds, all of it hostile."""
    some = range(60)
    return week(
        started=tuple(Entry(key=f"started-{n}", title=bait(120), words=bait(600)) for n in some),
        finished=tuple(Entry(key=f"finished-{n}", title=bait(120), words=bait(3000)) for n in some),
        decided=tuple(
            Decided(key=f"decided-{n}", title=bait(120), outcome=Outcome.ABANDON, reasoning=bait(3000)) for n in some
        ),
        needs_people=tuple(
            Need(key=f"need-{n}", title=bait(120), what=bait(300), who=tuple(f"U{n:09d}" for n in some)) for n in some
        ),
        patterns=tuple(bait(400) for _ in some),
    )


def fleet_state(entries: Sequence[Experiment] = (), total: int | None = None, **changes: Any) -> FleetState:
    """A page of the fleet as an admin sees it, half of it running."""
    count = len(entries) if total is None else total
    counts = {Status.RUNNING: count // 2, Status.DRAFT: count - count // 2}
    made: dict[str, Any] = {
        "actor": actor(role=Role.ADMIN),
        "choices": Choices(),
        "entries": entries,
        "counts": {status: number for status, number in counts.items() if number},
        "size": 8,
        "departments": ("Growth", "Platform"),
    }
    return FleetState(**{**made, **changes})


def state(**changes: Any) -> HomeState:
    made: dict[str, Any] = {
        "fleet": fleet_state(),
        "needs": (),
        "mine": changes.get("mine", ()),
        "mine_total": len(changes.get("mine", ())),
        "now": NOW,
        "setup": Setup(),
    }
    return HomeState(**{**made, **changes})


def actor(user: str = ADA, role: Role = Role.REVIEWER) -> Actor:
    return Actor(workspace="T0SANDBOX", user=user, role=role)
