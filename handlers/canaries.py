"""Canaries: the samples of a step → the judge → the next step, back to stable, or a reason to wait."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime

from experiments.announcements import CARD, Announcement, Event
from experiments.canary import FULL_SHARE, CanaryPlan, stepped
from experiments.commands import ConfigureTraffic
from experiments.design import Action
from experiments.execute import execute
from experiments.guarding.canary import (
    CanaryStep,
    CanaryVerdict,
    judged_at,
    judged_metrics,
    step_of,
)
from experiments.measuring import Samples
from experiments.model import Experiment
from experiments.numerals import share
from experiments.permissions import bunsen
from experiments.pictures.canary import Canary, canary_of
from experiments.ports import World
from experiments.readout import GuardrailState
from experiments.running import Breach, Phase
from experiments.stats.canary import Label
from experiments.watch import Live, LiveRow, Watch
from handlers.pictures.canary import pictured, samples_of
from handlers.safeguards import carry_out
from handlers.stages import show_live


async def judge_step(experiment: Experiment, watch: Watch, now: datetime, world: World, unknown: str = "") -> Watch:
    """Judge the present step of a canary, and do what that leads to; while something is `unknown` it does not go on,
    since a metric that nothing comes of is the same in both variants."""
    plan, phase = experiment.design.canary, experiment.phase
    if plan is None or phase is None:
        return watch
    samples = await samples_of(experiment, plan, phase, now, world)
    found = await asyncio.to_thread(_judged, samples, plan, experiment, phase, now, watch.critical)
    verdict, step, picture = found
    if unknown and step.step == "go":
        step = CanaryStep("wait", f"Waiting for data: {unknown}.", step.critical)
    watch = watch.model_copy(update={"critical": step.critical, "looks": watch.looks + 1})
    if step.step == "back":
        await carry_out(_failure(verdict, step, phase, watch.looks, now), experiment, world)
        return watch
    share_now = FULL_SHARE - phase.weights[experiment.control.key]
    following = plan.following(share_now)
    words = step.words
    if step.step == "go" and following is not None:
        await _go_on(experiment, phase, following, world)
        return watch
    if step.step == "go":
        words = f"It passed its last step at {share(share_now)}. Stop it and log the decision, then promote it."
        await _tell_passed(experiment, now, world)
    shown = hashlib.sha256(picture.model_dump_json().encode()).hexdigest()
    live = Live(words=words, rows=_rows(verdict), look=watch.looks, at=now, picture=shown)
    if not live.says_the_same_as(watch.live):
        await show_live(experiment, live, world, picture)
    return watch.model_copy(update={"live": live})


async def show_end(experiment: Experiment, world: World) -> int:
    """Redraw the live card of a canary that ended or was paused with the picture of how it stands; how many there
    were."""
    if experiment.design.canary is None or experiment.phase is None or experiment.rollout is not None:
        return 0
    await show_live(experiment, None, world, await pictured(experiment, world.now(), world))
    return 1


def _judged(
    samples: Samples, plan: CanaryPlan, experiment: Experiment, phase: Phase, now: datetime, before: int
) -> tuple[CanaryVerdict, CanaryStep, Canary]:
    """The judgement of this moment, what it leads to, and the picture of both."""
    metrics = judged_metrics(experiment.design)
    verdict = judged_at(now, samples, plan, metrics, experiment.control.key, phase.started_at)
    return verdict, step_of(verdict, plan, phase.started_at, now, before), canary_of(experiment, samples, now)


async def _go_on(experiment: Experiment, phase: Phase, following: int, world: World) -> None:
    weights = stepped(phase.weights, experiment.control.key, following)
    once = f"canary {experiment.key} {phase.number}"
    actor = bunsen(experiment.workspace).model_copy(update={"delivery": once})
    await execute(ConfigureTraffic(key=experiment.key, weights=weights), actor, world)


def _failure(verdict: CanaryVerdict, step: CanaryStep, phase: Phase, look: int, now: datetime) -> Breach:
    failed = [each for each in verdict.metrics if each.failed]
    first = next((each for each in failed if each.critical), failed[0])
    return Breach(
        metric=first.metric,
        variant=first.variant,
        action=Action.ROLL_BACK,
        value=first.value,
        control=first.stable,
        score=verdict.score,
        look=look,
        phase=phase.number,
        words=f"{step.words} {first.words}",
        at=now,
    )


def _rows(verdict: CanaryVerdict) -> tuple[LiveRow, ...]:
    states = {True: GuardrailState.BREACHED, False: GuardrailState.HEALTHY}
    return tuple(
        LiveRow(
            metric=each.metric,
            variant=each.variant,
            state=GuardrailState.INCONCLUSIVE if each.label is Label.NODATA else states[each.failed],
            words=each.words,
        )
        for each in verdict.metrics
    )


async def _tell_passed(experiment: Experiment, now: datetime, world: World) -> None:
    """Say once that a person's turn has come."""
    said = Announcement(
        surface="canary_passed",
        stream=experiment.key,
        channel=experiment.channel,
        payload={"experiment": experiment.model_dump(mode="json")},
        thread_of=CARD,
        event=Event.NEEDS_PEOPLE,
    )
    async with world.uow(world.workspace) as uow:
        if await uow.schedules.once("canary", experiment.key, f"passed {len(experiment.phases)}", now):
            await uow.outbox.add((said,) if experiment.channel else (), now, world.wall())
    world.nudge()
