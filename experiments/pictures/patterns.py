"""What experiments of one direction say together: the strongest tags, projects or kinds, beside all experiments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from experiments.knowledge.outcomes import has_outcome, trial_of
from experiments.knowledge.patterns import Grouping, Pattern, Pooled, Signal, once_in, patterns_of
from experiments.model import Experiment
from experiments.numerals import counted
from experiments.pictures.basis import Basis
from experiments.pictures.ended import NO_LIFT, missing, reach
from experiments.texts import Frozen

MOST = 15
NAMES: dict[Grouping, str] = {"tag": "tag", "project": "project", "kind": "kind"}


class Direction(Frozen):
    """One pattern with the pooled effect that stands for it, that of most experiments; `luck` is in how many of as many
    coin tosses one comes out as well (1: any)."""

    pattern: Pattern
    effect: Pooled | None = None
    luck: int


class Patterns(Frozen):
    """The strongest directions of the ended experiments; `signals` counts all of them, `not_drawn` those left out.

    `hits` of `experiments` were significantly better; `missing` says which are in no pattern, and why.
    """

    basis: Basis
    by: Grouping
    directions: tuple[Direction, ...] = ()
    not_drawn: int = 0
    signals: dict[Signal, int] = {}
    experiments: int = 0
    hits: int = 0
    missing: tuple[str, ...] = ()


def patterns_picture_of(experiments: Iterable[Experiment], by: Grouping, now: datetime) -> Patterns:
    """The directions of those that have ended."""
    ended = [each for each in experiments if has_outcome(each)]
    trials = [trial for each in ended if (trial := trial_of(each))]
    found = patterns_of(trials, by)
    placed = [each for each in trials if (each.tags if by == "tag" else getattr(each, by))]
    return Patterns(
        basis=Basis(
            title="What works, by direction",
            as_of=reach(ended, now),
            facts=(counted(len(trials), "ended experiment"), counted(len(found), NAMES[by])),
        ),
        by=by,
        directions=tuple(_direction(each) for each in found[:MOST]),
        not_drawn=max(0, len(found) - MOST),
        signals={signal: sum(each.signal is signal for each in found) for signal in Signal},
        experiments=len(trials),
        hits=sum(each.hit for each in trials),
        missing=missing({f"no {NAMES[by]}": len(trials) - len(placed), NO_LIFT: len(ended) - len(trials)}),
    )


def _direction(pattern: Pattern) -> Direction:
    ranked = sorted(pattern.pooled, key=lambda each: (each.lift is None, -each.experiments, each.metric))
    luck = once_in(pattern.positive, pattern.experiments) if pattern.experiments > 1 else 1
    return Direction(pattern=pattern, effect=ranked[0] if ranked else None, luck=luck)
