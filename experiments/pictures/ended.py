"""What pictures of many ended experiments have in common: when each was over, how far they reach, which are missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from experiments.model import Experiment

NO_LIFT = "no lift: their data allow none, or nobody has read them"


def over_at(experiment: Experiment) -> datetime:
    """When it was over: at its stop, else its decision, else its newest reading."""
    if experiment.stopped_at:
        return experiment.stopped_at
    if experiment.decision:
        return experiment.decision.at
    return experiment.reading.at if experiment.reading else experiment.updated_at


def reach(ended: Iterable[Experiment], now: datetime) -> datetime:
    """The newest reading, stop or decision among them; `now` where there is none."""
    moments = [
        moment
        for each in ended
        for moment in (
            each.reading.at if each.reading else None,
            each.stopped_at,
            each.decision.at if each.decision else None,
        )
        if moment
    ]
    return max(moments, default=now)


def missing(reasons: Mapping[str, int]) -> tuple[str, ...]:
    """Which of them are not in a picture, and why.

    >>> missing({"no tag": 2, "no lift": 0, "no start": 1})
    ('2 have no tag', '1 has no start')
    """
    return tuple(f"{count:,} {'has' if count == 1 else 'have'} {why}" for why, count in reasons.items() if count)
