"""9.6 significance: how the difference, its p and its interval changed with every look, and what is still to come."""

from __future__ import annotations

from experiments.design import Method, MetricKind
from experiments.model import Experiment
from experiments.pictures.basis import Basis
from experiments.pictures.prospects import Prospect, prospect_of
from experiments.pictures.read import basis_of, narrowed
from experiments.pictures.tracks import Track, sound, track_of
from experiments.readout import Readout
from experiments.texts import Frozen

ACCUMULATING = (Method.ALWAYS_VALID.words, Method.GROUP_SEQUENTIAL.words)
SINCE_START = "Days since start"


class Significance(Frozen):
    """The looks at one metric, treatment by treatment; `readout` has its comparisons and what speaks for or against
    the data. Without a plan there is no `prospect`, and `no_prospect` may say why."""

    basis: Basis
    readout: Readout
    metric: str
    unit: str
    kind: MetricKind
    tracks: tuple[Track, ...]
    clock: str = SINCE_START
    prospect: Prospect | None = None
    no_prospect: str = ""


def significance_of(
    readout: Readout, experiment: Experiment | None = None, *, metric: str = "", treatment: str = ""
) -> Significance:
    """One metric of the readout, the first primary one unless told otherwise, in one treatment or in all.

    With the experiment it also tells how far the plan is; without, only what the looks say. While no lift may be shown
    there are no tracks.
    """
    first = next(iter(readout.primary), None)
    trails = [] if readout.blocked or readout.is_early else list(readout.trails)
    name = metric or (first.metric if first else next((trail.metric for trail in trails), ""))
    accumulates = readout.method in ACCUMULATING
    tracks = tuple(
        track_of(trail, accumulates)
        for trail in trails
        if trail.metric == name and treatment in ("", trail.treatment) and sound(trail.looks)
    )
    of = next((each for each in readout.comparisons if each.metric == name), None)
    found = Significance(
        basis=basis_of(readout),
        readout=narrowed(readout, name, treatment),
        metric=name,
        unit=of.unit if of else "own unit",
        kind=of.kind if of else MetricKind.MEAN,
        tracks=tracks,
    )
    if experiment is None or not tracks:
        return found
    return _with_plan(found, experiment)


def _with_plan(found: Significance, experiment: Experiment) -> Significance:
    changed = len(experiment.phases) > 1
    clock = f"Days since the weights changed (phase {experiment.phases[-1].number})" if changed else SINCE_START
    primary = experiment.design.primary
    if primary is None or primary.key != found.metric:
        other = f" The plan is made for {primary.key}." if primary else ""
        words = f"No smallest effect was stated for {found.metric}, so it has no plan.{other}"
        return found.model_copy(update={"clock": clock, "no_prospect": words})
    return found.model_copy(update={"clock": clock, "prospect": prospect_of(found.readout, found.tracks, experiment)})
