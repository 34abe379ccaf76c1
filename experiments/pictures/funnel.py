"""The way from draft to ship: how many came to each stage, went on from it, wait there still, or ended there."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.knowledge.patterns import share_interval
from experiments.model import ENDED, Experiment, Outcome, Status
from experiments.readout import Interval
from experiments.texts import Frozen, Words


class Stage(Words):
    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    STARTED = "started"
    FINISHED = "finished"
    DECIDED = "decided"
    SHIPPED = "shipped"


class Step(Frozen):
    """A stage of the way: how many came to it, and of those how many `went_on`, `wait` there still, or `ended`.

    `share` is went_on / (went_on + ended), with its interval: those that wait count for neither side.
    """

    stage: Stage
    reached: int
    went_on: int = 0
    wait: int = 0
    ended: int = 0
    share: float | None = None
    interval: Interval | None = None


def steps_of(made: Sequence[Experiment]) -> tuple[Step, ...]:
    """The way of these experiments, all from their draft on: so the stages are of the same ones, and those under way
    are neither gone on nor ended."""
    came = {stage: [each for each in made if _reached(each, stage)] for stage in Stage}
    steps = []
    for stage, following in zip(Stage, (*list(Stage)[1:], None), strict=True):
        here = came[stage]
        if following is None:
            steps.append(Step(stage=stage, reached=len(here)))
            continue
        left = [each for each in here if not _reached(each, following)]
        ended = sum(_is_over(each, following) for each in left)
        went_on, settled = len(here) - len(left), len(here) - len(left) + ended
        steps.append(Step(
            stage=stage, reached=len(here), went_on=went_on, wait=len(left) - ended, ended=ended,
            share=went_on / settled if settled else None,
            interval=share_interval(went_on, settled) if settled else None,
        ))  # fmt: skip
    return tuple(steps)


def _reached(experiment: Experiment, stage: Stage) -> bool:
    """Whether it came to this stage, whatever became of it; who came to one came to all before."""
    decision, started = experiment.decision, experiment.started_at is not None
    match stage:
        case Stage.DRAFT:
            return True
        case Stage.REVIEW:
            return experiment.review_count > 0 or _reached(experiment, Stage.APPROVED)
        case Stage.APPROVED:
            return experiment.approval is not None or started
        case Stage.STARTED:
            return started
        case Stage.FINISHED:
            return started and (experiment.stopped_at is not None or decision is not None)
        case Stage.DECIDED:
            return started and decision is not None
        case _:
            return started and decision is not None and decision.outcome is Outcome.SHIP


def _is_over(experiment: Experiment, following: Stage) -> bool:
    """Whether it will never come to this stage any more."""
    if following is Stage.SHIPPED:
        return True
    return experiment.status is Status.ARCHIVED or (experiment.status in ENDED and following is not Stage.DECIDED)
