"""How numbers, moments and names read in pictures and in their descriptions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from experiments import numerals
from experiments.design import FULL_WEIGHT, Direction, MetricKind, Scale
from experiments.pictures.levels import Level
from experiments.readout import Comparison, GuardrailState, Interval, Readout, Standing
from experiments.sizing import chance_words

MARKS = {
    Standing.BETTER: "✓",
    Standing.WORSE: "✕",
    Standing.UNCLEAR: "○",
    Standing.MONITORING: "◇",
    Standing.REFUSED: "–",
}
SILENT = (Standing.REFUSED, Standing.MONITORING)
GUARDED = {
    GuardrailState.HEALTHY: Standing.BETTER,
    GuardrailState.BREACHED: Standing.WORSE,
    GuardrailState.INCONCLUSIVE: Standing.UNCLEAR,
}
MOST_ALT, MOST_SENTENCES, MOST_NAMED = 1900, 4, 4
SENTENCE = re.compile(r"(?<=[.!?])\s+(?![^“]*”)")
"""Between two sentences: after a full stop, but not in a name between quotation marks."""


def number(value: float, *, signed: bool = False) -> str:
    """A value in a metric's own unit, to three digits."""
    if not math.isfinite(value):
        return "unbounded"
    return numerals.amount(value, signed=signed)


def count(units: int) -> str:
    """A number of units: 12,345, or 1.20e+15 where nobody counts digits any more."""
    return f"{units:,}" if units < 10**9 else number(float(units))


def about(units: int) -> str:
    """A number of units that is projected, to three digits: nobody has counted them.

    >>> about(987), about(12_345)
    ('987', '12,300')
    """
    return count(round(units, 3 - len(str(units)))) if units >= 1000 else count(units)


def percent(fraction: float, *, signed: bool = False) -> str:
    """A fraction as percent: 0.041 → 4.1 %."""
    return numerals.percent(fraction, signed=signed) if math.isfinite(fraction) else "unbounded"


def whole(share: float) -> str:
    """A share of few in whole percent, never rounded to none or to all.

    >>> whole(0.254), whole(0.0001), whole(0.9999), whole(1.0)
    ('25 %', 'below 1 %', 'over 99 %', '100 %')
    """
    if 0 < share < 0.005 or 0.995 < share < 1:
        return "below 1 %" if share < 0.5 else "over 99 %"
    return f"{share * 100:.0f} %"


def whole_range(interval: Interval) -> str:
    """From one share to another: “16 to 39 %”."""
    low, high = whole(interval.lower or 0.0), whole(1.0 if interval.upper is None else interval.upper)
    return f"{low.removesuffix(' %')} to {high}"


def floored(share: float) -> str:
    """How much of it is there, in whole percent, never rounded up to all of it.

    >>> floored(0.999), floored(0.004), floored(1.3)
    ('99 %', 'below 1 %', '100 %')
    """
    return f"{math.floor(min(share, 1.0) * 100)} %" if share >= 0.01 else "below 1 %"


def chance(power: float) -> str:
    """A power, never rounded to none or to all: “79.9 %”, “below 0.1 %”."""
    return chance_words(power) if power >= 0.001 else "below 0.1 %"


def p_value(p: float) -> str:
    """A p as people read it; below a thousandth the exact size says nothing more."""
    if p < 0.001:
        return "p < 0.001"
    return "p = 1" if p >= 0.9995 else f"p = {p:.3f}"


def percent_range(interval: Interval) -> str:
    """A relative interval: “1.2 % to 7.0 %”, with an open side named."""
    return numerals.percent_range(interval.lower, interval.upper)


def short_percent_range(interval: Interval) -> str:
    """The same where room is short: “1.2 to 7.0 %”."""
    return percent_range(interval).replace(" % to", " to")


def change(difference: float, kind: MetricKind) -> str:
    """Treatment − control: “+12.4”, of a proportion in percentage points."""
    if kind is MetricKind.PROPORTION and math.isfinite(difference):
        return numerals.points(difference, signed=True)
    return number(difference, signed=True)


def change_range(interval: Interval, kind: MetricKind) -> str:
    """Its interval, in the same way."""
    write = numerals.points_range if kind is MetricKind.PROPORTION else numerals.amount_range
    return write(interval.lower, interval.upper)


def level_range(level: Level) -> str:
    """The interval of a variant's own value."""
    return numerals.amount_range(level.lower, level.upper)


def mean(value: float, kind: MetricKind) -> str:
    """The mean of an arm, of a proportion as percent."""
    return percent(value) if kind is MetricKind.PROPORTION else number(value)


def mean_range(lower: float | None, upper: float | None, kind: MetricKind) -> str:
    """Its interval, in the same way."""
    write = numerals.percent_range if kind is MetricKind.PROPORTION else numerals.amount_range
    return write(lower, upper)


def refusal(comparison: Comparison) -> str:
    """Why there is no number, to follow a colon."""
    return lowered(comparison.refused or "too little data")


def is_monitored(readout: Readout) -> bool:
    """Whether nothing may be read yet, because the method reads once."""
    return any(each.standing is Standing.MONITORING for each in readout.comparisons)


def level(readout: Readout) -> str:
    """The confidence level of the intervals: “95 %”."""
    return numerals.stated(1 - readout.alpha)


def tone(comparison: Comparison) -> Standing:
    """How one comparison reads at a glance; a guardrail by its state against its limit."""
    if comparison.guardrail is None or (not is_judged(comparison) and comparison.standing in SILENT):
        return comparison.standing
    return GUARDED[comparison.guardrail]


