"""Phases: a readout is of the newest one alone, so that a change of weights bends no estimate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulation import Truth, measured
from experiments.aggregate import Aggregate
from experiments.design import MetricKind
from experiments.model import Experiment
from experiments.readout import Standing, VerdictStatus
from experiments.running import Phase
from tests.experiments.readings import CONVERSION, NOW, an_experiment, reading

BUYERS = CONVERSION.model_copy(update={"kind": MetricKind.PROPORTION})
BEFORE = {"control": 9_000, "treatment": 1_000}
AFTER = {"control": 1_000, "treatment": 9_000}


def in_phases(*weights: dict[str, int], change_on: float = 7.0, **changes: object) -> Experiment:
    """A running experiment with these weights one after the other, the second ones from day `change_on` on."""
    phases = tuple(
        Phase(number=place + 1, started_at=NOW + timedelta(days=place * change_on), day=place * change_on, weights=each)
        for place, each in enumerate(weights)
    )
    return an_experiment(metrics=(BUYERS,)).evolve(phases=phases, started_at=NOW - timedelta(days=20), **changes)


def counted(day: float, **arms: tuple[int, float]) -> list[Aggregate]:
    return [Aggregate("conversion", arm, day, n, p, p * (1 - p)) for arm, (n, p) in arms.items()]


WEEK = counted(7.0, control=(9_000, 0.05), treatment=(1_000, 0.05))
"""Everybody buys at 5 % in the first week, and the split is nine to one."""
SALE = [row for day in (9.0, 11.0, 14.0) for row in counted(day, control=(1_000, 0.20), treatment=(9_000, 0.20))]
"""In the second week there is a sale, everybody buys at 20 %, and the split is one to nine."""


def test_a_change_of_weights_does_not_bend_the_estimate() -> None:
    pooled = {"control": (9_000 * 0.05 + 1_000 * 0.2) / 10_000, "treatment": (1_000 * 0.05 + 9_000 * 0.2) / 10_000}
    assert pooled["treatment"] > 2 * pooled["control"], "read together the treatment would seem to double the sales"
    readout = reading(in_phases(BEFORE, AFTER), WEEK, SALE)
    [comparison] = readout.primary
    assert comparison.difference == pytest.approx(0.0, abs=1e-12)
    assert comparison.standing is Standing.UNCLEAR
    assert readout.units == {"control": 1_000, "treatment": 9_000}


def test_the_sample_ratio_is_judged_by_the_weights_of_the_phase() -> None:
    readout = reading(in_phases(BEFORE, AFTER), WEEK, SALE)
    assert readout.weights == AFTER
    assert readout.blocked is None
    unchanged = reading(in_phases(BEFORE), WEEK, counted(14.0, control=(9_100, 0.1), treatment=(9_900, 0.1)))
    assert unchanged.blocked is not None
    assert unchanged.blocked.code == "sample_ratio"


def test_the_verdict_begins_anew_with_the_phase() -> None:
    early = reading(in_phases(BEFORE, AFTER), WEEK, SALE[:2])
    assert early.day == 2.0
    assert early.verdict.status is VerdictStatus.DAYS_LEFT
    assert "the data cover 2 days" in early.verdict.sentence
    nothing = reading(in_phases(BEFORE, AFTER), WEEK)
    assert nothing.verdict.status is VerdictStatus.NO_DATA


def test_a_variant_without_traffic_is_compared_no_more() -> None:
    arms = ("left", "right")
    experiment = an_experiment(*arms, metrics=(BUYERS,))
    weights = {"control": 5_000, "left": 0, "right": 5_000}
    first = {variant.key: variant.weight for variant in experiment.design.variants}
    phases = (
        Phase(number=1, started_at=NOW, weights=first),
        Phase(number=2, started_at=NOW, day=7.0, weights=weights),
    )
    rows = counted(14.0, control=(5_000, 0.1), right=(5_000, 0.1))
    readout = reading(experiment.evolve(phases=phases), rows)
    assert [each.treatment.variant for each in readout.comparisons] == ["right"]
    assert set(readout.units) == {"control", "right"}


def test_the_design_keeps_its_hash_whatever_its_weights_are_now() -> None:
    experiment = in_phases(BEFORE, AFTER)
    assert reading(experiment, WEEK, SALE).design_hash == experiment.design.hash


def test_simulated_people_are_counted_anew_from_the_phase_on() -> None:
    changed = in_phases({"control": 5_000, "treatment": 5_000}, BEFORE, data_day=7.0)
    rows = measured(changed, Truth(), 10.0)
    assert min(row.day for row in rows) > 7.0
    first = {row.variant: row.n for row in rows if row.day == 7.25}
    assert first["control"] + first["treatment"] == pytest.approx(750, rel=0.2)
    last = {row.variant: row.n for row in rows if row.day == 10.0}
    assert last["control"] / last["treatment"] == pytest.approx(9, rel=0.2)
    assert reading(changed, rows).blocked is None


@given(
    before=st.lists(
        st.tuples(st.floats(0.1, 7.0), st.sampled_from(["control", "treatment"]), st.integers(0, 10**6),
                  st.floats(0, 1)),
        max_size=12,
    )
)  # fmt: skip
def test_nothing_of_an_earlier_phase_is_in_the_readout(before: list[tuple[float, str, int, float]]) -> None:
    earlier = [Aggregate("conversion", arm, day, n, p, p * (1 - p)) for day, arm, n, p in before]
    experiment = in_phases(BEFORE, AFTER)
    assert reading(experiment, earlier, SALE) == reading(experiment, SALE)
