"""What is to be done after a look: the strongest action of the guardrails that are breached, or blind for too long."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from experiments.design import Action
from experiments.guarding.look import Guard, Look
from experiments.guarding.wording import breach_words, missing_words
from experiments.model import Experiment, Status
from experiments.running import Breach

GRACE = timedelta(minutes=30)
STRENGTH = {Action.WARN: 0, Action.PAUSE: 1, Action.STOP: 2, Action.ROLL_BACK: 3}

Told: TypeAlias = tuple[str, str, bool]
"""Metric, variant, and whether it was about missing data."""


@dataclass(frozen=True, slots=True)
class Act:
    """`action` is to be taken because of `breach`; `others` are the guardrails that speak at the same look."""

    action: Action
    breach: Breach
    others: tuple[Breach, ...] = ()

    @property
    def warnings(self) -> tuple[Breach, ...]:
        """The others that people are warned of; of those whose data are missing one speaks for all."""
        warned = [each for each in self.others if each.action is Action.WARN]
        blind = [each for each in (self.breach, *warned) if each.missing]
        return tuple(each for each in warned if not each.missing or each is blind[0])

    @property
    def told(self) -> frozenset[Told]:
        """What need not be told again in this phase, to be kept and handed to the next verdict."""
        return frozenset(told_by(each) for each in (self.breach, *self.others) if each.action is Action.WARN)


def verdict(
    look: Look, experiment: Experiment, missing_since: datetime | None, now: datetime, told: Set[Told] = frozenset()
) -> Act | None:
    """What to do now, if anything.

    Among the breached guardrails the strongest action counts (roll back, stop, pause, warn), and what their metrics do
    about missing data where these have been missing since `missing_since`, for at least 30 minutes; of equal ones
    a breach comes first, then the smaller p. A warning that was `told` in this phase is not told again. An experiment
    that does not run has nothing to be protected from.
    """
    if experiment.status is not Status.RUNNING:
        return None
    blind = look.missing if missing_since is not None and now - missing_since >= GRACE else ()
    found = [_breach(each, look, now) for each in look.breached]
    known = told | _in(experiment, look)
    found += _missing([each for each in blind if each not in look.breached], look, missing_since, now, known)
    new = [each for each in found if each.action is not Action.WARN or told_by(each) not in known]
    if not new:
        return None
    first, *others = sorted(new, key=lambda each: (-STRENGTH[each.action], each.missing, each.p or 0.0))
    return Act(first.action, first, tuple(others))


def told_by(breach: Breach) -> Told:
    """What somebody knows who has read this."""
    return breach.metric, breach.variant, breach.missing


def _in(experiment: Experiment, look: Look) -> frozenset[Told]:
    """What the experiment itself remembers of this phase."""
    last = experiment.breach
    return frozenset({told_by(last)}) if last is not None and last.phase == look.phase else frozenset()


def breach_of(guard: Guard, look: Look, action: Action, now: datetime) -> Breach:
    """What is kept of a guardrail that does more harm than allowed, where `action` is what it leads to."""
    return _told(guard, look, now, action, breach_words(guard, look), missing=False)


def _breach(guard: Guard, look: Look, now: datetime) -> Breach:
    return breach_of(guard, look, guard.metric.action, now)


def _missing(
    guards: Sequence[Guard], look: Look, since: datetime | None, now: datetime, known: Set[Told]
) -> list[Breach]:
    """Each of them also says of which others the same is true that nobody was told of."""
    new = [each for each in guards if (*each.name, True) not in known]
    return [
        _told(
            each, look, now, each.metric.missing,
            missing_words(each, since, now, [other for other in new if other is not each]), missing=True,
        )
        for each in guards
    ]  # fmt: skip


def _told(guard: Guard, look: Look, now: datetime, action: Action, words: str, *, missing: bool) -> Breach:
    return Breach(
        metric=guard.metric.key,
        variant=guard.variant,
        action=action,
        value=guard.value,
        control=guard.control,
        harm=guard.harm,
        limit=guard.limit,
        p=guard.p,
        look=look.number,
        units=guard.units,
        phase=look.phase,
        missing=missing,
        words=words,
        at=now,
    )
