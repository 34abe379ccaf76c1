"""9.4 active: every running experiment with its day, its sample, its power, its health and when it may be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from experiments.aggregate import Aggregate
from experiments.design import FULL_WEIGHT, Method
from experiments.errors import BadInput, InsufficientData
from experiments.model import Experiment, Status
from experiments.numerals import counted
from experiments.pictures.basis import Basis
from experiments.pictures.condition import LEVELS, Condition, Level, condition_of
from experiments.pictures.prospects import Prospect
from experiments.pictures.read import clock_of, planned_end
from experiments.pictures.significance import significance_of
from experiments.readout import Readout
from experiments.sizing import sizing
from experiments.texts import Frozen

MOST = 16
DAY = 86_400
LATEST = datetime.max.replace(tzinfo=UTC)
NO_PLAN = "no expectation is in its plan"


class Sample(Frozen):
    """How far the sample is: `units` of all variants, of about `needed`, which is a `share` of it.

    Where the units that are needed are not known, the share is that of the planned precision; where neither is, `why`.
    """

    units: int = 0
    needed: int | None = None
    share: float | None = None
    why: str = ""


class Power(Frozen):
    """For the smallest effect worth having: `now` and at the planned end; where it is not known, `why`."""

    now: float | None = None
    planned: float | None = None
    why: str = ""


class Projected(Frozen):
    """When it is as precise as was planned, at the rates of arrival so far; without a date, `words` say why."""

    words: str
    first: datetime | None = None
    last: datetime | None = None


class Row(Frozen):
    """One running experiment. `day` counts from its start or its newest change of weights, as `end` does; None where it
    was not started here."""

    key: str
    title: str
    project: str
    status: Status
    condition: Condition
    day: float | None
    planned_days: int
    began: datetime | None
    end: datetime | None
    sample: Sample
    power: Power
    projected: Projected


class Active(Frozen):
    """The running experiments, the most troubled first, then those that end soonest; `levels` count all of them."""

    basis: Basis
    now: datetime
    rows: tuple[Row, ...] = ()
    total: int = 0
    levels: dict[Level, int] = {}


def pressing(
    experiments: Sequence[Experiment], now: datetime, missing: Mapping[str, datetime] | None = None
) -> list[Experiment]:
    """By what is kept with them, without reading their data: trouble first, then what ends soonest."""
    since = missing or {}

    def order(each: Experiment) -> tuple[int, datetime, str]:
        level = condition_of(each, now, missing_since=since.get(each.key)).level
        return LEVELS.index(level), planned_end(each) or LATEST, each.key

    return sorted(experiments, key=order)


def active_of(
    experiments: Sequence[Experiment],
    data: Mapping[str, Sequence[Aggregate]],
    now: datetime,
    missing: Mapping[str, datetime] | None = None,
) -> Active:
    """The picture's data: those whose `data` are given are read and shown, all the others are counted.

    `missing` says since when data of a guardrail are missing, by the experiment's key.
    """
    since = missing or {}
    shown = [each for each in experiments if each.key in data]
    rows = [_row(each, readout, now, since.get(each.key)) for each, readout in _readouts(shown, data, now)]
    rows.sort(key=lambda each: (LEVELS.index(each.condition.level), each.end or LATEST, each.key))
    rest = [each for each in experiments if each.key not in data]
    others = [condition_of(each, now, missing_since=since.get(each.key)) for each in rest]
    levels = Counter(each.level for each in (*(row.condition for row in rows), *others))
    return Active(
        basis=Basis(
            title="Running experiments",
            as_of=max((reach for each in shown if (reach := _reach(each))), default=now),
            facts=(counted(len(experiments), "running experiment"), f"read on {now:%-d %b %H:%M} UTC"),
        ),
        now=now,
        rows=tuple(rows),
        total=len(experiments),
        levels={level: levels[level] for level in LEVELS},
    )


def _readouts(
    shown: Sequence[Experiment], data: Mapping[str, Sequence[Aggregate]], now: datetime
) -> list[tuple[Experiment, Readout]]:
    """All of them read in one go, as of now."""
    if not shown:
        return []
    from experiments.analysis.health import Provenance  # numpy and scipy load with the first readout
    from experiments.analysis.readouts import Gathered, read_all

    gathered = []
    for each in shown:
        origin = each.measured
        provenance = Provenance(crossed=origin.crossed, seen=origin.seen) if origin else Provenance()
        gathered.append(Gathered(each, data[each.key], provenance))
    newest = max((each.data_at for each in shown if each.data_at), default=now)
    return list(zip(shown, read_all(gathered, max(now, newest)), strict=True))


def _reach(experiment: Experiment) -> datetime | None:
    return experiment.measured.until if experiment.measured else experiment.data_at


def _row(experiment: Experiment, readout: Readout, now: datetime, missing_since: datetime | None) -> Row:
    found = significance_of(readout, experiment)
    clock = clock_of(experiment)
    prospect, units = found.prospect, sum(readout.units.values())
    sample, power = _planned(experiment, readout, units) if prospect is None else _reached(prospect)
    return Row(
        key=experiment.key,
        title=experiment.title,
        project=experiment.project,
        status=experiment.status,
        condition=condition_of(experiment, now, readout, missing_since),
        day=max(0.0, (now - clock).total_seconds() / DAY) if clock else None,
        planned_days=experiment.design.planned_days,
        began=experiment.started_at,
        end=planned_end(experiment),
        sample=sample,
        power=power,
        projected=_projected(experiment, readout, prospect),
    )


def _reached(prospect: Prospect) -> tuple[Sample, Power]:
    share = prospect.reached
    if share is not None and share < 1 and prospect.needed:
        share = min(1.0, prospect.units / prospect.needed)
    sample = Sample(units=prospect.units, needed=prospect.needed, share=share, why=prospect.no_target)
    return sample, Power(now=prospect.power_now, planned=prospect.power_planned, why=prospect.no_power)


def _planned(experiment: Experiment, readout: Readout, units: int) -> tuple[Sample, Power]:
    """Where no interval may be read yet: what the plan itself expects of the units that have come."""
    expected = experiment.design.expectation
    if expected is None or not units or readout.day <= 0:
        why = NO_PLAN if units else "no units yet"
        return Sample(units=units, why=why), Power(why=why)
    days, sd = max(1, round(readout.day)), expected.sd
    # What has come took part already, so no share of it is left out again.
    design = experiment.design.model_copy(update={"exposure": FULL_WEIGHT})
    try:
        now, planned = (
            sizing(design.model_copy(update={"planned_days": each}), baseline=expected.baseline, sd=sd, per_day=rate)
            for each, rate in ((days, units / days), (experiment.design.planned_days, units / readout.day))
        )
    except (BadInput, InsufficientData) as refusal:
        return Sample(units=units, why=refusal.words), Power(why=refusal.words)
    sample = Sample(units=units, needed=planned.units, share=min(1.0, units / planned.units))
    return sample, Power(now=now.power, planned=planned.power, why=planned.unknown or now.unknown)


def _projected(experiment: Experiment, readout: Readout, prospect: Prospect | None) -> Projected:
    if prospect is None:
        return Projected(words=_no_projection(readout))
    if prospect.reached is not None and prospect.reached >= 1:
        return Projected(words="precise enough now")
    clock = clock_of(experiment)
    if prospect.path is None or clock is None:
        return Projected(words=_no_path(experiment, prospect))
    try:
        first, last = (clock + timedelta(days=each) for each in (prospect.path.first, prospect.path.last))
    except OverflowError:
        return Projected(words=prospect.path.when)
    return Projected(words=prospect.path.when, first=first, last=last)


def _no_path(experiment: Experiment, prospect: Prospect) -> str:
    if experiment.status is Status.PAUSED:
        return "no date while it is paused"
    if prospect.path is not None:
        return "no date: start not known"
    if prospect.target is None:
        return "no date: no lift yet"
    return "no date: interval too wide" if prospect.needed is None else "no date: arrivals stopped"


def _no_projection(readout: Readout) -> str:
    if readout.blocked:
        return "no date: no lift is shown"
    if not sum(readout.units.values()):
        return "no date: no units yet"
    if readout.is_early:
        return "no date yet: too early"
    return "read once, at its end" if readout.method == Method.FIXED.words else "no date: no lift yet"
