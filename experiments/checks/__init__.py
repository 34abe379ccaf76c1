"""Health: one pure check per file over one frozen context; the registry is a tuple."""

from __future__ import annotations

from collections.abc import Callable

from experiments.checks.changed_effect import changed_effect
from experiments.checks.context import HealthContext
from experiments.checks.minimum_run_time import minimum_run_time
from experiments.checks.minimum_units import minimum_units
from experiments.checks.no_data import no_data
from experiments.checks.sample_ratio import sample_ratio
from experiments.readout import Finding

CHECKS: tuple[Callable[[HealthContext], Finding | None], ...] = (
    sample_ratio,
    no_data,
    minimum_run_time,
    minimum_units,
    changed_effect,
)


def examine(context: HealthContext) -> tuple[Finding, ...]:
    """What the checks find, worst first."""
    return tuple(finding for check in CHECKS if (finding := check(context)) is not None)
