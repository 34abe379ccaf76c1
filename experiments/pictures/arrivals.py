"""How many units come: per variant over the days, and of all that are eligible in one day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from experiments.aggregate import Aggregate
from experiments.design import FULL_WEIGHT
from experiments.errors import InsufficientData
from experiments.model import Experiment
from experiments.pictures.levels import Course, Point, Span, spans_of, thinned

A_WEEK = 7.0
SHORT = 3.0
HOUR = 1 / 24
ALMOST = 0.999


def counted_in(rows: Iterable[Aggregate], experiment: Experiment, span: Span) -> dict[str, list[tuple[float, int]]]:
    """Per variant the days and units of one phase, on the metric that has the most units, oldest first."""
    from experiments.analysis.pairing import EVERYBODY, newest, tabulate

    table = tabulate(row for row in rows if not row.segment and span.start < row.day <= span.end)
    most = {metric: 0 for metric, _, _ in table}
    for (metric, _, _), series in table.items():
        row = newest(series)
        most[metric] += row.n if row else 0
    if not most:
        return {}
    metric = max(most, key=lambda each: most[each])
    variants = (each.key for each in experiment.design.variants)
    found = ((variant, table.get((metric, variant, EVERYBODY), {})) for variant in variants)
    return {variant: [(row.day, row.n) for row in series.values()] for variant, series in found if series}


def eligible_per_day(rows: Iterable[Aggregate], experiment: Experiment) -> float | None:
    """The units of one day if all that are eligible took part: those that came in the last week in which any came,
    in the newest phase, divided by the present exposure. None where nothing is known."""
    exposure = experiment.phase.exposure if experiment.phase else experiment.design.exposure
    span = spans_of(experiment)[-1]
    arms = counted_in(rows, experiment, span)
    if not arms or not exposure:
        return None
    shared = sorted(set.intersection(*({day for day, _ in arm} for arm in arms.values())))
    totals = [(max(span.start, 0.0), 0), *((day, sum(dict(arm)[day] for arm in arms.values())) for day in shared)]
    grown = [at for at in range(1, len(totals)) if totals[at][1] > totals[at - 1][1] and totals[at][0] > totals[0][0]]
    if not grown:
        return None
    end, most = totals[grown[-1]]
    start, least = min(totals[: grown[-1]], key=lambda total: abs(total[0] - max(end - A_WEEK, totals[0][0])))
    return (most - least) / (end - start) * FULL_WEIGHT / exposure


def is_short(rows: Iterable[Aggregate]) -> bool:
    """Whether the data are of so few days that they are told by the hour."""
    return max((row.day for row in rows), default=0.0) < SHORT


def arrivals_of(rows: Sequence[Aggregate], experiment: Experiment) -> tuple[Course, ...]:
    """The units that came per day in each variant, by the hour while there are few days; a point is what came since the
    point before it, with Garwood's interval of a Poisson rate. A phase begins anew; where there is one look at all, its
    rate is that of all the time since."""
    step = HOUR if is_short(rows) else 1.0
    courses: dict[str, list[tuple[Point, ...]]] = {each.key: [] for each in experiment.design.variants}
    for span in spans_of(experiment):
        for variant, counts in counted_in(rows, experiment, span).items():
            if points := _rates(counts, max(span.start, 0.0), step):
                courses[variant].append(tuple(points))
    return tuple(Course(variant=key, stretches=thinned(stretches)) for key, stretches in courses.items() if stretches)


def _rates(counts: Sequence[tuple[float, int]], start: float, step: float) -> list[Point]:
    points, day, units = [], start, 0
    for now, n in counts:
        if now - day >= step * ALMOST:
            points.append(_rate(now, n - units, (now - day) / step))
            day, units = now, n
    return [points[0]._replace(day=start), *points] if len(points) == 1 else points


def _rate(day: float, came: int, lasted: float) -> Point:
    from experiments.stats.rates import rate

    try:
        found = rate(came, lasted)
    except InsufficientData:
        return Point(day, came, came / lasted, came / lasted, came / lasted)
    return Point(day, came, float(found.estimate), float(found.lower), float(found.upper))
