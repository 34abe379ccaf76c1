"""Every attempt of a time by direction, and what the winners add up to as they came, with and without their luck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate
from math import ceil, sqrt

from experiments.knowledge.gains import Estimate, Winner, counting, gains_of, without_error
from experiments.knowledge.learning import Lesson
from experiments.knowledge.outcomes import effect_of, ended_of, has_outcome
from experiments.knowledge.patterns import Trial
from experiments.model import Experiment
from experiments.numerals import counted
from experiments.pictures.basis import Basis
from experiments.pictures.ended import over_at, reach
from experiments.texts import Frozen

MOST_LANES = 5
MOST_ATTEMPTS = 240
MOST_STEPS = 400
OTHER = "other directions"
NO_DIRECTION = "no direction"


class Attempt(Frozen):
    """One ended experiment in its lane: from when to when it ran, what it taught, and its lift in the good direction;
    None where no lift may be shown."""

    key: str
    title: str
    began: datetime | None = None
    ended: datetime
    lane: int
    lesson: Lesson
    lift: float | None = None


class Lane(Frozen):
    """A direction with how many attempts it has had, and how many of them won."""

    direction: str
    attempts: int
    wins: int


class Step(Frozen):
    """What the winners add up to from this moment on."""

    at: datetime
    measured: Estimate
    corrected: Estimate | None = None


class History(Frozen):
    """The newest attempts, oldest first, and the steps of the sum of the lifts of all winners among all `experiments`.

    An attempt with several directions stands in the first of their lanes. Every winner is corrected with all that is
    known today, not with what was known when it ended; `refused` says why nothing is corrected. `metrics` counts those
    whose lifts are added.
    """

    basis: Basis
    direction: str = ""
    metric: str = ""
    lanes: tuple[Lane, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    not_drawn: int = 0
    experiments: int = 0
    steps: tuple[Step, ...] = ()
    winners: int = 0
    metrics: int = 0
    refused: str = ""
    left_out: str = ""


def history_of(experiments: Iterable[Experiment], now: datetime, direction: str = "", metric: str = "") -> History:
    """The picture's data, of one direction and one primary metric where these are given; `now` stands in where nothing
    has ended yet."""
    ended = [each for each in experiments if has_outcome(each) and _is_about(each, direction, metric)]
    ended.sort(key=over_at)
    names = _lanes(ended, direction)
    counted_in = [counting(each) for each in ended]
    attempts = tuple(_attempt(each, names, trial) for each, trial in zip(ended, counted_in, strict=True))
    lessons = Counter((each.lane, each.lesson is Lesson.WIN) for each in attempts)
    known = [(over_at(each), trial) for each, trial in zip(ended, counted_in, strict=True) if trial]
    trials = [trial for _, trial in known]
    gains = gains_of(trials)
    steps = _steps([(at, each) for (at, _), each in zip(known, gains.winners, strict=True) if each])
    facts = (counted(len(ended), "ended experiment"), f"{gains.count:,} added up")
    return History(
        basis=Basis(
            title="What has been tried, and what it added up to",
            as_of=reach(ended, now),
            facts=facts,
        ),
        direction=direction,
        metric=metric,
        lanes=tuple(
            Lane(direction=name, attempts=lessons[place, True] + lessons[place, False], wins=lessons[place, True])
            for place, name in enumerate(names)
        ),
        attempts=attempts[-MOST_ATTEMPTS:],
        not_drawn=max(0, len(attempts) - MOST_ATTEMPTS),
        experiments=len(ended),
        steps=steps,
        winners=gains.count,
        metrics=len({trial.metric for trial, each in zip(trials, gains.winners, strict=True) if each}),
        refused=gains.refused,
        left_out=without_error(gains, trials),
    )


def directions_of(experiments: Iterable[Experiment]) -> tuple[str, ...]:
    """The directions (tags) of ended experiments, those with the most attempts first."""
    tags = Counter(tag for each in experiments if has_outcome(each) for tag in each.tags)
    return tuple(tag for tag, _ in sorted(tags.items(), key=lambda item: (-item[1], item[0])))


def metrics_of(experiments: Iterable[Experiment]) -> tuple[str, ...]:
    """The primary metrics of ended experiments, the most frequent first."""
    found = Counter(effect.metric for each in experiments if has_outcome(each) and (effect := effect_of(each)))
    return tuple(metric for metric, _ in sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _is_about(experiment: Experiment, direction: str, metric: str) -> bool:
    effect = effect_of(experiment) if metric else None
    return (not direction or direction in experiment.tags) and (
        not metric or (effect is not None and effect.metric == metric)
    )


def _lanes(ended: Sequence[Experiment], direction: str) -> list[str]:
    """The directions that get a lane, each the largest among the attempts that are in none before it; the rest share
    the last one."""
    if direction:
        return [direction]
    names: list[str] = []
    left = list(ended)
    while len(names) < MOST_LANES and (ranked := directions_of(left)):
        names.append(ranked[0])
        left = [each for each in left if ranked[0] not in each.tags]
    return [*names, OTHER if directions_of(left) else NO_DIRECTION] if left else names


def _attempt(experiment: Experiment, names: Sequence[str], trial: Trial | None) -> Attempt:
    ended = ended_of(experiment)
    lane = next((place for place, name in enumerate(names) if name in experiment.tags), len(names) - 1)
    return Attempt(
        key=experiment.key,
        title=experiment.title,
        began=experiment.started_at,
        ended=over_at(experiment),
        lane=lane,
        lesson=ended.lesson if ended else Lesson.INVALID,
        lift=trial.lift if trial else None,
    )


def _steps(won: Sequence[tuple[datetime, Winner]]) -> tuple[Step, ...]:
    """After each winner the sum of all up to it; of very many only some, the last one always."""
    measured = list(accumulate(((each.lift, each.error**2) for _, each in won), _plus))
    corrected = list(
        accumulate(((each.corrected or 0.0, (each.corrected_error or 0.0) ** 2) for _, each in won), _plus)
    )
    known = all(each.corrected is not None for _, each in won)
    every = max(1, ceil(len(won) / MOST_STEPS))
    return tuple(
        Step(
            at=won[place][0],
            measured=_estimate(measured[place]),
            corrected=_estimate(corrected[place]) if known else None,
        )
        for place in range((len(won) - 1) % every, len(won), every)
    )


def _plus(sum_so_far: tuple[float, float], part: tuple[float, float]) -> tuple[float, float]:
    return sum_so_far[0] + part[0], sum_so_far[1] + part[1]


def _estimate(total: tuple[float, float]) -> Estimate:
    return Estimate.of(total[0], sqrt(total[1]))
