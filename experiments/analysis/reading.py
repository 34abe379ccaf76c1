"""The reading of a panel: what every comparison says at its newest look, and what it said at each look before.

Of a sequential method the running minimum of p and the running intersection of the intervals are reported, of the
difference and, with the same critical values, of Fieller's relative lift. Both presuppose an effect that stays the same
while the experiment runs. Where the newest estimate lies outside the running intersection (an empty one included) that
is refuted: under a constant effect it happens in at most 5 runs of 1,000. From then on, for as long as it lasts, the
comparison rests on the newest look alone, while the trail keeps the smallest p so far. Its own p and interval are as
safe under repeated looks, and they cover the average effect so far (Waudby-Smith et al. 2024, section on time-varying
effects), which an intersection does not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from experiments.analysis.families import adjusted
from experiments.analysis.kernels import Kernel, kernel_of
from experiments.analysis.panel import Ints, Panel, Role, Settings, ready
from experiments.design import Method
from experiments.stats import always_valid
from experiments.stats.comparison import compare
from experiments.stats.estimates import Estimates
from experiments.stats.fieller import Lift
from experiments.stats.harm import harms, steadied
from experiments.stats.moments import Floats
from experiments.stats.over_time import running

UNCLEAR, BETTER, WORSE, REFUSED = range(4)
INCONCLUSIVE, HEALTHY, BREACHED = range(3)


@dataclass(frozen=True, slots=True)
class Looks:
    """A row per look of every readable comparison: what that look said by itself, and `p` the smallest so far."""

    panel: Panel
    difference: Floats
    lower: Floats
    upper: Floats
    p: Floats


@dataclass(frozen=True, slots=True)
class Newest:
    """A row per readable comparison: its newest look with everything that accumulated until then.

    `level` is the α left to it by its family, with which the intervals were made; they exclude zero exactly when `p`,
    adjusted for the family, is at most the panel's α. An infinite bound of the lift means that none can be given.
    """

    difference: Floats
    lower: Floats
    upper: Floats
    lift: Floats
    lift_lower: Floats
    lift_upper: Floats
    bounded: NDArray[np.bool_]
    p: Floats
    level: Floats
    fixed_p: Floats
    relative_error: Floats
    changed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Guarded:
    """A row per readable guardrail: `rows` are their numbers in the panel, `harm` in the bad direction, in the metric's
    unit, `p` against “within the limit”, adjusted for all guardrails of the experiment, `state` three-valued. `refused`
    has a `Refusal` (0 where there is a number) for every comparison of the panel."""

    rows: Ints
    harm: Floats
    p: Floats
    state: NDArray[np.int8]
    refused: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Reading:
    """`standing` and `guardrail` have a code for every comparison of the panel, `refused` why there is no number.

    `rows` are the readable comparisons, to which `newest` and, by `looks.panel.starts`, `looks` belong.
    """

    rows: Ints
    refused: NDArray[np.int8]
    standing: NDArray[np.int8]
    guardrail: NDArray[np.int8]
    newest: Newest
    looks: Looks
    guarded: Guarded

    def without_healthy(self, doubtful: NDArray[np.bool_]) -> Reading:
        """No guardrail is healthy on data that are out of date: `doubtful` has a flag for every comparison.

        >>> arm = Estimates.given(5000, 2.0, 0.0001)
        >>> reading = read_panel(Panel.of(arm, arm, role=Role.GUARDRAIL, limit=0.1), Settings())
        >>> stale = reading.without_healthy(np.array([True]))
        >>> reading.guardrail.tolist() == [HEALTHY], stale.guardrail.tolist() == [INCONCLUSIVE]
        (True, True)
        """
        withdrawn = np.where(doubtful & (self.guardrail == HEALTHY), INCONCLUSIVE, self.guardrail)
        return replace(self, guardrail=withdrawn.astype(np.int8))


def read_panel(panel: Panel, settings: Settings) -> Reading:
    """Every comparison of the panel at its newest look; what cannot be read is refused, never guessed.

    >>> control = Estimates.given([5000, 5000, 50], 2.0, 0.0001)
    >>> treatment = Estimates.given([5000, 5000, 50], [2.1, 2.0, 2.1], 0.0001)
    >>> read_panel(Panel.of(control, treatment), Settings()).standing.tolist() == [BETTER, UNCLEAR, REFUSED]
    True
    """
    usable = ready(panel, settings.method)
    decisive = usable.at_planned_looks() if settings.method is Method.GROUP_SEQUENTIAL else usable
    newest, looks = _read(decisive.panel, settings)
    guards = guarded(panel, settings)
    standing = np.full(panel.size, REFUSED, dtype=np.int8)
    clear = newest.p <= settings.alpha
    good = newest.difference * decisive.panel.good > 0
    standing[decisive.rows] = np.where(clear, np.where(good, BETTER, WORSE), UNCLEAR)
    guardrail = np.full(panel.size, INCONCLUSIVE, dtype=np.int8)
    guardrail[guards.rows] = guards.state
    return Reading(decisive.rows, decisive.refused, standing, guardrail, newest, looks, guards)


def _read(panel: Panel, settings: Settings) -> tuple[Newest, Looks]:
    kernel = kernel_of(panel, settings)
    last = panel.starts + panel.looks - 1
    lift, lower, upper = kernel.bands(settings.alpha)
    if kernel.accumulates:
        outside = _outside(kernel.difference, lower, upper, panel)
        changed = outside | (lift.bounded & _outside(lift.lift, *_endless(lift), panel))
        so_far = running(np.minimum, kernel.own, panel.starts)
    else:
        changed = np.zeros(lower.shape, dtype=np.bool_)
        so_far = kernel.own
    p, level = adjusted(panel, np.where(changed, kernel.own, so_far)[last], settings)
    if (level < settings.alpha).any():
        lift, lower, upper = kernel.bands(panel.per_look(level))
        so_far = np.minimum(so_far * panel.per_look(settings.alpha / level), 1)
    reported, reported_lift = (
        _reported(bounds, changed, kernel, panel, last) for bounds in ((lower, upper), _endless(lift))
    )
    newest = Newest(
        difference=kernel.difference[last],
        lower=reported[0],
        upper=reported[1],
        lift=lift.lift[last],
        lift_lower=reported_lift[0],
        lift_upper=reported_lift[1],
        bounded=lift.bounded[last],
        p=p,
        level=level,
        fixed_p=compare(panel.control.take(last), panel.treatment.take(last), alpha=settings.alpha).p,
        relative_error=_relative_error(panel.control.take(last), panel.treatment.take(last), lift.bounded[last]),
        changed=changed[last] & np.logical_or.reduceat(kernel.own <= settings.alpha, panel.starts)
        if last.size
        else changed[last],
    )
    return newest, Looks(panel, kernel.difference, lower, upper, so_far)


def _relative_error(control: Estimates, treatment: Estimates, bounded: NDArray[np.bool_]) -> Floats:
    """The delta method's standard error of the lift, 0 where control is too close to zero for one."""
    base = np.where(bounded, np.abs(control.value), 1.0)
    error = np.hypot(treatment.se / base, treatment.value / base * (control.se / base))
    return np.where(bounded, error, 0.0)


