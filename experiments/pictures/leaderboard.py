"""Models and prompts ranked by quality, cost and latency, and how likely each is on the front that nothing beats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from experiments.aggregate import Aggregate
from experiments.design import Direction, Metric
from experiments.model import Experiment
from experiments.numerals import counted, listed, stated
from experiments.pictures.basis import Basis
from experiments.pictures.boards import Board, Seat
from experiments.pictures.levels import course_of, estimates_of, of_metric
from experiments.pictures.measures import Column, Measure, agreed, measures_of, metric_of
from experiments.readout import Readout
from experiments.texts import Frozen

MOST_ENTRIES = 12
MOST_RANKED = 60
MOST_TREND = 40
DRAWS = 5_000
SEED = 20_260


class Score(Frozen):
    """A value with its always-valid interval and standard error; `trend` is how it came to be, over the days or over
    successive runs; `best` how likely it is the best of its column."""

    value: float
    lower: float
    upper: float
    error: float
    n: int
    trend: tuple[float, ...] = ()
    best: float | None = None


class Entry(Frozen):
    """A model with its prompt, or one of them; `chance` is how likely it is on the front, None where there is nothing
    to compare."""

    model: str
    prompt: str
    variant: str
    experiment: str
    title: str
    runs: int = 1
    scores: dict[Column, Score]
    on_front: bool = False
    chance: float | None = None

    @property
    def name(self) -> str:
        return " · ".join(filter(None, (self.model, self.prompt)))


class Leaderboard(Frozen):
    """The entries of one board, the best quality first. `refused` says why there are none, `unranked` which have no
    place and why, `apart` what is not compared with them and why."""

    basis: Basis
    board: str = ""
    dataset: str = ""
    is_run: bool = False
    measures: tuple[Measure, ...] = ()
    entries: tuple[Entry, ...] = ()
    ranked: int = 0
    unranked: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    refused: str = ""


class Gathered(NamedTuple):
    """What is known of one experiment of a board."""

    rows: Sequence[Aggregate]
    readout: Readout


def leaderboard_of(
    board: Board | None, boards: Sequence[Board], known: Mapping[str, Gathered], now: datetime, nameless: int = 0
) -> Leaderboard:
    """The picture's data: this board, ranked by what is `known` of its experiments; what stands on the others is named
    and not compared. Of several runs of the same thing the newest counts."""
    if board is None:
        return Leaderboard(basis=Basis(title="Models and prompts", as_of=now), refused=_nothing(nameless))
    measures = measures_of(board)
    entries, unranked = _entries(board, measures, known)
    entries = sorted(entries, key=lambda each: _in_order(each, measures))[:MOST_RANKED]
    counting = [each for each in measures if entries and all(each.column in entry.scores for entry in entries)]
    judged = _judged(entries, counting)
    experiments = {seat.experiment.key: seat.experiment for seat in board.seats if seat.experiment.key in known}
    return Leaderboard(
        basis=Basis(
            title="Models and prompts",
            as_of=max((each.data_at for each in experiments.values() if each.data_at), default=now),
            facts=(
                counted(len(experiments), "experiment"),
                f"n = {sum(each.scores[Column.QUALITY].n for each in entries):,}",
                f"always-valid intervals{_level(experiments.values())}",
                f"{DRAWS:,} draws",
            ),
        ),
        board=board.words,
        dataset=board.dataset,
        is_run=bool(board.dataset),
        measures=tuple(each.model_copy(update={"counts": each in counting}) for each in measures),
        entries=tuple(judged[:MOST_ENTRIES]),
        ranked=len(judged),
        unranked=tuple(unranked),
        apart=_apart(board, boards),
        refused="" if judged else "None of its variants can be ranked yet.",
    )


def _level(experiments: Iterable[Experiment]) -> str:
    """The level of the intervals, where it is the same for all of them."""
    alphas = {each.design.alpha for each in experiments}
    return f", {stated(1 - alphas.pop())}" if len(alphas) == 1 else ""


def _nothing(nameless: int) -> str:
    lost = f" {counted(nameless, 'variant')} there {'names' if nameless == 1 else 'name'} neither." if nameless else ""
    return (
        f"No model comparison or prompt A/B with data names what it compares.{lost} Name a model or a prompt "
        "in step 2 of the form, under “What each of them is”; of an evaluation run also dataset and dataset_version."
    )


def _apart(board: Board, boards: Sequence[Board]) -> tuple[str, ...]:
    """Which versions of the same dataset are not compared, and how many boards there are beside."""
    versions = [each for each in boards if each.dataset == board.dataset and each.version != board.version]
    others = [each for each in boards if each not in versions and each is not board]
    found = []
    if board.dataset and versions:
        told = listed([f"version {each.version or 'unknown'} ({counted(each.size, 'entry')})" for each in versions])
        mine = f"version {board.version}" if board.version else "a version that nobody named"
        found.append(f"Not compared: {board.dataset} {told}. Other versions ask other questions than {mine}")
    if others:
        found.append(f"{counted(len(others), 'other board')} can be chosen under the picture")
    return tuple(found)


def _entries(board: Board, measures: Sequence[Measure], known: Mapping[str, Gathered]) -> tuple[list[Entry], list[str]]:
    """One entry per thing that is compared, and why others have no place."""
    runs: dict[str, list[Seat]] = {}
    for seat in board.seats:
        if seat.experiment.key in known:
            runs.setdefault(seat.identity, []).append(seat)
    alike = Counter((seats[0].model, seats[0].prompt) for seats in runs.values())
    entries, unranked = [], []
    for seats in runs.values():
        model, prompt = seats[0].model, seats[0].prompt
        if alike[model, prompt] > 1:
            prompt = f"{prompt} ({seats[0].variant.key})".lstrip()
        found = [(seat, _scores(seat, measures, known[seat.experiment.key], bool(board.dataset))) for seat in seats]
        sound = [(seat, scores) for seat, scores in found if not isinstance(scores, str)]
        if not sound:
            unranked.append(f"{' · '.join(filter(None, (model, prompt)))}: {found[0][1]}")
            continue
        (seat, scores), *earlier = sound
        if earlier:
            past = [each for _, each in reversed(earlier)]
            scores = {column: _over_runs(score, [each[column] for each in past if column in each])
                      for column, score in scores.items()}  # fmt: skip
        entries.append(
            Entry(
                model=model,
                prompt=prompt,
                variant=seat.variant.key,
                experiment=seat.experiment.key,
                title=seat.experiment.title,
                runs=len(sound),
                scores=scores,
            )
        )
    return entries, unranked


def _over_runs(newest: Score, past: Sequence[Score]) -> Score:
    trend = (*(each.value for each in past), newest.value)
    return newest.model_copy(update={"trend": trend[-MOST_TREND:]})


def _scores(seat: Seat, measures: Sequence[Measure], known: Gathered, is_run: bool) -> dict[Column, Score] | str:
    """The scores of a variant, or why it has no place.

    An evaluation run is over when its examples are, so the minimum run time is asked of online variants alone.
    """
    if known.readout.blocked:
        return known.readout.blocked.words.rstrip(".")
    if known.readout.is_early and not is_run:
        return "too early: the minimum run time is not over"
    scores: dict[Column, Score] = {}
    for each in measures:
        metric = metric_of(seat.experiment, each.column)
        if metric is None or agreed(metric) != (each.metric, each.kind, each.unit, each.direction):
            continue
        found = _score(metric, seat, known.rows)
        if isinstance(found, Score):
            scores[each.column] = found
        elif each.column is Column.QUALITY:
            return found
    return scores if Column.QUALITY in scores else "another metric is primary there"


def _score(metric: Metric, seat: Seat, rows: Sequence[Aggregate]) -> Score | str:
    mine = of_metric(rows, metric.key)
    course = course_of(metric, seat.variant.key, mine, seat.experiment)
    if not course.stretches:
        return course.refused.rstrip(".")
    last, points = course.last, course.stretches[-1]
    row = next(each for each in mine if each.variant == seat.variant.key and each.day == last.day)
    step = max(1, len(points) // MOST_TREND)
    trend = tuple(point.value for point in points[(len(points) - 1) % step :: step])
    return Score(
        value=last.value,
        lower=last.lower,
        upper=last.upper,
        error=float(estimates_of(metric, [row]).se[0]),
        n=last.n,
        trend=trend[-MOST_TREND:],
    )


def _in_order(entry: Entry, measures: Sequence[Measure]) -> tuple[float, str]:
    """Best quality first, then by name."""
    quality = next(each for each in measures if each.column is Column.QUALITY)
    value = entry.scores[Column.QUALITY].value
    return (-value if quality.direction is Direction.UP else value), entry.name


def _judged(entries: Sequence[Entry], counting: Sequence[Measure]) -> list[Entry]:
    """With who is on the front of the columns that count, and how sure that and every first place is."""
    if len(entries) < 2 or not counting:
        return list(entries)
    import numpy as np

    from experiments.knowledge.leaderboard import Sense, chances, pareto_front

    sense: list[Sense] = ["max" if each.direction is Direction.UP else "min" for each in counting]
    values = [[entry.scores[each.column].value for each in counting] for entry in entries]
    errors = [[entry.scores[each.column].error for each in counting] for entry in entries]
    front = pareto_front(values, sense, distinct=False)
    found = chances(values, errors, sense, np.random.default_rng(SEED), DRAWS)
    judged = []
    for place, entry in enumerate(entries):
        best = {
            each.column: entry.scores[each.column].model_copy(update={"best": float(found.best[place, at])})
            for at, each in enumerate(counting)
        }
        update = {"scores": entry.scores | best, "on_front": bool(front[place]),
                  "chance": float(found.on_front[place])}  # fmt: skip
        judged.append(entry.model_copy(update=update))
    return judged
