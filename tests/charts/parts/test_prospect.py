"""What the picture of significance shows of a plan: precision, units, power and days, and when it cannot tell."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts import style
from charts.parts.figures import ROOM
from charts.significance import describe
from experiments.pictures.significance import Significance, significance_of
from tests.charts import readings, samples
from tests.charts.pictures import significance as examples
from tests.charts.test_significance import Drawn


def test_what_the_plan_needs_stands_above_the_panels() -> None:
    data = examples.running()
    drawn, prospect = Drawn(data), data.prospect
    assert {"85 %", "±5.4 % now, ±5 % planned", "44,200 units", "of about 60,100 needed"} <= set(drawn.texts)
    assert {"39.3 % now", "mark: 72.5 % at the planned end", prospect.path.when} <= set(drawn.texts)
    meters = [round(box.get_width() * style.WIDTH / ROOM, 3) for box in drawn.card.figure.artists]
    for share in (prospect.reached, 44_200 / prospect.needed, prospect.power_now):
        assert pytest.approx(share, abs=0.002) in meters


def test_the_width_of_the_interval_goes_on_dashed_to_the_planned_one() -> None:
    data = examples.running()
    drawn, path = Drawn(data), data.prospect.path
    line, projection = (drawn.line(drawn.width, label) for label in ("shorter-form", "projection"))
    assert list(line.get_ydata()) == list(data.tracks[0].widths)
    assert projection.is_dashed()
    assert (projection.get_xdata()[0], projection.get_ydata()[0]) == (12.0, data.tracks[0].widths[-1])
    assert projection.get_ydata()[-1] == pytest.approx(data.prospect.target, rel=0.01)
    assert list(drawn.line(drawn.width, "projected days").get_xdata()) == [path.first, path.last]
    assert list(drawn.line(drawn.width, "planned").get_ydata()) == [data.prospect.target] * 2
    assert drawn.width.get_ylim()[0] == 0
    assert f"planned: {data.prospect.target * 100:.3g}" in drawn.texts


def test_a_projection_far_beyond_the_plan_does_not_flatten_the_looks() -> None:
    near, far = Drawn(examples.six()), Drawn(examples.far())
    assert near.upper.get_xlim()[1] == far.upper.get_xlim()[1] == pytest.approx(21 * 1.02)
    assert "8 to 29 Sep 2026" in far.texts


def test_once_the_precision_is_reached_it_says_since_when() -> None:
    drawn = Drawn(examples.ended())
    assert {"100 %", "reached", "since day 11", "enough for this precision"} <= set(drawn.texts)
    assert not [line for line in drawn.width.lines if line.get_label() == "projection"]
    assert "100 % of the planned precision is reached" in describe(examples.ended())


def test_several_names_carry_the_marker_of_their_line() -> None:
    texts = Drawn(examples.six()).texts
    assert {text[-1]: text[0] for text in texts if text[2:].startswith("layout-")} == dict(
        zip("abcdef", style.SERIES_GLYPHS, strict=True)
    )


def test_names_near_the_line_of_no_difference_do_not_stand_on_it() -> None:
    data = examples.far()
    drawn = Drawn(data)
    (name,) = [each.y for each in drawn.card.words if each.text == "shorter-form"]
    zero = drawn.card.height - drawn.upper.transData.transform((0, 0))[1]
    assert abs(name - 7 - zero) > style.SMALL * 0.9


def test_before_the_minimum_run_time_nothing_is_said_about_significance() -> None:
    early = examples.early()
    drawn = Drawn(early)
    assert drawn.upper is None
    assert "Too early to read" in drawn.texts
    assert not [text for text in (*drawn.texts, describe(early)) if "p = " in text or "points" in text]


def test_a_metric_without_a_smallest_effect_has_no_plan_and_says_so() -> None:
    made = examples.under_way()
    readout = readings.guarded()
    data = significance_of(readout, made, metric="refunds")
    assert data.prospect is None
    assert any("No smallest effect was stated for refunds" in text for text in Drawn(data).texts)


@given(
    st.lists(st.floats(-1e15, 1e15), min_size=1, max_size=12),
    st.floats(1e-9, 1e15),
    st.integers(1, 8),
    st.text(max_size=300),
)
@settings(max_examples=25, deadline=None)
def test_whatever_the_numbers_and_names_all_words_lie_on_the_card(
    differences: list[float], half: float, treatments: int, name: str
) -> None:
    trails = tuple(
        samples.trail(treatment=f"{name}{place}", looks=len(differences)).model_copy(
            update={
                "looks": tuple(
                    look.model_copy(update={"difference": each, "lower": each - half, "upper": each + half})
                    for look, each in zip(samples.trail(looks=len(differences)).looks, differences, strict=True)
                )
            }
        )
        for place in range(treatments)
    )
    data = significance_of(samples.readout(title=name, trails=trails))
    drawn = Drawn(data.model_copy(update={"prospect": examples.far().prospect}))
    for each in (*drawn.card.words, *drawn.card.tick_labels()):
        assert 0 < each.y < drawn.card.height
        assert 0 <= each.x < style.WIDTH
    assert 50 < len(describe(data)) <= 1_900


def test_a_plan_without_numbers_says_what_is_missing() -> None:
    data: Significance = examples.running()
    bare = data.prospect.model_copy(
        update={"target": None, "reached": None, "no_target": "control is too close to zero", "needed": None,
                "power_now": None, "no_power": "no lift yet", "path": None, "no_path": "no date can be told"}
    )  # fmt: skip
    without = data.model_copy(update={"prospect": bare})
    texts = Drawn(without).texts
    assert {"not known", "control is too close to zero", "no lift yet", "no date", "no date can be told"} <= set(texts)
    assert "The planned precision cannot be told: control is too close to zero" in describe(without)
