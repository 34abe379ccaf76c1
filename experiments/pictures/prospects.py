"""What is still to come of a running experiment: its precision, its power, and when it is as precise as was planned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from math import ceil, isfinite, sqrt

from experiments.design import FULL_WEIGHT, Correction, Design, Method, MetricKind
from experiments.errors import BadInput, InsufficientData
from experiments.model import Experiment, Status
from experiments.numerals import counted
from experiments.pictures.read import clock_of
from experiments.pictures.tracks import Track
from experiments.readout import Comparison, Interval, Look, Readout
from experiments.sizing import sizing
from experiments.texts import Frozen

USUAL_WINDOW = 7.0
FARTHEST = 100.0
"""Beyond so many times the units there are, nobody can say when."""
POINTS = 40
Reach = Callable[[float], float]
"""Standard errors that an interval reaches at a number of units in the two compared arms."""


class Path(Frozen):
    """How the width of the interval goes on at the usual rate of arrival, day by day, and when it is as narrow as was
    planned: between the days `first` and `last`, at the fastest and at the slowest rate seen so far."""

    treatment: str
    first: float
    last: float
    points: tuple[tuple[float, float], ...]
    when: str


class Prospect(Frozen):
    """What the plan wants and how far it is: of the treatment that is farthest behind.

    `target` is the width of the interval that was planned, in the metric's unit, `reached` the share of the planned
    precision, `needed` the units of all variants at which it is reached. `power_now` and `power_planned` are for the
    smallest effect worth having. Where one is missing, its `no_…` says why.
    """

    smallest: float
    target: float | None = None
    reached: float | None = None
    no_target: str = ""
    units: int = 0
    needed: int | None = None
    power_now: float | None = None
    power_planned: float | None = None
    no_power: str = ""
    path: Path | None = None
    no_path: str = ""


def prospect_of(readout: Readout, tracks: Sequence[Track], experiment: Experiment) -> Prospect:
    """Precision, power and date for the smallest effect worth having; needs a track of the primary metric."""
    from experiments.stats.progress import progress  # numpy loads with the first plan

    behind = _farthest_behind(readout.comparisons)
    prospect = Prospect(smallest=experiment.design.smallest_effect, units=sum(readout.units.values()))
    if behind is None or behind.relative_interval is None or behind.control.mean is None:
        return prospect.model_copy(update={"no_target": "control is too close to zero", "no_power": "no lift yet"})
    track = next(each for each in tracks if each.treatment == behind.treatment.variant)
    width = _width(behind.relative_interval)
    if not isfinite(width):
        return prospect.model_copy(update={"no_target": "its interval has no end yet", "no_power": "no lift yet"})
    target = 2 * experiment.design.smallest_effect * abs(behind.control.mean)
    prospect = prospect.model_copy(
        update={
            "target": target,
            "reached": float(progress(2 * experiment.design.smallest_effect, width)),
            **_powers(readout, behind, experiment),
        }
    )
    return prospect.model_copy(update=_future(readout, track, target, prospect.reached or 0.0, experiment))


def _farthest_behind(comparisons: Sequence[Comparison]) -> Comparison | None:
    read = [each for each in comparisons if each.difference is not None]
    return max(read, key=lambda each: _width(each.relative_interval), default=None)


def _width(interval: Interval | None) -> float:
    if interval is None or interval.lower is None or interval.upper is None:
        return float("inf")
    return interval.upper - interval.lower


def _powers(readout: Readout, behind: Comparison, experiment: Experiment) -> dict[str, float | str | None]:
    """Power at as many days as the data reach and at the planned ones, at the rate at which units came so far."""
    design, total = _present(experiment), sum(readout.units.values())
    baseline = behind.control.mean or 0.0
    sd = None if behind.kind is MetricKind.PROPORTION else _deviation(behind)
    eligible = total / readout.day * FULL_WEIGHT / design.exposure
    days = max(1, round(readout.day))
    try:
        now, planned = (
            sizing(design.model_copy(update={"planned_days": each}), baseline=baseline, sd=sd, per_day=rate)
            for each, rate in ((days, eligible * readout.day / days), (design.planned_days, eligible))
        )
    except (BadInput, InsufficientData) as refusal:
        return {"no_power": refusal.words}
    why = planned.unknown or now.unknown
    return {"power_now": now.power, "power_planned": planned.power, "no_power": why}


def _present(experiment: Experiment) -> Design:
    """The design with the weights and the exposure of now, without the variants that get no traffic."""
    weights, phase = experiment.weights, experiment.phase
    variants = tuple(
        each.model_copy(update={"weight": weights.get(each.key, 0)})
        for each in experiment.design.variants
        if weights.get(each.key, 0) > 0
    )
    exposure = phase.exposure if phase and phase.exposure else experiment.design.exposure
    return experiment.design.model_copy(update={"variants": variants, "exposure": exposure})


def _deviation(each: Comparison) -> float | None:
    """The spread per unit from the standard error of the lift, taking it to be the same in both arms."""
    if each.relative_error is None or each.control.mean is None or each.relative is None:
        return None
    per_unit = 1 / each.treatment.n + (1 + each.relative) ** 2 / each.control.n
    return each.relative_error * abs(each.control.mean) / sqrt(per_unit)


def _future(
    readout: Readout, track: Track, target: float, reached: float, experiment: Experiment
) -> dict[str, int | Path | str | None]:
    """The units that are needed, and when they will be there."""
    import numpy as np

    last, total = track.last, sum(readout.units.values())
    if reached >= 1:
        since = next((look.day for look, width in zip(track.looks, track.widths, strict=True)
                      if width is not None and width <= target), last.day)  # fmt: skip
        return {"no_path": f"since day {since:,.3g}"}
    reach = _reach(experiment.design, max(1, len(experiment.design.treatments)))
    now = last.upper - last.lower
    if not (isfinite(now) and isfinite(reach(last.n))):
        return {"no_path": "the interval of the newest look has no end yet"}

    def width(n: float) -> float:
        return now * sqrt(last.n / n) * reach(n) / reach(last.n)

    if width(last.n * FARTHEST) > target:
        return {"no_path": f"it would take more than {FARTHEST:g} times the units there are"}
    grown = _solved(lambda times: width(last.n * times) - target)
    needed = round(total * grown)
    if not experiment.is_live:
        return {"needed": needed, "no_path": "it has ended, no more units come"}
    if experiment.status is Status.PAUSED:
        return {"needed": needed, "no_path": "it is paused, no units come"}
    slowest, usual, fastest = _rates(track.looks)
    if slowest <= 0:
        return {"needed": needed, "no_path": "there were days on which no units came"}
    missing = last.n * (grown - 1)
    first, latest = last.day + missing / fastest, last.day + missing / slowest
    days = np.linspace(last.day, last.day + missing / usual, POINTS)
    points = tuple((float(day), width(last.n + usual * (float(day) - last.day))) for day in days)
    # The reported interval may be narrower than that of the newest look: the line goes on from where it is.
    known = track.widths[-1] or now
    points = ((last.day, known), *((day, min(known, each)) for day, each in points[1:]))
    path = Path(
        treatment=track.treatment, first=first, last=latest, points=points, when=_when(first, latest, experiment)
    )
    return {"needed": needed, "path": path}


def _reach(design: Design, treatments: int) -> Reach:
    """How many standard errors an interval of this design reaches, with α shared out among its treatments."""
    from experiments.stats import always_valid
    from experiments.stats.group_sequential import GroupSequential

    level = design.alpha if design.correction is Correction.NONE else design.alpha / treatments
    if design.method is Method.ALWAYS_VALID:
        rho2 = always_valid.mixing(design.alpha, design.planned_units)
        return lambda n: float(always_valid.multiplier(n * rho2, level))
    if design.method is Method.GROUP_SEQUENTIAL:
        planned = GroupSequential(alpha=level)
        return lambda n: float(planned.boundary([min(n / design.planned_units, 1.0)]).z[0])
    return lambda _: 1.0


def _solved(excess: Callable[[float], float]) -> float:
    """Where the falling function is zero, by bisection of the logarithm between 1 and `FARTHEST`."""
    low, high = 1.0, FARTHEST
    for _ in range(50):
        middle = sqrt(low * high)
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high


def _rates(looks: Sequence[Look]) -> tuple[float, float, float]:
    """Units a day in the slowest and in the fastest week so far, and on average; of a short run in half of its days."""
    import numpy as np

    days, n = np.array([0.0, *(look.day for look in looks)]), np.array([0.0, *(look.n for look in looks)])
    window = min(USUAL_WINDOW, days[-1] / 2)
    ends = days[days >= window]
    arrived = (np.interp(ends, days, n) - np.interp(ends - window, days, n)) / window
    return float(arrived.min()), float(n[-1] / days[-1]), float(arrived.max())


def _when(first: float, last: float, experiment: Experiment) -> str:
    """“12 to 19 Mar 2026”, or in days where it is not known when the first one was."""
    began = clock_of(experiment)
    if began is None:
        low, high = ceil(first), ceil(last)
        return f"day {low:,}" if low == high else f"day {low:,} to {high:,}"
    try:
        early, late = (began + timedelta(days=each) for each in (first, last))
    except OverflowError:
        return f"in {counted(int(first), 'day')} or later"
    if early.date() == late.date():
        return f"{late:%-d %b %Y}"
    shown = "%-d" if (early.year, early.month) == (late.year, late.month) else "%-d %b"
    shown = shown if early.year == late.year else "%-d %b %Y"
    return f"{early:{shown}} to {late:%-d %b %Y}"
