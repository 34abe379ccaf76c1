"""Safeguards: a guardrail that is breached or blind → stop, roll back, pause or warn, in the monitor's own name."""

from __future__ import annotations

from datetime import datetime

from experiments.commands import Command, PauseExperiment, RaiseAlarm, RollBack, StopExperiment
from experiments.design import Action
from experiments.execute import execute
from experiments.guarding.look import Look
from experiments.guarding.verdict import verdict
from experiments.model import Experiment, StopReason
from experiments.permissions import Actor, guardrail
from experiments.ports import World
from experiments.running import Breach
from experiments.watch import Watch


async def protect(experiment: Experiment, watch: Watch, look: Look, now: datetime, world: World) -> Watch:
    """Do what the look calls for, if anything, and remember which warnings were given."""
    act = verdict(look, experiment, watch.missing_since, now, frozenset(watch.told))
    if act is None:
        return watch
    for breach in (act.breach, *act.warnings):
        await carry_out(breach, experiment, world)
    return watch.model_copy(update={"told": tuple(sorted({*watch.told, *act.told}))})


async def carry_out(breach: Breach, experiment: Experiment, world: World) -> None:
    """Act on what was found, once, however many replicas find it and however often."""
    await execute(_command(breach, experiment.key), _once(breach, experiment), world)


def _command(breach: Breach, key: str) -> Command:
    match breach.action:
        case Action.ROLL_BACK:
            return RollBack(key=key, comment=breach.words, breach=breach)
        case Action.STOP:
            return StopExperiment(key=key, reason=StopReason.HARM, comment=breach.words, breach=breach)
        case Action.PAUSE:
            return PauseExperiment(key=key, comment=breach.words, breach=breach)
        case Action.WARN:
            return RaiseAlarm(key=key, breach=breach)


def _once(breach: Breach, experiment: Experiment) -> Actor:
    what = f"{breach.action} {breach.metric} {breach.variant} {'missing' if breach.missing else 'breached'}"
    delivery = f"guardrail {experiment.key} {breach.phase} {what}"
    return guardrail(experiment.workspace).model_copy(update={"delivery": delivery})
