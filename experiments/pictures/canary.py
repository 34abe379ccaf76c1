"""9.15 canary: where it stands in its plan, and how every judged metric does beside stable, window by window."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import fmean
from typing import TYPE_CHECKING

from experiments.canary import FEWEST, FULL_SHARE, CanaryPlan, counted, window_seconds
from experiments.design import Direction, Metric, MetricKind, Scale
from experiments.measuring import Samples
from experiments.model import Experiment, Status
from experiments.numerals import counted as some
from experiments.numerals import listed, share
from experiments.pictures.basis import Basis
from experiments.readout import GuardrailState
from experiments.running import Breach, Phase
from experiments.texts import Frozen

if TYPE_CHECKING:
    from experiments.guarding.canary import CanaryVerdict, JudgedMetric

MOST_METRICS = 8
AT_ONCE = timedelta(minutes=1)
WITHOUT_UNIT = "per unit"
Values = tuple[tuple[int, float], ...]
"""The number of a window and the value in it; windows without one are left out."""


class CanaryStep(Frozen):
    """A step of the plan: the canary's share in hundredths of a percent, and from when to when it had it."""

    share: int
    since: datetime | None = None
    until: datetime | None = None


class CanaryMetric(Frozen):
    """One metric in stable and canary, in its own unit.

    `state` is None until it is judged; `words` say how it reads and `reason` why it cannot be read. `lower` to `upper`
    is the interval of the `shift`, canary − stable. `limit` is the value past which it does more harm than
    `limit_words` allow.
    """

    key: str
    unit: str
    kind: MetricKind
    direction: Direction
    critical: bool
    stable: Values = ()
    canary: Values = ()
    stable_mean: float | None = None
    canary_mean: float | None = None
    shift: float | None = None
    lower: float | None = None
    upper: float | None = None
    limit: float | None = None
    limit_words: str = ""
    state: GuardrailState | None = None
    words: str = ""
    reason: str = ""


class Canary(Frozen):
    """A canary in one step of its plan, or as it ended.

    `place` is the number of the step, None where a person chose another `share`. The step began at `since` and is
    judged from `gate` on; until then only critical metrics are, at a stricter `level`, and there is no `score`.
    `standing` says how it stands or ended, and `alarming` whether that needs attention. Where there is nothing to show,
    `refused` says why.
    """

    basis: Basis
    control: str = ""
    variant: str = ""
    others: int = 0
    steps: tuple[CanaryStep, ...] = ()
    place: int | None = None
    share: int = 0
    since: datetime | None = None
    gate: datetime | None = None
    window_seconds: int = 1
    is_over: bool = False
    is_paused: bool = False
    standing: str = ""
    alarming: bool = False
    level: float = 0.0
    score: float | None = None
    pass_score: float = 0.0
    marginal_score: float = 0.0
    metrics: tuple[CanaryMetric, ...] = ()
    left_out: int = 0
    refused: str = ""


def canary_of(experiment: Experiment, samples: Samples, now: datetime) -> Canary:
    """The newest step of a canary by the samples since it began; what has ended is shown as it was at its end."""
    plan, phase = experiment.design.canary, experiment.phase
    if plan is None:
        return _refused(experiment, "It has no canary: its variants get the traffic that was planned, all at once.")
    if phase is None:
        return _refused(experiment, f"It has not started yet. Its canary will go {plan.words}.")
    from experiments.guarding.canary import AT_THE_END, BETWEEN, judged_at, judged_metrics

    until = ended_at(experiment) or now
    metrics = judged_metrics(experiment.design)
    control, gate = experiment.control.key, phase.started_at + timedelta(minutes=plan.minutes)
    verdict = judged_at(until, samples, plan, metrics, control, phase.started_at)
    judged = {each.metric: each for each in verdict.metrics}
    variant = next((each.variant for each in verdict.metrics), _canary(experiment, phase))
    shown = [_metric(each, judged.get(each.key), samples, plan, variant, control) for each in metrics]
    shown.sort(key=lambda each: (not each.critical, each.state is not GuardrailState.BREACHED))
    newest = max((end for each in shown for end in _ends(each)), default=0)
    length = window_seconds(plan)
    standing = _standing(experiment, plan, phase, verdict, until)
    return Canary(
        basis=Basis(
            title=experiment.title,
            as_of=phase.started_at + timedelta(seconds=newest * length),
            facts=(f"n = {some(newest, 'window')} of {_length(length)}", f"design {experiment.design.hash[:8]}"),
        ),
        control=control,
        variant=variant,
        others=max(0, sum(weight > 0 for key, weight in phase.weights.items() if key != control) - 1),
        steps=_steps(experiment, plan),
        place=plan.step_of(_share(phase, control)),
        share=_share(phase, control),
        since=phase.started_at,
        gate=gate,
        window_seconds=length,
        is_over=ended_at(experiment) is not None,
        is_paused=experiment.status is Status.PAUSED,
        standing=standing,
        alarming=any(each.state is GuardrailState.BREACHED for each in shown) or _breach(experiment) is not None,
        level=AT_THE_END if until >= gate else BETWEEN,
        score=verdict.score if until >= gate and newest else None,
        pass_score=plan.pass_score,
        marginal_score=plan.marginal_score,
        metrics=tuple(shown[:MOST_METRICS]),
        left_out=max(0, len(shown) - MOST_METRICS),
    )


def ended_at(experiment: Experiment) -> datetime | None:
    """When the canary ended; None while it goes on or is paused."""
    if experiment.is_live or experiment.started_at is None:
        return None
    return experiment.stopped_at or experiment.updated_at


