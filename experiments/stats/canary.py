"""The canary's judge: every metric against control by Mann–Whitney, a weighted score, and a three-valued verdict.

The rules are those of Kayenta's judge (Netflix & Google 2018). Where it counts missing data as neither good nor bad,
this one asks what they could still change: it calls no canary healthy that the missing metrics could fail.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from experiments.errors import InsufficientData
from experiments.numerals import amount, listed, percent
from experiments.readout import GuardrailState
from experiments.stats.moments import Floats
from experiments.stats.ranks import mann_whitney
from experiments.stats.refusal import LARGEST, require_level

Direction = Literal["either", "increase", "decrease"]
Outcome = Literal["success", "marginal", "fail"]

FULL = 100.0
PASS_FROM, MARGINAL_FROM = 95.0, 75.0
ROUNDING = 1e-9


class Label(StrEnum):
    """How a metric of the treatment reads beside control's."""

    PASSED = "Pass"
    HIGH = "High"
    LOW = "Low"
    NODATA = "Nodata"


FAILED = (Label.HIGH, Label.LOW)


@dataclass(frozen=True, slots=True)
class Rule:
    """How one metric is judged.

    `direction` is the change that counts as a failure. The interval of the shift, of `level`, has to lie beyond
    `tolerance` times its own estimate, with at least `minimum` samples in each arm. A shift within `allowed_increase`
    or `allowed_decrease`, ratios of the means such as 1.1 and 0.9, passes all the same. A failing `critical` metric
    fails the canary at once, from the ratio `critical_increase` or `critical_decrease` on where these are given.
    Missing samples are left out, or count as `zero` where no sample means that nothing happened. A metric in no group
    is reported but not scored.

    >>> Rule("errors", direction="increase", critical=True).minimum
    50
    """

    name: str
    groups: tuple[str, ...] = ("all",)
    direction: Direction = "either"
    critical: bool = False
    allowed_increase: float | None = None
    allowed_decrease: float | None = None
    critical_increase: float | None = None
    critical_decrease: float | None = None
    missing: Literal["leave out", "zero"] = "leave out"
    level: float = 0.98
    tolerance: float = 0.25
    minimum: int = 50


@dataclass(frozen=True, slots=True)
class Classified:
    """A metric's label and the reason for people; `fatal` where it fails the canary at once.

    `shift` is the Hodges–Lehmann estimate of treatment − control with its interval from `lower` to `upper`, `ratio`
    that of the means; None where there was nothing to test, and the ratio also where control is negative.
    """

    rule: Rule
    label: Label
    reason: str
    fatal: bool = False
    ratio: float | None = None
    shift: float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Per group the percentage of its metrics that pass, None without data, and their weighted sum (0 to 100)."""

    groups: dict[str, float | None]
    summary: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The canary's verdict with the sentence for people, its score, and what Kayenta would call that score."""

    health: GuardrailState
    words: str
    score: Score
    outcome: Outcome
    metrics: tuple[Classified, ...]


def classify(treatment: ArrayLike, control: ArrayLike, rule: Rule) -> Classified:
    """One metric by its samples in time, one-dimensional arrays; what is not finite is missing.

    `High` and `Low` when the interval of the shift lies beyond the tolerance, `Nodata` with fewer than the minimum of
    samples or data that cannot be compared, else `Pass`, as for identical samples. Raises `InsufficientData`
    only for an impossible level or tolerance. Method: Mann & Whitney 1947, Hodges & Lehmann 1963, rule of Kayenta's
    MannWhitneyClassifier.

    >>> quick = [20.0, 21.0, 22.0, 23.0, 24.0] * 12
    >>> found = classify([each * 1.5 for each in quick], quick, Rule("latency"))
    >>> found.label.value, round(found.shift, 1), found.fatal
    ('High', 11.0, False)
    """
    require_level(rule.level)
    if not 0 <= rule.tolerance < 1:
        raise InsufficientData("A canary's tolerance is a share of the shift, from 0 to below 1.")
    ours, theirs = _samples(treatment, rule), _samples(control, rule)
    if min(ours.size, theirs.size) < max(rule.minimum, 1):
        counts = f"{ours.size} samples in treatment and {theirs.size} in control"
        return Classified(rule, Label.NODATA, f"{counts}; each needs {max(rule.minimum, 1)}")
    ratio = _ratio(ours, theirs)
    if np.array_equal(np.sort(ours), np.sort(theirs)) or np.unique(np.concatenate([ours, theirs])).size == 1:
        return Classified(rule, Label.PASSED, "the same values in both", ratio=ratio)
    try:
        test = mann_whitney(theirs, ours, 1 - rule.level, method="asymptotic")
    except InsufficientData as refusal:
        return Classified(rule, Label.NODATA, refusal.words, ratio=ratio)
    if not (math.isfinite(test.lower) and math.isfinite(test.upper)):
        return Classified(rule, Label.NODATA, f"too few samples for an interval of {percent(rule.level)}", ratio=ratio)
    beyond = rule.tolerance * abs(test.shift)
    label = Label.PASSED
    if rule.direction != "decrease" and test.lower > beyond and _is_up(ratio, rule.allowed_increase):
        label = Label.HIGH
    if rule.direction != "increase" and test.upper < -beyond and _is_down(ratio, rule.allowed_decrease):
        label = Label.LOW
    interval = f"{percent(rule.level)} interval {amount(test.lower)} to {amount(test.upper)}"
    reason = f"shift {amount(test.shift)} ({interval})"
    return Classified(rule, label, reason, _is_fatal(label, ratio, rule), ratio, test.shift, test.lower, test.upper)


