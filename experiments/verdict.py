"""The verdict: what the decision rule, written before the start, makes of the comparisons, in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from experiments.checks.minimum_run_time import MINIMUM_DAYS
from experiments.checks.sample_ratio import NO_LIFT
from experiments.design import DecisionRule, Direction, MetricRole
from experiments.model import Experiment
from experiments.numerals import amount, days, listed, percent
from experiments.readout import Comparison, Finding, Interval, Severity, Standing, Verdict, VerdictStatus

TOO_EARLY = ("minimum_run_time", "minimum_units")
MOST_TREATMENTS = 3


@dataclass(frozen=True, slots=True)
class _Treatment:
    """Everything that is known of one treatment."""

    key: str
    primary: tuple[Comparison, ...]
    guardrails: tuple[Comparison, ...]

    @property
    def is_better(self) -> bool:
        return all(each.standing is Standing.BETTER for each in self.primary)

    @property
    def hurts_primary(self) -> bool:
        return any(each.standing is Standing.WORSE for each in self.primary)

    @property
    def broken(self) -> tuple[Comparison, ...]:
        return tuple(each for each in self.guardrails if each.standing is Standing.WORSE)

    @property
    def unread(self) -> tuple[Comparison, ...]:
        """Primary metrics and guardrails without a number; what cannot be read is never healthy."""
        return tuple(each for each in (*self.primary, *self.guardrails) if each.standing is Standing.REFUSED)

    @property
    def does_no_harm(self) -> bool:
        return not (self.hurts_primary or self.broken or self.unread)

    @property
    def gain(self) -> float:
        """The change of the first primary metric in its good direction."""
        first = self.primary[0]
        change = first.relative if first.relative is not None else first.difference or 0.0
        return change if first.direction is Direction.UP else -change


@dataclass(frozen=True, slots=True)
class _Case:
    """The experiment, how far it is, and its treatments."""

    experiment: Experiment
    day: float
    treatments: tuple[_Treatment, ...]

    @property
    def end(self) -> int:
        return max(self.experiment.design.planned_days, MINIMUM_DAYS)

    @property
    def is_over(self) -> bool:
        """At the planned end; data of a run that has ended may stop half a day short of it."""
        return self.day >= self.end - (0 if self.experiment.is_live else 0.5)

    @property
    def can_wait(self) -> bool:
        return self.experiment.is_live and not self.is_over

    def effect(self, comparison: Comparison, subject: str | None = None) -> str:
        """“treatment raises conversion by 4.1 % (95 % interval 1.2 % to 7.0 %, safe under daily looks)”."""
        subject = subject or comparison.treatment.variant
        change, interval = _numbers(comparison)
        if comparison.standing is Standing.UNCLEAR:
            return (
                f"{subject} shows no clear difference in {comparison.metric} "
                f"({self._label} {interval}, safe under daily looks)"
            )
        verb = "raises" if (comparison.difference or 0) > 0 else "lowers"
        return f"{subject} {verb} {comparison.metric} by {change} ({self._label} {interval}, safe under daily looks)"

    @property
    def _label(self) -> str:
        return f"{100 * (1 - self.experiment.design.alpha):g} % interval"

    def wait(self, sentence: str) -> Verdict:
        left = max(1, math.ceil(self.end - self.day))
        return Verdict(
            status=VerdictStatus.DAYS_LEFT,
            sentence=f"{sentence} About {days(left)} left of {self.end}.",
            days_left=left,
        )


def conclude(
    experiment: Experiment, comparisons: Sequence[Comparison], findings: Sequence[Finding], day: float
) -> Verdict:
    """The verdict on these comparisons and findings at this day.

    Ship and roll back need the minimum run time and units. Where every treatment has hurt something nothing can ship
    any more, so waiting is over and a person has to look, also before the planned end.
    """
    case = _Case(experiment, day, _treatments(comparisons))
    for finding in findings:
        if finding.severity is Severity.BLOCKS_LIFT:
            return Verdict(status=VerdictStatus.UNHEALTHY, sentence=NO_LIFT)
    if not any(each.control.n and each.treatment.n for each in comparisons if each.role is MetricRole.PRIMARY):
        return Verdict(status=VerdictStatus.NO_DATA, sentence=_nothing(experiment))
    early = [finding.words for finding in findings if finding.code in TOO_EARLY]
    if early:
        if case.can_wait:
            return case.wait(early[0])
        return _review(case, early[0])
    return _by_rule(case)


def _treatments(comparisons: Sequence[Comparison]) -> tuple[_Treatment, ...]:
    keys = dict.fromkeys(each.treatment.variant for each in comparisons)
    of = {key: [each for each in comparisons if each.treatment.variant == key] for key in keys}
    return tuple(
        _Treatment(
            key,
            tuple(each for each in of[key] if each.role is MetricRole.PRIMARY),
            tuple(each for each in of[key] if each.role is MetricRole.GUARDRAIL),
        )
        for key in keys
    )


def _nothing(experiment: Experiment) -> str:
    primary = experiment.design.primary
    return f"There are no data on {primary.key} to compare yet." if primary else "There is no primary metric yet."


def _by_rule(case: _Case) -> Verdict:
    treatments = case.treatments
    if all(each.hurts_primary for each in treatments):
        return Verdict(status=VerdictStatus.ROLL_BACK, sentence=_roll_back(case))
    if case.experiment.design.rule is DecisionRule.CLEAR_SIGNALS:
        fit = [each for each in treatments if each.is_better and each.does_no_harm]
    else:
        fit = [each for each in treatments if case.is_over and each.does_no_harm]
    if fit:
        return Verdict(status=VerdictStatus.SHIP, sentence=_ship(case, fit))
    if all(each.hurts_primary or each.broken for each in treatments):
        return _review(case, _facts(case), hopeless=True)
    if case.can_wait:
        return case.wait(_facts(case))
    return _review(case, _facts(case))


def _ship(case: _Case, fit: list[_Treatment]) -> str:
    best = max(fit, key=lambda each: each.gain)
    name = best.key if len(fit) == 1 else f"{best.key} (the best of {listed([each.key for each in fit])})"
    effects = [case.effect(each, "it") for each in best.primary[:MOST_TREATMENTS]]
    if case.experiment.design.rule is DecisionRule.DO_NO_HARM:
        return f"Ship {name}: the planned {days(case.end)} are over and nothing got worse; {'; '.join(effects)}."
    guarded = ", and no guardrail is worse" if best.guardrails else ""
    return f"Ship {name}: {'; '.join(effects)}{guarded}."


def _roll_back(case: _Case) -> str:
    worst = [
        next(each for each in treatment.primary if each.standing is Standing.WORSE) for treatment in case.treatments
    ]
    return f"Roll back: {'; '.join(case.effect(each) for each in worst[:MOST_TREATMENTS])}."


def _facts(case: _Case) -> str:
    """What is known of the primary metrics, then what speaks against shipping."""
    shown = case.treatments[:MOST_TREATMENTS]
    effects = [case.effect(each) for treatment in shown for each in treatment.primary if each.difference is not None]
    broken = [f"guardrail: {case.effect(each)}" for treatment in shown for each in treatment.broken]
    unread = list(dict.fromkeys(each.metric for treatment in shown for each in treatment.unread))
    silent = [f"{listed(unread)} cannot be read yet"] if unread else []
    sentence = "; ".join([*effects, *broken, *silent])
    return f"{sentence[:1].upper() + sentence[1:] if not effects else sentence}."


def _review(case: _Case, facts: str, *, hopeless: bool = False) -> Verdict:
    if hopeless:
        when = "No treatment is free of harm, so nothing can ship"
    elif case.is_over:
        when = f"The planned {days(case.end)} are over and the rule does not settle it"
    else:
        when = f"It ended on day {case.day:.3g} of {case.end}, before the rule could settle it"
    return Verdict(status=VerdictStatus.REVIEW, sentence=f"{when}: {facts} Somebody has to weigh it.")


def _numbers(comparison: Comparison) -> tuple[str, str]:
    """The size of the change and its interval, relative where control allows it."""
    if comparison.relative is not None and comparison.relative_interval is not None:
        low, high = comparison.relative_interval.lower, comparison.relative_interval.upper
        return percent(abs(comparison.relative)), f"{_bound(low, percent)} to {_bound(high, percent)}"
    interval = comparison.interval or Interval(lower=None, upper=None)
    return (
        f"{amount(abs(comparison.difference or 0.0))} {comparison.unit}",
        f"{_bound(interval.lower, amount)} to {_bound(interval.upper, amount)} {comparison.unit}",
    )


def _bound(value: float | None, words: Callable[[float], str]) -> str:
    return "no limit" if value is None else words(value)
