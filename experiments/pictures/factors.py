"""9.14 factors: what each factor of a multivariate experiment changes, alone and together with another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from experiments.aggregate import Aggregate
from experiments.design import Direction, Metric, MetricKind
from experiments.errors import InsufficientData
from experiments.factors import cell_words, lacking, levels_of
from experiments.model import Experiment
from experiments.numerals import listed
from experiments.pictures.basis import Basis
from experiments.pictures.read import basis_of, narrowed, refusal_of
from experiments.readout import Comparison, Readout
from experiments.texts import Frozen

NO_FACTORS = (
    "This experiment has no factors. In a multivariate experiment every variant names its level of each; write them "
    "like “short-small 25 prompt=short model=small”."
)
BETWEEN = " × "


class FactorTerm(Frozen):
    """A factor or an interaction: its sum of squares (analysis of variance, type II; None where a mean is not what is
    measured), Wald's F with its degrees of freedom and the p of one look, and `p`, which is the one to read."""

    name: str
    ss: float | None
    df: int
    f: float
    once: float
    p: float
    clear: bool


class FactorPoint(Frozen):
    """The mean at one level of the factor that runs along the axis, with its interval and its units."""

    level: str
    mean: float
    lower: float
    upper: float
    n: int


class FactorLine(Frozen):
    """The means along the axis at one level of the other factor; without another one it has no name."""

    level: str
    points: tuple[FactorPoint, ...]


class FactorMap(Frozen):
    """Main effects, each level against the base level as a comparison whose `metric` is the factor, the table of all
    terms, and the means of one `pair` of factors, `axis` and `other`. `policy` names what makes up for the many tests.

    Where there is nothing to show `refused` says why.
    """

    basis: Basis
    readout: Readout
    metric: str = ""
    unit: str = ""
    kind: MetricKind = MetricKind.MEAN
    direction: Direction = Direction.UP
    effects: tuple[Comparison, ...] = ()
    terms: tuple[FactorTerm, ...] = ()
    axis: str = ""
    other: str = ""
    pair: str = ""
    lines: tuple[FactorLine, ...] = ()
    policy: str = ""
    headline: str = ""
    refused: str = ""


def pairs_of(experiment: Experiment) -> tuple[str, ...]:
    """Every pair of factors, as “prompt × model”; empty with fewer than two."""
    names = levels_of([each.factors for each in experiment.design.variants])
    return tuple(BETWEEN.join(each) for each in combinations(names, 2))


def factors_of(
    experiment: Experiment, rows: Sequence[Aggregate], readout: Readout, *, metric: str = "", pair: str = ""
) -> FactorMap:
    """The factors of this experiment on one metric, the primary one unless told otherwise, from one row a variant.

    The `pair` whose means are drawn is the one with the clearest interaction unless told otherwise.
    """
    design = experiment.design
    chosen = next((each for each in design.metrics if each.key == metric), design.primary)
    found = FactorMap(
        basis=basis_of(readout),
        readout=narrowed(readout, ""),
        metric=chosen.key if chosen else "",
        unit=chosen.unit if chosen else "",
        kind=chosen.kind if chosen else MetricKind.MEAN,
        direction=chosen.direction if chosen else Direction.UP,
    )
    refusal = _refusal(experiment, readout)
    if refusal or chosen is None:
        headline, words = refusal or ("No metric", "The design has no metric yet.")
        return found.model_copy(update={"headline": headline, "refused": words})
    try:
        return found.model_copy(update=_read(experiment, rows, chosen, pair))
    except InsufficientData as reason:
        return found.model_copy(update={"headline": "The factors cannot be read yet", "refused": reason.words})


def _read(experiment: Experiment, rows: Sequence[Aggregate], metric: Metric, pair: str) -> dict[str, object]:
    from experiments.pictures.factor_reading import read_factors  # numpy and scipy load with the first factors

    names = tuple(levels_of([each.factors for each in experiment.design.variants]))
    picked = next((each for each in combinations(names, 2) if BETWEEN.join(each) == pair), ())
    return read_factors(experiment, rows, metric, picked)


def _refusal(experiment: Experiment, readout: Readout) -> tuple[str, str] | None:
    cells = [each.factors for each in experiment.design.variants]
    if not levels_of(cells):
        return "No factors", NO_FACTORS
    if refusal := refusal_of(readout):
        return refusal
    served = [each.factors for each in experiment.design.variants if readout.weights.get(each.key, 0) > 0]
    if gone := lacking(served if levels_of(served).keys() == levels_of(cells).keys() else cells):
        return (
            "The factors cannot be told apart",
            f"No variant with traffic is {listed([cell_words(c) for c in gone], 3)}.",
        )
    return None
