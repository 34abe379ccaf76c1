"""Kernels: the p of every look of a panel and the reach of an interval of any level, by the method the design names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from experiments.analysis.panel import Panel, Settings, fractions
from experiments.design import Method
from experiments.stats import always_valid, proportions
from experiments.stats.comparison import compare
from experiments.stats.exact import LARGEST_COUNT, fisher
from experiments.stats.fieller import Lift, relative_lift
from experiments.stats.group_sequential import GroupSequential
from experiments.stats.moments import Floats
from experiments.stats.sequential_inference import repeated_p

EXACT_BELOW = 100
Counts: TypeAlias = tuple[Floats, Floats, Floats, Floats]


@dataclass(frozen=True, slots=True)
class Kernel:
    """All looks of a panel by one method.

    `own` is the p of each look alone; where the method `accumulates`, the smallest p and the intersection of the
    intervals so far hold as well. `critical` says for a level, one for all looks or one for each, how many standard
    errors an interval reaches; `absolute` replaces the intervals of the difference that this would give.
    """

    panel: Panel
    difference: Floats
    se: Floats
    own: Floats
    accumulates: bool
    critical: Callable[[Floats | float], Floats]
    absolute: Callable[[Floats | float, Floats, Floats], tuple[Floats, Floats]] | None = None

    def bands(self, level: Floats | float) -> tuple[Lift, Floats, Floats]:
        """Fieller's lift and the interval of the difference, look by look, with the same critical value.

        >>> from experiments.stats.estimates import Estimates
        >>> panel = Panel.of(Estimates.given(5000, 2.0, 0.0004), Estimates.given(5000, 2.1, 0.0004))
        >>> lift, lower, upper = kernel_of(panel, Settings(Method.WELCH)).bands(0.05)
        >>> [round(float(each[0]), 3) for each in (lift.lift, lift.lower, lift.upper, lower, upper)]
        [0.05, 0.022, 0.079, 0.045, 0.155]
        """
        control, treatment = self.panel.control, self.panel.treatment
        critical = self.critical(level)
        lift = relative_lift(control.value, control.variance, treatment.value, treatment.variance, critical)
        lower, upper = self.difference - critical * self.se, self.difference + critical * self.se
        if self.absolute is not None:
            lower, upper = self.absolute(level, lower, upper)
        return lift, lower, upper


def kernel_of(panel: Panel, settings: Settings) -> Kernel:
    """The looks of this panel by the method of these settings: looking daily costs something.

    >>> from experiments.stats.estimates import Estimates
    >>> panel = Panel.of(Estimates.given(5000, 2.0, 0.0004), Estimates.given(5000, 2.1, 0.0004))
    >>> [round(float(kernel_of(panel, Settings(method)).own[0]), 6) for method in (Method.WELCH, Method.ALWAYS_VALID)]
    [0.000409, 0.011485]
    """
    make = {Method.ALWAYS_VALID: _always_valid, Method.GROUP_SEQUENTIAL: _group_sequential}
    difference = panel.treatment.value - panel.control.value
    se = np.sqrt(panel.control.variance + panel.treatment.variance)
    return make.get(settings.method, _single_look)(panel, settings, difference, se)


def _always_valid(panel: Panel, settings: Settings, difference: Floats, se: Floats) -> Kernel:
    rho2 = always_valid.mixing(settings.alpha, panel.planned_units[panel.experiment])
    k = (panel.control.n + panel.treatment.n) * panel.per_look(rho2)
    return Kernel(
        panel,
        difference,
        se,
        always_valid.p_value(difference / se, k),
        accumulates=True,
        critical=lambda level: always_valid.multiplier(k, level),
    )


def _group_sequential(panel: Panel, settings: Settings, difference: Floats, se: Floats) -> Kernel:
    """Looks at the planned fractions of the units, with an O'Brien–Fleming-type spending of α."""
    information, z = fractions(panel), difference / se
    spans = [slice(start, start + looks) for start, looks in zip(panel.starts, panel.looks, strict=True)]
    own = np.empty_like(z)
    for span in spans:
        own[span] = repeated_p(z[span], information[span], GroupSequential(alpha=settings.alpha))

    def critical(level: Floats | float) -> Floats:
        levels, reach = np.broadcast_to(np.asarray(level, dtype=np.float64), z.shape), np.empty_like(z)
        for span in spans:
            design = GroupSequential(alpha=float(levels[span][0]))
            reach[span] = design.boundary(information[span]).z
        return reach

    return Kernel(panel, difference, se, own, accumulates=True, critical=critical)


