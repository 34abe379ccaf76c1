"""The statistics of the picture of factors: cells from rows, effects and terms by the method of the design."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scipy import special

from experiments.aggregate import Aggregate
from experiments.analysis.health import Case, Provenance, case_of
from experiments.analysis.verdict import is_over
from experiments.checks.minimum_units import MINIMUM_UNITS
from experiments.design import Method, Metric, MetricKind, MetricRole
from experiments.errors import InsufficientData
from experiments.model import Experiment
from experiments.numerals import units
from experiments.pictures.factors import BETWEEN, FactorLine, FactorPoint, FactorTerm
from experiments.readout import Arm, Comparison, Interval, Standing
from experiments.stats import always_valid
from experiments.stats.factor_effects import Estimate, FactorEffect, FactorMean, effects, means
from experiments.stats.factorial import Cell, Factors, anova, wald
from experiments.stats.fieller import relative_lift
from experiments.stats.multiplicity import holm, levels
from experiments.stats.population import Population

SUMMED = (MetricKind.MEAN, MetricKind.PROPORTION)


@dataclass(frozen=True, slots=True)
class _Way:
    """How contrasts are read: `p` of one, and how many standard errors an interval of a level `reach`es."""

    p: Callable[[Estimate], float]
    reach: Callable[[Estimate, float], float]
    words: str
    always: bool


def read_factors(experiment: Experiment, rows: Sequence[Aggregate], metric: Metric, pair: Factors) -> dict[str, object]:
    """Effects, terms, lines and policy of a complete grid; `InsufficientData` in words for what cannot be read."""
    case = case_of(experiment, rows, Provenance())
    cells = _cells(case, metric)
    way = _way(case, sum(cell.n for cell in cells))
    base, alpha = case.design.control.factors, case.design.alpha
    found = effects(cells, base)
    tests = wald(cells)
    own = [_own_p(test.name, test.p, found, way) for test in tests]
    adjusted, spent = holm(own).tolist(), levels(own, alpha).tolist()
    squares = {term.name: term.ss for term in anova(cells).terms} if metric.kind in SUMMED else {}
    terms = tuple(
        FactorTerm(
            name=test.name.replace(":", BETWEEN), ss=squares.get(test.name), df=test.df, f=test.f, once=test.p, p=p,
            clear=p <= alpha,
        )
        for test, p in zip(tests, adjusted, strict=True)
    )  # fmt: skip
    share = {test.name: level for test, level in zip(tests, spent, strict=True)}
    main = [each for each in found if len(each.term) == 1]
    averages = {(name, each.levels[0]): each for name in base for each in means(cells, (name,))}
    return {
        "effects": tuple(_effect(each, found, metric, base, averages, way, alpha, share) for each in main),
        "terms": terms,
        **_lines(cells, pair or _clearest(terms, tuple(base)), way, alpha),
        "policy": _policy(len(terms), len(found) > len(terms), way),
    }


def _cells(case: Case, metric: Metric) -> list[Cell]:
    """One cell a variant, all at the newest moment that every one of them has reported."""
    series = {each.key: case.table.get((metric.key, each.key, ""), {}) for each in case.design.variants}
    shared = set.intersection(*(set(each) for each in series.values()))
    if not shared:
        silent = next((key for key, each in series.items() if not each), "")
        raise InsufficientData(f"There are no data on {metric.key}{f' in {silent}' if silent else ''} yet.")
    found = []
    for variant in case.design.variants:
        row = series[variant.key][max(shared)]
        if row.n < MINIMUM_UNITS:
            raise InsufficientData(f"Only {units(row.n)} in {variant.key} so far; {MINIMUM_UNITS} are needed.")
        found.append(Cell(variant.factors, float(row.n), *_moments(row, metric)))
    return found


def _moments(row: Aggregate, metric: Metric) -> tuple[float, float]:
    below = row.denominator
    if metric.kind is not MetricKind.RATIO or below is None:
        return row.mean, row.variance
    each = Population.ratio(row.mean, below.mean, row.variance, below.variance, below.covariance)
    return float(each.mean), float(each.variance)


def _way(case: Case, total: float) -> _Way:
    """By the method of the design; what holds for one look only waits for the planned end."""
    design = case.design
    if design.method is Method.ALWAYS_VALID:
        k = total * float(always_valid.mixing(design.alpha, design.planned_units * len(design.variants) / 2))
        return _Way(
            p=lambda each: float(always_valid.p_value(each.z, k)),
            reach=lambda _, level: float(always_valid.multiplier(k, level)),
            words="always-valid, safe at every look",
            always=True,
        )
    if design.method is not Method.WELCH and not is_over(case.experiment, case.day):
        raise InsufficientData(
            f"Factors are tested once, at the planned end on day {design.planned_days:,}: with this design their tests "
            "hold for one look."
        )
    return _Way(
        p=lambda each: float(2 * special.stdtr(each.df, -abs(each.z))),
        reach=lambda each, level: -float(special.stdtrit(each.df, level / 2)),
        words="for one look",
        always=False,
    )


def _own_p(name: str, once: float, found: Sequence[FactorEffect], way: _Way) -> float:
    """p of a term by itself: Wald's, or always-valid the smallest of its contrasts times their number (Bonferroni)."""
    if not way.always:
        return once
    contrasts = [way.p(each.change) for each in found if ":".join(each.term) == name]
    return min(min(contrasts) * len(contrasts), 1.0)


