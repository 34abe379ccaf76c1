"""Stages: the gate between two stages of a rollout → the next stage, back to control, or a reason to wait."""

from __future__ import annotations

from datetime import datetime

from experiments.announcements import LIVE_CARD, Announcement, Event
from experiments.commands import AdvanceRollout
from experiments.design import Action
from experiments.execute import execute
from experiments.guarding.gate import Gate, gate
from experiments.guarding.look import Look
from experiments.guarding.verdict import breach_of, told_by
from experiments.model import Experiment
from experiments.permissions import bunsen
from experiments.pictures.canary import Canary
from experiments.ports import World
from experiments.running import Rollout
from experiments.watch import Live, LiveRow, Watch
from handlers.safeguards import carry_out


async def pass_gate(experiment: Experiment, watch: Watch, look: Look, now: datetime, world: World) -> Watch:
    """Do what the gate says, and show it on the live card."""
    rollout = experiment.rollout
    if rollout is None:
        return watch
    found = gate(look, rollout, experiment, now)
    if found.step == "go":
        await _advance(experiment, rollout, world)
        return watch
    if found.step == "back":
        await carry_out(breach_of(found.breached[0], look, Action.ROLL_BACK, now), experiment, world)
        return watch
    if found.warn:
        watch = await _warned(found, experiment, watch, look, now, world)
    rows = tuple(
        LiveRow(metric=guard.metric.key, variant=guard.variant, state=guard.state, words=words)
        for guard, words in zip(look.guards, found.reasons, strict=True)
    )
    live = Live(words=found.words, rows=rows, look=look.number, at=now)
    if not live.says_the_same_as(watch.live):
        await show_live(experiment, live, world)
    return watch.model_copy(update={"live": live})


async def _advance(experiment: Experiment, rollout: Rollout, world: World) -> None:
    once = f"gate {experiment.key} {rollout.at.isoformat()} {rollout.stage} {rollout.stage_at.isoformat()}"
    actor = bunsen(experiment.workspace).model_copy(update={"delivery": once})
    await execute(AdvanceRollout(key=experiment.key, stage=rollout.stage), actor, world)


async def _warned(found: Gate, experiment: Experiment, watch: Watch, look: Look, now: datetime, world: World) -> Watch:
    """Where nothing goes back by itself, people hear of each breach once."""
    breaches = [breach_of(guard, look, Action.WARN, now) for guard in found.breached]
    new = [each for each in breaches if told_by(each) not in watch.told]
    for breach in new:
        await carry_out(breach, experiment, world)
    return watch.model_copy(update={"told": tuple(sorted({*watch.told, *map(told_by, new)}))})


async def show_live(experiment: Experiment, live: Live | None, world: World, picture: Canary | None = None) -> None:
    """Redraw the live card where it stands, unless the experiment has moved on since it was looked at; where there is
    no channel there is nothing to redraw."""
    if not experiment.channel:
        return
    said = Announcement(
        surface=LIVE_CARD,
        stream=experiment.key,
        channel=experiment.channel,
        payload={
            "experiment": experiment.model_dump(mode="json"),
            **{
                name: each.model_dump(mode="json")
                for name, each in (("live", live), ("canary", picture))
                if each is not None
            },
        },
        slot=LIVE_CARD,
        event=Event.CARD,
    )
    async with world.uow(world.workspace) as uow:
        if (await uow.experiments.find(experiment.key)).revision == experiment.revision:
            await uow.outbox.add((said,), world.now(), world.wall())
    world.nudge()
