"""Comparisons: an ordinary readout, several treatments, guardrails, families, hostile names, a broken split."""

from __future__ import annotations

from collections.abc import Callable

from experiments.readout import Readout
from tests.charts import readings, samples

EXAMPLES: dict[str, Callable[[], Readout]] = {
    "readout": samples.readout,
    "several": samples.several,
    "guarded": readings.guarded,
    "families": readings.families,
    "monitoring": readings.monitoring,
    "cuped": readings.cuped,
    "broken": samples.broken,
    "hostile": samples.hostile,
    "crowded": samples.crowded,
    "extreme": samples.extreme,
    "empty": samples.empty,
}
GOLDEN = ("readout", "several", "broken", "hostile", "guarded", "families", "monitoring", "cuped")
