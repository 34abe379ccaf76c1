"""The picture of factors: effects around zero, lines that carry their marker, the table of terms, and its words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from charts import style
from charts.canvas import Card
from charts.factors import MOST_EFFECTS, _draw, _height, describe, factors
from experiments.pictures.factors import FactorLine, FactorMap
from experiments.readout import Interval
from tests.charts.pictures import factors as examples


class Drawn:
    """A drawn card to ask questions of."""

    def __init__(self, data: FactorMap) -> None:
        self.card = Card(style.WIDTH, _height(data))
        self.effects, self.means = _draw(self.card, data) or (None, None)

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.card.words]

    def parts(self, axes: Any, label: str) -> list[Any]:
        return [part for each in axes.collections if each.get_label() == label for part in each.get_segments()]


def test_main_effects_stand_around_zero_with_their_interval_and_reading() -> None:
    data = examples.two()
    drawn = Drawn(data)
    bounds = [
        end * 100 for each in data.effects for end in (each.relative_interval.lower, each.relative_interval.upper)
    ]
    assert [part[0][0] for part in drawn.parts(drawn.effects, "ends")] == pytest.approx(bounds)
    assert {part[0][0] for part in drawn.parts(drawn.effects, "zero")} == {0.0}
    assert {"prompt", "short against long · ↑ good", "+15.1 %", "10.1 to 20.4 %", "✓ better", "○ unclear"} <= set(
        drawn.texts
    )


def test_lines_go_through_the_means_and_bars_end_at_their_intervals() -> None:
    data = examples.two()
    drawn = Drawn(data)
    lines = {line.get_label(): line for line in drawn.means.lines}
    for each in data.lines:
        assert list(lines[each.level].get_ydata()) == [point.mean for point in each.points]
    ends = [(bar[0][1], bar[1][1]) for bar in drawn.parts(drawn.means, "intervals")]
    assert ends == [(point.lower, point.upper) for line in data.lines for point in line.points]
    assert len({(line.get_color(), line.get_marker(), line.is_dashed()) for line in lines.values()}) == 2


def test_the_names_of_lines_carry_their_colour_and_marker() -> None:
    drawn = Drawn(examples.two())
    names = {each.text: each.colour for each in drawn.card.words if each.text in {"● small", "■ large"}}
    lines = {line.get_label(): to_hex(line.get_color()).upper() for line in drawn.means.lines}
    assert names == {"● small": lines["small"], "■ large": lines["large"]}


def test_axes_say_what_is_measured_in_which_unit_which_way_is_good_and_of_how_many() -> None:
    shares, money = Drawn(examples.two()).texts, Drawn(examples.money()).texts
    assert {"Mean of solved, % · ↑ good", "prompt (n = 5,040 a mean)", "long", "short"} <= set(shares)
    assert "a line for each model; bars: 95 % interval of each mean" in shares
    assert "Mean of cost, ct per ticket · ↓ good" in money


def test_the_table_has_every_term_and_says_what_is_clear() -> None:
    texts = Drawn(examples.two()).texts
    assert {"prompt × model", "17.8", "df 1 · sum of squares 4.38", "0.004", "● clear", "○ not clear", "one-look p",
            "adjusted p"} <= set(texts)  # fmt: skip


def test_the_policy_and_a_clear_interaction_stand_beside_the_lines() -> None:
    words = " ".join(Drawn(examples.two()).texts)
    assert "p: Holm over 3 terms; always-valid, safe at every look." in words
    assert "prompt × model belong together: what one changes depends on the other. Read the lines first." in words
    elsewhere = " ".join(Drawn(examples.three()).texts)
    assert "temperature × tools belong together" in elsewhere
    assert "Choose it below and read its lines first." in elsewhere


def test_at_most_six_lines_and_twelve_effects_and_the_rest_is_counted() -> None:
    drawn = Drawn(examples.eight_lines())
    assert len(drawn.means.lines) == style.MOST_SERIES
    assert len(drawn.parts(drawn.effects, "intervals")) == MOST_EFFECTS
    assert "3 more effects, 2 more lines are not drawn." in drawn.texts
    assert len(drawn.texts) < 190


def test_many_levels_stand_in_two_rows() -> None:
    drawn = Drawn(examples.eight_lines())
    assert len({each.y for each in drawn.card.words if each.text.startswith("tone-") and each.align == "center"}) == 2


def test_a_factor_alone_has_one_line_without_a_name() -> None:
    drawn = Drawn(examples.one())
    assert len(drawn.means.lines) == 1
    assert not [text for text in drawn.texts if text.startswith("●") and "clear" not in text]


@pytest.mark.parametrize(
    ("name", "headline"),
    [("without", "No factors"), ("partial", "The factors cannot be told apart"), ("empty", "No data yet")],
)
def test_without_numbers_it_says_why(name: str, headline: str) -> None:
    data = examples.EXAMPLES[name]()
    drawn = Drawn(data)
    assert drawn.effects is None
    assert headline in drawn.texts
    assert headline in describe(data)


def test_the_description_has_the_same_facts() -> None:
    words = describe(examples.two())
    for fact in ("prompt short against long +1.1 % (−2.7 % to 5.2 %), unclear", "model large against small +15.1 %",
                 "prompt × model p = 0.004 (clear)", "Holm over 3 terms"):  # fmt: skip
        assert fact in words


def test_the_words_begin_with_the_effects_that_are_clear_and_count_those_without_room() -> None:
    assert "Main effects: temperature 1 against 0 −10.2 %" in describe(examples.three())
    assert describe(examples.eight_lines()).count(" against ") == 6
    assert "; 9 more. Tests:" in describe(examples.eight_lines())


@pytest.mark.parametrize("name", ["eight_lines", "hostile", "extreme"])
def test_the_picture_is_wide_and_light_and_its_words_fit(name: str) -> None:
    data = examples.EXAMPLES[name]()
    png = factors(data)
    assert int.from_bytes(png[16:20]) >= 1200
    assert len(png) <= 150_000
    assert 50 < len(describe(data)) <= 1_900


@given(
    st.lists(st.tuples(st.floats(-1e15, 1e15), st.floats(1e-9, 1e12)), min_size=1, max_size=12),
    st.text(min_size=1, max_size=60),
    st.integers(1, 8),
)
@settings(max_examples=25, deadline=None)
def test_whatever_the_numbers_and_names_all_words_lie_on_the_card(
    points: list[tuple[float, float]], name: str, lines: int
) -> None:
    data = examples.two()
    point, effect = data.lines[0].points[0], data.effects[0]
    line = FactorLine(
        level=name,
        points=tuple(
            point.model_copy(update={"level": name, "mean": mean, "lower": mean - half, "upper": mean + half})
            for mean, half in points
        ),
    )
    changed = data.model_copy(
        update={
            "axis": name, "other": name, "lines": (line,) * lines, "terms": data.terms * lines,
            "effects": tuple(
                effect.model_copy(
                    update={"metric": name, "difference": mean, "relative": mean / 100,
                            "relative_interval": Interval(lower=(mean - half) / 100, upper=(mean + half) / 100)}
                )
                for mean, half in points
            ),
        }
    )  # fmt: skip
    drawn = Drawn(changed)
    for each in (*drawn.card.words, *drawn.card.tick_labels()):
        assert 0 < each.y < drawn.card.height
        assert 0 <= each.x <= style.WIDTH
    assert len(describe(changed)) <= 1_900
