"""Events → one row per unit → sufficient statistics, as ibis expressions that every backend compiles alike.

`units` and `statistics` are the two steps. All times are compared as they are; days since exposure are whole days of
86 400 seconds, counted in whole seconds. A unit without observations has no row: its zeros are added where the
statistics become aggregates, so that a rare event costs what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from experiments.aggregate import MOST_PARTS

if TYPE_CHECKING:
    from ibis import Table

SECONDS_PER_DAY = 86_400
MOST_DAYS = 28
MOST_LEVELS = 20
MOST_DIMENSIONS = 5
NORMAL = 1.959963984540054
OTHER = "other"

TIME = "timestamp('UTC')"
EXPOSURES = {"experiment": "string", "phase": "int32", "variant": "string", "unit": "string", "time": TIME}
OBSERVATIONS = {"metric": "string", "unit": "string", "value": "float64", "time": TIME}
ATTRIBUTES = {
    "experiment": "string",
    "phase": "int32",
    "unit": "string",
    "time": TIME,
    "dimension": "string",
    "level": "string",
}
EXPOSED = {"look": "int32", "unit": "string", "arm": "int16", "crossed": "boolean", "first": TIME, "latest": TIME}
KEYS = ("measure", "arm", "segment", "bucket")


def exposed(exposures: Table, arms: Table) -> Table:
    """One row per look and unit: when it was first exposed and to what, and whether it was seen in two variants.

    An exposure that names its phase counts in that one alone; one that does not counts where its time lies.
    """
    told = exposures.select("experiment", "variant", "unit", "time", told=exposures.phase)
    found = told.join(arms, ["experiment", "variant"])
    inside = (found.time >= found.since) & (found.time < found.until)
    kept = found.filter(inside & (found.told.isnull() | (found.told == found.phase)))
    return kept.group_by("look", "unit").agg(
        arm=kept.arm.min(),
        crossed=kept.arm.min() != kept.arm.max(),
        first=kept.time.min(),
        latest=kept.time.max(),
    )


def units(
    exposed: Table, observations: Table, parts: Table, lookbacks: Sequence[int] = (), *, daily: bool = False
) -> Table:
    """One row per metric and unit that has observations since its exposure, or before it as far as the metric looks
    back; with `daily` one for every full day since exposure instead. Where the exposed have a `member`, a number of
    their own, the rows have that in place of the longer `unit`.

    `total` is the sum of its observations (of a binary metric each counts as 1 above zero, else as 0), `under` what
    that is divided by: of an ordered one their number, else the sum of its denominator's. `before…` are the same of
    those from before exposure. `latest` is when the newest of its own was made, its denominator's left out.
    """
    import ibis

    who = _who(exposed)
    known = exposed.filter(~exposed.crossed).select(*dict.fromkeys(("look", "arm", "first", "unit", who)))
    named = observations.select("unit", "value", "time", source=observations.metric)
    found = named.join(known, "unit").join(parts, ["look", "source"])
    start = found.first
    if lookbacks and not daily:
        reach = [(found.lookback == days, found.first - ibis.interval(days=days)) for days in lookbacks]
        start = ibis.cases(*reach, else_=found.first)
    kept = found.filter((found.time >= start) & (found.time < found.until) & found.value.notnull())
    keys = ["measure", who]
    owner: dict[str, Any] = {"look": kept.look.max(), "arm": kept.arm.max()}
    if who != "member":
        keys, owner = [*keys, *owner], {}
    if daily:
        kept = kept.mutate(bucket=((_seconds(kept.time) - _seconds(kept.first)) // SECONDS_PER_DAY).cast("int32"))
        whole = _seconds(kept.first) + (kept.bucket + 1) * SECONDS_PER_DAY <= _seconds(kept.until)
        kept, keys = kept.filter((kept.bucket < MOST_DAYS) & whole), [*keys, "bucket"]
    after = (kept.time >= kept.first) & ~kept.below
    value = ibis.ifelse(kept.binary, ibis.ifelse(kept.value > 0, 1.0, 0.0), kept.value)
    latest = kept.time.max(where=~kept.below)
    one = ibis.ifelse(kept.ordered, 1.0, 0.0)
    under = ibis.cases((kept.below, value), (after, one), else_=0.0)
    sums: dict[str, Any] = {"total": ibis.ifelse(after, value, 0.0).sum(), "under": under.sum()}
    if daily or not lookbacks:
        nothing = ibis.literal(0.0)
        return kept.group_by(keys).agg(latest=latest, **owner, **sums).mutate(before=nothing, before_under=nothing)
    earlier = kept.time < kept.first
    sums |= {
        "before": ibis.ifelse(earlier, value, 0.0).sum(),
        "before_under": ibis.ifelse(earlier, one, 0.0).sum(),
    }
    return kept.group_by(keys).agg(latest=latest, **owner, **sums)


def values(rows: Table, kinds: Table) -> Table:
    """The value of every unit by the kind of its metric: x, what it is divided by y, the one from before exposure z.

    A proportion is 1 for a unit with any value above zero; a quantile is one of the units' average values, so that a
    unit without any is not in it.
    """
    import ibis

    found = rows.join(kinds.drop("look"), "measure")
    found = found.filter(~found.ordered | (found.under > 0))
    whole = ibis.literal(-1, "int32") if "bucket" not in rows.columns else found.bucket
    return found.select(
        "measure", "look", "arm", _who(rows), "ordered", "quantile", "cap",
        segment=ibis.literal(""),
        bucket=whole,
        x=value_of(found, found.total, found.under),
        y=found.under,
        z=value_of(found, found.before, found.before_under),
    )  # fmt: skip


def value_of(row: Any, total: Any, under: Any) -> Any:
    """What is made of a unit's observations by the kind of the metric."""
    import ibis

    share = ibis.ifelse(total > 0, 1.0, 0.0)
    average = ibis.ifelse(under > 0, total / ibis.greatest(under, 1.0), 0.0)
    return ibis.cases((row.binary, share), (row.ordered, average), else_=total)


