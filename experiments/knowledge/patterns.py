"""Patterns: experiments that share a tag, read together, with how often such a streak is mere luck."""

from __future__ import annotations

from collections.abc import Iterable
from math import comb, fsum

from experiments.numerals import percent
from experiments.texts import Frozen, Words

STRONG, WEAK = 0.015, 0.005
HALF = 0.5
ENOUGH = 3
DIGITS = 12
RAREST = 1_000_000


class Trial(Frozen):
    """One ended experiment: its tags, the lift of its primary metric in the good direction (0.02 = 2 % better), and
    whether that was a hit, that is significant in the good direction."""

    tags: tuple[str, ...]
    lift: float
    hit: bool


class Signal(Words):
    HIGH = "HIGH"
    MODERATE = "MODERATE"
    LOW = "LOW"


class Pattern(Frozen):
    """What the experiments of one tag say together."""

    tag: str
    experiments: int
    positive: int
    average_lift: float
    signal: Signal

    @property
    def label(self) -> str:
        """The signal; below three experiments with their number, since two of a kind are no pattern yet."""
        return self.signal.value if self.experiments >= ENOUGH else f"{self.signal.value} (n = {self.experiments})"

    @property
    def words(self) -> str:
        """“pricing: HIGH, 5 of 5 positive, average +3.2 % (5 of 5 by chance: once in 32 tags)”."""
        score = f"{self.positive} of {self.experiments}"
        odds = once_in(self.positive, self.experiments)
        often = f"{odds:,}" if odds <= RAREST else f"more than {RAREST:,}"
        luck = f" ({score} by chance: once in {often} tags)" if odds > 1 and self.experiments > 1 else ""
        return f"{self.tag}: {self.label}, {score} positive, average {percent(self.average_lift, signed=True)}{luck}"


def patterns_of(trials: Iterable[Trial]) -> tuple[Pattern, ...]:
    """One pattern per tag, strongest first."""
    by_tag: dict[str, list[Trial]] = {}
    for trial in trials:
        for tag in dict.fromkeys(trial.tags):
            by_tag.setdefault(tag, []).append(trial)
    found = [_pattern(tag, members) for tag, members in by_tag.items()]
    order = list(Signal)
    return tuple(sorted(found, key=lambda each: (order.index(each.signal), -each.experiments, each.tag)))


def _pattern(tag: str, trials: list[Trial]) -> Pattern:
    positive = sum(trial.hit for trial in trials)
    average = round(fsum(trial.lift for trial in trials) / len(trials), DIGITS)
    return Pattern(
        tag=tag,
        experiments=len(trials),
        positive=positive,
        average_lift=average,
        signal=signal_of(average, positive / len(trials)),
    )


def signal_of(average_lift: float, hit_rate: float) -> Signal:
    """HIGH from 1.5 % on average and half of them positive; else LOW up to 0.5 % or up to half; else MODERATE."""
    if average_lift >= STRONG and hit_rate >= HALF:
        return Signal.HIGH
    if average_lift <= WEAK or hit_rate <= HALF:
        return Signal.LOW
    return Signal.MODERATE


def once_in(positive: int, experiments: int) -> int:
    """In how many tags of as many experiments one has at least so many positives when each is a coin toss."""
    at_least = sum(comb(experiments, count) for count in range(positive, experiments + 1))
    return ((2 << experiments) + at_least) // (2 * at_least)
