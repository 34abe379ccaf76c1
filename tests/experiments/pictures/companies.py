"""A company of several projects, each with its own pace, luck and metric."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.design import Direction
from experiments.model import Experiment
from experiments.policy import Policies, Project
from experiments.readout import VerdictStatus
from experiments.running import Reading, Significance
from tests.experiments.pictures.attempts import NOW
from tests.experiments.pictures.pipelines import years
from tests.experiments.pictures.underway import underway

PROJECTS = (
    ("checkout", "Commerce", "conversion", 40, 0.014), ("search", "Discovery", "clicks-per-search", 32, 0.02),
    ("assistant", "Discovery", "helpful-answers", 26, 0.006), ("pricing", "Commerce", "revenue-per-user", 14, -0.012),
    ("platform", "Infrastructure", "latency", 10, 0.03), ("mailing", "Growth", "open-rate", 6, 0.0),
    ("onboarding", "Growth", "activation", 2, 0.02),
)  # fmt: skip
UNSOUND = Reading(number=1, day=9, status=VerdictStatus.UNHEALTHY, sentence="The split is broken.", invalid=True,
                  significance=Significance.NOT_SHOWN, at=NOW)  # fmt: skip


def company() -> Iterator[Experiment]:
    """Seven projects of a year and a half; search has a running experiment in trouble, pricing one to be looked at."""
    for place, (project, _, metric, count, shift) in enumerate(PROJECTS):
        for each in years(count, seed=place + 3):
            yield moved(each, project, metric, shift, Direction.DOWN if metric == "latency" else Direction.UP)
    for number, project in enumerate(("checkout", "checkout", "search", "assistant", "pricing"), 900):
        made = underway(number, day=30 if project == "pricing" else 9).experiment.evolve(project=project)
        yield made.evolve(reading=UNSOUND) if project == "search" else made


def moved(each: Experiment, project: str, metric: str, shift: float, direction: Direction) -> Experiment:
    """The same experiment in another project, on another metric, its lift shifted in the good direction."""
    changes: dict[str, object] = {"key": f"{project}-{each.key}", "project": project}
    if each.reading:
        turn = 1 if direction is Direction.UP else -1
        effects = [
            effect.model_copy(update={
                "metric": metric, "direction": direction, "lift": turn * (effect.lift + shift),
                "lower": turn * effect.lift + turn * shift - 2 * (effect.error or 0),
                "upper": turn * effect.lift + turn * shift + 2 * (effect.error or 0),
            })
            for effect in each.reading.effects
        ]  # fmt: skip
        changes["reading"] = each.reading.model_copy(update={"effects": tuple(effects)})
    return each.evolve(**changes)


def departments() -> Policies:
    return Policies(projects=tuple(Project(name=name, department=where) for name, where, *_ in PROJECTS))