def score(groups: Mapping[str, Sequence[Label]], weights: Mapping[str, float] | None = None) -> Score:
    """The score of labels by group: 100 · passes / metrics with data per group, summed by weight.

    Groups without a weight share equally what the others leave of 100; one without data adds nothing. Raises
    `InsufficientData` for weights that are negative or exceed 100. Method: Kayenta's WeightedSumScorer.

    >>> score({"latency": [Label.PASSED, Label.HIGH], "errors": [Label.PASSED]}, {"latency": 60})
    Score(groups={'latency': 50.0, 'errors': 100.0}, summary=70.0)
    """
    given = dict(weights or {})
    rest = FULL - sum(given.values())
    if not all(weight >= 0 for weight in given.values()) or not rest >= -ROUNDING:
        raise InsufficientData("The weights of a canary's groups are not negative and add up to at most 100.")
    found = {name: _passing(groups.get(name, ())) for name in {**groups, **given}}
    shared = rest / max(len(found.keys() - given), 1)
    summary = sum(each * given.get(name, shared) for name, each in found.items() if each is not None) / FULL
    return Score(found, summary)


def judge(
    metrics: Sequence[Classified],
    weights: Mapping[str, float] | None = None,
    pass_from: float = PASS_FROM,
    marginal_from: float = MARGINAL_FROM,
) -> Judgement:
    """The canary as a whole.

    Breached when a critical metric fails, or when the score would stay below marginal even if every metric without data
    passed. Healthy when the score passes, every group and every critical metric has data, and the score would be at
    least marginal even if every metric without data failed. Anything else is inconclusive. A critical metric that fails
    or has no data makes the score 0. Raises `InsufficientData` for impossible weights and thresholds.

    >>> judge([Classified(Rule("latency"), Label.PASSED, ""), Classified(Rule("errors"), Label.PASSED, "")]).words
    'Healthy: score 100.'
    """
    if not 0 <= marginal_from <= pass_from <= FULL:
        raise InsufficientData("A canary's thresholds lie between 0 and 100, marginal not above pass.")
    labels: dict[str, list[Label]] = {name: [] for name in weights or {}}
    for each in metrics:
        for group in each.rule.groups:
            labels.setdefault(group, []).append(each.label)
    if labels and score(dict.fromkeys(labels, (Label.PASSED,)), weights).summary < FULL - ROUNDING:
        raise InsufficientData("The weights of a canary's groups add up to less than 100.")
    known = score(labels, weights)
    best, worst = (score(_supposing(labels, each), weights).summary for each in (Label.PASSED, Label.HIGH))
    fatal = [each.rule.name for each in metrics if each.fatal]
    failed = [each.rule.name for each in metrics if each.label in FAILED and each.rule.groups]
    without = [each.rule.name for each in metrics if each.label is Label.NODATA]
    without += [f"the group {name}" for name, members in labels.items() if not members]
    blind = any(each.rule.critical and each.label is Label.NODATA for each in metrics)
    found = Score(known.groups, 0.0 if fatal or blind else known.summary)
    passes, marginal = found.summary >= pass_from - ROUNDING, marginal_from - ROUNDING
    health, words = GuardrailState.INCONCLUSIVE, f"score {_shown(found.summary)}, it takes {pass_from:g} to pass"
    if fatal:
        health, words = GuardrailState.BREACHED, f"{listed(fatal)} failed, which is critical"
    elif not labels:
        words = "no metric was judged"
    elif best < marginal:
        health, words = (
            GuardrailState.BREACHED,
            f"score {_shown(found.summary)}, below {marginal_from:g}; {listed(failed)} failed",
        )
    elif passes and not blind and None not in known.groups.values() and worst >= marginal:
        health, words = GuardrailState.HEALTHY, f"score {_shown(found.summary)}"
    if without:
        words += f"; no data for {listed(without)}"
    outcome: Outcome = "success" if passes else "marginal" if found.summary >= marginal else "fail"
    return Judgement(health, f"{health.capitalize()}: {words}.", found, outcome, tuple(metrics))


def _shown(summary: float) -> str:
    """Cut rather than rounded, so that no score is shown that has not been reached."""
    return f"{math.floor((summary + ROUNDING) * 10) / 10:g}"


def _samples(values: ArrayLike, rule: Rule) -> Floats:
    samples = np.asarray(values, dtype=np.float64).reshape(-1)
    if rule.missing == "zero":
        samples = np.where(np.isnan(samples), 0.0, samples)
    return samples[np.abs(samples) <= LARGEST]


def _ratio(treatment: Floats, control: Floats) -> float | None:
    """Of the means; infinite where something rose from nothing, None where it says nothing of a rise or fall."""
    ours, theirs = float(treatment.mean()), float(control.mean())
    if theirs > 0:
        return ours / theirs
    return math.inf if theirs == 0 and ours > 0 else None


def _is_up(ratio: float | None, least: float | None) -> bool:
    return ratio is None or least is None or not ratio < least


def _is_down(ratio: float | None, most: float | None) -> bool:
    return ratio is None or most is None or not ratio > most


def _is_fatal(label: Label, ratio: float | None, rule: Rule) -> bool:
    if not rule.critical or label not in FAILED:
        return False
    return _is_up(ratio, rule.critical_increase) if label is Label.HIGH else _is_down(ratio, rule.critical_decrease)


def _passing(labels: Sequence[Label]) -> float | None:
    """The percentage of the labels with data that pass."""
    known = [label for label in labels if label is not Label.NODATA]
    return FULL * sum(label is Label.PASSED for label in known) / len(known) if known else None


def _supposing(groups: Mapping[str, Sequence[Label]], label: Label) -> dict[str, list[Label]]:
    """The groups as if every metric without data had this label."""
    return {
        name: [label if each is Label.NODATA else each for each in labels or (label,)]
        for name, labels in groups.items()
    }