def _effect(
    each: FactorEffect,
    found: Sequence[FactorEffect],
    metric: Metric,
    base: Mapping[str, str],
    averages: Mapping[tuple[str, str], FactorMean],
    way: _Way,
    alpha: float,
    share: Mapping[str, float],
) -> Comparison:
    """A level against the base level, with the α that its term has, shared out among the levels of the factor."""
    factor, level = each.term[0], each.levels[0]
    many = sum(other.term == each.term for other in found)
    own = share[factor] / many
    reach = way.reach(each.change, own)
    lower, upper = each.change.value - reach * each.change.se, each.change.value + reach * each.change.se
    ours, theirs = averages[factor, base[factor]], averages[factor, level]
    lift = relative_lift(ours.mean.value, ours.mean.se**2, theirs.mean.value, theirs.mean.se**2, reach)
    bounded = bool(lift.bounded)
    clear = lower > 0 or upper < 0
    good = (each.change.value > 0) == (metric.direction.value == "up")
    return Comparison(
        metric=factor,
        role=MetricRole.PRIMARY,
        kind=metric.kind,
        direction=metric.direction,
        unit=metric.unit,
        control=Arm(variant=base[factor], n=int(ours.n), mean=ours.mean.value),
        treatment=Arm(variant=f"{level} against {base[factor]}", n=int(theirs.n), mean=theirs.mean.value),
        difference=each.change.value,
        interval=Interval.of(lower, upper),
        relative=float(lift.lift) if bounded else None,
        relative_interval=Interval.of(float(lift.lower), float(lift.upper)) if bounded else None,
        p=min(1.0, way.p(each.change) * many * alpha / share[factor]),
        standing=(Standing.BETTER if good else Standing.WORSE) if clear else Standing.UNCLEAR,
    )


def _clearest(terms: Sequence[FactorTerm], names: Factors) -> Factors:
    """The two factors whose interaction is clearest; a factor alone where there is no other."""
    twos = [each for each in terms if each.name.count(BETWEEN) == 1]
    return tuple(min(twos, key=lambda each: (each.p, each.once)).name.split(BETWEEN)) if twos else names[:1]


def _lines(cells: Sequence[Cell], pair: Factors, way: _Way, alpha: float) -> dict[str, object]:
    """The means of the pair: along the axis the factor with more levels, a line for each level of the other."""
    sizes = {name: len({cell.levels[name] for cell in cells}) for name in pair}
    axis, *rest = sorted(pair, key=lambda name: -sizes[name])
    other = rest[0] if rest else ""
    lines: dict[str, list[FactorPoint]] = {}
    for each in means(cells, (axis, other) if other else (axis,)):
        reach = way.reach(each.mean, alpha) * each.mean.se
        point = FactorPoint(
            level=each.levels[0], mean=each.mean.value, lower=each.mean.value - reach, upper=each.mean.value + reach,
            n=int(each.n),
        )  # fmt: skip
        lines.setdefault(each.levels[1] if other else "", []).append(point)
    drawn = tuple(FactorLine(level=level, points=tuple(points)) for level, points in lines.items())
    return {"axis": axis, "other": other, "pair": BETWEEN.join(pair), "lines": drawn}


def _policy(terms: int, several: bool, way: _Way) -> str:
    shared = f"p: Holm over {terms} terms" if terms > 1 else "p: one term, not adjusted"
    within = ", Bonferroni within a term" if several else ""
    means = "Bars of the means: each on its own."
    return f"{shared}{within}; {way.words}. Effects: intervals at the same level. {means}"
