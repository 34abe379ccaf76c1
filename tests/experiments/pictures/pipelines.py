"""Experiments in all states of their way over a year and a half, as a busy team leaves them behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from experiments.model import Approval, Decision, Experiment, Outcome, Review, Status
from experiments.readout import Standing
from tests.experiments.pictures.attempts import NOW, TITLES, attempt


def drafted(number: int = 1, at: datetime = NOW - timedelta(days=3), **changes: Any) -> Experiment:
    """A draft of that day, without anything that came later unless it is given."""
    bare = {"status": Status.DRAFT, "started_at": None, "stopped_at": None, "stop_reason": None, "decision": None,
            "reading": None, "data_version": 0, "phases": (), "created_at": at, "updated_at": at}  # fmt: skip
    return attempt(number, **{**bare, **changes})


def asked(number: int, at: datetime, **changes: Any) -> Experiment:
    """A draft that was put to review a day later."""
    made = drafted(number, at)
    review = Review(number=1, design_hash=made.design.hash, requested_by="U0ADA", requested_at=at + timedelta(days=1),
                    due_at=at + timedelta(days=3))  # fmt: skip
    return made.evolve(**{"status": Status.IN_REVIEW, "review": review, "review_count": 1, **changes})


def approved(number: int, at: datetime, **changes: Any) -> Experiment:
    """Approved two days after its draft."""
    made = asked(number, at)
    approval = Approval(design_hash=made.design.hash, by="U0BO", at=at + timedelta(days=2))
    return made.evolve(**{"status": Status.APPROVED, "approval": approval, **changes})


def ran(number: int, at: datetime, lift: float, error: float, days: float, decided_after: float | None,
        outcome: Outcome = Outcome.ABANDON, wait: float = 4.0, **changes: Any) -> Experiment:  # fmt: skip
    """Started `wait` days after its draft, stopped, and decided so many days later, or not yet."""
    stopped = at + timedelta(days=wait + days)
    made = attempt(number, lift, error, ended=stopped, days=days, **changes)
    decision = None
    if decided_after is not None:
        decision = Decision(outcome=outcome, reasoning="As the data say.", by="U0ADA", readout_number=1,
                            at=stopped + timedelta(days=decided_after))  # fmt: skip
    status = Status.DECIDED if decision else Status.STOPPED
    return made.evolve(created_at=at, review_count=1, status=status, decision=decision,
                       updated_at=decision.at if decision else stopped)  # fmt: skip


def years(count: int = 90, seed: int = 7, days: float = 540) -> Iterator[Experiment]:
    """So many of the days before now, more of them lately; each as far as it came until now."""
    dice = np.random.default_rng(seed)
    for number in range(1, count + 1):
        at = NOW - timedelta(days=float(days * dice.beta(1, 1.6)))
        title = TITLES[number % len(TITLES)]
        length, error = float(dice.choice([7, 14, 14, 21, 28]) + dice.exponential(2)), float(dice.uniform(0.004, 0.02))
        lift = float(dice.normal(0.012, 0.02) + dice.normal(0, error))
        waited, wait = float(dice.gamma(1.3, 2.2)), float(2 + dice.gamma(1.2, 2.5))
        age, luck = (NOW - at).days, dice.random()
        if age < wait + length + waited:
            under_way = drafted if age < 1 else asked if age < 2 else approved
            yield under_way(number, at, title=title) if age < wait else _running(number, at, title)
        elif luck < 0.08:
            yield drafted(number, at, title=title, status=Status.ARCHIVED)
        elif luck < 0.16:
            yield asked(number, at, title=title, status=Status.DRAFT if luck < 0.12 else Status.ARCHIVED)
        elif luck < 0.2:
            yield approved(number, at, title=title, status=Status.ARCHIVED if luck < 0.18 else Status.APPROVED)
        else:
            better = lift > 2 * error
            outcome = Outcome.SHIP if better and luck < 0.9 else Outcome.ITERATE if luck > 0.7 else Outcome.ABANDON
            planned = {"units": int(dice.choice([9_000, 28_000, 40_000]))}
            yield ran(number, at, lift, error, length, None if luck > 0.94 else waited, outcome, wait=wait, title=title,
                      standing=Standing.UNCLEAR if abs(lift) < 2 * error else Standing.BETTER if better
                      else Standing.WORSE, **planned)  # fmt: skip


def _running(number: int, at: datetime, title: str) -> Experiment:
    made = ran(number, at, 0.01, 0.01, 14, None, title=title)
    return made.evolve(status=Status.RUNNING, stopped_at=None, stop_reason=None, updated_at=NOW)
