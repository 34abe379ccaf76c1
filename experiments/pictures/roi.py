"""What ended experiments cost and what they brought: one by one, and the winners together without their luck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import NormalDist, median
from typing import NamedTuple

from experiments.design import FULL_WEIGHT, Direction, MetricKind
from experiments.knowledge.gains import Estimate, Gains, added, counting, gains_of, without_error
from experiments.knowledge.outcomes import effect_of, good, has_outcome
from experiments.knowledge.patterns import Trial
from experiments.model import Experiment, Outcome
from experiments.numerals import counted
from experiments.pictures.basis import Basis
from experiments.pictures.ended import NO_LIFT, missing, reach
from experiments.policy import Policies, Project
from experiments.readout import Standing
from experiments.running import Effect
from experiments.texts import Frozen, Words

PERCENT = "percent"
MONEY = "money"
MOST = 80
DAY = 86_400
YEAR = 365
OF_UNITS = (MetricKind.PROPORTION, MetricKind.MEAN)


class Quadrant(Words):
    """Where an experiment lies: cheaper or dearer than the median, and whether it brought more than nothing, or in
    money more than it cost."""

    QUICK_WIN = "quick_win"
    WORTH_IT = "worth_it"
    CHEAP_LESSON = "cheap_lesson"
    COSTLY_LESSON = "costly_lesson"


class Stake(Frozen):
    """One ended experiment: its cost, its benefit with the interval (None: open), and how sure the sign of the benefit
    is, from 0.5 to 1; None where its lift has no standard error. It is worse also where a guardrail was breached."""

    key: str
    title: str
    standing: Standing
    shipped: bool
    quadrant: Quadrant
    cost: float
    benefit: float
    lower: float | None = None
    upper: float | None = None
    sureness: float | None = None


class Roi(Frozen):
    """Costs and benefits of the ended experiments, the largest benefit first.

    In money, `cost` is days × the project's cost of a day and `benefit` what the effect is worth in a year at the
    traffic the experiment had; else days from start to decision, and the lift in the good direction. `split` is the
    median cost. `measured` and `corrected` are the totals of the `winners`; `refused` says why nothing is corrected.
    `missing` are those that cannot be placed, by reason; `not_drawn` how many the picture has no room for.
    """

    basis: Basis
    in_money: bool = False
    currency: str = ""
    stakes: tuple[Stake, ...] = ()
    split: float = 0.0
    spent: float = 0.0
    experiments: int = 0
    winners: int = 0
    measured: Estimate | None = None
    corrected: Estimate | None = None
    refused: str = ""
    missing: tuple[str, ...] = ()
    not_drawn: int = 0
    quadrants: dict[Quadrant, int] = {}


class _Placed(NamedTuple):
    """An experiment that can be placed: one lift of 1 is worth `scale`."""

    experiment: Experiment
    effect: Effect
    trial: Trial
    cost: float
    scale: float


def measures_of(experiments: Iterable[Experiment], policies: Policies) -> tuple[tuple[str, str], ...]:
    """How these experiments can be measured, the most telling first: money in a currency where at least half of those
    with a lift can be said in it, then percent and days, then the other currencies."""
    ended = [each for each in experiments if _has_lift(each)]
    counts = Counter(
        policies.project(each.project).currency for each in ended if not isinstance(_in_money(each, policies), str)
    )
    ranked = [
        (f"{MONEY}:{currency}", f"Money in {currency}" if currency else "Money") for currency, _ in counts.most_common()
    ]
    usual = (PERCENT, "Percent and days")
    most = counts.most_common(1)
    return (*ranked[:1], usual, *ranked[1:]) if most and most[0][1] * 2 >= len(ended) else (usual, *ranked)


def roi_of(experiments: Iterable[Experiment], policies: Policies, measure: str, now: datetime) -> Roi:
    """The picture's data in this measure, one of `measures_of`; `now` stands in where nothing has ended yet."""
    ended = [each for each in experiments if has_outcome(each)]
    kind, _, currency = measure.partition(":")
    reasons: Counter[str] = Counter()
    placed: list[_Placed] = []
    for each in ended:
        found = _in_money(each, policies) if kind == MONEY else _in_percent(each)
        project = policies.project(each.project)
        if isinstance(found, str):
            reasons[found] += 1
        elif kind == MONEY and project.currency != currency:
            reasons[f"another currency: {project.currency or 'none is set'}"] += 1
        else:
            placed.append(found)
    basis = Basis(
        title="What experiments cost and bring",
        as_of=reach(ended, now),
        facts=(counted(len(ended), "ended experiment"),),
    )
    trials = [each.trial for each in placed]
    gains = gains_of(trials)
    split = median(each.cost for each in placed) if placed else 0.0
    stakes = sorted((_stake(each, split, kind == MONEY) for each in placed), key=lambda each: -abs(each.benefit))
    return Roi(
        basis=basis,
        in_money=kind == MONEY,
        currency=currency,
        stakes=tuple(stakes[:MOST]),
        split=split,
        spent=sum(each.cost for each in placed),
        experiments=len(placed),
        winners=gains.count,
        **_totals(gains, placed),
        refused=gains.refused,
        missing=tuple(filter(None, (*missing(dict(reasons.most_common())), without_error(gains, trials)))),
        not_drawn=max(0, len(stakes) - MOST),
        quadrants=dict(Counter(each.quadrant for each in stakes)),
    )