def _refused(experiment: Experiment, why: str) -> Canary:
    facts = (f"design {experiment.design.hash[:8]}",)
    return Canary(basis=Basis(title=experiment.title, as_of=experiment.updated_at, facts=facts), refused=why)


def _canary(experiment: Experiment, phase: Phase) -> str:
    treated = [each.key for each in experiment.design.treatments]
    return next((key for key in treated if phase.weights.get(key)), treated[0])


def _share(phase: Phase, control: str) -> int:
    return FULL_SHARE - phase.weights[control]


def _metric(
    metric: Metric, judged: JudgedMetric | None, samples: Samples, plan: CanaryPlan, variant: str, control: str
) -> CanaryMetric:
    from experiments.guarding.canary import WORDS
    from experiments.stats.canary import Label
    from experiments.stats.refusal import LARGEST

    arms = samples.get(metric.key, {})
    stable, canary = (
        tuple(each for each in counted(arms.get(arm, ()), plan) if abs(each[1]) <= LARGEST)
        for arm in (control, variant)
    )
    mean = fmean(value for _, value in stable) if stable else None
    made = CanaryMetric(
        key=metric.key,
        unit=metric.unit,
        kind=metric.kind,
        direction=metric.direction,
        critical=metric.key in plan.critical,
        stable=stable,
        canary=canary,
        stable_mean=mean,
        canary_mean=fmean(value for _, value in canary) if canary else None,
        limit=_limit(metric, mean),
        limit_words=f"{metric.limit.of(metric.kind, WITHOUT_UNIT)} worse" if metric.limit else "",
    )
    if judged is None:
        return made
    state = GuardrailState.BREACHED if judged.failed else GuardrailState.HEALTHY
    blind = judged.label is Label.NODATA
    reason = f"{FEWEST} of each are needed" if min(len(stable), len(canary)) < FEWEST else judged.reason
    return made.model_copy(
        update={
            "shift": judged.shift,
            "lower": judged.lower,
            "upper": judged.upper,
            "state": GuardrailState.INCONCLUSIVE if blind else state,
            "words": WORDS[judged.label],
            "reason": reason if judged.shift is None else "",
        }
    )


def _limit(metric: Metric, stable: float | None) -> float | None:
    """The value past which the metric does more harm than allowed."""
    if metric.limit is None or stable is None or (metric.limit.scale is Scale.RELATIVE and stable <= 0):
        return None
    harm = metric.limit.harm * (stable if metric.limit.scale is Scale.RELATIVE else 1.0)
    return stable - harm if metric.direction is Direction.UP else stable + harm


def _ends(metric: CanaryMetric) -> list[int]:
    """How many windows each arm reaches into the step."""
    return [values[-1][0] + 1 for values in (metric.stable, metric.canary) if values]


def _length(seconds: int) -> str:
    return some(seconds // 60, "minute") if seconds % 60 == 0 else f"{seconds:,} seconds"


def _steps(experiment: Experiment, plan: CanaryPlan) -> tuple[CanaryStep, ...]:
    """Every step with its newest stretch of traffic."""
    control = experiment.control.key
    ends: list[datetime | None] = [phase.started_at for phase in experiment.phases[1:]]
    stretches = {
        _share(phase, control): (phase.started_at, end)
        for phase, end in zip(experiment.phases, [*ends, ended_at(experiment)], strict=True)
    }
    steps = ((step, stretches.get(step, (None, None))) for step in plan.steps)
    return tuple(CanaryStep(share=step, since=since, until=until) for step, (since, until) in steps)


def _standing(experiment: Experiment, plan: CanaryPlan, phase: Phase, verdict: CanaryVerdict, now: datetime) -> str:
    from experiments.guarding.canary import step_of

    control, at = experiment.control.key, _share(phase, experiment.control.key)
    gate = phase.started_at + timedelta(minutes=plan.minutes)
    if ended_at(experiment) is not None:
        return _end(experiment, at, verdict, now, is_judged=now >= gate)
    if experiment.status is Status.PAUSED:
        return f"Paused at {share(at)}: everybody gets {control} until it is resumed."
    following = plan.following(at)
    if now < gate:
        if verdict.critical:
            failed = listed(verdict.critical)
            return f"{failed} failed at the newest look; when that is found twice in a row, it goes back to {control}."
        passing = f"to {share(following)}" if following else "your turn"
        return f"Judged from {_moment(gate)} on: {passing} when it passes, back to {control} when it fails."
    step = step_of(verdict, plan, phase.started_at, now)
    if step.step == "go" and following is None:
        return f"It passed its last step at {share(at)}. Stop it and log the decision, then promote it."
    return step.words


def _end(experiment: Experiment, at: int, verdict: CanaryVerdict, now: datetime, *, is_judged: bool) -> str:
    """What ended it, when, and what was known then."""
    breach = _breach(experiment)
    how = "Rolled back" if experiment.withdrawal and experiment.rollout is None else "Stopped"
    when = f"{how} at {share(at)} on {_moment(now)}"
    if breach:
        return f"{when}. {breach.words}"
    return f"{when}. {verdict.words}" if is_judged else f"{when}, before its step was judged."


def _breach(experiment: Experiment) -> Breach | None:
    """The harm that ended it, if that was it."""
    end, breach = ended_at(experiment), experiment.breach
    if end is None or breach is None or abs(breach.at - end) > AT_ONCE:
        return None
    return breach


def _moment(at: datetime) -> str:
    return f"{at:%-d %b %H:%M} UTC"
