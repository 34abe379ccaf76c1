"""What a readout says where control is close to zero, of guardrails with few units, and of odd segments."""

from __future__ import annotations

import pytest

from experiments.aggregate import Aggregate
from experiments.design import Direction, Limit, Method, Metric, MetricKind, MetricRole, Scale
from experiments.readout import GuardrailState, Standing
from tests.experiments.readings import CONVERSION, LATENCY, an_experiment, reading, rows_of

SHARE = Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION)
BOUNCE = Metric(
    key="bounce",
    role=MetricRole.GUARDRAIL,
    kind=MetricKind.PROPORTION,
    direction=Direction.DOWN,
    limit=Limit(harm=0.01, scale=Scale.ABSOLUTE),
)


def shares(metric: str, n: int, **hits: int) -> list[Aggregate]:
    return [
        Aggregate(metric, variant, 14.0, n, count / n, count / n * (1 - count / n)) for variant, count in hits.items()
    ]


@pytest.mark.parametrize("method", list(Method))
def test_a_guardrail_with_too_few_units_is_inconclusive_by_every_method(method: Method) -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 10}, days=[14], per_day=5)
    harm = rows_of("latency", {"control": 100, "treatment": 200}, days=[14], per_day=5)
    guarded = reading(an_experiment(method=method, metrics=(CONVERSION, LATENCY)), rows, harm).comparisons[1]
    assert guarded.control.n == 70
    assert guarded.guardrail is GuardrailState.INCONCLUSIVE
    assert (guarded.harm, guarded.harm_p) == (None, None)


def test_a_share_of_hardly_any_control_is_told_in_points() -> None:
    readout = reading(an_experiment(metrics=(SHARE,)), shares("conversion", 2_000, control=4, treatment=40))
    (comparison,) = readout.comparisons
    assert comparison.standing is Standing.BETTER
    assert (comparison.relative, comparison.relative_interval, comparison.relative_error) == (None, None, None)
    assert comparison.difference == pytest.approx(0.018)
    assert "it raises conversion by 1.8 points (" in readout.verdict.sentence


def test_a_mean_of_hardly_any_control_is_told_in_its_unit() -> None:
    rows = rows_of("latency", {"control": 0.001, "treatment": 3}, days=[14], variance=1)
    readout = reading(an_experiment(metrics=(LATENCY.model_copy(update={"role": MetricRole.PRIMARY}),)), rows)
    assert readout.comparisons[0].relative is None
    assert "raises latency by 3 ms (" in readout.verdict.sentence


def test_days_since_exposure_beyond_all_measure_are_left_out() -> None:
    rows = rows_of("conversion", {"control": 10, "treatment": 10.3}, days=range(1, 15))
    cut = [
        Aggregate("conversion", variant, 14.0, 4_000, 10.0, 1.0, segment=f"since_exposure={level}")
        for variant in ("control", "treatment")
        for level in ("9" * 5_000, "9" * 400, "later")
    ]
    assert reading(an_experiment(), rows, cut) == reading(an_experiment(), rows)


def test_several_primary_metrics_are_ranked_by_the_first() -> None:
    more = CONVERSION.model_copy(update={"key": "orders"})
    rows = rows_of("conversion", {"control": 10, "blue": 11, "red": 10.5}, days=[14])
    orders = rows_of("orders", {"control": 10, "blue": 10.5, "red": 12}, days=[14])
    readout = reading(an_experiment("blue", "red", metrics=(CONVERSION, more)), rows, orders)
    assert readout.verdict.sentence.startswith("Ship blue (the best of ")


def test_the_absolute_limit_of_a_share_is_told_in_points() -> None:
    rows = shares("conversion", 9_000, control=900, treatment=1_200)
    readout = reading(
        an_experiment(metrics=(SHARE, BOUNCE)), rows, shares("bounce", 9_000, control=900, treatment=1_500)
    )
    assert readout.comparisons[1].guardrail is GuardrailState.BREACHED
    assert "breaches the guardrail bounce (limit 1.0 points worse)" in readout.verdict.sentence
