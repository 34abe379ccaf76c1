"""All metrics × treatments of an experiment compared over all looks at once: comparisons and their trails.

Reported at each look are the running minimum of the always-valid p and the running intersection of the intervals, of
the difference and, with the same critical values, of Fieller's relative lift. Both presuppose an effect that stays the
same while the experiment runs. Where the newest estimate lies outside the running intersection (an empty one included)
that is refuted: under a constant effect it happens in about 3 runs of 1,000. From then on, for as long as it lasts, the
comparison rests on the newest look alone, while the trail keeps the smallest p so far. Its own p and interval are as
safe under repeated looks, and they cover the average effect so far (Waudby-Smith et al. 2024, section on time-varying
effects), which an intersection does not. A health finding says so where the effect is, or was, clear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.aggregate import Aggregate
from experiments.checks.minimum_units import MINIMUM_UNITS
from experiments.design import Design, Direction, MetricRole
from experiments.numerals import units
from experiments.pairing import Pair
from experiments.readout import Arm, Comparison, Interval, Look, Standing, Trail
from experiments.stats import always_valid
from experiments.stats.fieller import Lift, relative_lift
from experiments.stats.holm import holm, levels
from experiments.stats.moments import Floats, Moments
from experiments.stats.refusal import Refusal, refusals
from experiments.stats.welch import welch

MOST_LOOKS = 400


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison, its trail, and whether an effect that is or was clear changed while the experiment ran."""

    comparison: Comparison
    trail: Trail
    changed: bool = False


@dataclass(frozen=True, slots=True)
class _Looks:
    """All usable looks of all pairs in one array each; `spans` has the slice of every pair."""

    spans: tuple[slice, ...]
    control: Moments
    treatment: Moments
    days: Floats

    def per_look(self, per_pair: Floats) -> Floats:
        return np.repeat(per_pair, [span.stop - span.start for span in self.spans])

    def running(self, extreme: np.ufunc, values: Floats) -> Floats:
        """The running minimum or maximum within every pair."""
        return np.concatenate([extreme.accumulate(values[span]) for span in self.spans])


def compare(pairs: Sequence[Pair], design: Design) -> tuple[Compared, ...]:
    """Every pair compared, in the given order; a pair without a sound newest look is refused with the reason."""
    refused = [_unready(pair) for pair in pairs]
    looks, flaws = _gather([pair for pair, words in zip(pairs, refused, strict=True) if words is None])
    flawed = iter(flaws)
    refused = [next(flawed) if words is None else words for words in refused]
    ready = [pair for pair, words in zip(pairs, refused, strict=True) if words is None]
    done = iter(_compare(ready, looks, design) if ready else ())
    return tuple(
        next(done) if words is None else withheld(pair, words) for pair, words in zip(pairs, refused, strict=True)
    )


def withheld(pair: Pair, words: str, *, hide_means: bool = False) -> Compared:
    """The comparison without numbers; `hide_means` where even the arms' means would give the lift away."""
    control, treatment = _arms(pair)
    if hide_means:
        control, treatment = (each.model_copy(update={"mean": None}) for each in (control, treatment))
    comparison = Comparison(
        **_identity(pair), control=control, treatment=treatment, standing=Standing.REFUSED, refused=words
    )
    return Compared(comparison, Trail(metric=pair.metric.key, treatment=pair.treatment_key, looks=()))


def _unready(pair: Pair) -> str | None:
    if not pair.control:
        return f"No data for {pair.metric.key} from both {pair.control_key} and {pair.treatment_key} yet."
    for variant, rows in ((pair.control_key, pair.control), (pair.treatment_key, pair.treatment)):
        if rows[-1].n < MINIMUM_UNITS:
            return f"Only {units(rows[-1].n)} in {variant} so far; {MINIMUM_UNITS} are needed."
    return None


