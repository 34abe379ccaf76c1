"""Which looks at experiments go on from what is kept, and which have to begin anew."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from bot.connectors.measuring.expression import MOST_DAYS
from bot.connectors.measuring.kept import Kept, KeptLook, time_of
from bot.connectors.measuring.plan import DAY, Look, Plan, look_of
from experiments.model import Experiment

FOREVER = datetime(9000, 1, 1, tzinfo=UTC)
FOLLOWED = 3 * MOST_DAYS
"""After so many days in which nobody asked for an experiment its rows are dropped."""


class Agreed(NamedTuple):
    """The looks at all experiments that were asked for, and those of them of which nothing is kept."""

    plan: Plan
    fresh: tuple[KeptLook, ...]


def agree(kept: Kept, experiments: Sequence[Experiment], until: datetime, oldest: datetime) -> Agreed:
    """Look at each experiment as it is kept (without an end while it runs).

    Other phases of these experiments are dropped, and so is what has changed in a way that needs all events anew: also
    what has ended by now when later events are in it, as far as its events since `oldest` are all there are.
    """
    others = dict(kept.looks)
    next_look, next_measure = kept.next_numbers
    found: list[Look] = []
    fresh: list[KeptLook] = []
    moved: list[Look] = []
    gone: list[int] = []
    asked: set[int] = set()
    for experiment in experiments:
        look = look_of(experiment, FOREVER, next_look, next_measure)
        before = others.pop(experiment.key, None)
        if look is not None and before is not None and _goes_on(kept, before, look, oldest):
            if before.look.until != look.until:
                moved.append(replace(before.look, until=look.until))
            if until - before.asked > DAY:
                asked.add(before.look.number)
            found.append(before.look)
            continue
        if before is not None:
            gone.append(before.look.number)
        if look is not None:
            back = max((each.metric.lookback_days for each in look.measures), default=0)
            fresh.append(KeptLook(look, made_of(look), look.since - DAY * back, until))
            found.append(look)
            next_look += 1
            next_measure += len(look.measures)
    gone += [each.look.number for each in others.values() if (until - each.asked).days > FOLLOWED]
    kept.forget(gone)
    if moved or asked:
        kept.end(moved, asked, until)
    return Agreed(Plan.of(found), tuple(fresh))


def made_of(look: Look) -> str:
    """What a look is made of: when this changes, all events have to be counted anew. When it ends is not in it."""
    return json.dumps(
        [
            look.phase,
            look.since.isoformat(),
            look.arms,
            [
                (
                    each.metric.key, each.metric.kind.value, each.sources, each.metric.lookback_days, each.cap,
                    each.metric.quantile if each.ordered else None,
                )
                for each in look.measures
            ],
        ]
    )  # fmt: skip


def _goes_on(kept: Kept, before: KeptLook, look: Look, oldest: datetime) -> bool:
    """Whether what is kept of a look still holds: it is made of the same, and no event in it came after its end, or
    none that could be left out."""
    if before.made != made_of(look):
        return False
    if look.until == FOREVER or before.oldest < oldest:
        return True
    return _latest(kept, before.look.number) < look.until


def _latest(kept: Kept, look: int) -> datetime:
    """When the newest event of a look happened, or before any."""
    found = 0
    for name in ("arms", "groups"):
        table = kept.tables[name]
        found = max(found, int(table["latest"].max(initial=0, where=table["look"] == look)))
    return time_of(found)
