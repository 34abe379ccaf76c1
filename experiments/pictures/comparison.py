"""9.5 comparison: a readout with some of its comparisons."""

from __future__ import annotations

from experiments.design import MetricRole
from experiments.readout import Readout


def only(readout: Readout, *, role: MetricRole | None = None, treatment: str = "") -> Readout:
    """The readout with the comparisons of one role and one treatment, or of all; without what the picture of them does
    not show, so that it stays the same while that changes."""
    kept = tuple(
        each for each in readout.comparisons if role in (None, each.role) and treatment in ("", each.treatment.variant)
    )
    return readout.model_copy(update={"comparisons": kept, "trails": (), "segments": ()})
