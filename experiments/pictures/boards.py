"""What models and prompts may be compared with each other: one version of one dataset, or the variants of one
experiment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from experiments.design import Kind, Metric, Variant
from experiments.model import Experiment

KINDS = (Kind.MODEL_COMPARISON, Kind.PROMPT_AB)
NAMED = ("model", "model_version", "prompt", "prompt_version")
DATASET = ("dataset", "dataset_version")
MOST_NAME = 60


class Seat(NamedTuple):
    """A variant that has a place on a board, its `model` and `prompt` in words; `identity` is the same in every
    evaluation run of the same thing."""

    experiment: Experiment
    variant: Variant
    model: str
    prompt: str
    identity: str


class Board(NamedTuple):
    """Variants that may be compared: on a `dataset` in one `version` and by one metric, or within one experiment.

    Answers to other questions are no measure of the same thing, so two versions of a dataset are two boards; and online
    variants share their traffic with those of their own experiment alone.
    """

    value: str
    words: str
    dataset: str
    version: str
    seats: tuple[Seat, ...]

    @property
    def size(self) -> int:
        """How many different things are compared."""
        return len({seat.identity for seat in self.seats})


def boards_of(experiments: Iterable[Experiment]) -> tuple[Board, ...]:
    """The boards of these experiments, the one with the most entries first, of equal ones the newest."""
    seats: dict[tuple[str, str, str, str], list[Seat]] = {}
    newest = sorted(_measured(experiments), key=lambda each: (each.data_at or each.created_at, each.key), reverse=True)
    for experiment in newest:
        metric = experiment.design.primary
        for variant in experiment.design.variants if metric else ():
            if metric and any(key in _ran(variant) for key in NAMED):
                seats.setdefault(_place(experiment, variant, metric), []).append(_seat(experiment, variant))
    boards = [_board(place, tuple(some)) for place, some in seats.items()]
    return tuple(sorted(boards, key=lambda each: -each.size))


def nameless(experiments: Iterable[Experiment]) -> int:
    """How many variants of such experiments name neither a model nor a prompt."""
    return sum(
        not any(key in _ran(variant) for key in NAMED)
        for each in _measured(experiments)
        for variant in each.design.variants
    )


def _measured(experiments: Iterable[Experiment]) -> Iterator[Experiment]:
    return (each for each in experiments if each.design.kind in KINDS and each.data_version and each.design.variants)


def _ran(variant: Variant) -> dict[str, Any]:
    """What the variant runs with: its configuration, and its levels of factors that this does not name."""
    return {**variant.factors, **variant.config}


def _place(experiment: Experiment, variant: Variant, metric: Metric) -> tuple[str, str, str, str]:
    dataset, version = (_said(_ran(variant).get(key)) for key in DATASET)
    return ("", "", "", experiment.key) if not dataset else (dataset, version, f"{metric.key}/{metric.kind}", "")


def _board(place: tuple[str, str, str, str], seats: tuple[Seat, ...]) -> Board:
    dataset, version, metric, key = place
    if key:
        return Board(f"experiment:{key}", seats[0].experiment.title, "", "", seats)
    digest = hashlib.sha256("\n".join((dataset, version, metric)).encode()).hexdigest()[:16]
    words = f"{dataset}, {f'version {version}' if version else 'no version named'}, by {metric.partition('/')[0]}"
    return Board(f"dataset:{digest}", words, dataset, version, seats)


def _seat(experiment: Experiment, variant: Variant) -> Seat:
    what = {key: value for key, value in _ran(variant).items() if key not in DATASET}
    is_run = bool(_said(_ran(variant).get(DATASET[0])))
    identity = json.dumps(what, sort_keys=True, ensure_ascii=False, default=str) if is_run else variant.key
    return Seat(experiment, variant, *_names(variant), identity)


def _names(variant: Variant) -> tuple[str, str]:
    """Its model, “small 2”, and its prompt, “prompt short v3”; one of them may be empty."""
    model, model_version, prompt, prompt_version = (_said(_ran(variant).get(key)) for key in NAMED)
    version = f"v{prompt_version}" if prompt_version[:1].isdigit() else prompt_version
    asked = ("prompt" if prompt or version else "", prompt, version)
    return " ".join(filter(None, (model, model_version))), " ".join(filter(None, asked))


def _said(value: object) -> str:
    """A value of the configuration on one line, no longer than a name."""
    given = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    words = "" if value is None else " ".join(given.split())
    return words if len(words) <= MOST_NAME else words[: MOST_NAME - 1] + "…"
