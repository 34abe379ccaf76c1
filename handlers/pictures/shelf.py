"""The pictures by name: the words for each, who gathers its data, how old it may be, and what it is of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from experiments.model import BEFORE_START, Status
from handlers.pictures import readouts
from handlers.pictures.asked import Source

STARTED = tuple(status for status in Status if status not in BEFORE_START)

SHELF: Mapping[str, Source] = {
    "comparison": Source("Every metric against control", readouts.comparison, timedelta(minutes=5), STARTED),
    "significance": Source("Difference and p over time", readouts.significance, timedelta(minutes=3), STARTED),
}
