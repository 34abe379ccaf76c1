"""9.7 segments: the effect in every level of every dimension, and whether it differs between them."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.checks.minimum_units import MINIMUM_UNITS
from experiments.design import Direction, MetricKind
from experiments.numerals import plural
from experiments.pictures.basis import Basis
from experiments.pictures.read import basis_of, narrowed, refusal_of
from experiments.readout import Comparison, Readout, Segments, Standing
from experiments.texts import Frozen

EXPLORATORY = (
    "Exploratory: nobody planned these comparisons; they are a reason for the next experiment, none for this decision."
)
MOST_TREATMENTS = 6
MOST_WORDS = 140
"""What fits on one picture, names and numbers together."""
MOST_ROWS = 30
MOST_DIMENSIONS = 8
NO_SEGMENTS = (
    "The data have no segments. Send attributes such as country or device with your events, or import aggregates "
    "with a segment like country=DE."
)


class Interaction(Frozen):
    """Whether the effect of one treatment differs between the levels of a dimension: I², p, and p after Holm over all
    tests that were made; None where fewer than two levels can be read."""

    i2: float | None = None
    p: float | None = None
    adjusted: float | None = None


class Level(Frozen):
    """One level: its units in the arms that are shown, and per treatment its comparison; None where there is none."""

    name: str
    n: int
    cells: tuple[Comparison | None, ...]


class Dimension(Frozen):
    """The largest levels of a dimension, largest first, with how many more there are and their units."""

    name: str
    levels: tuple[Level, ...]
    more: int = 0
    more_units: int = 0
    interactions: tuple[Interaction, ...]


class SegmentMap(Frozen):
    """The effects of some treatments on one metric by segment; `overall` are those on everybody, by plan.

    `policy` names what makes up for the many comparisons. Where there is nothing to show `refused` says why.
    """

    basis: Basis
    readout: Readout
    metric: str = ""
    unit: str = ""
    kind: MetricKind = MetricKind.MEAN
    direction: Direction = Direction.UP
    treatments: tuple[str, ...] = ()
    more_treatments: int = 0
    overall: tuple[Comparison | None, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    more_dimensions: int = 0
    policy: str = ""
    headline: str = ""
    refused: str = ""


def is_too_few(each: Comparison) -> bool:
    """Whether an arm has fewer units than any reading needs, whatever the method of the design would take."""
    return min(each.control.n, each.treatment.n) < MINIMUM_UNITS


def metrics_of(readout: Readout) -> tuple[str, ...]:
    """The metrics that were read by segment."""
    return tuple(dict.fromkeys(each.metric for each in readout.segments))


def dimensions_of(readout: Readout) -> tuple[str, ...]:
    """The dimensions by which they were read."""
    return tuple(dict.fromkeys(each.dimension for each in readout.segments))


def segments_of(readout: Readout, *, metric: str = "", dimension: str = "", treatment: str = "") -> SegmentMap:
    """The segments of one metric, the first unless told otherwise, in one dimension or all, of one treatment or all."""
    name = metric or next(iter((*metrics_of(readout), *(each.metric for each in readout.primary))), "")
    of_metric = narrowed(readout, name, treatment)
    if refusal := _refusal(readout):
        headline, words = refusal
        return SegmentMap(basis=basis_of(readout), readout=of_metric, metric=name, headline=headline, refused=words)
    chosen = [
        each
        for each in readout.segments
        if each.metric == name and dimension in ("", each.dimension) and treatment in ("", each.treatment)
    ]
    treatments = list(dict.fromkeys(each.treatment for each in chosen))
    shown = tuple(treatments[:MOST_TREATMENTS])
    names = list(dict.fromkeys(each.dimension for each in chosen))
    drawn = [each for each in chosen if each.dimension in names[:MOST_DIMENSIONS]]
    first = next(iter(chosen[0].levels.values()))
    return SegmentMap(
        basis=basis_of(readout),
        readout=of_metric,
        metric=name,
        unit=first.unit,
        kind=first.kind,
        direction=first.direction,
        treatments=shown,
        more_treatments=len(treatments) - len(shown),
        overall=tuple(
            next((each for each in of_metric.comparisons if each.treatment.variant == key), None) for key in shown
        ),
        dimensions=_dimensions(drawn, shown, _adjusted(readout.segments)),
        more_dimensions=max(0, len(names) - MOST_DIMENSIONS),
        policy=_policy(readout.segments, chosen),
    )


def _refusal(readout: Readout) -> tuple[str, str] | None:
    if refusal := refusal_of(readout):
        return refusal
    if any(each.standing is Standing.MONITORING for each in readout.comparisons):
        return "Nothing to read yet", readout.verdict.sentence
    return None if readout.segments else ("No segments", NO_SEGMENTS)


def _adjusted(every: Sequence[Segments]) -> dict[tuple[str, str, str], float]:
    """p of each test after Holm over all that were made: every dimension, metric and treatment."""
    from experiments.stats.multiplicity import holm  # numpy loads when the first segments are asked for

    tested = [each for each in every if each.p is not None]
    if not tested:
        return {}
    adjusted = holm([each.p for each in tested if each.p is not None]).tolist()
    return {(each.dimension, each.metric, each.treatment): p for each, p in zip(tested, adjusted, strict=True)}


def _policy(every: Sequence[Segments], chosen: Sequence[Segments]) -> str:
    """“Interaction tests: Holm over 6; of the newest look alone. Cells: Benjamini–Hochberg over the levels …”."""
    tests = sum(each.p is not None for each in every)
    adjusted = f"tests: Holm over {tests}" if tests > 1 else "test: one, not adjusted"
    tested = f"Interaction {adjusted}; of the newest look alone."
    several = any(cell.family for each in chosen for cell in each.levels.values())
    cells = "Benjamini–Hochberg over the levels of a dimension." if several else "not adjusted, one level each."
    return f"{tested if tests else ''} Cells: {cells} {EXPLORATORY}".strip()


def _dimensions(
    chosen: Sequence[Segments], treatments: tuple[str, ...], adjusted: dict[tuple[str, str, str], float]
) -> tuple[Dimension, ...]:
    """As many levels as have room, shared out evenly among the dimensions, the largest of each."""
    by_name: dict[str, dict[str, Segments]] = {}
    for each in chosen:
        by_name.setdefault(each.dimension, {})[each.treatment] = each
    levels = {name: _levels(of, treatments) for name, of in by_name.items()}
    room = min(MOST_ROWS, MOST_WORDS // (2 + 2 * len(treatments)))
    shares = _shared([len(each) for each in levels.values()], room)
    return tuple(
        Dimension(
            name=name,
            levels=tuple(each[:share]),
            more=len(each) - share,
            more_units=sum(level.n for level in each[share:]),
            interactions=tuple(_interaction(by_name[name].get(key), adjusted) for key in treatments),
        )
        for (name, each), share in zip(levels.items(), shares, strict=True)
    )


def _levels(of: dict[str, Segments], treatments: tuple[str, ...]) -> list[Level]:
    names = dict.fromkeys(level for each in of.values() for level in each.levels)
    found = []
    for name in names:
        cells = tuple(of[key].levels.get(name) if key in of else None for key in treatments)
        known = [cell for cell in cells if cell is not None]
        units = max((cell.control.n for cell in known), default=0) + sum(cell.treatment.n for cell in known)
        found.append(Level(name=name, n=units, cells=cells))
    return sorted(found, key=lambda level: -level.n)


def _shared(wanted: Sequence[int], room: int) -> list[int]:
    """Room given out one by one, in turn, at least one to each."""
    given = [min(1, want) for want in wanted]
    while sum(given) < room and any(have < want for have, want in zip(given, wanted, strict=True)):
        for place, want in enumerate(wanted):
            if given[place] < want and sum(given) < room:
                given[place] += 1
    return given


def _interaction(segments: Segments | None, adjusted: dict[tuple[str, str, str], float]) -> Interaction:
    if segments is None:
        return Interaction()
    key = (segments.dimension, segments.metric, segments.treatment)
    return Interaction(i2=segments.i2, p=segments.p, adjusted=adjusted.get(key))


def more_words(dimension: Dimension) -> str:
    """“196 more levels of country, 12,345 units, are not drawn”; empty when all are."""
    if not dimension.more:
        return ""
    verb = "is" if dimension.more == 1 else "are"
    levels = plural(dimension.more, "level")
    return f"{dimension.more:,} smaller {levels} of {dimension.name}, {dimension.more_units:,} units, {verb} not drawn"
