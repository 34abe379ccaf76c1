"""From experiments and their aggregates to readouts: compare, examine, conclude, all experiments in one go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.aggregate import Aggregate
from experiments.analysis.deciding import STATUSES, Circumstances, Treatments, decide, treatments_of
from experiments.analysis.health import Case, Provenance, case_of, contexts
from experiments.analysis.panel import SEQUENTIAL, Settings
from experiments.analysis.results import Results, withheld
from experiments.analysis.verdict import TOO_EARLY, Treated, in_words, is_over, no_lift
from experiments.checks import EFFECT_CHECKS, examine, worst_first
from experiments.checks.context import HealthContext
from experiments.design import DecisionRule, Method
from experiments.model import Experiment
from experiments.readout import Comparison, Finding, Readout, Segments, Severity, Trail
from experiments.stats.progress import progress

NOTHING_KNOWN = Provenance()


class Gathered(NamedTuple):
    """An experiment with the rows there are of it and where they come from."""

    experiment: Experiment
    rows: Sequence[Aggregate]
    provenance: Provenance = NOTHING_KNOWN


def read(
    experiment: Experiment, rows: Sequence[Aggregate], now: datetime, provenance: Provenance = NOTHING_KNOWN
) -> Readout:
    """The readout of one experiment; see `read_all`.

    >>> from datetime import UTC
    >>> from experiments.from_rows import design_of
    >>> rows = [Aggregate("clicks", arm, 14.0, 5_000, mean, 1.0) for arm, mean in (("control", 2.0), ("blue", 2.2))]
    >>> now = datetime(2026, 3, 16, tzinfo=UTC)
    >>> shop = Experiment(workspace="T1", key="shop", title="Shop", owner="U1", created_at=now, updated_at=now)
    >>> read(shop.evolve(design=design_of(rows, key="shop")), rows, now).verdict.sentence.partition(" (")[0]
    'Ship blue: it raises clicks by 10.0 %'
    """
    return read_all([Gathered(experiment, rows, provenance)], now)[0]


def read_all(gathered: Sequence[Gathered], now: datetime) -> list[Readout]:
    """The readouts of these experiments, in order: comparisons, trails, segments, health, and the verdict in words.

    A readout's number is the experiment's `data_version`. Missing or odd rows never raise; they are refused comparison
    by comparison. While a finding blocks the lift, no comparison carries a number.

    >>> from datetime import UTC
    >>> from experiments.from_rows import design_of
    >>> rows = [Aggregate("clicks", arm, 14.0, n, 2.0, 1.0) for arm, n in (("control", 5_000), ("blue", 4_000))]
    >>> now = datetime(2026, 3, 16, tzinfo=UTC)
    >>> shop = Experiment(workspace="T1", key="shop", title="Shop", owner="U1", created_at=now, updated_at=now)
    >>> designed = shop.evolve(design=design_of(rows, key="shop"))
    >>> [each.verdict.status.value for each in read_all([Gathered(designed, rows), Gathered(designed, [])], now)]
    ['unhealthy', 'no_data']
    """
    cases = [case_of(*each) for each in gathered]
    health = contexts(cases, now)
    groups: dict[Settings, list[int]] = {}
    for number, case in enumerate(cases):
        design = case.design
        groups.setdefault(Settings(design.method, design.correction, design.alpha), []).append(number)
    done: dict[int, Readout] = {}
    for settings, numbers in groups.items():
        group = _analyse([cases[number] for number in numbers], [health[number] for number in numbers], settings)
        first = 0
        for place, number in enumerate(numbers):
            rows = range(first, first + len(cases[number].pairs))
            done[number] = _readout(cases[number], health[number], place, rows, group, now)
            first = rows.stop
    return [done[number] for number in range(len(cases))]


@dataclass(frozen=True, slots=True)
class _Group:
    """Experiments that are read in the same way: their results together, and what was found of each."""

    results: Results
    findings: list[tuple[Finding, ...]]
    circumstances: Circumstances
    treatments: Treatments
    fit: NDArray[np.bool_]
    harmed: NDArray[np.bool_]
    statuses: NDArray[np.int8]


def _analyse(cases: Sequence[Case], health: Sequence[HealthContext], settings: Settings) -> _Group:
    findings = [examine(context) for context in health]
    codes = [{each.code for each in found} for found in findings]
    circumstances = Circumstances(
        blocked=_flags(any(each.severity is Severity.BLOCKS_LIFT for each in found) for found in findings),
        early=_flags(not each.isdisjoint(TOO_EARLY) for each in codes),
        over=_flags(is_over(case.experiment, case.day) for case in cases),
        live=_flags(case.experiment.is_live for case in cases),
        sequential=_flags(settings.method in SEQUENTIAL for _ in cases),
        do_no_harm=_flags(case.design.rule is DecisionRule.DO_NO_HARM for case in cases),
    )
    stale = _flags("stale_data" in each for each in codes)
    results = Results.of([(case.design, case.pairs) for case in cases], settings, stale)
    treatments = treatments_of(results.panel, results.reading)
    statuses = decide(results.panel, results.reading, treatments, circumstances)
    fit, harmed = treatments.fit(circumstances), treatments.harmed(circumstances)
    return _Group(results, findings, circumstances, treatments, fit, harmed, statuses)


def _flags(answers: Iterable[bool]) -> NDArray[np.bool_]:
    return np.array(list(answers), dtype=np.bool_)


def _readout(case: Case, context: HealthContext, number: int, rows: range, group: _Group, now: datetime) -> Readout:
    """The readout of the experiment with this number in its group, whose comparisons are these rows of the panel."""
    results, settings = group.results, group.results.settings
    findings = group.findings[number]
    segments: tuple[Segments, ...] = ()
    trails: tuple[Trail, ...] = ()
    every = list(zip(case.pairs, rows, strict=True))
    whole = [(pair, row) for pair, row in every if not pair.segment]
    if group.circumstances.blocked[number]:
        words = no_lift(findings)
        comparisons = tuple(withheld(pair, words, hide_means=True) for pair, _ in whole)
    else:
        monitoring = settings.method is Method.FIXED and not group.circumstances.over[number]
        comparisons = tuple(results.compared(pair, row, monitoring=monitoring) for pair, row in whole)
        if not monitoring:
            segments = results.segments(every)
            trails = tuple(results.trail(pair, row) for pair, row in whole)
            changed = tuple((pair.metric.key, pair.treatment_key) for pair, row in whole if results.changed(row))
            findings = worst_first((*findings, *examine(replace(context, changed=changed), EFFECT_CHECKS)))
    status = STATUSES[int(group.statuses[number])]
    arms = {pair.treatment_key: int(results.panel.arm[row]) for pair, row in whole}
    treated = [_treated(key, arm, comparisons, group) for key, arm in arms.items()]
    return Readout(
        workspace=case.experiment.workspace,
        key=case.experiment.key,
        title=case.experiment.title,
        number=case.experiment.data_version,
        as_of=case.experiment.reach or now,
        day=case.day,
        planned_days=case.design.planned_days,
        design_hash=case.experiment.design.hash,
        method=settings.method.words,
        alpha=settings.alpha,
        units=context.units,
        weights=context.weights,
        comparisons=comparisons,
        segments=segments,
        trails=trails,
        findings=findings,
        verdict=in_words(status, case.experiment, case.day, findings, treated),
        progress=_progress(case, comparisons) if case.experiment.is_live else None,
    )


def _progress(case: Case, comparisons: Sequence[Comparison]) -> float | None:
    """The share of the planned precision on the first primary metric, in the treatment that is farthest behind."""
    primary = case.design.primary
    intervals = [each.relative_interval for each in comparisons if primary and each.metric == primary.key]
    widths = [
        each.upper - each.lower for each in intervals if each and each.upper is not None and each.lower is not None
    ]
    if not widths or len(widths) < len(intervals):
        return None
    return float(progress(2 * case.design.smallest_effect, max(widths)))


def _treated(key: str, arm: int, comparisons: Sequence[Comparison], group: _Group) -> Treated:
    return Treated(
        key,
        tuple(each for each in comparisons if each.treatment.variant == key),
        fit=bool(group.fit[arm]),
        harmed=bool(group.harmed[arm]),
        gain=float(group.treatments.gain[arm]),
    )