def limits(cells: Table, counts: Table) -> Table:
    """Per capped metric the quantile of all its units' values (`bound`), zeros of units without a row included.

    `counts` has the number of units `n` of every look.
    """
    import ibis

    asked = cells.filter(cells.cap.notnull() & (cells.bucket < 0)).join(counts, "look")
    window = ibis.window(group_by="measure")
    ranked = asked.mutate(
        zeros=asked.n - asked.count().over(window),
        place=ibis.row_number().over(ibis.window(group_by="measure", order_by=asked.x)),
        at=(asked.n - 1) * asked.cap,
    )
    ranked = ranked.mutate(
        place=ranked.place + ibis.ifelse(ranked.x < 0, 0, ranked.zeros), low=ranked.at.floor().cast("int64")
    )
    ends = ranked.group_by("measure").agg(
        lower=ranked.x.max(where=ranked.place == ranked.low).fill_null(0.0),
        upper=ranked.x.max(where=ranked.place == ranked.low + 1).fill_null(0.0),
        part=(ranked.at - ranked.low).max(),
    )
    return ends.select("measure", bound=ends.lower + (ends.upper - ends.lower) * ends.part)


def capped(cells: Table, limits: Table) -> Table:
    """The cells with x cut off at its metric's limit; a limit that is not above zero would leave nothing and cuts
    nothing."""
    import ibis

    found = cells.left_join(limits, "measure")
    cut = found.bound.notnull() & (found.bound > 0) & (found.x > found.bound)
    return found.mutate(x=ibis.ifelse(cut, found.bound, found.x)).select(*cells.columns)


def levels(attributes: Table, exposed: Table, arms: Table) -> Table:
    """Look, unit, dimension and level of every unit's first exposure; of several at that very moment the first in
    alphabetical order."""
    looks = arms.select("look", "experiment", "phase").distinct()
    told = attributes.select("experiment", "unit", "dimension", "level", first=attributes.time, told=attributes.phase)
    found = told.join(looks, "experiment").join(exposed.filter(~exposed.crossed), ["look", "unit", "first"])
    kept = found.filter(found.told.isnull() | (found.told == found.phase))
    return kept.group_by("look", _who(exposed), "arm", "dimension").agg(level=kept.level.min())


def segments(levels: Table) -> Table:
    """Look, unit, arm and segment: of at most five dimensions the twenty most frequent levels, the rest as “other”."""
    import ibis

    counted = levels.group_by("look", "dimension", "level").agg(n=levels.count())
    by_level = ibis.window(group_by=("look", "dimension"), order_by=(counted.n.desc(), counted.level))
    counted = counted.mutate(rank=ibis.row_number().over(by_level))
    sized = counted.group_by("look", "dimension").agg(size=counted.n.sum())
    by_size = ibis.window(group_by="look", order_by=(sized.size.desc(), sized.dimension))
    few = sized.mutate(place=ibis.row_number().over(by_size))
    few = few.filter(few.place < MOST_DIMENSIONS).select("look", "dimension")
    found = levels.join(counted, ["look", "dimension", "level"]).join(few, ["look", "dimension"])
    name = ibis.ifelse(found["rank"] < MOST_LEVELS, found.level, OTHER)
    return found.select("look", _who(levels), "arm", segment=found.dimension + "=" + name)


def by_segment(cells: Table, segments: Table) -> Table:
    """The cells of everybody once more for every segment their unit is in."""
    who = _who(segments)
    found = cells.drop("segment").join(segments.select("look", who, "segment"), ["look", who])
    return found.select(*cells.columns)


