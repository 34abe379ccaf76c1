"""9.6 significance: over the days the difference with its band, p by the method of the readout, and the width of the
interval with what the plan wants of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from charts import frame, style
from charts.canvas import Card, render, round_ticks, ticks
from charts.letters import drawable, fit, text_width
from charts.parts.ends import label_ends
from charts.parts.figures import strip
from charts.parts.looks import LOWEST_P, Series, differences, evidence, floor_of, series_of, widths
from charts.parts.prospect import STRIP, figures_of, prospect_words
from charts.wording import (
    alt,
    change,
    change_range,
    count,
    is_monitored,
    level,
    lowered,
    number,
    p_value,
    raised,
    sample_ratio,
    short,
)
from experiments.design import Method, MetricKind
from experiments.numerals import counted
from experiments.pictures.read import day_of, method_of, warnings_of, why_early
from experiments.pictures.significance import ACCUMULATING, Significance
from experiments.readout import Interval, Look, Readout

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEFT, RIGHT = 170, 1110
MOST_AT_ONCE = 3
GAP = 84
BESIDE = 16  # pixels between the end of a line and its name
FEW = 2  # series whose names stand beside their last looks; more stand at the edge, clear of all lines
FARTHEST = 1.6  # of what is planned or there is how much the days of a projection may take
SAFETY = {
    Method.ALWAYS_VALID.words: "Safe to read at every look.",
    Method.GROUP_SEQUENTIAL.words: "Safe to read at the planned looks.",
    Method.FIXED.words: "Only the look at the planned end counts.",
    Method.WELCH.words: "Safe to read once, not at every look.",
}


class _Panel(NamedTuple):
    """Where a panel begins, and how high it is."""

    top: int
    height: int

    @property
    def bottom(self) -> int:
        return self.top + self.height

    def below(self, height: int) -> _Panel:
        return _Panel(self.bottom + GAP, height)


def significance(data: Significance) -> bytes:
    """The picture as PNG, 1400 pixels wide; at most six treatments."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Significance) -> str:
    """What the picture shows in words: where each treatment stands at its last look, and how far the plan is."""
    readout, series = data.readout, series_of(data.tracks)
    head = f"Difference and {method_of(readout)} p over time for “{short(readout.title, 120)}”, {day_of(readout)}"
    head = f"{head}; {lowered(sample_ratio(readout))}"
    if readout.blocked:
        return alt((head, f"No lift is shown: {lowered(readout.blocked.words)}"))
    if not series:
        headline, words = _nothing(data)
        return alt((head, f"{headline}: {lowered(words)}"))
    lines = [
        f"{short(each.track.treatment)} {change(each.last.difference, data.kind)} "
        f"({change_range(_interval(each.last), data.kind)}), {p_value(each.last.p)}, "
        f"{'below' if each.last.p <= readout.alpha else 'above'}"
        for each in series
    ]
    left_out = len(data.tracks) - len(series)
    more = [f"{left_out:,} more treatments are left out"] if left_out else []
    looks = (
        f"Difference in {short(data.metric)}, {short(data.unit)}, with the {level(readout)} interval of the last of "
        f"{counted(max(len(each.looks) for each in series), 'look')} and p against the threshold of {readout.alpha:g}: "
        f"{'; '.join(lines[:MOST_AT_ONCE])}."
    )
    others = "; ".join((*lines[MOST_AT_ONCE:], *more))
    plan = prospect_words(data.prospect) if data.prospect else data.no_prospect
    return alt((head, looks, f"Beside them {others}." if others else "", plan))


def _nothing(data: Significance) -> tuple[str, str]:
    if early := why_early(data.readout):
        return "Too early to read", early
    headline = "Nothing to read yet" if is_monitored(data.readout) else "No looks yet"
    return headline, data.readout.verdict.sentence


def _interval(look: Look) -> Interval:
    return Interval(lower=look.lower, upper=look.upper)


