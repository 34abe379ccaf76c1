"""When an experiment was over, and up to when many ended ones reach."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from experiments.model import Experiment


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
