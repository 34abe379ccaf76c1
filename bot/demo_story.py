"""What the demo workspace has lived through before a newcomer opens it, made with the same commands people use."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.sandbox.clock import Clock
from bot.simulation import BASE_RATE, UNITS_A_DAY, Truth, measured
from experiments.canary import CanaryPlan
from experiments.commands import (
    ApproveReview,
    CreateExperiment,
    EditExperiment,
    ImportAggregates,
    LogDecision,
    PromoteVariant,
    RequestReview,
    ScheduleStart,
    StartExperiment,
    StopExperiment,
)
from experiments.design import (
    Action,
    Direction,
    Expectation,
    Kind,
    Limit,
    Metric,
    MetricKind,
    MetricRole,
    Scale,
    Variant,
)
from experiments.execute import execute
from experiments.model import Experiment, Outcome, Status, StopReason
from experiments.permissions import Actor
from experiments.ports import World
from handlers.reading import experiment_of
from handlers.readings import read_new

CHANNEL = "C0EXPERIMENTS"
VARIANTS = (Variant(key="control", weight=5_000, is_control=True), Variant(key="treatment", weight=5_000))
PROMPTS = tuple(
    each.model_copy(update={"config": {"model": "sonata-medium", "prompt": "answers", "prompt_version": version}})
    for each, version in zip(VARIANTS, (7, 8), strict=True)
)
MODELS = tuple(
    each.model_copy(update={"config": {"model": f"sonata-{size}", "prompt": "rewrites", "prompt_version": 3}})
    for each, size in zip(VARIANTS, ("medium", "large"), strict=True)
)
METRICS = (
    Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION),
    Metric(key="revenue", role=MetricRole.SECONDARY, unit="€ per user"),
    Metric(key="latency", role=MetricRole.GUARDRAIL, direction=Direction.DOWN, unit="ms"),
)
ANSWER_TIMES = tuple(
    Metric(
        key=f"answer-time-p{share}",
        role=MetricRole.SECONDARY,
        kind=MetricKind.QUANTILE,
        quantile=share / 100,
        direction=Direction.DOWN,
        unit="ms",
    )
    for share in (50, 95)
)
ERRORS = Metric(
    key="error-rate",
    role=MetricRole.GUARDRAIL,
    kind=MetricKind.PROPORTION,
    direction=Direction.DOWN,
    limit=Limit(harm=0.005, scale=Scale.ABSOLUTE),
    action=Action.STOP,
    missing=Action.WARN,
    minimum_units=100,
)
CANARY = CanaryPlan(steps=(1_000, 2_500, 5_000), minutes=12 * 60, critical=("error-rate",))
STABLE = (Variant(key="stable", weight=9_000, is_control=True), Variant(key="canary", weight=1_000))


@dataclass(frozen=True, slots=True)
class Story:
    """One experiment: who had the idea, what is true, how far it has come, and what was concluded if it is over."""

    key: str
    title: str
    hypothesis: str
    tags: tuple[str, ...]
    truth: Truth
    author: str = "U0BO"
    reviewer: str = "U0CHEN"
    kind: Kind = Kind.FEATURE
    variants: tuple[Variant, ...] = VARIANTS
    metrics: tuple[Metric, ...] = METRICS
    canary: CanaryPlan | None = None
    ahead: timedelta = timedelta(days=2)
    status: Status = Status.RUNNING
    outcome: Outcome | None = None
    reasoning: str = ""
    next_steps: str = ""


STORIES = (
    Story(
        key="short-answers",
        title="Shorter answers in search",
        hypothesis="If answers are half as long, then conversion rises by 12 % because people find the button sooner.",
        tags=("search", "prompt"),
        truth=Truth(lift=0.12, baselines={each.key: 420.0 for each in ANSWER_TIMES}),
        kind=Kind.PROMPT_AB,
        variants=PROMPTS,
        metrics=(*METRICS, *ANSWER_TIMES),
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
        status=Status.ROLLING_OUT,
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
        variants=MODELS,
        status=Status.DECIDED,
        outcome=Outcome.ABANDON,
        reasoning="No difference in conversion, and every query costs four times as much.",
    ),
    Story(
        key="one-click-refund",
        title="Refund with one click",
        hypothesis="If a refund takes one click, then conversion rises by 12 % because people dare to buy.",
        tags=("checkout",),
        truth=Truth(lift=0.05),
        reviewer="U0ADA",
        status=Status.IN_REVIEW,
    ),
    Story(
        key="cached-prompts",
        title="Cached prompts",
        hypothesis="If prompts are cached, then conversion stays as it is because only the waiting gets shorter.",
        tags=("prompt", "latency"),
        truth=Truth(lift=0.0),
        kind=Kind.COST_OPTIMIZATION,
        status=Status.SCHEDULED,
    ),
    Story(
        key="faster-checkout-api",
        title="Faster checkout API",
        hypothesis="If the checkout asks the new API, then conversion rises by 11 % because the basket loads sooner.",
        tags=("checkout", "platform"),
        truth=Truth(
            lift=0.0,
            effects={"error-rate": 1.0, "latency": -0.2},
            baselines={"error-rate": 0.06, "latency": 180},
            people_per_day=24_000,
        ),
        author="U0DEE",
        kind=Kind.INFRASTRUCTURE,
        metrics=(*METRICS, ERRORS),
        ahead=timedelta(hours=20),
        status=Status.SCHEDULED,
    ),
    Story(
        key="new-ranking-service",
        title="New ranking service",
        hypothesis="If ranking moves to the new service, then nothing gets worse because it answers as before.",
        tags=("search", "platform"),
        truth=Truth(
            lift=0.0,
            effects={"latency": -0.05},
            baselines={"error-rate": 0.02, "latency": 180},
            people_per_day=12_000,
        ),
        reviewer="U0ADA",
        kind=Kind.INFRASTRUCTURE,
        variants=STABLE,
        metrics=(
            ERRORS.model_copy(update={"role": MetricRole.PRIMARY, "limit": None}),
            METRICS[2].model_copy(update={"role": MetricRole.COST}),
        ),
        canary=CANARY,
        ahead=timedelta(hours=8),
        status=Status.SCHEDULED,
    ),
)
TRUTHS = {story.key: story.truth for story in STORIES}


PAST, RUNNING_SINCE, LASTED = timedelta(days=30), timedelta(days=6), timedelta(days=15)
STAGES = (1_000, 2_500, 5_000, 10_000)


async def tell_story(world: World, clock: Clock) -> None:
    """Live through every story while the clock goes from a month ago to the moment it shows now."""
    present, world = clock.now(), _without_settling(world)
    clock.set(present - PAST)
    past = [story for story in STORIES if story.outcome]
    for story in past:
        await begin(story, world)
    await _settled(world)
    clock.advance(LASTED.total_seconds())
    for story in past:
        await _conclude(story, world)
    await _settled(world)
    clock.set(present - RUNNING_SINCE)
    for story in STORIES:
        if story.status is Status.RUNNING:
            await begin(story, world)
    await _settled(world)
    clock.set(present)
    for story in STORIES:
        if story.status is Status.IN_REVIEW:
            await _asked(story, world)
        elif story.status is Status.SCHEDULED:
            booked = ScheduleStart(key=(await _approved(story, world)).key, start_at=present + story.ahead)
            await execute(booked, _actor(story.author, world), world)
    await _settled(world)


async def _asked(story: Story, world: World) -> Experiment:
    author = _actor(story.author, world)
    key = story.key
    drafted = CreateExperiment(
        key=key, title=story.title, hypothesis=story.hypothesis, tags=story.tags, kind=story.kind, channel=CHANNEL
    )
    await execute(drafted, author, world)
    designed = EditExperiment(
        key=key,
        variants=story.variants,
        metrics=story.metrics,
        canary=story.canary,
        smallest_effect=0.11,
        planned_units=40_000,
        expectation=Expectation(baseline=BASE_RATE, per_day=UNITS_A_DAY),
    )
    await execute(designed, author, world)
    return await execute(RequestReview(key=key, reviewers=(story.reviewer,)), author, world)


async def _approved(story: Story, world: World) -> Experiment:
    asked = await _asked(story, world)
    answer = ApproveReview(key=asked.key, design_hash=asked.design.hash)
    return await execute(answer, _actor(story.reviewer, world), world)


async def begin(story: Story, world: World) -> Experiment:
    """Live through a story up to its start."""
    approved = await _approved(story, world)
    return await execute(StartExperiment(key=approved.key), _actor(approved.owner, world), world)


async def _conclude(story: Story, world: World) -> None:
    author, key = _actor(story.author, world), story.key
    running = await experiment_of(key, author, world)
    rows = measured(running, story.truth, day=float(running.design.planned_days))
    await execute(ImportAggregates(key=key, rows=rows, origin="simulated people"), author, world)
    await execute(StopExperiment(key=key, reason=StopReason.COMPLETED), author, world)
    await read_new(world)
    decided = LogDecision(
        key=key,
        outcome=story.outcome or Outcome.ITERATE,
        reasoning=story.reasoning,
        next_steps=story.next_steps,
        readout_number=1,
    )
    await execute(decided, author, world)
    if story.status is Status.ROLLING_OUT:
        await execute(PromoteVariant(key=key, variant=story.variants[1].key, stages=STAGES), author, world)


def _without_settling(world: World) -> World:
    """The same world, whose news of the past wait for no further ones."""
    return replace(world, wall=lambda: world.wall() - timedelta(minutes=1))


def _actor(user: str, world: World) -> Actor:
    return Actor(workspace=world.workspace, user=user)


async def _settled(world: World) -> None:
    """Wait until everything said so far has been posted, so that it carries the time at which it was said."""
    waiting = 1
    while waiting:
        await asyncio.sleep(0.02)
        async with world.reading(world.workspace) as uow:
            waiting = await uow.outbox.waiting()