def _panels(data: Significance) -> tuple[_Panel, ...]:
    """Two panels, with a plan three below what is known of it."""
    top = frame.TOP + 54
    if data.prospect is None:
        upper = _Panel(top, 400)
        return upper, upper.below(220)
    upper = _Panel(top + STRIP, 330)
    return upper, upper.below(200), upper.below(200).below(200)


def _height(data: Significance) -> int:
    if not data.tracks:
        return frame.NOTICE_HEIGHT
    return _panels(data)[-1].bottom + 90 + 30 * len(_remarks(data, series_of(data.tracks))) + frame.BOTTOM


def _draw(card: Card, data: Significance) -> tuple[Axes, ...] | None:
    """Everything on the card; returns the panels from top to bottom."""
    readout, series = data.readout, series_of(data.tracks)
    over_time = f"{data.metric}: difference to control over time" if data.metric else "Difference over time"
    frame.heading(card, readout, over_time)
    if readout.blocked:
        frame.notice(card, readout, "⚠ No lift is shown", readout.blocked.words)
        return None
    if not series:
        frame.notice(card, readout, *_nothing(data))
        return None
    places = _panels(data)
    panels = tuple(card.axes(LEFT, place.top, RIGHT - LEFT, place.height) for place in places)
    end = _end(data, series)
    for axes in panels:
        axes.set_xlim(0, end * 1.02)
    scale = 100 if data.kind is MetricKind.PROPORTION else 1
    x = _beside(data, series, end)
    _upper(card, panels[0], places[0], data, series, scale, x)
    _middle(card, panels[1], places[1], data, series, x)
    if data.prospect is not None:
        strip(card, figures_of(data.prospect), frame.TOP + 6)
        _lowest(card, panels[2], places[2], data, series, scale)
    _days(card, panels, places, data, end)
    frame.remarks(card, places[-1].bottom + 104, _remarks(data, series), 30)
    frame.signature(card, readout)
    return panels


def _end(data: Significance, series: Sequence[Series]) -> float:
    """The last day in view: the planned end and all looks, and a projection unless it leads far beyond them."""
    end = max(float(data.readout.planned_days), data.readout.day, *(each.last.day for each in series))
    path = data.prospect.path if data.prospect else None
    return max(end, path.last * 1.02) if path and path.last <= end * FARTHEST else end


def _beside(data: Significance, series: Sequence[Series], end: float) -> float:
    """Where names begin: beside the last looks if they are few and clear of the planned end, else at the edge."""
    last, planned = (
        LEFT + (RIGHT - LEFT) * day / (end * 1.02)
        for day in (max(each.last.day for each in series), data.readout.planned_days)
    )
    names = (drawable(each.sign + each.track.treatment[:400], bold=True) for each in series)
    longest = max(text_width(name, style.SMALL, bold=True) for name in names)
    room = (planned if planned > last else RIGHT) - last - 2 * BESIDE
    return last + BESIDE if len(series) <= FEW and longest < room else RIGHT + BESIDE


def _upper(
    card: Card, axes: Axes, place: _Panel, data: Significance, series: Sequence[Series], scale: int, x: float
) -> None:
    measured = f"Difference in percentage points, {data.unit}" if scale == 100 else f"Difference, {data.unit}"
    band = f" (band: {level(data.readout)} interval of each look)"
    measured = fit(measured, RIGHT - style.MARGIN - text_width(band, style.SMALL, bold=True), style.SMALL, bold=True)
    card.write(style.MARGIN, place.top - 22, measured + band, size=style.SMALL, bold=True)
    differences(axes, series, scale)
    names = [(each.last.difference, each.colour, each.sign + each.track.treatment) for each in series]
    label_ends(card, axes, place, names, x, clear_of=0.0 if x < RIGHT else None)


