"""The history picture: attempts at their end in their lane, shapes by lesson, and the sum with its bands."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts import frame, style
from charts.history import APART, LANE, LEFT, RIGHT, _draw, _height, days_of, describe
from experiments.knowledge.learning import Lesson
from experiments.pictures.history import History, history_of
from tests.charts.pictures import history as examples
from tests.charts.plots import Drawn, artist, holds
from tests.experiments.pictures.attempts import NOW, attempt


def drawn(data: History) -> Drawn:
    return Drawn(_draw, _height(data), data)


def test_attempts_stand_at_their_end_in_their_lane() -> None:
    data = examples.ordinary()
    lanes, _ = drawn(data).axes
    for lesson in Lesson:
        points = artist(lanes, lesson.value).get_offsets()
        wanted = [each for each in data.attempts if each.lesson is lesson]
        assert [float(x) for x, _ in points] == [pytest.approx(days_of(each.ended)) for each in wanted]
        assert [int(y // LANE) for _, y in points] == [each.lane for each in wanted]
    runs = artist(lanes, "ran").get_segments()
    assert runs[0][1][0] - runs[0][0][0] == pytest.approx(
        (data.attempts[0].ended - (data.attempts[0].began or NOW)).total_seconds() / 86_400
    )


def test_shape_says_what_colour_says() -> None:
    made = drawn(examples.ordinary())
    assert made.written("● win").startswith(
        "● win · ■ harm avoided · ○ no effect worth having · ▽ too little data to tell · ✕ invalid data"
    )


def test_attempts_of_one_lane_do_not_cover_each_other_while_there_is_room() -> None:
    some = [attempt(number, ended=NOW - timedelta(days=number / 10), tags=("a",)) for number in (1, 2, 3)]
    lanes, _ = drawn(history_of([*some, attempt(4, ended=NOW - timedelta(days=400))], NOW)).axes
    heights = [float(y) for _, y in artist(lanes, "win").get_offsets()][-3:]
    assert len(set(heights)) == 3


def test_the_sum_steps_up_from_zero_to_its_ends() -> None:
    data = examples.ordinary()
    _, total = drawn(data).axes
    last = data.steps[-1]
    assert last.corrected is not None
    for label, estimate in (("as measured", last.measured), ("without the luck", last.corrected)):
        line = artist(total, label)
        assert line.get_drawstyle() == "steps-post"
        assert (line.get_ydata()[0], line.get_ydata()[-1]) == (0, pytest.approx(estimate.value * 100))
        heights = [y for _, y in artist(total, f"band {label}").get_paths()[0].vertices]
        assert max(heights) == pytest.approx(
            max(100 * (each.measured if label == "as measured" else each.corrected or each.measured).upper
                for each in data.steps)
        )  # fmt: skip
    assert artist(total, "zero").get_segments()[0][0][1] == 0
    words = drawn(data).texts
    assert any(each.endswith("% as measured") for each in words)
    assert any(each.endswith("% without the luck") for each in words), "the name of a line is not cut"


def test_both_panels_share_their_time() -> None:
    lanes, total = drawn(examples.ordinary()).axes
    assert lanes.get_xlim() == total.get_xlim()
    assert (lanes.bbox.x0, lanes.bbox.x1) == (pytest.approx(LEFT), pytest.approx(RIGHT))


def test_the_largest_wins_are_named_without_covering_each_other() -> None:
    made = drawn(examples.ordinary())
    wins = {each.title for each in examples.ordinary().attempts if each.lesson is Lesson.WIN}
    named = [each for each in made.card.words if each.text in wins]
    assert len(named) >= 3
    assert {each.colour for each in named} == {style.BLUE}
    places = sorted((each.y, each.x) for each in named)
    assert all(below[0] - above[0] > 10 or abs(below[1] - above[1]) > APART for above, below in pairwise(places))


def test_the_words_say_both_sums_and_how_they_were_made() -> None:
    words = describe(examples.ordinary())
    assert "as measured" in words
    assert "without the luck" in words
    assert "By direction: search" in words
    assert "as all experiments of today correct it" in drawn(examples.ordinary()).written("Without the luck: every")
    assert "its luck cannot be taken out: the winner's curse can be corrected from 6" in describe(examples.few())
    assert "660 older attempts are counted and not drawn." in describe(examples.crowded())
    assert "in checkout" in describe(examples.direction())


def test_several_metrics_are_not_added_in_silence() -> None:
    made = [attempt(number, 0.05) for number in range(2)]
    reading = made[1].reading
    assert reading is not None
    other = reading.effects[0].model_copy(update={"metric": "revenue"})
    made[1] = made[1].evolve(reading=reading.model_copy(update={"effects": (other,)}))
    assert "Lifts of 2 metrics are added as they are" in describe(history_of(made, NOW))


def test_without_attempts_it_says_so() -> None:
    assert drawn(examples.empty()).axes is None
    assert _height(examples.empty()) == frame.NOTICE_HEIGHT
    assert "No winners yet, so there is nothing to add up." in drawn(examples.no_winner()).texts


@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(st.floats(-0.9, 1e6), st.floats(1e-9, 1e3), st.floats(0, 4_000), st.text(min_size=1, max_size=30)),
        max_size=9,
    )
)
def test_whatever_comes_it_draws_and_describes(made: list[tuple[float, float, float, str]]) -> None:
    some = [attempt(number, lift, error, title=f"T {text}", tags=(f"t{text}"[:40],), ended=NOW - timedelta(days=days))
            for number, (lift, error, days, text) in enumerate(made)]  # fmt: skip
    data = history_of(some, NOW)
    holds("history", data, describe)
    assert drawn(data).out_of_bounds == []
