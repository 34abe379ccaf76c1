"""9.13 hypotheses: predicted effects against measured ones, and how often what was called likely came true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, render
from charts.parts.expected import effects
from charts.parts.reliability import FEW, curve, forecasts
from charts.wording import alt, joined, left_out, percent
from experiments.numerals import counted, percent_range
from experiments.pictures.hypotheses import Hypotheses

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTHING = 540
PARTS = frame.TOP + 2
PANELS = 392
HEIGHT = 500
LEFT, LEFT_WIDTH = 130, 510
RIGHT, RIGHT_WIDTH = 810, frame.RIGHT - 810
CURVE, GAP, COUNTS = 340, 64, 96
BELOW = PANELS + HEIGHT + 116
LINE = 30
PITCH = 268
WHAT_TO_DO = "Predict the next one before it starts: /experiment predict."


def hypotheses(data: Hypotheses) -> bytes:
    """The picture as PNG, 1400 pixels wide."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Hypotheses) -> str:
    """What the picture shows in words: how good the forecasts are first, then the effects and the curve."""
    missing = left_out(data.missing)
    if not data.forecasts:
        return alt((f"{data.basis.title}: there is no prediction with an outcome yet.", *missing, WHAT_TO_DO))
    spread = "; ".join(
        f"{each.came_true} of {each.count} at {percent(each.forecast)}"
        for each in data.tenths
        if each.forecast is not None
    )
    score = _base_rate(data)
    basis = joined(" ".join((f"{_subject(data)}; {score}" if score else f"{_subject(data)}.", *missing)))
    curve = data.refused or f"Came true, by what was said: {spread}."
    return alt((f"{data.basis.title}: {_remark(data)}", basis, _effects(data), curve))


def _subject(data: Hypotheses) -> str:
    if data.whose:
        return f"{counted(data.forecasts, 'ended experiment')} that {data.whose} predicted"
    return f"{counted(data.forecasts, 'ended experiment')}, each with the average of what the team predicted"


def _remark(data: Hypotheses) -> str:
    """How many came true, and whether the forecasts knew more than that."""
    if data.score is None:
        return ""
    rate = percent(data.came_true / data.forecasts)
    came = f"{data.came_true:,} of {data.forecasts:,} came true"
    if data.score.skill is None:
        return f"{came}, so there was nothing to tell apart."
    better = "better" if data.score.skill >= 0 else "worse"
    verdict = f"; {data.verdict}" if data.verdict else ""
    return f"{came}; the forecasts are {percent(abs(data.score.skill))} {better} than always saying {rate}{verdict}."


def _base_rate(data: Hypotheses) -> str:
    known = data.base_rate
    if data.score is None or known is None:
        return ""
    return f"Brier score {data.score.score:.3f} (0 is perfect); base rate {percent_range(known.lower, known.upper)}."


def _effects(data: Hypotheses) -> str:
    if not data.effects:
        return "Nobody predicted an effect."
    drawn = f"; the newest {len(data.guesses):,} are drawn" if data.effects > len(data.guesses) else ""
    return (
        f"Of {counted(data.effects, 'predicted effect')} {data.smaller:,} came out smaller than predicted; "
        f"{data.held:,} lie within the interval of what was measured{drawn}."
    )


def _remarks(data: Hypotheses) -> list[str]:
    lines = [
        "Brier score: the mean squared error of the forecasts. Came true: the primary metric was significantly better."
    ]
    if not data.whose:
        lines.append("An experiment has one forecast, the average of its people, so that no outcome counts twice.")
    if any(each.count < FEW for each in data.tenths) and not data.refused:
        lines.append(f"A hollow point of the curve rests on fewer than {FEW} forecasts.")
    return [*lines, _effects(data), *left_out(data.missing)]


def _height(data: Hypotheses) -> int:
    return BELOW + LINE * len(_remarks(data)) + frame.BOTTOM if data.forecasts else NOTHING


def _draw(card: Card, data: Hypotheses) -> tuple[Axes, Axes, Axes] | None:
    """Everything on the card; returns the axes of the effects, of the curve and of the counts."""
    if not data.forecasts:
        frame.head(card, data.basis.title, "Predictions made before the start against the outcome")
        what = f"{' '.join(left_out(data.missing))} {WHAT_TO_DO}"
        frame.nothing(card, "No prediction has an outcome yet", what)
        frame.foot(card, data.basis.footer)
        return None
    frame.head(card, data.basis.title, _subject(data), _remark(data))
    _parts(card, data)
    axes = effects(card, data, (LEFT, PANELS, LEFT_WIDTH, HEIGHT))
    steps = curve(card, data, (RIGHT, PANELS, RIGHT_WIDTH, CURVE))
    bars = forecasts(card, data, (RIGHT, PANELS + HEIGHT - COUNTS, RIGHT_WIDTH, COUNTS))
    frame.remarks(card, BELOW, _remarks(data), LINE)
    frame.foot(card, data.basis.footer)
    return axes, steps, bars


def _parts(card: Card, data: Hypotheses) -> None:
    """The score as the sum of its parts."""
    known = data.score
    if known is None:
        return
    columns = (
        ("", "Brier score", known.score, "0 is perfect"),
        ("=", "Calibration", known.reliability, "less is better"),
        ("−", "Resolution", known.resolution, "more is better"),
        ("+", "Uncertainty", known.uncertainty, "of the outcomes"),
        ("+", "Rest", known.rest, "within the tenths"),
    )
    for place, (sign, caption, value, under) in enumerate(columns):
        left = style.MARGIN + place * PITCH
        card.write(left - 26, PARTS + 37, sign, size=style.HEADLINE, colour=style.MUTED, align="center")
        card.write(left, PARTS, caption, size=style.SMALL, colour=style.MUTED, width=PITCH - 50)
        card.write(left, PARTS + 37, "–" if value is None else _three(value), size=style.HEADLINE, bold=True)
        under = "from 20 forecasts on" if value is None else under
        card.write(left, PARTS + 70, under, size=style.SMALL, colour=style.MUTED, width=PITCH - 40)


def _three(value: float) -> str:
    return f"{value + 0.0:.3f}".replace("-0.000", "0.000").replace("-", "−")
