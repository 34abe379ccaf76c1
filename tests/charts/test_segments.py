"""The picture of segments: what a cell shows, in which colour, beside which interval; and its words."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

from charts import style
from charts.canvas import Card
from charts.parts import heat
from charts.segments import CELLS, TOP, _draw, _height, describe, segments
from experiments.design import Direction
from experiments.pictures.segments import Interaction, SegmentMap
from experiments.readout import Interval, Standing
from tests.charts import samples
from tests.charts.pictures import segments as examples
from tests.charts.test_style import linear


class Drawn:
    """A drawn card to ask questions of."""

    def __init__(self, data: SegmentMap) -> None:
        self.data = data
        self.card = Card(style.WIDTH, _height(data))
        self.axes, self.intervals = _draw(self.card, data) or (None, None)

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.card.words]

    def height_of(self, words: str) -> float:
        return next(each.y for each in self.card.words if each.text == words)

    def fill_at(self, x: float, y: float) -> str:
        """The colour of the cell at this place of the card."""
        (filled,) = [each for each in self.axes.collections if each.get_label() == "cells"]
        at = (x - CELLS, y - TOP)
        return next(
            to_hex(colour).upper()
            for path, colour in zip(filled.get_paths(), filled.get_facecolors(), strict=True)
            if path.contains_point(at)
        )

    def lines(self, label: str) -> list[Any]:
        return [
            part for each in self.intervals.collections if each.get_label() == label for part in each.get_segments()
        ]


def test_every_cell_says_its_lift_its_interval_its_units_and_how_it_reads() -> None:
    drawn = Drawn(examples.four())
    assert {"phone", "25,000", "+29.2 %", "15.6 to 44.6 %", "✓ better", "○ unclear", "Everybody"} <= set(drawn.texts)


def test_everybody_comes_first_and_levels_by_size() -> None:
    drawn = Drawn(examples.four())
    order = ["Everybody", "country", "US", "DE", "FR", "JP", "NL", "device", "phone", "desktop", "tablet"]
    assert [drawn.height_of(name) for name in order] == sorted(drawn.height_of(name) for name in order)


def test_better_is_blue_worse_orange_unclear_pale_and_too_few_grey() -> None:
    drawn = Drawn(examples.four())
    fills = {name: drawn.fill_at(CELLS + 20, drawn.height_of(name)) for name in ("phone", "desktop", "NL", "Everybody")}
    assert fills["phone"] == heat.shade(5)
    assert fills["desktop"] in {heat.shade(-1), heat.shade(-2)}
    assert fills["NL"] == style.GRID
    assert fills["Everybody"] == heat.shade(2)
    assert "too few" in drawn.texts


def test_where_less_is_better_a_fall_is_blue() -> None:
    fall = samples.compared(direction=Direction.DOWN, relative=-0.2)
    assert heat.fill(fall, 0.2) == heat.shade(5)
    assert heat.fill(fall.model_copy(update={"direction": Direction.UP}), 0.2) == heat.shade(-5)
    words = Drawn(examples.good_when_down()).texts
    assert {"worse +10.3 %", "−10.3 % better"} <= set(words)


def test_an_unclear_effect_is_never_as_strong_as_a_clear_one() -> None:
    unclear = samples.compared(relative=5.0, standing=Standing.UNCLEAR)
    tiny = samples.compared(relative=0.0001, standing=Standing.BETTER)
    assert heat.fill(unclear, 0.1) == heat.shade(heat.PALEST)
    assert heat.fill(tiny, 10.0) == heat.shade(1)


def test_without_a_relative_change_the_colour_is_that_of_the_difference() -> None:
    absolute = samples.compared(relative=None, relative_interval=None, difference=-1.0)
    assert heat.fill(absolute, 1.0) == heat.shade(-5)
    assert heat.scale_of([absolute]) == 1.0


@pytest.mark.parametrize("step", heat.STEPS)
def test_words_are_readable_on_every_shade(step: int) -> None:
    light, dark = (float(linear(each) @ [0.2126, 0.7152, 0.0722]) + 0.05 for each in (heat.shade(step), style.INK))
    assert light / dark >= 4.5


def test_the_shades_of_the_key_stay_apart_in_the_finished_picture() -> None:
    data = examples.four()
    picture = Image.open(io.BytesIO(segments(data))).convert("RGB")
    (filled,) = [each for each in Drawn(data).axes.collections if each.get_label() == "cells"]
    for path, step in zip(filled.get_paths()[-len(heat.STEPS) :], heat.STEPS, strict=True):
        x, y = path.vertices[:4].mean(axis=0)
        seen, meant = picture.getpixel((round(x + CELLS), round(y + TOP))), to_rgb(heat.shade(step))
        assert max(abs(part - full * 255) for part, full in zip(seen, meant, strict=True)) < 9


def test_the_intervals_beside_the_cells_end_where_they_end_and_zero_is_marked() -> None:
    data = examples.one_dimension()
    drawn = Drawn(data)
    read = [data.overall[0], *(level.cells[0] for level in data.dimensions[0].levels)]
    bounds = [bound * 100 for each in read for bound in (each.relative_interval.lower, each.relative_interval.upper)]
    assert [part[0][0] for part in drawn.lines("ends")] == pytest.approx(bounds)
    assert {part[0][0] for part in drawn.lines("zero")} == {0.0}


def test_the_interaction_test_stands_beside_its_dimension() -> None:
    drawn = Drawn(examples.four())
    tested = "The effect differs between levels, p < 0.001, I² 96.3 %"
    assert abs(drawn.height_of(tested) - drawn.height_of("device")) < 1
    assert "No clear difference between levels, p = 0.741, I² 0 %" in drawn.texts


def test_of_several_treatments_each_has_a_column() -> None:
    drawn = Drawn(examples.three_treatments())
    assert drawn.intervals is None
    columns = {each.text: each.x for each in drawn.card.words if each.text in {"bold", "quiet", "plain"}}
    assert columns["bold"] < columns["quiet"] < columns["plain"]
    assert {"✓ +29.2 %", "✕ −14.9 %", "≠ p < 0.001", "same in all?"} <= set(drawn.texts)


def test_the_policy_stands_on_the_picture() -> None:
    words = " ".join(Drawn(examples.four()).texts)
    assert "Interaction tests: Holm over 4; of the newest look alone." in words
    assert "Cells: Benjamini–Hochberg over the levels of a dimension." in words
    assert "Exploratory: nobody planned these comparisons" in words


def test_what_is_left_out_is_counted() -> None:
    drawn = Drawn(examples.two_hundred())
    assert "173 smaller levels of city, 733,520 units, are not drawn" in drawn.texts
    assert len(drawn.texts) < 190
    more = examples.three_treatments().model_copy(update={"more_treatments": 2, "more_dimensions": 3})
    assert "2 more treatments are not drawn; choose one below the picture." in Drawn(more).texts
    assert "3 more dimensions are not drawn; choose one below the picture." in Drawn(more).texts


@pytest.mark.parametrize(
    ("made", "headline"), [(examples.none, "No segments"), (examples.broken, "⚠ No lift is shown")]
)
def test_without_numbers_it_says_why(made: Any, headline: str) -> None:
    drawn = Drawn(made())
    assert drawn.axes is None
    assert headline in drawn.texts
    assert headline in describe(made())
    assert "+" not in describe(made())


def test_the_description_has_the_same_facts() -> None:
    words = describe(examples.four())
    for fact in ("Between levels, the effect differs by device (p < 0.001, 3 levels, I² 96.3 %), not clearly by ",
                 "Holm over 4", "Clear in phone +29.2 % (15.6 % to 44.6 %), n = 25,000"):  # fmt: skip
        assert fact in words


def test_of_several_treatments_the_words_say_whose_effect_they_mean() -> None:
    words = describe(examples.EXAMPLES["six_treatments"]())
    for fact in ("for layout-a the effect differs by device (p < 0.001), not clearly by country (p = 0.068)",
                 "; 3 more treatments.", "Clear in US of layout-f +22.5 % (7.9 % to 39.5 %), n = 63,000"):  # fmt: skip
        assert fact in words


@pytest.mark.parametrize("name", ["two_hundred", "hostile", "six_treatments"])
def test_the_picture_is_wide_and_light_and_its_words_fit(name: str) -> None:
    data = examples.EXAMPLES[name]()
    png = segments(data)
    assert int.from_bytes(png[16:20]) >= 1200
    assert len(png) <= 150_000
    assert 50 < len(describe(data)) <= 1_900


@given(
    st.lists(
        st.tuples(st.floats(-1e15, 1e15), st.floats(1e-9, 1e12), st.sampled_from(Standing), st.integers(0, 10**15)),
        min_size=1, max_size=8,
    ),
    st.text(max_size=200),
    st.integers(1, 6),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_whatever_the_numbers_and_names_all_words_lie_on_the_card(
    rows: list[tuple[float, float, Standing, int]], name: str, columns: int
) -> None:
    data = examples.one_dimension()
    first = data.dimensions[0].levels[0]
    levels = tuple(
        first.model_copy(
            update={
                "name": name,
                "n": n,
                "cells": columns
                * (
                    first.cells[0].model_copy(
                        update={"relative": lift, "standing": standing,
                                "relative_interval": Interval(lower=lift - half, upper=lift + half)}
                    ),
                ),
            }
        )
        for lift, half, standing, n in rows
    )  # fmt: skip
    tests = columns * (Interaction(i2=0.5, p=0.01, adjusted=0.02),)
    dimension = data.dimensions[0].model_copy(update={"name": name, "levels": levels, "interactions": tests})
    changed = data.model_copy(
        update={"dimensions": (dimension,), "treatments": columns * (name,), "overall": levels[0].cells, "metric": name}
    )
    drawn = Drawn(changed)
    for each in (*drawn.card.words, *drawn.card.tick_labels()):
        assert 0 < each.y < drawn.card.height
        assert 0 <= each.x <= style.WIDTH
    assert len(describe(changed)) <= 1_900