def _gather(pairs: Sequence[Pair]) -> tuple[_Looks, list[str | None]]:
    """The sound looks with enough units, and per pair why it is refused; refused pairs have no looks."""
    sizes = [len(pair.control) for pair in pairs]
    control = _moments([row for pair in pairs for row in pair.control])
    treatment = _moments([row for pair in pairs for row in pair.treatment])
    days = np.array([row.day for pair in pairs for row in pair.control], dtype=np.float64)
    flaw = refusals(control, treatment)
    ends = np.cumsum(sizes, dtype=np.intp)
    newest = [Refusal(int(flaw[end - 1])) for end in ends]
    usable = (flaw == Refusal.SOUND) & (np.minimum(control.n, treatment.n) >= MINIMUM_UNITS)
    usable &= np.repeat(np.array([each is Refusal.SOUND for each in newest], dtype=bool), sizes)
    before = np.concatenate(([0], np.cumsum(usable, dtype=np.intp)))
    spans = [
        slice(int(before[end - size]), int(before[end]))
        for end, size, flaw_of in zip(ends, sizes, newest, strict=True)
        if flaw_of is Refusal.SOUND
    ]
    looks = _Looks(tuple(spans), control.take(usable), treatment.take(usable), days[usable])
    return looks, [each.words or None for each in newest]


def _moments(rows: Sequence[Aggregate]) -> Moments:
    table = np.array([row[3:6] for row in rows], dtype=np.float64).reshape(-1, 3)
    return Moments.given(table[:, 0], table[:, 1], table[:, 2])


@dataclass(frozen=True, slots=True)
class _Reading:
    """Every look on its own (the first five), and what is reported at it."""

    difference: Floats
    lift: Lift
    lower: Floats
    upper: Floats
    own: Floats
    p_so_far: Floats
    changed: NDArray[np.bool_]
    reported: tuple[Floats, Floats]
    reported_lift: tuple[Floats, Floats]


def _compare(pairs: Sequence[Pair], looks: _Looks, design: Design) -> list[Compared]:
    control, treatment = looks.control, looks.treatment
    difference, se = treatment.mean - control.mean, np.sqrt(control.of_mean + treatment.of_mean)
    k = (control.n + treatment.n) * always_valid.mixing(design.alpha, design.planned_units)

    def bands(critical: Floats) -> tuple[Lift, Floats, Floats]:
        lift = relative_lift(control.mean, control.of_mean, treatment.mean, treatment.of_mean, critical)
        return lift, difference - critical * se, difference + critical * se

    lift, lower, upper = bands(always_valid.multiplier(k, design.alpha))
    changed = _outside(difference, lower, upper, looks) | (lift.bounded & _outside(lift.lift, *_endless(lift), looks))
    own = always_valid.p_value(difference / se, k)
    so_far = looks.running(np.minimum, own)
    p = np.where(changed, own, so_far)

    last = np.array([span.stop - 1 for span in looks.spans])
    adjusted, level = _for_several_treatments(pairs, p[last], design.alpha)
    if (level < design.alpha).any():
        lift, lower, upper = bands(always_valid.multiplier(k, looks.per_look(level)))
        so_far = np.minimum(so_far * looks.per_look(design.alpha / level), 1)
    alone = welch(looks.control.take(last), looks.treatment.take(last), design.alpha)
    reading = _Reading(
        difference,
        lift,
        lower,
        upper,
        own,
        so_far,
        changed,
        _reported(lower, upper, changed, looks),
        _reported(*_endless(lift), changed, looks),
    )
    return [
        _compared(pair, looks, span, reading, float(adjusted[index]), float(alone.p[index]), design)
        for index, (pair, span) in enumerate(zip(pairs, looks.spans, strict=True))
    ]


def _endless(lift: Lift) -> tuple[Floats, Floats]:
    return np.where(lift.bounded, lift.lower, -np.inf), np.where(lift.bounded, lift.upper, np.inf)


def _outside(estimate: Floats, lower: Floats, upper: Floats, looks: _Looks) -> NDArray[np.bool_]:
    return (estimate < looks.running(np.maximum, lower)) | (estimate > looks.running(np.minimum, upper))