def quantiles(cells: Table) -> Table:
    """Per group the quantile of x with the order statistics around it that bound it at 95 % (see
    `experiments.stats.estimates.quantile_of`)."""
    import ibis

    asked = cells.filter(cells.ordered)
    ranked = asked.mutate(
        size=asked.count().over(ibis.window(group_by=KEYS)),
        place=ibis.row_number().over(ibis.window(group_by=KEYS, order_by=asked.x)),
    )
    n, q = ranked["size"].cast("float64"), ranked["quantile"]
    middle, reach, at = n * q, (n * q * (1 - q)).sqrt() * NORMAL, (n - 1) * q
    bounded = ranked.mutate(
        low=at.floor().cast("int64"),
        part=at - at.floor(),
        first=ibis.greatest(ibis.least((middle - reach).floor(), n), 1.0).cast("int64") - 1,
        last=ibis.greatest(ibis.least((middle + reach).ceil() + 1, n), 1.0).cast("int64") - 1,
    )
    x, place = bounded.x, bounded.place
    ends = bounded.group_by(KEYS).agg(
        here=x.max(where=place == bounded.low),
        next=x.max(where=place == bounded.low + 1),
        part=bounded.part.max(),
        lower=x.max(where=place == bounded["first"]),
        upper=x.max(where=place == bounded["last"]),
    )
    value = ends.here + (ends["next"].coalesce(ends.here) - ends.here) * ends.part
    return ends.select(*KEYS, "lower", "upper", value=value)


def spreads(cells: Table) -> Table:
    """Per metric and variant the parts of equal size of its units in the order of x, with the lowest and the highest
    value of each (see `experiments.aggregate.Spread`)."""
    import ibis

    group = ("measure", "arm")
    asked = cells.filter(cells.ordered & (cells.segment == "") & (cells.bucket < 0))
    ranked = asked.mutate(
        size=asked.count().over(ibis.window(group_by=group)),
        place=ibis.row_number().over(ibis.window(group_by=group, order_by=asked.x)),
    )
    parted = ranked.mutate(part=ranked.place * ibis.least(ranked["size"], MOST_PARTS) // ranked["size"])
    return parted.group_by(*group, "part").agg(low=parted.x.min(), high=parted.x.max())


def not_above(cells: Table, quantiles: Table) -> Table:
    """The cells with −1 as x where it is not above the quantile of its group and 0 where it is: what a quantile's
    influence function is proportional to."""
    import ibis

    found = cells.left_join(quantiles.select(*KEYS, value="value"), list(KEYS))
    below = ibis.ifelse(found.x <= found.value, -1.0, 0.0)
    return found.mutate(x=ibis.ifelse(found.ordered, below, found.x)).select(*cells.columns)


def centres(cells: Table) -> Table:
    """The means of every group, about which its moments are taken so that a large offset does not drown the spread."""
    return cells.group_by(_keys(cells)).agg(cx=cells.x.mean(), cy=cells.y.mean(), cz=cells.z.mean())


def statistics(cells: Table, centres: Table, *, shape: bool = False) -> Table:
    """Per group the number of its rows and the sums of x, y, z and of their products about the centre; with `shape`
    the third power and the largest too.

    All but the largest are plain sums: those of two disjoint sets of units add up, and what was put in can be taken
    out again.
    """
    found = cells.join(centres, _keys(centres))
    x, y, z = found.x - found.cx, found.y - found.cy, found.z - found.cz
    further = {"sxxx": (x * x * x).sum(), "largest": found.x.max()} if shape else {}
    return found.group_by(_keys(cells)).agg(
        present=found.count(),
        cx=found.cx.max(), cy=found.cy.max(), cz=found.cz.max(),
        sx=x.sum(), sy=y.sum(), sz=z.sum(),
        sxx=(x * x).sum(), syy=(y * y).sum(), szz=(z * z).sum(),
        sxy=(x * y).sum(), sxz=(x * z).sum(), syz=(y * z).sum(),
        **further,
    )  # fmt: skip


def numbered(exposed: Table) -> Table:
    """The exposed with numbers as `member`, which are quicker to compare and to keep than the ids of units."""
    import ibis

    return exposed.mutate(member=ibis.row_number())


def comparable(exposed: Table) -> Table:
    """Per look the number `n` of units that were seen in one variant alone."""
    kept = exposed.filter(~exposed.crossed)
    return kept.group_by("look").agg(n=kept.count())


def exposed_units(exposed: Table) -> Table:
    """Per look and variant the units in one variant alone and in several, and the newest exposure."""
    import ibis

    return exposed.group_by("look", "arm", "crossed").agg(n=exposed.count(), latest=exposed.latest.max()).mutate(
        segment=ibis.literal("")
    )  # fmt: skip


def newest(rows: Table) -> Table:
    """Per look and metric when its newest observation was made."""
    return rows.group_by("look", "measure").agg(latest=rows.latest.max())


def followed_units(exposed: Table, arms: Table) -> Table:
    """Per look and variant the units by the number of full days they have been followed since their exposure."""
    import ibis

    ends = arms.select("look", "until").distinct()
    found = exposed.filter(~exposed.crossed).join(ends, "look")
    days = ibis.least((_seconds(found.until) - _seconds(found["first"])) // SECONDS_PER_DAY, MOST_DAYS)
    return found.mutate(days=days.cast("int32")).group_by("look", "arm", "days").agg(n=lambda rows: rows.count())


def _who(rows: Table) -> str:
    """The column that tells the units of a look apart."""
    return "member" if "member" in rows.columns else "unit"


def _keys(table: Table) -> list[str]:
    """Those of the keys of a group that a table tells apart."""
    return [key for key in KEYS if key in table.columns]


def _seconds(time: Any) -> Any:
    return time.truncate("s").epoch_seconds().cast("int64")
