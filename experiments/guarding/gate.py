"""The gate between two stages of a rollout: go on, wait, or go back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from experiments.guarding.look import SPLIT_BROKEN, Guard, Look
from experiments.guarding.wording import breach_words, healthy_words, missing_words, waiting_words
from experiments.model import Experiment
from experiments.numerals import share
from experiments.readout import GuardrailState
from experiments.running import Rollout

Step = Literal["go", "wait", "back"]


@dataclass(frozen=True, slots=True)
class Gate:
    """`step` is what to do now and `words` why. `reasons` say it metric by metric; `breached` are those that do more
    harm than allowed, `warn` says that a person has to decide because going back by itself was switched off.
    """

    step: Step
    words: str
    reasons: tuple[str, ...] = ()
    breached: tuple[Guard, ...] = ()
    warn: bool = False


def gate(look: Look, rollout: Rollout, experiment: Experiment, now: datetime) -> Gate:
    """What the watched metrics of this stage say, as `look` saw them.

    A breach goes back at once, also before the stage has lasted its time. It goes on when the stage has lasted at least
    `stage_hours`, every watched metric is healthy and the split is sound. Everything else waits: what is not clear,
    what is missing, a rollout that a person paused. A watched metric without a limit may get worse by the smallest
    effect that matters. Where nothing is watched the time alone decides.
    """
    reasons = tuple(_reason(each, look, now) for each in look.guards)
    if look.breached:
        return _bad(look, rollout, reasons)
    if rollout.paused_at is not None:
        return Gate("wait", f"The rollout is paused at {share(rollout.share)}.", reasons)
    if rollout.is_last:
        return Gate("wait", f"{share(rollout.share)} is the last stage.", reasons)
    following = share(rollout.stages[rollout.stage + 1])
    left = rollout.stage_at + timedelta(hours=rollout.stage_hours) - now
    if left > timedelta(0):
        words = f"{share(rollout.share)} has not lasted its {_hours(rollout.stage_hours)} yet; {_left(left)} to go."
        return Gate("wait", words, reasons)
    if not look.guards and not rollout.watched:
        return Gate("go", f"Nothing is watched and the time is up: on to {following}.")
    if look.split_broken:
        return Gate("wait", f"Not on to {following} yet: {SPLIT_BROKEN}.", reasons)
    if look.healthy:
        return Gate("go", f"{_every(look.guards)} within what you allow: on to {following}.", reasons)
    open_ones = [each for each in look.guards if each.state is not GuardrailState.HEALTHY]
    words = "; ".join(_reason(each, look, now) for each in open_ones) or "what is watched is not measured any more"
    return Gate("wait", f"Not on to {following} yet: {words}.", reasons)


def _bad(look: Look, rollout: Rollout, reasons: tuple[str, ...]) -> Gate:
    words = "; ".join(breach_words(each, look) for each in look.breached)
    if rollout.automatic_rollback:
        return Gate("back", f"Back to control: {words}.", reasons, look.breached)
    words = f"It stays at {share(rollout.share)} until you decide: {words}."
    return Gate("wait", words, reasons, look.breached, warn=True)


def _reason(guard: Guard, look: Look, now: datetime) -> str:
    if guard.state is GuardrailState.BREACHED:
        return breach_words(guard, look)
    if guard.missing:
        return missing_words(guard, None, now)
    return healthy_words(guard) if guard.state is GuardrailState.HEALTHY else waiting_words(guard)


def _every(guards: Sequence[Guard]) -> str:
    return f"{guards[0].metric.key} is" if len(guards) == 1 else f"All {len(guards)} watched metrics are"


def _hours(hours: float) -> str:
    return "hour" if hours == 1 else f"{hours:.3g} hours"


def _left(left: timedelta) -> str:
    minutes = max(1, round(left.total_seconds() / 60))
    return f"{minutes} minute{'s' if minutes != 1 else ''}" if minutes < 120 else _hours(minutes / 60)
