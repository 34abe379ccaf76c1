"""RaiseAlarm: say that a guardrail is breached or blind, where nothing but a warning was asked for."""

from __future__ import annotations

from datetime import datetime

from experiments.commands.base import Command
from experiments.errors import Forbidden
from experiments.model import Experiment
from experiments.permissions import GUARDRAIL, Actor, Permission
from experiments.running import Breach


class RaiseAlarm(Command):
    """Keep what the monitor found with the experiment, and tell people; the traffic stays as it is."""

    needs = Permission.WARN
    revises = False

    breach: Breach

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "warned of")
        return before.evolve(breach=found(self.breach, before, actor))

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return f"warned: {self.breach.words}"


def found(breach: Breach | None, before: Experiment, actor: Actor) -> Breach | None:
    """What the experiment keeps: the monitor's own finding, or what it kept before; nobody else may claim one."""
    if breach is None:
        return before.breach
    if actor.user != GUARDRAIL:
        raise Forbidden("Only the monitor says that a guardrail was breached. Say in words what you saw.")
    return breach
