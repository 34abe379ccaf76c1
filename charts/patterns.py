"""Patterns: directions with their hit rate, their effect together and that of the next experiment, strongest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, render
from charts.parts.directions import EFFECT, FAR, HITS, Row, effect_axes, hit_axes
from charts.wording import alt, joined, left_out, percent, short, short_percent_range
from experiments.knowledge.patterns import ALPHA, RAREST, Signal
from experiments.numerals import counted, plural
from experiments.pictures.patterns import NAMES, Direction, Patterns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTHING = 540
HEADS = frame.TOP + 20
TOP = HEADS + 26
ROW = 62
LINE = 30
NAME_WIDTH = HITS.left - style.MARGIN - 24
SCORE, TOGETHER, SIGNAL = 542, 892, 1164
MARKS = {Signal.HIGH: "▲", Signal.MODERATE: "◆", Signal.LOW: "▽"}
COLOURS = {Signal.HIGH: style.BLUE, Signal.MODERATE: style.INK, Signal.LOW: style.MUTED}
MOST_SAID = 4
WHAT_TO_DO = "End an experiment that has tags, or group by project or kind instead."


def patterns(data: Patterns) -> bytes:
    """The picture as PNG, 1400 pixels wide."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Patterns) -> str:
    """What the picture shows in words: the strongest directions first, then how many there are of which signal."""
    if not data.directions:
        head = f"{data.basis.title}: there is nothing to read together yet."
        return alt((head, *left_out(data.missing), WHAT_TO_DO))
    first, *more = (_sentence(each) for each in data.directions[:MOST_SAID])
    others = f"Then {'; '.join(more)}." if more else ""
    head = f"{data.basis.title}: {first}."
    rest = joined(" ".join((*_rest(data), *left_out(data.missing))))
    return alt((head, others, joined(f"{_subject(data)}: {_remark(data)}"), rest))


def _sentence(direction: Direction) -> str:
    """“pricing: HIGH, 4 of 5 hits, together +3.1 % (1.0 % to 5.2 %), by luck once in 5”."""
    pattern, effect = direction.pattern, direction.effect
    together = f", together {_together(direction)}" if effect and effect.lift is not None else ""
    luck = f", by luck {_luck(direction)}" if direction.luck > 1 else ""
    hits = f"{pattern.positive} of {pattern.experiments} {plural(pattern.experiments, 'hit')}"
    return f"{short(pattern.tag)}: {pattern.label}, {hits}{together}{luck}"


def _subject(data: Patterns) -> str:
    count = len(data.directions) + data.not_drawn
    return f"{counted(data.experiments, 'ended experiment')} in {counted(count, NAMES[data.by])}, the strongest first"


def _remark(data: Patterns) -> str:
    signals = ", ".join(f"{count:,} {signal.value}" for signal, count in data.signals.items())
    rate = percent(data.hits / data.experiments) if data.experiments else ""
    return f"{signals}. Of all together {data.hits:,} of {data.experiments:,} were hits ({rate})."


def _rest(data: Patterns) -> list[str]:
    return [f"{data.not_drawn:,} weaker {plural(data.not_drawn, NAMES[data.by])} not drawn."] if data.not_drawn else []


def _remarks(data: Patterns) -> list[str]:
    several = " An experiment counts for each of its tags." if data.by == "tag" else ""
    return [
        f"Hit: the primary metric was significantly better. Dotted: all experiments together.{several}",
        "Thick bar: the average effect, 95 % interval. Thin, dashed: the effect of the next such experiment.",
        "● ■ better or worse than nothing, after Benjamini–Hochberg over all directions; ○ may be nothing.",
        "HIGH: 1.5 % on average and half of them hits. LOW: at most 0.5 %, or at most half. "
        "Luck: as good with coin tosses.",
        *_rest(data),
        *left_out(data.missing),
    ]


def _height(data: Patterns) -> int:
    return _below(data) + 16 + LINE * len(_remarks(data)) + frame.BOTTOM if data.directions else NOTHING


def _below(data: Patterns) -> int:
    return TOP + ROW * len(data.directions) + 64


