"""Learning rate beside win rate: how many experiments taught something one could act on, and how many won.

An experiment taught something when it was valid and decision-ready: a win, a harm that was seen in time, or no effect
where one worth having would have been seen (Spotify's “experiments with learning”, 2025).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from experiments.errors import InsufficientData
from experiments.knowledge.patterns import share_interval
from experiments.numerals import listed, percent
from experiments.readout import Interval, Standing
from experiments.texts import Frozen, Words


class Lesson(Words):
    """What an ended experiment has taught, the first three being something to act on."""

    WIN = "win"
    HARM_AVOIDED = "harm_avoided"
    POWERED_NEUTRAL = "powered_neutral"
    UNDERPOWERED = "underpowered"
    INVALID = "invalid"


NAMES = {
    Lesson.WIN: ("win", "wins"),
    Lesson.HARM_AVOIDED: ("harm avoided", "harms avoided"),
    Lesson.POWERED_NEUTRAL: ("powered neutral", "powered neutrals"),
    Lesson.UNDERPOWERED: ("underpowered", "underpowered"),
    Lesson.INVALID: ("invalid", "invalid"),
}
LEARNED = (Lesson.WIN, Lesson.HARM_AVOIDED, Lesson.POWERED_NEUTRAL)


class Ended(Frozen):
    """One ended experiment.

    `standing` is worse where a primary metric or a guardrail got worse, else better where a primary metric got better;
    `healthy` that no finding forbids showing a lift; `powered` that the planned size was reached or the interval
    excludes any effect worth having.

    >>> Ended(standing=Standing.UNCLEAR, healthy=True, powered=True).lesson.value
    'powered_neutral'
    """

    standing: Standing
    healthy: bool
    powered: bool

    @property
    def lesson(self) -> Lesson:
        if not self.healthy or self.standing is Standing.REFUSED:
            return Lesson.INVALID
        if self.standing is Standing.WORSE:
            return Lesson.HARM_AVOIDED
        if self.standing is Standing.BETTER:
            return Lesson.WIN
        neutral = self.standing is Standing.UNCLEAR and self.powered
        return Lesson.POWERED_NEUTRAL if neutral else Lesson.UNDERPOWERED


class Learning(Frozen):
    """Of `experiments` ended ones how many taught each lesson, and both rates with their Wilson intervals."""

    experiments: int
    lessons: dict[Lesson, int]
    win_rate: float
    win_interval: Interval
    learning_rate: float
    learning_interval: Interval

    @property
    def words(self) -> str:
        """“Learning rate 75 % (3 of 4, 95 % interval 30.1 % to 95.4 %), win rate 25 % …: 1 win, …”."""
        counted = [f"{count} {NAMES[each][count != 1]}" for each, count in self.lessons.items() if count]
        learned = sum(self.lessons[each] for each in LEARNED)
        return (
            f"Learning rate {self._rate(learned, self.learning_rate, self.learning_interval)}, "
            f"win rate {self._rate(self.lessons[Lesson.WIN], self.win_rate, self.win_interval)}: {listed(counted, 5)}."
        )

    def _rate(self, count: int, rate: float, interval: Interval) -> str:
        ends = f"{percent(interval.lower or 0)} to {percent(interval.upper or 0)}"
        return f"{percent(rate)} ({count} of {self.experiments}, 95 % interval {ends})"


def learning_of(ended: Iterable[Ended]) -> Learning:
    """Win rate and learning rate over all ended experiments, the invalid ones included.

    Raises `InsufficientData` where none has ended. Method: Wilson 1927 for the intervals.

    >>> win = Ended(standing=Standing.BETTER, healthy=True, powered=False)
    >>> found = learning_of([win, Ended(standing=Standing.UNCLEAR, healthy=True, powered=False)])
    >>> found.learning_rate, found.win_rate, found.lessons[Lesson.UNDERPOWERED]
    (0.5, 0.5, 1)
    """
    found = Counter(each.lesson for each in ended)
    total = found.total()
    if not total:
        raise InsufficientData("No experiment has ended yet, so there is no learning rate.")
    learned, wins = sum(found[each] for each in LEARNED), found[Lesson.WIN]
    return Learning(
        experiments=total,
        lessons={each: found[each] for each in Lesson},
        win_rate=wins / total,
        win_interval=share_interval(wins, total),
        learning_rate=learned / total,
        learning_interval=share_interval(learned, total),
    )