def _endless(lift: Lift) -> tuple[Floats, Floats]:
    return np.where(lift.bounded, lift.lower, -np.inf), np.where(lift.bounded, lift.upper, np.inf)


def _outside(estimate: Floats, lower: Floats, upper: Floats, panel: Panel) -> NDArray[np.bool_]:
    most, least = running(np.maximum, lower, panel.starts), running(np.minimum, upper, panel.starts)
    return np.asarray((estimate < most) | (estimate > least))


def _reported(
    bounds: tuple[Floats, Floats], changed: NDArray[np.bool_], kernel: Kernel, panel: Panel, last: Ints
) -> tuple[Floats, Floats]:
    lower, upper = bounds
    if not kernel.accumulates:
        return lower[last], upper[last]
    most, least = running(np.maximum, lower, panel.starts), running(np.minimum, upper, panel.starts)
    return np.where(changed, lower, most)[last], np.where(changed, upper, least)[last]


def guarded(panel: Panel, settings: Settings, sharing: Ints | None = None) -> Guarded:
    """Each guardrail against its limit, over all its looks; α is shared out among an experiment's guardrails.

    Those that cannot be read yet have their share too, or the first ones to be read would use it up. `sharing` says per
    experiment among how many, where the panel does not hold them all.

    >>> none, some = Estimates.given(5000, 2.0, 0.0001), Estimates.given(5000, 2.2, 0.0001)
    >>> found = guarded(Panel.of(none, some, role=Role.GUARDRAIL, good=-1, limit=0.1), Settings())
    >>> found.state.tolist() == [BREACHED], found.harm.round(2).tolist()
    (True, [0.2])
    """
    own = np.flatnonzero(panel.role == Role.GUARDRAIL)
    every = panel.only(own)
    many = np.bincount(every.experiment, minlength=1) if sharing is None else sharing
    usable = ready(_steadied(every), Method.ALWAYS_VALID)
    sub = usable.panel
    last = sub.starts + sub.looks - 1
    found = harms(
        sub.control,
        sub.treatment,
        good=sub.per_look(sub.good),
        rho2=sub.per_look(always_valid.mixing(2 * settings.alpha, sub.planned_units[sub.experiment])),
        limit=sub.per_look(sub.limit),
        relative=sub.per_look(sub.relative),
    )
    p = np.minimum(running(np.minimum, found.p_breached, sub.starts)[last] * many[sub.experiment], 1)
    state = np.where(
        p <= settings.alpha, BREACHED, np.where(found.p_healthy[last] <= settings.alpha, HEALTHY, INCONCLUSIVE)
    )
    refused = np.zeros(panel.size, dtype=np.int8)
    refused[own] = usable.refused
    return Guarded(own[usable.rows], found.harm[last], p, state.astype(np.int8), refused)


def _steadied(panel: Panel) -> Panel:
    control, treatment = steadied(
        panel.control,
        panel.treatment,
        good=panel.per_look(panel.good),
        limit=panel.per_look(panel.limit),
        relative=panel.per_look(panel.relative),
        proportion=panel.per_look(panel.proportion),
    )
    return replace(panel, control=control, treatment=treatment)