def _middle(card: Card, axes: Axes, place: _Panel, data: Significance, series: Sequence[Series], x: float) -> None:
    alpha = data.readout.alpha
    card.write(style.MARGIN, place.top - 22, _p_title(data.readout), size=style.SMALL, bold=True)
    evidence(axes, series, alpha)
    floor = floor_of(series, alpha)
    threshold = (alpha, style.INK, f"threshold α = {alpha:g}")
    values = [(max(each.last.p, floor), each.colour, each.sign + _p_label(each.last.p)) for each in series]
    if x > RIGHT:
        label_ends(card, axes, place, [*values, threshold], x)
    else:
        label_ends(card, axes, place, values, x, clear_of=alpha)
        label_ends(card, axes, place, [threshold], RIGHT + BESIDE)


def _lowest(card: Card, axes: Axes, place: _Panel, data: Significance, series: Sequence[Series], scale: int) -> None:
    prospect = data.prospect
    if prospect is None:
        return
    unit = "percentage points" if scale == 100 else data.unit
    narrowest = ", narrowest so far" if data.readout.method in ACCUMULATING else ""
    dashed = "; dashed: as units keep coming" if prospect.path else ""
    title = f"Width of the {level(data.readout)} interval, {unit}{narrowest}{dashed}"
    card.write(style.MARGIN, place.top - 22, title, size=style.SMALL, bold=True, width=frame.INNER)
    high = widths(axes, series, prospect, scale)
    newest = [(each, each.track.widths[-1]) for each in series]
    labels = [
        (min(width, high), each.colour, f"{each.sign}now: {number(width * scale)}") for each, width in newest if width
    ]
    if prospect.target is not None:
        labels.append((prospect.target, style.INK, f"planned: {number(prospect.target * scale)}"))
    label_ends(card, axes, place, labels, RIGHT + BESIDE)


def _days(card: Card, panels: Sequence[Axes], places: Sequence[_Panel], data: Significance, end: float) -> None:
    days = round_ticks(0, end, 8, whole=True)
    ticks(panels[-1].xaxis, days, [f"{day:g}" for day in days])
    planned = data.readout.planned_days
    for axes in panels:
        axes.vlines([planned], *axes.get_ylim(), colors=style.INK, linewidths=1.6, zorder=2,
                    linestyles=(0, (2, 3)), label="planned end")  # fmt: skip
    x = LEFT + (RIGHT - LEFT) * planned / (end * 1.02)
    card.write(
        x, places[0].bottom + 24, f"planned end, day {planned:,}", size=style.SMALL, colour=style.MUTED,
        align="left" if x < (LEFT + RIGHT) / 2 else "right",
    )  # fmt: skip
    card.write((LEFT + RIGHT) / 2, places[-1].bottom + 66, data.clock, size=style.SMALL, align="center")


def _remarks(data: Significance, series: Sequence[Series]) -> list[str]:
    readout = data.readout
    units = max(each.last.n for each in series)
    looks = max(len(each.looks) for each in series)
    words = f"{counted(looks, 'look')}; n up to {count(units)} units per comparison at the last one"
    left_out = len(data.tracks) - len(series)
    more = f"; {left_out:,} more treatments are not drawn" if left_out else ""
    family = next((each.family for each in readout.comparisons if each.family), "")
    adjusted = f"Adjusted: {family}." if family else ""
    first = " ".join(filter(None, (f"{words}{more}.", SAFETY.get(readout.method, ""), adjusted)))
    plan = [data.no_prospect] if data.no_prospect else []
    return [first, *plan, *[f"⚠ {each}" for each in warnings_of(readout)[:1]]]


def _p_title(readout: Readout) -> str:
    name = method_of(readout)
    which = ", smallest so far" if readout.method in ACCUMULATING else " of each look"
    return f"{raised(name)} p{which} (lower is stronger evidence)"


def _p_label(p: float) -> str:
    return p_value(p) if p >= LOWEST_P else "p < 1e−12"
