"""No data: a metric that a variant with traffic has not reported yet."""

from __future__ import annotations

from experiments.checks.context import HealthContext
from experiments.numerals import listed
from experiments.readout import Finding, Severity


def no_data(context: HealthContext) -> Finding | None:
    """Which metric is silent in which variant, or that nothing has arrived at all.

    >>> finding = no_data(HealthContext({}, {}, 5.0, has_data=True, silent=(("latency", "b"),)))
    >>> finding.words.partition(".")[0]
    'No data for latency in b, so these are not compared'
    """
    if not context.has_data:
        words = "No data have arrived yet. Check that the application sends them, or import a file of aggregates."
    elif context.silent:
        gaps = [f"{metric} in {variant}" for metric, variant in context.silent]
        words = f"No data for {listed(gaps)}, so these are not compared. Check that the metric is measured there."
    else:
        return None
    evidence = {"silent": [list(each) for each in context.silent]}
    return Finding(code="no_data", severity=Severity.WARNING, words=words, evidence=evidence)
