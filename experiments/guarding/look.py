"""One look at the guardrails of many experiments: healthy, breached or inconclusive, safe however often it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from experiments.analysis.columns import columns_of
from experiments.analysis.pairing import Pair, Phase, unit_history
from experiments.analysis.panel import Panel, Settings
from experiments.analysis.reading import BREACHED, HEALTHY, Guarded, guarded
from experiments.checks.minimum_units import MINIMUM_UNITS
from experiments.design import Direction, Metric, Scale
from experiments.errors import InsufficientData
from experiments.guarding.silence import listened, silence
from experiments.guarding.watched import Scene, Watched, length, limit_of, scene_of, values_of
from experiments.model import Status
from experiments.numerals import units
from experiments.readout import GuardrailState
from experiments.stats.refusal import Refusal
from experiments.stats.sample_ratio import ALPHA, sample_ratios
from experiments.stats.windows import paired_windows
from experiments.watch import Pulse

INCONCLUSIVE = GuardrailState.INCONCLUSIVE
UNUSABLE = (Refusal.NOT_A_NUMBER, Refusal.TOO_LARGE)
SPLIT_BROKEN = "the units do not fall on the variants as planned, so the groups can hardly be compared"


@dataclass(frozen=True, slots=True)
class Guard:
    """What one look says of one guardrail in one treatment.

    `value` and `control` are in the metric's unit, `harm` too, in its bad direction, `relative` as a share of control;
    None where there is no number. `limit` is in words ("" where no harm is allowed), `p` holds at every look and is
    adjusted for all guardrails of the experiment. `units` are those of both arms, windows where there are no units.
    `missing` says that nobody can know, `reason` why it is not healthy or breached.
    """

    metric: Metric
    variant: str
    control_variant: str
    state: GuardrailState
    limit: str = ""
    missing: bool = False
    reason: str = ""
    value: float | None = None
    control: float | None = None
    harm: float | None = None
    relative: float | None = None
    p: float | None = None
    units: int = 0

    @property
    def name(self) -> tuple[str, str]:
        return self.metric.key, self.variant


@dataclass(frozen=True, slots=True)
class Look:
    """Look number `number` at one experiment in this phase. `split_p` is the always-valid p of the sample ratio, None
    where there is nothing to test; while it is below 0.001 no guardrail is healthy, but a breach is one all the same.
    `pulses` is what was heard of each metric by now, for the next look.
    """

    key: str
    number: int
    at: datetime
    phase: int
    guards: tuple[Guard, ...]
    split_p: float | None = None
    pulses: Mapping[str, Pulse] = field(default_factory=dict)

    @property
    def split_broken(self) -> bool:
        return self.split_p is not None and self.split_p < ALPHA

    @property
    def breached(self) -> tuple[Guard, ...]:
        return tuple(each for each in self.guards if each.state is GuardrailState.BREACHED)

    @property
    def missing(self) -> tuple[Guard, ...]:
        return tuple(each for each in self.guards if each.missing)

    @property
    def healthy(self) -> bool:
        """Whether every guardrail there is, and at least one, is healthy."""
        return bool(self.guards) and all(each.state is GuardrailState.HEALTHY for each in self.guards)


def look(gathered: Sequence[Watched], now: datetime) -> list[Look]:
    """One look at each of these experiments, in order.

    α is shared out among all guardrails × treatments of an experiment, whether or not they can be read yet. Reading
    every guardrail by an always-valid bound makes the chance that any is ever called breached at most α per phase
    while none does more harm than its limit, over any number of looks, if it is acted on the first time.
    """
    scenes = [scene_of(each) for each in gathered]
    groups: dict[float, list[int]] = {}
    for number, scene in enumerate(scenes):
        groups.setdefault(scene.design.alpha, []).append(number)
    split = _splits(scenes)
    found: dict[int, Look] = {}
    for alpha, numbers in groups.items():
        group = [scenes[number] for number in numbers]
        panel = columns_of([(scene.design, scene.pairs) for scene in group]).panel
        many = np.array([scene.size for scene in group], dtype=np.intp)
        reading, first = _Reading(panel, guarded(panel, Settings(alpha=alpha), many)), 0
        for number, scene in zip(numbers, group, strict=True):
            pulses, quiet = listened(scene, now), _quiet(scene, now)
            why = {each.key: quiet or silence(each, scene, pulses, now) for each in scene.metrics}
            guards = [
                reading.guard(pair, first + place, scene, now, why[pair.metric.key])
                for place, pair in enumerate(scene.pairs)
            ]
            guards += [_windowed(metric, variant, scene, alpha, now) for metric, variant in scene.panes]
            first += len(scene.pairs)
            p = split[number]
            if p is not None and p < ALPHA:
                guards = [_doubted(each) for each in guards]
            watched = scene.watched
            found[number] = Look(
                watched.experiment.key, watched.looks + 1, now, _phase(scene), tuple(guards), p, pulses
            )
    return [found[number] for number in range(len(scenes))]


class _Reading:
    """The panel of many experiments and what was read of it, as plain lists: a row at a time is what is asked for."""

    def __init__(self, panel: Panel, found: Guarded) -> None:
        last = panel.starts + panel.looks - 1
        seen = panel.looks > 0
        columns = (panel.control.value, panel.treatment.value, panel.control.n, panel.treatment.n)
        padded = [np.where(seen, column[np.where(seen, last, 0)] if column.size else 0.0, np.nan) for column in columns]
        self.control, self.treatment, self.n_control, self.n_treatment = (each.tolist() for each in padded)
        self.refused = found.refused.tolist()
        self.at = dict(zip(found.rows.tolist(), range(found.rows.size), strict=True))
        self.harm, self.p, self.state = found.harm.tolist(), found.p.tolist(), found.state.tolist()

    def guard(self, pair: Pair, row: int, scene: Scene, now: datetime, quiet: str) -> Guard:
        """The guardrail of this row; `quiet` is why its data are missing, if they are."""
        metric, at = pair.metric, self.at.get(row)
        if at is None:
            missing, reason = self._unread(pair, row, scene, now, quiet)
            return Guard(metric, pair.treatment_key, pair.control_key, INCONCLUSIVE, limit_of(metric), missing, reason)
        control, harm = self.control[row], self.harm[at]
        fewest = int(min(self.n_control[row], self.n_treatment[row]))
        early = fewest < metric.minimum_units
        state, reason = _judged(
            quiet, not early and self.state[at] == BREACHED, not early and self.state[at] == HEALTHY
        )
        if early and not quiet:
            reason = f"{units(fewest)} in the smaller group so far; nothing is said before {metric.minimum_units:,}"
        return Guard(
            metric=metric,
            variant=pair.treatment_key,
            control_variant=pair.control_key,
            state=state,
            limit=limit_of(metric),
            missing=bool(quiet),
            reason=reason,
            value=self.treatment[row],
            control=control,
            harm=harm,
            relative=harm / abs(control) if control else None,
            p=self.p[at],
            units=int(self.n_control[row] + self.n_treatment[row]),
        )

    def _unread(self, pair: Pair, row: int, scene: Scene, now: datetime, quiet: str) -> tuple[bool, str]:
        """Whether the data are missing, and why there is no number."""
        refusal = Refusal(self.refused[row])
        if quiet:
            return True, quiet
        if refusal is Refusal.NO_LOOK:
            nothing = f"there are no data of it from both {pair.control_key} and {pair.treatment_key}"
            return now - scene.since > scene.patience(now), nothing
        if refusal is Refusal.TOO_FEW_UNITS:
            fewest = int(min(self.n_control[row], self.n_treatment[row]))
            return False, f"{units(fewest)} in the smaller group so far; {MINIMUM_UNITS} are needed"
        return refusal in UNUSABLE, _clause(refusal.words)


def _windowed(metric: Metric, variant: str, scene: Scene, alpha: float, now: datetime) -> Guard:
    """A guardrail without units, by pairs of windows."""
    control, limit = scene.design.control.key, metric.limit
    quiet = _late(scene.age_of(metric, now), scene.patience_with_windows, now - scene.since)
    try:
        found = paired_windows(
            values_of(scene.watched.windows, metric.key, control),
            values_of(scene.watched.windows, metric.key, variant),
            good=1.0 if metric.direction is Direction.UP else -1.0,
            alpha=alpha,
            limit=limit.harm if limit else 0.0,
            relative=limit is not None and limit.scale is Scale.RELATIVE,
        )
    except InsufficientData as refusal:
        reason = quiet or _clause(refusal.words)
        return Guard(metric, variant, control, INCONCLUSIVE, limit_of(metric), bool(quiet), reason)
    p = min(found.p_breached * scene.size, 1.0)
    state, reason = _judged(quiet, p <= alpha, found.p_healthy <= alpha)
    return Guard(
        metric=metric,
        variant=variant,
        control_variant=control,
        state=state,
        limit=limit_of(metric),
        missing=bool(quiet),
        reason=reason,
        value=found.treatment,
        control=found.control,
        harm=found.harm,
        relative=found.harm / abs(found.control) if found.control else None,
        p=p,
        units=found.n,
    )


def _judged(quiet: str, breached: bool, healthy: bool) -> tuple[GuardrailState, str]:
    """The state and why it is no other; data out of date may still show a breach, but never that all is well."""
    if breached:
        return GuardrailState.BREACHED, ""
    if healthy and not quiet:
        return GuardrailState.HEALTHY, ""
    return INCONCLUSIVE, quiet or "the data do not tell yet whether the harm is within its limit"


def _doubted(guard: Guard) -> Guard:
    if guard.state is GuardrailState.BREACHED:
        return guard
    return replace(guard, state=INCONCLUSIVE, reason=guard.reason or SPLIT_BROKEN)


def _quiet(scene: Scene, now: datetime) -> str:
    """Why the data of units are missing, or "": they could not be had, or nothing new came for too long."""
    if scene.watched.trouble:
        return _clause(scene.watched.trouble)
    return _late(scene.age(now), scene.patience(now), now - scene.since)


def _late(age: timedelta | None, patience: timedelta, running: timedelta) -> str:
    if age is None:
        return "no data have come yet" if running > patience else ""
    return f"the newest data are {length(age)} old" if age > patience else ""


def _clause(words: str) -> str:
    """A sentence as a part of another one."""
    return words[:1].lower() + words[1:].rstrip(".")


def _phase(scene: Scene) -> int:
    experiment = scene.watched.experiment
    if experiment.status is Status.ROLLING_OUT and experiment.rollout:
        return len(experiment.phases) + 1 + experiment.rollout.stage
    return experiment.phase.number if experiment.phase else 1


def _splits(scenes: Sequence[Scene]) -> list[float | None]:
    """The always-valid p of every experiment's sample ratio, against the weights of its present phase."""
    weights = [{each.key: each.weight for each in scene.design.variants} for scene in scenes]
    histories = [
        unit_history(scene.design, scene.table, scene.counted_on, Phase(0.0, weight), float("inf"))
        for scene, weight in zip(scenes, weights, strict=True)
    ]
    asked = [number for number, history in enumerate(histories) if history]
    found: list[float | None] = [None] * len(scenes)
    if not asked:
        return found
    sizes = np.array([len(histories[number]) for number in asked])
    width = max(len(weights[number]) for number in asked)
    counts, plan = np.zeros((int(sizes.sum()), width)), np.zeros((len(asked), width))
    starts = np.cumsum(sizes) - sizes
    for at, number in enumerate(asked):
        arms = len(weights[number])
        counts[starts[at] : starts[at] + sizes[at], :arms] = histories[number]
        plan[at, :arms] = list(weights[number].values())
    planned = np.array([scenes[number].design.planned_units for number in asked], dtype=np.float64)
    tests = sample_ratios(counts, starts, plan, planned)
    for row, p in zip(tests.rows.tolist(), tests.p.tolist(), strict=True):
        found[asked[row]] = p
    return found
