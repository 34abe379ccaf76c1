"""The verdict in words: what the decision rule, written before the start, makes of the comparisons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from experiments.checks.minimum_run_time import MINIMUM_DAYS
from experiments.checks.sample_ratio import NO_LIFT
from experiments.design import DecisionRule, Method, MetricKind, MetricRole, Scale
from experiments.model import Experiment
from experiments.numerals import amount, amount_range, days, listed, percent, percent_range, points, points_range
from experiments.readout import (
    Comparison,
    Finding,
    GuardrailState,
    Interval,
    Severity,
    Standing,
    Verdict,
    VerdictStatus,
)

TOO_EARLY = ("minimum_run_time", "minimum_units")
MOST_TREATMENTS = 3
SAFETY = {
    Method.ALWAYS_VALID: ", safe under daily looks",
    Method.GROUP_SEQUENTIAL: ", safe at the planned looks",
    Method.FIXED: ", one planned look",
    Method.WELCH: ", if this is the only look",
}


def is_over(experiment: Experiment, day: float) -> bool:
    """Whether the planned end is reached; data of a run that has ended may stop half a day short of it.

    >>> from datetime import UTC, datetime
    >>> now = datetime(2026, 3, 16, tzinfo=UTC)
    >>> shop = Experiment(workspace="T1", key="shop", title="Shop", owner="U1", created_at=now, updated_at=now)
    >>> shop = shop.evolve(status="stopped")
    >>> is_over(shop, 13.6), is_over(shop.evolve(status="running"), 13.6), is_over(shop, 13.0)
    (True, False, False)
    """
    return day >= _planned_end(experiment) - (0 if experiment.is_live else 0.5)


def _planned_end(experiment: Experiment) -> int:
    """The day on which the experiment may end at the earliest, whatever its method."""
    return max(experiment.design.planned_days, MINIMUM_DAYS)


@dataclass(frozen=True, slots=True)
class Treated:
    """One treatment with its comparisons: may it be shipped (`fit`), has it done harm (`harmed`), and its `gain`."""

    key: str
    comparisons: tuple[Comparison, ...]
    fit: bool
    harmed: bool
    gain: float

    @property
    def primary(self) -> tuple[Comparison, ...]:
        return tuple(each for each in self.comparisons if each.role is MetricRole.PRIMARY)

    @property
    def guardrails(self) -> tuple[Comparison, ...]:
        return tuple(each for each in self.comparisons if each.role is MetricRole.GUARDRAIL)

    @property
    def breached(self) -> tuple[Comparison, ...]:
        return tuple(each for each in self.guardrails if each.guardrail is GuardrailState.BREACHED)

    @property
    def unread(self) -> tuple[Comparison, ...]:
        """Primary metrics without a number and guardrails of which nothing can be said."""
        silent = (each for each in self.guardrails if each.guardrail is GuardrailState.INCONCLUSIVE)
        return tuple(each for each in (*self.primary, *silent) if each.standing is Standing.REFUSED)


@dataclass(frozen=True, slots=True)
class _Case:
    """The experiment, how far it is, and its treatments."""

    experiment: Experiment
    day: float
    treatments: tuple[Treated, ...]

    @property
    def end(self) -> int:
        return _planned_end(self.experiment)

    @property
    def is_over(self) -> bool:
        return is_over(self.experiment, self.day)

    def effect(self, comparison: Comparison, subject: str | None = None) -> str:
        """“treatment raises conversion by 4.1 % (95 % interval 1.2 % to 7.0 %, safe under daily looks)”."""
        subject = subject or comparison.treatment.variant
        change, interval = _numbers(comparison)
        if comparison.standing is Standing.UNCLEAR:
            return (
                f"{subject} shows no clear difference in {comparison.metric} ({self._label} {interval}{self._safety})"
            )
        verb = "raises" if (comparison.difference or 0) > 0 else "lowers"
        return f"{subject} {verb} {comparison.metric} by {change} ({self._label} {interval}{self._safety})"

    def breach(self, comparison: Comparison) -> str:
        """“treatment breaches the guardrail latency (limit 2 % worse): +4.1 % (95 % interval 3.0 % to 5.2 %)”."""
        name = f"{comparison.treatment.variant} breaches the guardrail {comparison.metric}{_limit(comparison)}"
        if comparison.interval is None:
            return f"{name}: it is {_size(comparison.harm or 0.0, comparison)} worse"
        change, interval = _numbers(comparison)
        sign = "+" if (comparison.difference or 0) > 0 else "−"
        return f"{name}: {sign}{change} ({self._label} {interval})"

    @property
    def _label(self) -> str:
        return f"{100 * (1 - self.experiment.design.alpha):g} % interval"

    @property
    def _safety(self) -> str:
        return SAFETY[self.experiment.design.method]

    def wait(self, sentence: str) -> Verdict:
        left = max(1, math.ceil(self.end - self.day))
        return Verdict(
            status=VerdictStatus.DAYS_LEFT,
            sentence=f"{sentence} About {days(left)} left of {self.end}.",
            days_left=left,
        )


def in_words(
    status: VerdictStatus, experiment: Experiment, day: float, findings: Sequence[Finding], treated: Sequence[Treated]
) -> Verdict:
    """The verdict with the sentence a product manager reads for this status.

    >>> from datetime import UTC, datetime
    >>> now = datetime(2026, 3, 16, tzinfo=UTC)
    >>> shop = Experiment(workspace="T1", key="shop", title="Shop", owner="U1", created_at=now, updated_at=now)
    >>> early = Finding(code="minimum_run_time", severity=Severity.INFORMATION, words="Too early for a verdict.")
    >>> in_words(VerdictStatus.DAYS_LEFT, shop, 1.5, [early], []).sentence
    'Too early for a verdict. About 13 days left of 14.'
    """
    case = _Case(experiment, day, tuple(treated))
    early = next((finding.words for finding in findings if finding.code in TOO_EARLY), None)
    if status is VerdictStatus.UNHEALTHY:
        return Verdict(status=status, sentence=no_lift(findings))
    if status is VerdictStatus.NO_DATA:
        return Verdict(status=status, sentence=_nothing(experiment))
    if status is VerdictStatus.DAYS_LEFT:
        return case.wait(early or _so_far(case))
    if status is VerdictStatus.SHIP:
        return Verdict(status=status, sentence=_ship(case))
    if status is VerdictStatus.ROLL_BACK:
        return Verdict(status=status, sentence=_roll_back(case))
    return Verdict(status=status, sentence=_review(case, early or _facts(case), hopeless=early is None))


def no_lift(findings: Sequence[Finding]) -> str:
    """Why no lift may be shown, in one sentence; one of the findings blocks it.

    >>> words = "400 of 9,000 units were in two variants."
    >>> no_lift([Finding(code="multiple_exposure", severity=Severity.BLOCKS_LIFT, words=words)])
    'No lift is shown: 400 of 9,000 units were in two variants.'
    """
    blocking = next(each for each in findings if each.severity is Severity.BLOCKS_LIFT)
    return NO_LIFT if blocking.code == "sample_ratio" else f"No lift is shown: {blocking.words}"


def _nothing(experiment: Experiment) -> str:
    primary = experiment.design.primary
    return f"There are no data on {primary.key} to compare yet." if primary else "There is no primary metric yet."


def _so_far(case: _Case) -> str:
    if case.experiment.design.method is Method.FIXED:
        broken = [case.breach(each) for treatment in case.treatments for each in treatment.breached]
        but = f" But {'; '.join(broken[:MOST_TREATMENTS])}." if broken else ""
        return f"Monitoring only: this design is read once, at its planned end, and says nothing before.{but}"
    return _facts(case)


def _ship(case: _Case) -> str:
    fit = [each for each in case.treatments if each.fit]
    best = max(fit, key=lambda each: each.gain)
    name = best.key if len(fit) == 1 else f"{best.key} (the best of {listed([each.key for each in fit])})"
    effects = [case.effect(each, "it") for each in best.primary[:MOST_TREATMENTS]]
    if case.experiment.design.rule is DecisionRule.DO_NO_HARM:
        return f"Ship {name}: the planned {days(case.end)} are over and nothing got worse; {'; '.join(effects)}."
    guarded = ", and no guardrail is breached" if best.guardrails else ""
    return f"Ship {name}: {'; '.join(effects)}{guarded}."


def _roll_back(case: _Case) -> str:
    worst = [
        next(each for each in treatment.primary if each.standing is Standing.WORSE) for treatment in case.treatments
    ]
    return f"Roll back: {'; '.join(case.effect(each) for each in worst[:MOST_TREATMENTS])}."


def _facts(case: _Case) -> str:
    """What is known of the primary metrics, then what speaks against shipping."""
    shown = case.treatments[:MOST_TREATMENTS]
    effects = [case.effect(each) for treatment in shown for each in treatment.primary if each.interval is not None]
    broken = [case.breach(each) for treatment in shown for each in treatment.breached]
    unread = list(dict.fromkeys(each.metric for treatment in shown for each in treatment.unread))
    silent = [f"{listed(unread)} cannot be read yet"] if unread else []
    sentence = "; ".join([*effects, *broken, *silent])
    return f"{sentence if effects or broken else sentence[:1].upper() + sentence[1:]}."


def _review(case: _Case, facts: str, *, hopeless: bool) -> str:
    if hopeless and all(each.harmed for each in case.treatments):
        when = "No treatment is free of harm, so nothing can ship"
    elif case.is_over:
        when = f"The planned {days(case.end)} are over and the rule does not settle it"
    else:
        when = f"It ended on day {case.day:.3g} of {case.end}, before the rule could settle it"
    return f"{when}: {facts} Somebody has to weigh it."


def _limit(comparison: Comparison) -> str:
    limit = comparison.limit
    if limit is None:
        return ""
    if limit.scale is Scale.RELATIVE:
        return f" (limit {percent(limit.harm)} worse)"
    return f" (limit {_size(limit.harm, comparison)} worse)"


def _numbers(comparison: Comparison) -> tuple[str, str]:
    """The size of the change and its interval, relative where control allows it, of a proportion else in points."""
    if comparison.relative is not None and comparison.relative_interval is not None:
        bounds = comparison.relative_interval
        return percent(abs(comparison.relative)), percent_range(bounds.lower, bounds.upper)
    bounds = comparison.interval or Interval(lower=None, upper=None)
    if comparison.kind is MetricKind.PROPORTION:
        interval = points_range(bounds.lower, bounds.upper)
    else:
        interval = f"{amount_range(bounds.lower, bounds.upper)} {comparison.unit}"
    return _size(abs(comparison.difference or 0.0), comparison), interval


def _size(difference: float, comparison: Comparison) -> str:
    if comparison.kind is MetricKind.PROPORTION:
        return points(difference)
    return f"{amount(difference)} {comparison.unit}"
