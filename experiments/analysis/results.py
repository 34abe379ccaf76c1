"""What was read of many experiments, put into the readout's frozen values: comparisons, trails, segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.aggregate import Aggregate
from experiments.analysis.columns import Columns, columns_of
from experiments.analysis.pairing import Pair, dimension_of, level_of
from experiments.analysis.panel import PLANNED_LOOKS, Ints, Panel, Role, Settings
from experiments.analysis.reading import BETTER, BREACHED, HEALTHY, INCONCLUSIVE, UNCLEAR, WORSE, Reading, read_panel
from experiments.checks.minimum_units import MINIMUM_UNITS
from experiments.design import Correction, Design, MetricKind, MetricRole
from experiments.numerals import units
from experiments.readout import Arm, Comparison, GuardrailState, Interval, Look, Segments, Standing, Trail
from experiments.stats.heterogeneity import heterogeneity
from experiments.stats.refusal import Refusal

MOST_LOOKS = 400
STANDINGS = {UNCLEAR: Standing.UNCLEAR, BETTER: Standing.BETTER, WORSE: Standing.WORSE}
STATES = {
    INCONCLUSIVE: GuardrailState.INCONCLUSIVE,
    HEALTHY: GuardrailState.HEALTHY,
    BREACHED: GuardrailState.BREACHED,
}
FAMILIES = {
    Correction.HOLM: "Holm over {} treatments",
    Correction.BONFERRONI: "Bonferroni over {} treatments",
    Correction.BENJAMINI_HOCHBERG: "Benjamini–Hochberg over {} treatments",
    Correction.NONE: "not adjusted for {} treatments",
}


@dataclass(frozen=True, slots=True)
class Results:
    """The columns of many experiments and what was read of them, looked up by the number of a comparison."""

    columns: Columns
    reading: Reading
    settings: Settings
    family_sizes: Ints

    @classmethod
    def of(
        cls, cases: Sequence[tuple[Design, Sequence[Pair]]], settings: Settings, stale: NDArray[np.bool_] | None = None
    ) -> Results:
        """The pairs of these experiments, read together; no guardrail is healthy in an experiment that is `stale`.

        >>> from experiments.analysis.pairing import pairs, tabulate
        >>> from experiments.from_rows import design_of
        >>> rows = [Aggregate("clicks", arm, 7.0, 5_000, 2.0, 1.0) for arm in ("control", "blue", "red")]
        >>> design = design_of(rows, key="shop")
        >>> shop = pairs(design, tabulate(rows))
        >>> results = Results.of([(design, shop)], Settings())
        >>> results.panel.size, results.reading.rows.tolist()
        (2, [0, 1])
        """
        columns = columns_of(cases)
        reading = read_panel(columns.panel, settings)
        if stale is not None:
            reading = reading.without_healthy(stale[columns.panel.experiment])
        return cls(columns, reading, settings, np.bincount(columns.panel.family, minlength=1))

    @property
    def panel(self) -> Panel:
        return self.columns.panel

    def compared(self, pair: Pair, row: int, *, monitoring: bool) -> Comparison:
        """One comparison; while its method only monitors, its estimate alone. A guardrail is judged at every look.

        >>> from experiments.analysis.pairing import pairs, tabulate
        >>> from experiments.from_rows import design_of
        >>> rows = [Aggregate("clicks", arm, 7.0, 5_000, mean, 1.0) for arm, mean in (("control", 2.0), ("blue", 2.1))]
        >>> design = design_of(rows, key="shop")
        >>> shop = pairs(design, tabulate(rows))
        >>> results = Results.of([(design, shop)], Settings())
        >>> found = results.compared(shop[0], 0, monitoring=False)
        >>> found.standing.value, round(found.interval.lower, 3), round(found.interval.upper, 3)
        ('better', 0.039, 0.161)
        """
        if self.reading.refused[row]:
            planned = float(self.panel.planned_units[self.panel.experiment[row]])
            words = _why(pair, Refusal(int(self.reading.refused[row])), planned)
            return withheld(pair, words).model_copy(update=self._guardrail(row))
        at, newest = self._at(row), self.reading.newest
        bounded = bool(newest.bounded[at])
        control, treatment = _arms(pair, self._look(pair, at))
        left = float(self.columns.variance_left[row])
        plain = Comparison(
            **_identity(pair),
            control=control,
            treatment=treatment,
            difference=float(newest.difference[at]),
            relative=float(newest.lift[at]) if bounded else None,
            standing=Standing.MONITORING,
            variance_left=left if left < 1 else None,
            **self._guardrail(row),
        )
        if monitoring:
            return plain
        return plain.model_copy(
            update={
                "interval": Interval.of(newest.lower[at], newest.upper[at]),
                "relative_interval": Interval.of(newest.lift_lower[at], newest.lift_upper[at]) if bounded else None,
                "p": float(newest.p[at]),
                "fixed_p": float(newest.fixed_p[at]),
                "relative_error": float(newest.relative_error[at]) if bounded else None,
                "standing": STANDINGS[int(self.reading.standing[row])],
                "family": self._family(row),
            }
        )

    def trail(self, pair: Pair, row: int) -> Trail:
        """At most `MOST_LOOKS` looks, evenly spread, the first and the newest among them.

        >>> from experiments.analysis.pairing import pairs, tabulate
        >>> from experiments.from_rows import design_of
        >>> arms = (("control", 2.0), ("blue", 2.1))
        >>> rows = [Aggregate("clicks", arm, day, 1_000 * day, mean, 1.0) for arm, mean in arms for day in (1, 7)]
        >>> design = design_of(rows, key="shop")
        >>> shop = pairs(design, tabulate(rows))
        >>> results = Results.of([(design, shop)], Settings())
        >>> [(look.day, round(look.p, 4)) for look in results.trail(shop[0], 0).looks]
        [(1.0, 0.3052), (7.0, 0.0)]
        """
        looks: tuple[Look, ...] = ()
        if not self.reading.refused[row]:
            panel, seen = self.reading.looks.panel, self.reading.looks
            start, end = self._span(self._at(row))
            count = end - start
            chosen = start + np.unique(np.linspace(0, count - 1, min(count, MOST_LOOKS)).round().astype(np.intp))
            n = (panel.control.n[chosen] + panel.treatment.n[chosen]).astype(np.int64)
            columns = (panel.day, seen.difference, seen.lower, seen.upper, seen.p)
            looks = tuple(
                Look(day=day, n=count, difference=difference, lower=lower, upper=upper, p=p)
                for count, day, difference, lower, upper, p in zip(
                    n.tolist(), *(column[chosen].tolist() for column in columns), strict=True
                )
            )
        return Trail(metric=pair.metric.key, treatment=pair.treatment_key, looks=looks)

    def changed(self, row: int) -> bool:
        """Whether an effect that is or was clear did not stay the same.

        >>> from experiments.analysis.pairing import pairs, tabulate
        >>> from experiments.from_rows import design_of
        >>> seen = ((1, "control", 2.0), (1, "blue", 2.5), (7, "control", 2.0), (7, "blue", 2.1))
        >>> rows = [Aggregate("clicks", arm, day, 1_000 * day, mean, 1.0) for day, arm, mean in seen]
        >>> design = design_of(rows, key="shop")
        >>> shop = pairs(design, tabulate(rows))
        >>> results = Results.of([(design, shop)], Settings())
        >>> results.changed(0)
        True
        """
        return not self.reading.refused[row] and bool(self.reading.newest.changed[self._at(row)])

    def segments(self, pairs: Sequence[tuple[Pair, int]]) -> tuple[Segments, ...]:
        """The segments among these pairs with their numbers, by dimension, metric and treatment.

        >>> from experiments.analysis.pairing import pairs, tabulate
        >>> from experiments.from_rows import design_of
        >>> means = (("control", "DE", 2.0), ("control", "FR", 2.0), ("blue", "DE", 2.1), ("blue", "FR", 1.9))
        >>> rows = [Aggregate("clicks", arm, 7.0, 5_000, mean, 1.0, f"country={of}") for arm, of, mean in means]
        >>> design = design_of(rows, key="shop")
        >>> shop = pairs(design, tabulate(rows))
        >>> results = Results.of([(design, shop)], Settings())
        >>> (by_country,) = results.segments([(pair, row) for row, pair in enumerate(shop)])
        >>> {level: found.standing.value for level, found in by_country.levels.items()}, by_country.p < 1e-6
        ({'DE': 'better', 'FR': 'worse'}, True)
        """
        groups: dict[tuple[str, str, str], list[tuple[Pair, int]]] = {}
        for pair, row in pairs:
            if pair.segment:
                name = (dimension_of(pair.segment), pair.metric.key, pair.treatment_key)
                groups.setdefault(name, []).append((pair, row))
        return tuple(self._segments(name, members) for name, members in groups.items())

    def _segments(self, name: tuple[str, str, str], members: Sequence[tuple[Pair, int]]) -> Segments:
        dimension, metric, treatment = name
        sound = [self._at(row) for _, row in members if not self.reading.refused[row]]
        test = None
        if len(sound) > 1:
            panel = self.reading.looks.panel
            last = np.array([self._span(at)[1] - 1 for at in sound])
            variance = panel.control.variance[last] + panel.treatment.variance[last]
            test = heterogeneity(self.reading.newest.difference[sound], variance)
        return Segments(
            dimension=dimension,
            metric=metric,
            treatment=treatment,
            levels={level_of(pair.segment): self.compared(pair, row, monitoring=False) for pair, row in members},
            i2=float(test.i2) if test else None,
            p=float(test.p) if test else None,
        )

    def _look(self, pair: Pair, at: int) -> int:
        """Which look of the pair the comparison rests on: a planned one may lie before the newest."""
        day = self.reading.looks.panel.day[self._span(at)[1] - 1]
        return next(place for place in reversed(range(len(pair.control))) if pair.control[place].day == day)

    def _span(self, at: int) -> tuple[int, int]:
        """Where the looks of a readable comparison begin and end."""
        panel = self.reading.looks.panel
        return int(panel.starts[at]), int(panel.starts[at + 1] if at + 1 < panel.size else panel.day.size)

    def _at(self, row: int) -> int:
        return int(np.searchsorted(self.reading.rows, row))

    def _family(self, row: int) -> str:
        size = int(self.family_sizes[self.panel.family[row]])
        if size < 2 or self.panel.role[row] == Role.GUARDRAIL:
            return ""
        if self.panel.role[row] == Role.PRIMARY:
            return FAMILIES[self.settings.correction].format(size)
        return f"Benjamini–Hochberg over {size} comparisons"

    def _guardrail(self, row: int) -> dict[str, Any]:
        """Its state, and its harm where there are units enough to judge it."""
        if self.panel.role[row] != Role.GUARDRAIL:
            return {}
        guarded = self.reading.guarded
        at = int(np.searchsorted(guarded.rows, row))
        known = at < guarded.rows.size and guarded.rows[at] == row
        judged = {"harm": float(guarded.harm[at]), "harm_p": float(guarded.p[at])} if known else {}
        return {"guardrail": STATES[int(self.reading.guardrail[row])], **judged}


def withheld(pair: Pair, words: str, *, hide_means: bool = False) -> Comparison:
    """The comparison without numbers; `hide_means` where even the arms' means would give the lift away.

    >>> from experiments.design import Metric
    >>> looks = [(Aggregate("clicks", arm, 7.0, 50, mean, 1.0),) for arm, mean in (("control", 2.0), ("blue", 2.1))]
    >>> pair = Pair(Metric(key="clicks"), "control", "blue", "", *looks)
    >>> found = withheld(pair, "Not enough units yet.")
    >>> found.refused, found.difference, found.treatment.mean
    ('Not enough units yet.', None, 2.1)
    """
    control, treatment = _arms(pair)
    if hide_means:
        control, treatment = (each.model_copy(update={"mean": None}) for each in (control, treatment))
    return Comparison(
        **_identity(pair),
        control=control,
        treatment=treatment,
        standing=Standing.REFUSED,
        refused=words,
        guardrail=GuardrailState.INCONCLUSIVE if pair.metric.role is MetricRole.GUARDRAIL else None,
    )


def _why(pair: Pair, refusal: Refusal, planned: float) -> str:
    if refusal is Refusal.NO_LOOK:
        return f"No data for {pair.metric.key} from both {pair.control_key} and {pair.treatment_key} yet."
    if refusal is Refusal.BEFORE_FIRST_LOOK:
        return f"The first planned look comes at {units(round(planned / PLANNED_LOOKS))} of {planned:,.0f}."
    if refusal is Refusal.TOO_FEW_UNITS:
        arms = ((pair.control_key, pair.control[-1]), (pair.treatment_key, pair.treatment[-1]))
        variant, row = min(arms, key=lambda arm: arm[1].n)
        return f"Only {units(row.n)} in {variant} so far; {MINIMUM_UNITS} are needed."
    return refusal.words


def _arms(pair: Pair, look: int = -1) -> tuple[Arm, Arm]:
    if not pair.control:
        return Arm(variant=pair.control_key, n=0), Arm(variant=pair.treatment_key, n=0)
    return _arm(pair, pair.control_key, pair.control[look]), _arm(pair, pair.treatment_key, pair.treatment[look])


def _arm(pair: Pair, variant: str, row: Aggregate) -> Arm:
    mean = row.mean
    if pair.metric.kind is MetricKind.RATIO and row.denominator is not None:
        mean = row.mean / row.denominator.mean if row.denominator.mean else float("nan")
    return Arm(variant=variant, n=row.n, mean=mean if isfinite(mean) else None)


def _identity(pair: Pair) -> dict[str, Any]:
    metric = pair.metric
    return {
        "metric": metric.key,
        "role": metric.role,
        "kind": metric.kind,
        "direction": metric.direction,
        "unit": metric.unit,
        "limit": metric.limit,
    }