def is_judged(comparison: Comparison) -> bool:
    """Whether a guardrail's harm is known to lie on one side of its limit, whatever else can be said."""
    return comparison.guardrail in (GuardrailState.HEALTHY, GuardrailState.BREACHED)


def standing(comparison: Comparison) -> str:
    """The verdict word of one comparison."""
    if comparison.standing is Standing.REFUSED and not is_judged(comparison):
        return "none"
    return (comparison.guardrail or comparison.standing).words


def limit(comparison: Comparison) -> str:
    """How much harm a guardrail tolerates: “2.0 %”, “3 ms”; nothing where any clear harm is too much."""
    if comparison.limit is None:
        return ""
    if comparison.limit.scale is Scale.RELATIVE:
        return percent(comparison.limit.harm)
    return f"{number(comparison.limit.harm)} {comparison.unit}"


def families(readout: Readout) -> str:
    """Which comparisons were read together, and by which procedure: “Adjusted: Holm over 2 treatments (conversion)”."""
    named: dict[str, list[str]] = {}
    for each in readout.comparisons:
        if each.family and each.metric not in named.setdefault(each.family, []):
            named[each.family].append(each.metric)
    parts = [
        f"{family} ({metrics[0] if len(metrics) == 1 else f'{len(metrics)} metrics'})"
        for family, metrics in named.items()
    ]
    return f"Adjusted: {'; '.join(parts)}" if parts else ""


def variance_left(readout: Readout) -> str:
    """What covariates took out of the variance: “Less variance through CUPED: revenue 49.0 %”."""
    left = {each.metric: each.variance_left for each in readout.comparisons if each.variance_left is not None}
    parts = [f"{metric} {percent(1 - share)}" for metric, share in left.items()]
    return f"Less variance through CUPED: {', '.join(parts)}" if parts else ""


def evidence(comparison: Comparison) -> str:
    """The p that its reading rests on: of a guardrail that of harm past its limit; empty where there is none."""
    if comparison.harm_p is not None:
        return f"harm {p_value(comparison.harm_p)}"
    return "" if comparison.p is None else p_value(comparison.p)


def good_direction(direction: Direction) -> str:
    return "↑ good" if direction is Direction.UP else "↓ good"


def shares(readout: Readout) -> list[tuple[str, int, float, float]]:
    """Per variant: name, units, its share of all units, and the share it was meant to have."""
    total = sum(readout.units.values())
    names = list(dict.fromkeys((*readout.weights, *readout.units)))
    return [
        (
            name,
            readout.units.get(name, 0),
            readout.units.get(name, 0) / total if total else 0.0,
            readout.weights.get(name, 0) / FULL_WEIGHT,
        )
        for name in names
    ]


def sample_ratio(readout: Readout) -> str:
    """Units per variant against the weights, said before anything else."""
    if not sum(readout.units.values()):
        return "Sample ratio: no units yet."
    said = "broken" if is_mismatched(readout) else "as planned"
    rows = shares(readout)
    if len(rows) <= MOST_NAMED:
        parts = (f"{short(name)} {_share(units, share, planned)}" for name, units, share, planned in rows)
        return f"Sample ratio {said}: {', '.join(parts)}."
    name, units, share, planned = max(rows, key=lambda row: abs(row[2] - row[3]))
    total = count(sum(readout.units.values()))
    far = f"farthest from its plan is {short(name)} with {_share(units, share, planned)}"
    return f"Sample ratio {said}: {len(rows)} variants, {total} units; {far}."


def _share(units: int, share: float, planned: float) -> str:
    return f"{count(units)} ({share * 100:.1f} %, planned {planned * 100:g} %)"


def is_mismatched(readout: Readout) -> bool:
    """Whether the units do not split as planned."""
    return any(finding.code == "sample_ratio" for finding in readout.findings)


def short(name: str, most: int = 60) -> str:
    """A name that does not take over the sentence it stands in."""
    name = " ".join(name.split())
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def lowered(words: str) -> str:
    """Words as they go on after a colon or a semicolon; what is written in capitals stays so.

    >>> lowered("No data yet."), lowered("HIGH, 3 of 4 hits.")
    ('no data yet.', 'HIGH, 3 of 4 hits.')
    """
    return words if words[1:2].isupper() else f"{words[:1].lower()}{words[1:]}"


def raised(words: str) -> str:
    """Words as they begin a line."""
    return f"{words[:1].upper()}{words[1:]}"


def headed(head: str, words: str) -> str:
    """A head with what there is to say under it.

    >>> headed("Cost for “A”, day 2 of 14", "No difference yet. It is too early.")
    'Cost for “A”, day 2 of 14: no difference yet. It is too early.'
    """
    return f"{head}: {lowered(words)}"


def left_out(missing: Sequence[str]) -> list[str]:
    """What a picture of many cannot show, and why, as a sentence; none where nothing is missing."""
    return [f"Not here: {'; '.join(missing)}."] if missing else []


def joined(words: str) -> str:
    """Short sentences as one.

    >>> joined("7 winners. Their luck is not known. Wait for more.")
    '7 winners; their luck is not known; wait for more.'
    """
    first, *others = SENTENCE.split(words)
    *before, last = (first, *map(lowered, others))
    return "; ".join([*(each.removesuffix(".") for each in before), last])


def alt(sentences: Iterable[str]) -> str:
    """Sentences joined into a description that fits an alt text, in at most four."""
    told = SENTENCE.split(" ".join(sentence for sentence in sentences if sentence))
    last = MOST_SENTENCES - 1
    text = " ".join([*told[:last], *([joined(" ".join(told[last:]))] if told[last:] else [])])
    return text if len(text) <= MOST_ALT else text[: MOST_ALT - 1].rstrip() + "…"