def _single_look(panel: Panel, settings: Settings, difference: Floats, se: Floats) -> Kernel:
    """Each look as if it were the only one: Welch's t, and for proportions the pooled z with Newcombe's interval.

    Below a hundred units in an arm the p of a proportion is Fisher's. The lift of a proportion is Fieller's with the
    critical value at which its absolute test, not the Welch one, rejects: so the two never contradict each other.
    """
    means = compare(panel.control, panel.treatment, alpha=settings.alpha)
    shares, counts = _shares(panel)
    own, ratio = means.p.copy(), np.ones_like(se)
    if shares.size:
        own[shares], ratio[shares] = _share_tests(counts, difference[shares] / se[shares])

    def critical(level: Floats | float) -> Floats:
        levels = np.broadcast_to(np.asarray(level, dtype=np.float64), se.shape)
        reach = np.asarray(-special.stdtrit(means.df, levels / 2))
        reach[shares] = -special.ndtri(levels[shares] / 2) * ratio[shares]
        return reach

    def newcombe(level: Floats | float, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
        levels = np.broadcast_to(np.asarray(level, dtype=np.float64), se.shape)[shares]
        for each in np.unique(levels):
            rows = np.flatnonzero(levels == each)
            x_c, n_c, x_t, n_t = (column[rows] for column in counts)
            bounds = proportions.interval(x_c, n_c, x_t, n_t, float(each))
            lower[shares[rows]], upper[shares[rows]] = bounds.lower, bounds.upper
        return lower, upper

    return Kernel(panel, difference, se, own, accumulates=False, critical=critical, absolute=newcombe)


def _shares(panel: Panel) -> tuple[NDArray[np.intp], Counts]:
    """The looks that are shares of units, with who converted and of how many; what only claims to be one is a mean."""
    rows = np.flatnonzero(panel.per_look(panel.proportion))
    control, treatment = panel.control.take(rows), panel.treatment.take(rows)
    columns = np.rint(control.value * control.n), control.n, np.rint(treatment.value * treatment.n), treatment.n
    x_c, n_c, x_t, n_t = columns
    some = (x_c + x_t > 0) & (x_c + x_t < n_c + n_t) & (np.maximum(n_c, n_t) <= LARGEST_COUNT)
    sound = np.flatnonzero(some & (x_c >= 0) & (x_c <= n_c) & (x_t >= 0) & (x_t <= n_t))
    return rows[sound], (x_c[sound], n_c[sound], x_t[sound], n_t[sound])


def _share_tests(counts: Counts, wald: Floats) -> tuple[Floats, Floats]:
    """p of each row and the ratio of Wald's z to the z of that p: the standard errors between zero and the effect that
    stand for one normal quantile."""
    pooled = proportions.pooled_z(*counts)
    p, size = pooled.p.copy(), np.abs(pooled.z)
    small = np.flatnonzero(np.minimum(counts[1], counts[3]) < EXACT_BELOW)
    if small.size:
        x_c, n_c, x_t, n_t = (column[small] for column in counts)
        p[small] = fisher(x_c, n_c, x_t, n_t)
        size[small] = -special.ndtri(p[small] / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.abs(wald) / size
    return p, np.where(np.isfinite(ratio) & (ratio > 0), ratio, 1.0)
