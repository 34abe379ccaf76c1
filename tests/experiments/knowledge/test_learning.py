"""Learning rate beside win rate: what counts as having learned, and the words for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import InsufficientData
from experiments.knowledge.learning import LEARNED, Ended, Lesson, learning_of
from experiments.readout import Standing

every = st.builds(Ended, standing=st.sampled_from(Standing), healthy=st.booleans(), powered=st.booleans())


def ended(standing: Standing, *, healthy: bool = True, powered: bool = True) -> Ended:
    return Ended(standing=standing, healthy=healthy, powered=powered)


@pytest.mark.parametrize(
    ("one", "lesson"),
    [
        (ended(Standing.BETTER), Lesson.WIN),
        (ended(Standing.BETTER, powered=False), Lesson.WIN),
        (ended(Standing.WORSE, powered=False), Lesson.HARM_AVOIDED),
        (ended(Standing.UNCLEAR), Lesson.POWERED_NEUTRAL),
        (ended(Standing.UNCLEAR, powered=False), Lesson.UNDERPOWERED),
        (ended(Standing.MONITORING), Lesson.UNDERPOWERED),
        (ended(Standing.REFUSED), Lesson.INVALID),
        (ended(Standing.BETTER, healthy=False), Lesson.INVALID),
        (ended(Standing.WORSE, healthy=False), Lesson.INVALID),
    ],
)
def test_what_an_experiment_has_taught(one: Ended, lesson: Lesson) -> None:
    assert one.lesson is lesson


@given(st.lists(every, min_size=1, max_size=30))
def test_rates_are_shares_of_all_and_no_win_is_no_learning(some: list[Ended]) -> None:
    found = learning_of(some)
    assert found.experiments == len(some) == sum(found.lessons.values())
    assert 0 <= found.win_rate <= found.learning_rate <= 1
    assert found.learning_rate == sum(found.lessons[each] for each in LEARNED) / len(some)
    for rate, interval in ((found.win_rate, found.win_interval), (found.learning_rate, found.learning_interval)):
        assert interval.lower is not None
        assert interval.upper is not None
        assert 0 <= interval.lower <= rate + 1e-12
        assert rate <= interval.upper + 1e-12 <= 1 + 2e-12


def test_the_words_name_every_lesson_that_was_taught() -> None:
    found = learning_of(
        [
            ended(Standing.BETTER),
            *[ended(Standing.WORSE)] * 2,
            ended(Standing.UNCLEAR),
            ended(Standing.UNCLEAR, powered=False),
            *[ended(Standing.REFUSED)] * 3,
        ]
    )
    assert found.words == (
        "Learning rate 50.0 % (4 of 8, 95 % interval 21.5 % to 78.5 %), "
        "win rate 12.5 % (1 of 8, 95 % interval 2.2 % to 47.1 %): "
        "1 win, 2 harms avoided, 1 powered neutral, 1 underpowered and 3 invalid."
    )


def test_lessons_nobody_was_taught_are_left_out() -> None:
    assert learning_of([ended(Standing.UNCLEAR)] * 2).words.endswith(": 2 powered neutrals.")


def test_without_an_ended_experiment_there_is_no_rate() -> None:
    with pytest.raises(InsufficientData, match="No experiment has ended"):
        learning_of([])
