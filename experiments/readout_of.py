"""From an experiment and its aggregates to the readout: compare, examine, conclude."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from experiments import pairing
from experiments.aggregate import Aggregate
from experiments.checks import EFFECT_CHECKS, examine
from experiments.checks.context import HealthContext
from experiments.checks.sample_ratio import NO_LIFT
from experiments.comparing import compare, withheld
from experiments.model import Experiment
from experiments.readout import Readout, Severity
from experiments.verdict import conclude

METHOD = "always-valid"


def read(experiment: Experiment, rows: Sequence[Aggregate], now: datetime) -> Readout:
    """The readout of these rows: always-valid comparisons and trails, health, and the verdict in words.

    Its number is the experiment's `data_version`. Missing or odd rows never raise; they are refused comparison by
    comparison. While a finding blocks the lift, no comparison carries a number.
    """
    design = experiment.design
    table = pairing.tabulate(rows)
    pairs = pairing.pairs(design, table)
    day = max((moment for series in table.values() for moment in series), default=0.0)
    context = HealthContext(
        weights={variant.key: variant.weight for variant in design.variants},
        units=pairing.units(design, table),
        history=pairing.unit_history(design, table),
        day=day,
        planned_units=design.planned_units,
        has_data=any(row.n > 0 for row in rows),
        silent=pairing.silent(design, table),
    )
    findings = examine(context)
    if any(finding.severity is Severity.BLOCKS_LIFT for finding in findings):
        compared = tuple(withheld(pair, NO_LIFT, hide_means=True) for pair in pairs)
    else:
        compared = compare(pairs, design)
        changed = tuple((each.trail.metric, each.trail.treatment) for each in compared if each.changed)
        findings += examine(replace(context, changed=changed), EFFECT_CHECKS)
    comparisons = tuple(each.comparison for each in compared)
    return Readout(
        workspace=experiment.workspace,
        key=experiment.key,
        title=experiment.title,
        number=experiment.data_version,
        as_of=now,
        day=day,
        planned_days=design.planned_days,
        design_hash=design.hash,
        method=METHOD,
        alpha=design.alpha,
        units=context.units,
        weights=context.weights,
        comparisons=comparisons,
        trails=tuple(each.trail for each in compared),
        findings=findings,
        verdict=conclude(experiment, comparisons, findings, day),
    )
