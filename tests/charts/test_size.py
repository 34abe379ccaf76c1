"""The calculator's picture: two curves, the plan and what is enough, units above the days, dashes beyond the plan."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from charts.size import NOTHING, _draw, _height, describe
from charts.wording import lowered
from experiments.design import Expectation, Method
from experiments.pictures.size import Size, size_of
from tests.charts.layout import covering
from tests.charts.pictures import size as examples
from tests.charts.plots import Drawn, artist, holds
from tests.experiments.pictures.attempts import NOW


def drawn(data: Size) -> Drawn:
    return Drawn(_draw, _height(data), data)


def test_the_lines_are_solid_up_to_the_plan_and_dashed_beyond() -> None:
    data = examples.short()
    axes = drawn(data).axes
    for reach in data.reaches:
        solid, dashed = artist(axes, f"power {reach.power:g}"), artist(axes, f"beyond {reach.power:g}")
        assert max(solid.get_xdata()) == min(dashed.get_xdata()) == data.planned_days
        assert solid.get_linestyle() != dashed.get_linestyle()
        points = dict(
            zip([*solid.get_xdata(), *dashed.get_xdata()], [*solid.get_ydata(), *dashed.get_ydata()], strict=True)
        )
        assert points == {day: effect * 100 for day, effect in reach.points}


def test_the_plan_and_what_is_enough_are_marked() -> None:
    made = drawn(examples.short())
    assert artist(made.axes, "plan").get_offsets()[0].tolist() == [14, 5]
    assert artist(made.axes, "needed").get_offsets()[0].tolist() == [42, 5]
    assert {"the plan: 5 %, 14 days", "42 days are enough"} <= {*made.texts}
    assert made.written(" A change of").replace("\u00a0", " ") == (
        "✕ A change of 5 % in 14 days has a power of only 25.4 %; 42 days have 80 %."
    )


def test_a_plan_that_is_enough_is_told_so() -> None:
    made = drawn(examples.enough())
    assert made.written(" A change of").endswith("has a power of 85.9\u00a0%, which is enough.")
    assert not [each for each in made.axes.collections if each.get_label() == "needed"]


def test_the_second_scale_counts_the_units_of_all_variants() -> None:
    data = examples.revenue()
    texts = drawn(data).texts
    assert data.daily == 45_000
    assert {"Users in all variants", "225,000", "450,000"} <= {*texts}


def test_without_a_curve_it_says_why_and_what_to_do() -> None:
    made = drawn(examples.empty())
    assert made.axes is None
    assert "choose a project that has measured it" in " ".join(made.texts)
    assert _height(examples.without_traffic()) == NOTHING


def test_in_a_form_it_is_one_line_in_large_letters() -> None:
    made = drawn(examples.in_a_form())
    assert artist(made.axes, "plan").get_offsets()[0].tolist() == [14, 5]
    assert artist(made.axes, "needed").get_offsets()[0].tolist() == [42, 5]
    assert "◆ the plan: 5 % in 14 days · ○ 42 days are enough" in made.texts
    assert min(each.size for each in made.card.words) > 25
    assert len(list(made.axes.lines)) == 2


def test_the_words_say_what_it_takes_and_some_of_the_curve() -> None:
    words = describe(examples.short())
    assert words.startswith("Shorter sign-up form: a change of 5 % in 14 days has a power of only 25.4 %")
    assert (
        "154,564 users (77,282 in each variant) find a change of 5.0 % with 80 % power, in 42 days; in the planned"
        in words
    )
    assert "With 80 % power it finds" in words
    assert words.endswith(lowered(examples.TOLD))


@settings(max_examples=12)
@given(
    st.floats(1e-6, 1 - 1e-6),
    st.integers(1, 10**12),
    st.floats(1e-4, 5),
    st.integers(1, 400),
    st.sampled_from([Method.ALWAYS_VALID, Method.GROUP_SEQUENTIAL, Method.FIXED]),
)
def test_whatever_comes_it_draws_and_describes(
    baseline: float, per_day: int, effect: float, days: int, method: Method
) -> None:
    plan = examples.design(smallest_effect=effect, planned_days=days, method=method)
    data = size_of("Plan", plan, Expectation(baseline=baseline, per_day=per_day), "", NOW)
    holds("size", data, describe)
    made = drawn(data)
    assert made.out_of_bounds == []
    assert covering(made.card) == []