def _totals(gains: Gains, placed: Sequence[_Placed]) -> dict[str, Estimate]:
    won = [(each, at.scale) for each, at in zip(gains.winners, placed, strict=True) if each]
    if not won:
        return {}
    totals = {"measured": added((each.lift * scale, each.error * scale) for each, scale in won)}
    kept = [(each.corrected, each.corrected_error, scale) for each, scale in won]
    known = [(value * scale, error * scale) for value, error, scale in kept if value is not None and error is not None]
    return totals | ({"corrected": added(known)} if len(known) == len(won) else {})


def _stake(each: _Placed, split: float, in_money: bool) -> Stake:
    lift, interval = good(each.effect)
    benefit = lift * each.scale
    paid = benefit > (each.cost if in_money else 0.0)
    cheap = each.cost <= split
    error = each.effect.error
    return Stake(
        key=each.experiment.key,
        title=each.experiment.title,
        standing=Standing.WORSE if _harmed(each.experiment) else each.effect.standing,
        shipped=each.experiment.decision is not None and each.experiment.decision.outcome is Outcome.SHIP,
        quadrant=QUADRANTS[paid, cheap],
        cost=each.cost,
        benefit=benefit,
        lower=None if interval.lower is None else interval.lower * each.scale,
        upper=None if interval.upper is None else interval.upper * each.scale,
        sureness=NormalDist().cdf(abs(lift) / error) if error else None,
    )


def _harmed(experiment: Experiment) -> bool:
    return experiment.reading is not None and experiment.reading.harmed


QUADRANTS = {
    (True, True): Quadrant.QUICK_WIN,
    (True, False): Quadrant.WORTH_IT,
    (False, True): Quadrant.CHEAP_LESSON,
    (False, False): Quadrant.COSTLY_LESSON,
}


def _has_lift(experiment: Experiment) -> bool:
    return counting(experiment) is not None


def _in_percent(experiment: Experiment) -> _Placed | str:
    effect, trial = effect_of(experiment), counting(experiment)
    if effect is None or trial is None:
        return NO_LIFT
    decided = experiment.decision.at if experiment.decision else experiment.stopped_at
    days = _days(experiment, decided)
    return "no length: nobody knows when they began" if days is None else _Placed(experiment, effect, trial, days, 1.0)


def _in_money(experiment: Experiment, policies: Policies) -> _Placed | str:
    """The experiment in its project's money, or why that is not known."""
    effect, trial, project = effect_of(experiment), counting(experiment), policies.project(experiment.project)
    if effect is None or trial is None:
        return NO_LIFT
    days = _days(experiment, experiment.stopped_at or (experiment.decision.at if experiment.decision else None))
    if project.day_cost is None:
        return "no cost of a day in their project's settings"
    if days is None:
        return "no length: nobody knows when they began"
    scale = _worth_of_a_lift(experiment, effect, project)
    if isinstance(scale, str):
        return scale
    return _Placed(experiment, effect, trial, days * project.day_cost, scale)


def _worth_of_a_lift(experiment: Experiment, effect: Effect, project: Project) -> float | str:
    """What a lift of 1 in the good direction is worth in a year at the traffic the experiment had: control's mean ×
    units of a year × what one more is worth."""
    worth = project.worth.get(effect.metric)
    if not worth:
        return "a metric whose worth is not in their project's settings"
    if effect.kind not in OF_UNITS:
        return "a ratio or a quantile, which is no amount per unit"
    arms = {experiment.control.key, effect.treatment}
    weight = sum(share for variant, share in experiment.weights.items() if variant in arms)
    exposure = experiment.phase.exposure if experiment.phase else experiment.design.exposure
    day = experiment.reading.day if experiment.reading else 0.0
    if effect.control is None or not effect.units or not weight or not exposure or day <= 0:
        return "no traffic to count a year from"
    a_year = effect.units / (weight / FULL_WEIGHT) / (exposure / FULL_WEIGHT) / day * YEAR
    turned = 1 if effect.direction is Direction.UP else -1
    scale = turned * abs(effect.control) * a_year * worth
    return scale if scale > 0 else "a worth that says the contrary of its metric's good direction"


def _days(experiment: Experiment, end: datetime | None) -> float | None:
    """How many days it took up to this end; of data that were brought in, how far they reach."""
    if experiment.started_at and end:
        return (end - experiment.started_at).total_seconds() / DAY
    return experiment.reading.day if experiment.reading and not experiment.started_at else None
