"""Health: one pure check per file over one frozen context; the registry is a tuple."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from experiments.checks.changed_effect import changed_effect
from experiments.checks.context import HealthContext
from experiments.checks.minimum_run_time import minimum_run_time
from experiments.checks.minimum_units import minimum_units
from experiments.checks.multiple_exposure import multiple_exposure
from experiments.checks.no_data import no_data
from experiments.checks.novelty import novelty
from experiments.checks.outliers import outliers
from experiments.checks.partial_period import partial_period
from experiments.checks.pre_exposure_bias import pre_exposure_bias
from experiments.checks.sample_ratio import sample_ratio
from experiments.checks.skew import skew
from experiments.checks.stale_data import stale_data
from experiments.checks.unexpected_units import unexpected_units
from experiments.readout import Finding, Severity

Check: TypeAlias = Callable[[HealthContext], Finding | None]

CHECKS: tuple[Check, ...] = (
    sample_ratio,
    multiple_exposure,
    no_data,
    stale_data,
    unexpected_units,
    pre_exposure_bias,
    skew,
    outliers,
    minimum_run_time,
    minimum_units,
    partial_period,
)
EFFECT_CHECKS: tuple[Check, ...] = (changed_effect, novelty)
WORST_FIRST = (Severity.BLOCKS_LIFT, Severity.WARNING, Severity.INFORMATION)


def examine(context: HealthContext, checks: tuple[Check, ...] = CHECKS) -> tuple[Finding, ...]:
    """What these checks find, worst first. `EFFECT_CHECKS` speak of effects: only where a lift may be shown at all.

    >>> [finding.code for finding in examine(HealthContext({"a": 1, "b": 1}, {"a": 90, "b": 95}, 2.0, has_data=True))]
    ['minimum_run_time', 'minimum_units']
    """
    return worst_first(finding for check in checks if (finding := check(context)) is not None)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings by severity; those of one severity stay in order.

    >>> findings = [Finding(code=each.value, severity=each, words="") for each in reversed(WORST_FIRST)]
    >>> [finding.code for finding in worst_first(findings)]
    ['blocks_lift', 'warning', 'information']
    """
    return tuple(sorted(findings, key=lambda finding: WORST_FIRST.index(finding.severity)))