def _draw(card: Card, data: Patterns) -> tuple[Axes, Axes] | None:
    """Everything on the card; returns the axes of the hit rates and of the effects."""
    if not data.directions:
        frame.head(card, data.basis.title, "Experiments that share a tag, a project or a kind, read together")
        what = f"{' '.join(left_out(data.missing))} {WHAT_TO_DO}"
        frame.nothing(card, "There is nothing to read together yet", what)
        frame.foot(card, data.basis.footer)
        return None
    frame.head(card, data.basis.title, _subject(data), _remark(data))
    heads = (
        (style.MARGIN, f"By {NAMES[data.by]}"),
        (HITS.left, "Hit rate, %"),
        (EFFECT.left, "Effect together, % (up is good)"),
        (SIGNAL, "Signal"),
    )
    for x, words in heads:
        card.write(x, HEADS, words, size=style.SMALL, bold=True)
    rows = [_row(each, ROW * (place + 0.5)) for place, each in enumerate(data.directions)]
    hits = hit_axes(card, TOP, ROW * len(rows), rows, data.hits / data.experiments)
    effects = effect_axes(card, TOP, ROW * len(rows), rows)
    for place, each in enumerate(data.directions):
        _words(card, each, TOP + ROW * place)
    frame.remarks(card, _below(data) + 22, _remarks(data), LINE)
    frame.foot(card, data.basis.footer)
    return hits, effects


def _row(direction: Direction, y: float) -> Row:
    """What is drawn of it; an effect that cannot be pooled leaves its place empty."""
    pattern, effect = direction.pattern, direction.effect
    interval, ahead = (effect.interval, effect.prediction) if effect and effect.lift is not None else (None, None)
    sure = effect is not None and effect.adjusted_p is not None and effect.adjusted_p < ALPHA
    return Row(
        y=y,
        rate=pattern.hit_rate,
        rate_ends=(
            pattern.hit_interval.lower or 0.0,
            1.0 if pattern.hit_interval.upper is None else pattern.hit_interval.upper,
        ),
        lift=effect.lift if effect else None,
        ends=(interval.lower, interval.upper) if interval else None,
        ahead=(ahead.lower, ahead.upper) if ahead else None,
        sure=sure,
    )


def _words(card: Card, direction: Direction, top: float) -> None:
    """Name, score, effect and signal, in two lines each."""
    pattern = direction.pattern
    first, second = top + 26, top + 50
    card.write(style.MARGIN, first, pattern.tag, bold=True, width=NAME_WIDTH, size=style.TEXT)
    card.write(style.MARGIN, second, _of(direction), size=style.SMALL, colour=style.MUTED, width=NAME_WIDTH)
    card.write(SCORE, first + 12, f"{pattern.positive:,} of {pattern.experiments:,}", size=style.SMALL,
               width=EFFECT.left - SCORE - 12, whole=True)  # fmt: skip
    known = direction.effect is not None and direction.effect.lift is not None
    together = _together(direction) if known else f"average {percent(pattern.average_lift, signed=True)}"
    card.write(TOGETHER, first, together, size=style.SMALL, width=SIGNAL - TOGETHER - 28, whole=True)
    card.write(TOGETHER, second, _ahead(direction), size=style.SMALL, colour=style.MUTED,
               width=SIGNAL - TOGETHER - 28, whole=known)  # fmt: skip
    card.write(SIGNAL, first, f"{MARKS[pattern.signal]} {pattern.label}", size=style.SMALL, bold=True,
               colour=COLOURS[pattern.signal], width=frame.RIGHT - SIGNAL, whole=True)  # fmt: skip
    if direction.luck > 1:
        card.write(SIGNAL, second, f"luck: {_luck(direction)}", size=style.SMALL, colour=style.MUTED,
                   width=frame.RIGHT - SIGNAL, whole=True)  # fmt: skip


def _of(direction: Direction) -> str:
    """“conversion per user, 3 of 5”: what its effect is measured by."""
    effect, count = direction.effect, direction.pattern.experiments
    if effect is None:
        return counted(count, "experiment")
    part = "" if effect.experiments == count else f", {effect.experiments:,} of {count:,}"
    return " per ".join(filter(None, (effect.metric, effect.unit))) + part


def _together(direction: Direction) -> str:
    effect = direction.effect
    if effect is None or effect.lift is None or effect.interval is None:
        return "not known"
    return f"{percent(effect.lift, signed=True)} ({short_percent_range(effect.interval)})"


def _ahead(direction: Direction) -> str:
    effect = direction.effect
    if effect is None:
        return "no interval: not measured"
    if effect.lift is None:
        return "one alone: no interval" if effect.experiments == 1 else f"no interval: {effect.refused}"
    ahead = effect.prediction
    if ahead is None or ahead.lower is None or ahead.upper is None:
        return "the next one: not known"
    if max(abs(ahead.lower), abs(ahead.upper)) > FAR:
        return "the next one: anything"
    return f"next {short_percent_range(ahead)}"


def _luck(direction: Direction) -> str:
    return f"once in {direction.luck:,}" if direction.luck <= RAREST else f"rarer than {RAREST:,}"
