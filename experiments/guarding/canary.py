"""A canary's judge at one moment of a step, and what its judgement leads to: on, wait, or back to stable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from experiments.canary import FEWEST, CanaryPlan, counted
from experiments.design import Design, Direction, Metric, MetricRole, Scale
from experiments.measuring import Samples
from experiments.numerals import listed, percent
from experiments.readout import GuardrailState
from experiments.stats.canary import FAILED, Classified, Judgement, Label, Rule, classify, judge

Grade: TypeAlias = Literal["pass", "marginal", "fail", "nodata"]
Step: TypeAlias = Literal["go", "wait", "back"]

CONFIRMED = 2
AT_THE_END = 0.98
BETWEEN = 0.998
WORDS = {Label.PASSED: "as good", Label.HIGH: "higher", Label.LOW: "lower", Label.NODATA: "too little data"}


@dataclass(frozen=True, slots=True)
class JudgedMetric:
    """One metric in one canary: how it reads beside stable, whether that `failed`, is `critical`, and in words.

    `shift` is the estimate of canary − stable in the metric's unit with its interval from `lower` to `upper`; None
    where there was nothing to test, and then `reason` says why. `value` and `stable` are the means of the samples.
    """

    metric: str
    variant: str
    label: Label
    critical: bool
    words: str
    reason: str = ""
    shift: float | None = None
    lower: float | None = None
    upper: float | None = None
    value: float | None = None
    stable: float | None = None

    @property
    def failed(self) -> bool:
        return self.label in FAILED


@dataclass(frozen=True, slots=True)
class CanaryVerdict:
    """`score` from 0 to 100, what it is worth, and the metrics it rests on; `critical` are the critical ones that
    failed. Of several canaries it is that of the worst."""

    score: float
    grade: Grade
    words: str
    metrics: tuple[JudgedMetric, ...]
    critical: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CanaryStep:
    """What to do now and why; `critical`, how many looks in a row found a critical failure, is for the next look."""

    step: Step
    words: str
    critical: int = 0


def judged_metrics(design: Design) -> tuple[Metric, ...]:
    """What a canary is judged by: its primary metrics, guardrails and costs."""
    return tuple(metric for metric in design.metrics if metric.role is not MetricRole.SECONDARY)


def canary(
    samples: Samples, plan: CanaryPlan, metrics: Sequence[Metric], control: str, *, level: float = AT_THE_END
) -> CanaryVerdict:
    """Every metric of every canary beside stable (`control`) by Mann–Whitney, and the score by Kayenta's rules.

    `samples` has the values of this step alone, NaN where one is missing; only the first that fill a step count, so
    that whoever asks again later hears the same. A metric fails when the interval of its shift lies in its bad
    direction, beyond a quarter of the shift and beyond its relative limit. While a metric has fewer than 20 samples, or
    there are no metrics at all, the canary is `nodata`, unless it has failed already.
    """
    canaries = sorted({variant for arms in samples.values() for variant in arms} - {control})
    found = [_of(variant, samples, plan, metrics, control, level) for variant in canaries]
    if not found:
        return CanaryVerdict(0.0, "nodata", "There are no samples of the canary yet.", ())
    return min(found, key=lambda each: (GRADES.index(each.grade), each.score))


GRADES: tuple[Grade, ...] = ("fail", "nodata", "marginal", "pass")


def between(samples: Samples, plan: CanaryPlan, metrics: Sequence[Metric], control: str) -> CanaryVerdict:
    """The critical metrics alone, while the step still lasts, at a level strict enough for many looks.

    Looked at whenever samples come, from 20 to 60 of them, the chance that one metric without a change is ever found
    beyond 3.09 standard errors is at most about 0.001 + ½·3.09·φ(3.09)·ln 3 = 0.7 % (Siegmund 1985, ch. 4).
    """
    return canary(samples, plan, [each for each in metrics if each.key in plan.critical], control, level=BETWEEN)


def judged_at(
    now: datetime, samples: Samples, plan: CanaryPlan, metrics: Sequence[Metric], control: str, stage_at: datetime
) -> CanaryVerdict:
    """The judgement at one moment of the step that began at `stage_at`: `between` while it lasts, then `canary`."""
    is_over = now - stage_at >= timedelta(minutes=plan.minutes)
    return (canary if is_over else between)(samples, plan, metrics, control)


def step_of(verdict: CanaryVerdict, plan: CanaryPlan, stage_at: datetime, now: datetime, before: int = 0) -> CanaryStep:
    """What a judgement leads to.

    While the step lasts, `verdict` is that of `between`, and only a critical failure in two looks in a row (`before` is
    how many there were so far) goes back. At its end it is that of `canary`: `pass` goes on, `fail` goes back,
    `marginal` waits for a person and `nodata` for data.
    """
    critical = before + 1 if verdict.critical else 0
    if now - stage_at < timedelta(minutes=plan.minutes):
        if critical >= CONFIRMED:
            return CanaryStep("back", f"Back to stable: {listed(verdict.critical)} failed, twice in a row.", critical)
        left = max(1, round((stage_at + timedelta(minutes=plan.minutes) - now).total_seconds() / 60))
        words = f"The step is judged in {left} minute{'s' if left != 1 else ''}."
        return CanaryStep("wait", words, critical)
    if verdict.grade == "pass":
        return CanaryStep("go", f"On to the next step. {verdict.words}")
    if verdict.grade == "fail":
        return CanaryStep("back", f"Back to stable. {verdict.words}", critical)
    lead = "A person has to decide." if verdict.grade == "marginal" else "Waiting for data."
    return CanaryStep("wait", f"{lead} {verdict.words}", critical)


def _of(
    variant: str, samples: Samples, plan: CanaryPlan, metrics: Sequence[Metric], control: str, level: float
) -> CanaryVerdict:
    arms = {each.key: (_first(samples, each, variant, plan), _first(samples, each, control, plan)) for each in metrics}
    classified = [classify(*arms[metric.key], _rule(metric, plan, level)) for metric in metrics]
    means = {key: [sum(values) / len(values) if values else None for values in both] for key, both in arms.items()}
    judgement = judge(classified, None, plan.pass_score, plan.marginal_score)
    judged = tuple(
        JudgedMetric(
            each.rule.name,
            variant,
            each.label,
            each.rule.critical,
            _words(each, variant, control),
            each.reason,
            each.shift,
            each.lower,
            each.upper,
            *means[each.rule.name],
        )
        for each in classified
    )
    critical = tuple(each.rule.name for each in classified if each.fatal)
    grade, words = _grade(judgement), judgement.words
    if grade == "nodata":
        words = words.replace(f"{judgement.health.capitalize()}: ", "So far ", 1)
    return CanaryVerdict(judgement.score.summary, grade, words, judged, critical)


def _first(samples: Samples, metric: Metric, variant: str, plan: CanaryPlan) -> list[float]:
    return [value for _, value in counted(samples.get(metric.key, {}).get(variant, ()), plan)]


def _rule(metric: Metric, plan: CanaryPlan, level: float) -> Rule:
    up = metric.direction is Direction.UP
    limit = metric.limit
    allowed = limit.harm if limit is not None and limit.scale is Scale.RELATIVE else None
    return Rule(
        metric.key,
        direction="decrease" if up else "increase",
        critical=metric.key in plan.critical,
        allowed_increase=None if up or allowed is None else 1 + allowed,
        allowed_decrease=1 - allowed if up and allowed is not None else None,
        level=level,
        minimum=FEWEST,
    )


def _grade(judgement: Judgement) -> Grade:
    """Kayenta's outcome, but data that are missing are waited for, whatever they could still change."""
    if judgement.health is GuardrailState.BREACHED:
        return "fail"
    if not judgement.metrics or any(each.label is Label.NODATA for each in judgement.metrics):
        return "nodata"
    return "pass" if judgement.health is GuardrailState.HEALTHY else "marginal"


def _words(found: Classified, variant: str, control: str) -> str:
    words = f"{found.rule.name} is {WORDS[found.label]}"
    if found.label is Label.NODATA:
        return f"{found.rule.name} has {WORDS[found.label]}: {found.reason}"
    beside = f" with {variant} {'as' if found.label is Label.PASSED else 'than'} with {control}"
    ratio = f", {percent(found.ratio - 1, signed=True)}" if found.ratio is not None and 0 < found.ratio < 1e6 else ""
    return f"{words}{beside}{ratio}"