def _reported(lower: Floats, upper: Floats, changed: NDArray[np.bool_], looks: _Looks) -> tuple[Floats, Floats]:
    return (
        np.where(changed, lower, looks.running(np.maximum, lower)),
        np.where(changed, upper, looks.running(np.minimum, upper)),
    )


def _for_several_treatments(pairs: Sequence[Pair], p: Floats, alpha: float) -> tuple[Floats, Floats]:
    """Per pair the p adjusted for the treatments of its primary metric (Holm) and the level that agrees with it."""
    adjusted, level = p.copy(), np.full(p.size, alpha)
    metrics = {pair.metric.key for pair in pairs if pair.metric.role is MetricRole.PRIMARY}
    for metric in metrics:
        family = np.array([pair.metric.key == metric for pair in pairs])
        adjusted[family], level[family] = holm(p[family]), levels(p[family], alpha)
    return adjusted, level


def _compared(
    pair: Pair, looks: _Looks, span: slice, reading: _Reading, p: float, fixed_p: float, design: Design
) -> Compared:
    at = span.stop - 1
    control, treatment = _arms(pair)
    bounded = bool(reading.lift.bounded[at])
    difference = float(reading.difference[at])
    comparison = Comparison(
        **_identity(pair),
        control=control,
        treatment=treatment,
        difference=difference,
        interval=_interval(reading.reported, at),
        relative=float(reading.lift.lift[at]) if bounded else None,
        relative_interval=_interval(reading.reported_lift, at) if bounded else None,
        p=p,
        fixed_p=fixed_p,
        standing=_standing(pair.metric.direction, difference, p <= design.alpha),
    )
    trail = Trail(metric=pair.metric.key, treatment=pair.treatment_key, looks=_trail(looks, span, reading))
    ever_clear = bool((reading.own[span] <= design.alpha).any())
    return Compared(comparison, trail, ever_clear and bool(reading.changed[at]))


def _trail(looks: _Looks, span: slice, reading: _Reading) -> tuple[Look, ...]:
    """At most `MOST_LOOKS` looks, evenly spread, the first and the newest among them."""
    count = span.stop - span.start
    chosen = span.start + np.unique(np.linspace(0, count - 1, min(count, MOST_LOOKS)).round().astype(np.intp))
    columns = (
        looks.days[chosen],
        (looks.control.n + looks.treatment.n)[chosen].astype(np.int64),
        reading.difference[chosen],
        reading.lower[chosen],
        reading.upper[chosen],
        reading.p_so_far[chosen],
    )
    return tuple(
        Look(day=day, n=n, difference=difference, lower=lower, upper=upper, p=p)
        for day, n, difference, lower, upper, p in zip(*(column.tolist() for column in columns), strict=True)
    )


def _interval(bounds: tuple[Floats, Floats], at: int) -> Interval:
    lower, upper = (float(each[at]) if np.isfinite(each[at]) else None for each in bounds)
    return Interval(lower=lower, upper=upper)


def _standing(direction: Direction, difference: float, clear: bool) -> Standing:
    if not clear:
        return Standing.UNCLEAR
    return Standing.BETTER if (difference > 0) == (direction is Direction.UP) else Standing.WORSE


def _arms(pair: Pair) -> tuple[Arm, Arm]:
    control, treatment = (
        Arm(variant=variant, n=rows[-1].n, mean=rows[-1].mean if isfinite(rows[-1].mean) else None)
        if rows
        else Arm(variant=variant, n=0)
        for variant, rows in ((pair.control_key, pair.control), (pair.treatment_key, pair.treatment))
    )
    return control, treatment


def _identity(pair: Pair) -> dict[str, Any]:
    metric = pair.metric
    return {
        "metric": metric.key,
        "role": metric.role,
        "kind": metric.kind,
        "direction": metric.direction,
        "unit": metric.unit,
    }
