"""Health: one pure check per file over one frozen context; the registry is a tuple."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from experiments.checks.changed_effect import changed_effect
from experiments.checks.context import HealthContext
from experiments.checks.minimum_run_time import minimum_run_time
from experiments.checks.minimum_units import minimum_units
from experiments.checks.no_data import no_data
from experiments.checks.sample_ratio import sample_ratio
from experiments.readout import Finding

Check: TypeAlias = Callable[[HealthContext], Finding | None]

CHECKS: tuple[Check, ...] = (sample_ratio, no_data, minimum_run_time, minimum_units)
EFFECT_CHECKS: tuple[Check, ...] = (changed_effect,)


def examine(context: HealthContext, checks: tuple[Check, ...] = CHECKS) -> tuple[Finding, ...]:
    """What these checks find, worst first. `EFFECT_CHECKS` speak of effects: only where a lift may be shown at all."""
    return tuple(finding for check in checks if (finding := check(context)) is not None)
