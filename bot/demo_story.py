"""What the demo workspace has lived through before a newcomer opens it, made with the same commands people use."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from bot.sandbox.clock import Clock
from bot.simulation import Truth, measured
from experiments.commands import (
    ApproveReview,
    CreateExperiment,
    EditExperiment,
    ImportAggregates,
    LogDecision,
    RequestReview,
    StartExperiment,
    StopExperiment,
)
from experiments.design import Direction, Kind, Metric, MetricKind, MetricRole, Variant
from experiments.execute import execute
from experiments.model import Outcome, StopReason
from experiments.permissions import Actor
from experiments.ports import World
from handlers.reading import experiment_of

CHANNEL = "C0EXPERIMENTS"
VARIANTS = (Variant(key="control", weight=5_000, is_control=True), Variant(key="treatment", weight=5_000))
METRICS = (
    Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION),
    Metric(key="revenue", role=MetricRole.SECONDARY, unit="€ per user"),
    Metric(key="latency", role=MetricRole.GUARDRAIL, direction=Direction.DOWN, unit="ms"),
)


@dataclass(frozen=True, slots=True)
class Story:
    """One experiment of the past: who had the idea, what is true, and what was concluded if it is over."""

    key: str
    title: str
    hypothesis: str
    tags: tuple[str, ...]
    truth: Truth
    author: str = "U0BO"
    reviewer: str = "U0CHEN"
    kind: Kind = Kind.FEATURE
    outcome: Outcome | None = None
    reasoning: str = ""
    next_steps: str = ""


STORIES = (
    Story(
        key="short-answers",
        title="Shorter answers in search",
        hypothesis="If answers are half as long, then conversion rises by 5 % because people find the button sooner.",
        tags=("search", "prompt"),
        truth=Truth(lift=0.12),
        kind=Kind.PROMPT_AB,
    ),
    Story(
        key="assignment-check",
        title="A/A check of the new assignment",
        hypothesis="If both arms are the same, then nothing differs because only the assignment changed.",
        tags=("platform",),
        truth=Truth(lift=0.0),
        author="U0DEE",
        kind=Kind.INFRASTRUCTURE,
    ),
    Story(
        key="lazy-images",
        title="Lazy images on product pages",
        hypothesis="If images load late, then latency falls by 10 % because less is fetched before the first paint.",
        tags=("platform", "latency"),
        truth=Truth(lift=0.04, lost_share=0.08),
        author="U0DEE",
        reviewer="U0BO",
    ),
    Story(
        key="summary-on-top",
        title="Summary on top of results",
        hypothesis="If a summary stands on top, then conversion rises because people need not scroll.",
        tags=("search",),
        truth=Truth(lift=0.16),
        outcome=Outcome.SHIP,
        reasoning="Conversion rose clearly and no guardrail moved.",
        next_steps="Try a shorter summary.",
    ),
    Story(
        key="bigger-model",
        title="Bigger model for rewrites",
        hypothesis="If a bigger model rewrites queries, then conversion rises because intent is read better.",
        tags=("prompt",),
        truth=Truth(lift=0.0),
        kind=Kind.MODEL_COMPARISON,
        outcome=Outcome.ABANDON,
        reasoning="No difference in conversion, and every query costs four times as much.",
    ),
)
TRUTHS = {story.key: story.truth for story in STORIES}


PAST, RUNNING_SINCE, LASTED = timedelta(days=30), timedelta(days=6), timedelta(days=15)


async def tell_story(world: World, clock: Clock) -> None:
    """Live through every story while the clock goes from a month ago to the moment it shows now."""
    present = clock.now()
    clock.set(present - PAST)
    past = [story for story in STORIES if story.outcome]
    for story in past:
        await _start(story, world)
    await _settled(world)
    clock.advance(LASTED.total_seconds())
    for story in past:
        await _conclude(story, world)
    await _settled(world)
    clock.set(present - RUNNING_SINCE)
    for story in STORIES:
        if not story.outcome:
            await _start(story, world)
    await _settled(world)
    clock.set(present)


async def _start(story: Story, world: World) -> None:
    author, reviewer = _actor(story.author, world), _actor(story.reviewer, world)
    key = story.key
    drafted = CreateExperiment(
        key=key, title=story.title, hypothesis=story.hypothesis, tags=story.tags, kind=story.kind, channel=CHANNEL
    )
    await execute(drafted, author, world)
    designed = EditExperiment(key=key, variants=VARIANTS, metrics=METRICS, smallest_effect=0.05, planned_units=40_000)
    after = await execute(designed, author, world)
    await execute(RequestReview(key=key, reviewers=(story.reviewer,)), author, world)
    await execute(ApproveReview(key=key, design_hash=after.design.hash), reviewer, world)
    await execute(StartExperiment(key=key), author, world)


async def _conclude(story: Story, world: World) -> None:
    author, key = _actor(story.author, world), story.key
    running = await experiment_of(key, author, world)
    rows = measured(running, story.truth, day=float(running.design.planned_days))
    await execute(ImportAggregates(key=key, rows=rows, origin="simulated people"), author, world)
    await execute(StopExperiment(key=key, reason=StopReason.COMPLETED), author, world)
    decided = LogDecision(
        key=key,
        outcome=story.outcome or Outcome.ITERATE,
        reasoning=story.reasoning,
        next_steps=story.next_steps,
        readout_number=1,
    )
    await execute(decided, author, world)


def _actor(user: str, world: World) -> Actor:
    return Actor(workspace=world.workspace, user=user)


async def _settled(world: World) -> None:
    """Wait until everything said so far has been posted, so that it carries the time at which it was said."""
    waiting = 1
    while waiting:
        await asyncio.sleep(0.02)
        async with world.reading(world.workspace) as uow:
            waiting = await uow.outbox.waiting()
