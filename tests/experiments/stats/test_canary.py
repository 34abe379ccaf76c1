"""The canary's judge: labels per metric, the weighted score, and a verdict that missing data never makes healthy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from experiments.errors import InsufficientData
from experiments.readout import GuardrailState
from experiments.stats.canary import Classified, Label, Rule, classify, judge, score

Sample = NDArray[np.float64]


def sample(mean: float, spread: float = 1.0, count: int = 60, seed: int = 0) -> Sample:
    """Normal scores in a fixed shuffled order, so that no two samples of different seeds agree in time."""
    rng = np.random.default_rng(seed)
    return np.asarray(mean + spread * rng.permutation(np.linspace(-2, 2, count)) + rng.normal(0, 0.01, count))


SLOW, USUAL, AGAIN = sample(15, seed=1), sample(10, seed=2), sample(10, seed=3)


@pytest.mark.parametrize(
    ("treatment", "direction", "label"),
    [
        (AGAIN, "either", Label.PASSED),
        (SLOW, "either", Label.HIGH),
        (SLOW, "increase", Label.HIGH),
        (SLOW, "decrease", Label.PASSED),
        (-SLOW, "either", Label.LOW),
        (-SLOW, "decrease", Label.LOW),
        (-SLOW, "increase", Label.PASSED),
    ],
)
def test_a_shift_counts_in_its_direction(treatment: Sample, direction: str, label: Label) -> None:
    control = USUAL if treatment.mean() > 0 else -USUAL
    found = classify(treatment, control, Rule("latency", direction=direction))  # type: ignore[arg-type]
    assert found.label is label
    assert found.shift is not None
    assert found.lower is not None
    assert found.upper is not None
    assert found.lower < found.shift < found.upper


@given(st.integers(0, 500), st.floats(0.0, 3.0))
def test_swapping_the_arms_swaps_high_and_low(seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.normal(10 + shift, 1, 50), rng.normal(10, 1, 50)
    swapped = {Label.HIGH: Label.LOW, Label.LOW: Label.HIGH, Label.PASSED: Label.PASSED}
    there, back = classify(one, other, Rule("x")), classify(other, one, Rule("x"))
    assert back.label is swapped[there.label]


def test_equal_distributions_seldom_fail() -> None:
    """At level 0.98 in at most 2 % of runs: 600 runs and three sigma."""
    rng = np.random.default_rng(9)
    drawn = rng.lognormal(0, 1, (600, 2, 50))
    failed = [classify(one, other, Rule("x")).label is not Label.PASSED for one, other in drawn]
    assert np.mean(failed) <= 0.02 + 3 * (0.02 * 0.98 / 600) ** 0.5


def test_a_shift_whose_interval_reaches_into_the_tolerance_passes() -> None:
    """Significant, but the interval begins below a quarter of the estimate; a tighter tolerance sees it."""
    treatment = USUAL + 0.65 + np.linspace(0, 0.01, 60)
    wide = classify(treatment, USUAL, Rule("x"))
    assert wide.lower is not None
    assert wide.shift is not None
    assert 0 < wide.lower < 0.25 * wide.shift
    assert wide.label is Label.PASSED
    assert classify(treatment, USUAL, Rule("x", tolerance=0)).label is Label.HIGH


@pytest.mark.parametrize(("outliers", "label"), [(7, Label.PASSED), (8, Label.HIGH)])
def test_kayentas_label_of_a_metric_that_is_mostly_tied(outliers: int, label: Label) -> None:
    """Ten samples, some of 100 against all of 1, as reported by users of Kayenta (spinnaker/spinnaker 6278)."""
    treatment = [100.0] * outliers + [1.0] * (10 - outliers)
    assert classify(treatment, [1.0] * 10, Rule("x", minimum=10, allowed_increase=1.05)).label is label


@pytest.mark.parametrize("treatment", [USUAL, USUAL[::-1]])
def test_the_same_values_in_any_order_pass(treatment: Sample) -> None:
    found = classify(treatment, USUAL, Rule("x"))
    assert (found.label, found.reason) == (Label.PASSED, "the same values in both")
    assert found.ratio == pytest.approx(1)


def test_one_and_the_same_value_passes_whatever_the_counts() -> None:
    found = classify([0.0] * 60, [0.0] * 70, Rule("errors"))
    assert (found.label, found.ratio, found.shift) == (Label.PASSED, None, None)


@pytest.mark.parametrize(
    ("treatment", "control", "reason"),
    [
        ([], USUAL, "0 samples in treatment and 60 in control; each needs 50"),
        (USUAL, [], "60 samples in treatment and 0 in control; each needs 50"),
        (USUAL[:49], AGAIN, "49 samples"),
        ([np.nan] * 100, AGAIN, "0 samples"),
        ([np.inf] * 100, AGAIN, "0 samples"),
        ([1e300] * 100, AGAIN, "0 samples"),
    ],
)
def test_too_few_samples_are_no_data(treatment: Sample, control: Sample, reason: str) -> None:
    found = classify(treatment, control, Rule("x", critical=True))
    assert found.label is Label.NODATA
    assert found.reason.startswith(reason)
    assert not found.fatal


def test_samples_too_few_for_the_interval_are_no_data() -> None:
    found = classify([1.0, 2.0], [11.0, 12.0], Rule("x", minimum=2))
    assert (found.label, found.reason) == (Label.NODATA, "too few samples for an interval of 98.0 %")


def test_no_minimum_still_takes_one_sample() -> None:
    assert classify([], [], Rule("x", minimum=0)).label is Label.NODATA


def test_what_mann_whitney_refuses_is_no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise InsufficientData("Too many samples.")

    monkeypatch.setattr("experiments.stats.canary.mann_whitney", refuse)
    found = classify(SLOW, USUAL, Rule("x"))
    assert (found.label, found.reason) == (Label.NODATA, "Too many samples.")


def test_missing_samples_count_as_zero_only_where_that_is_their_meaning() -> None:
    gaps = np.where(np.arange(120) % 2, np.nan, np.tile(USUAL, 2))
    full = np.tile(AGAIN, 2)
    assert classify(gaps, full, Rule("requests")).label is Label.PASSED
    assert classify(gaps, full, Rule("requests", missing="zero", tolerance=0)).label is Label.LOW
    assert classify([], full, Rule("requests", missing="zero")).label is Label.NODATA


@pytest.mark.parametrize(
    ("change", "rule", "label"),
    [
        (1.5, Rule("x", allowed_increase=1.6), Label.PASSED),
        (1.5, Rule("x", allowed_increase=1.4), Label.HIGH),
        (0.5, Rule("x", allowed_decrease=0.4), Label.PASSED),
        (0.5, Rule("x", allowed_decrease=0.6), Label.LOW),
    ],
)
def test_a_shift_within_the_allowed_ratio_passes(change: float, rule: Rule, label: Label) -> None:
    assert classify(AGAIN * change, USUAL, rule).label is label


@pytest.mark.parametrize(
    ("change", "rule", "fatal"),
    [
        (1.5, Rule("x", critical=True), True),
        (1.5, Rule("x"), False),
        (1.0, Rule("x", critical=True), False),
        (1.5, Rule("x", critical=True, critical_increase=2.0), False),
        (2.5, Rule("x", critical=True, critical_increase=2.0), True),
        (2.5, Rule("x", critical_increase=2.0), False),
        (0.5, Rule("x", critical=True, critical_decrease=0.4), False),
        (0.3, Rule("x", critical=True, critical_decrease=0.4), True),
    ],
)
def test_a_critical_metric_is_fatal_from_its_ratio_on(change: float, rule: Rule, fatal: bool) -> None:
    assert classify(AGAIN * change, USUAL, rule).fatal is fatal


def test_the_ratio_of_something_to_nothing_is_beyond_any_limit() -> None:
    rule = Rule("errors", critical=True, allowed_increase=9.0, critical_increase=99.0)
    found = classify(SLOW, np.zeros(60), rule)
    assert (found.label, found.ratio, found.fatal) == (Label.HIGH, math.inf, True)


def test_a_ratio_to_a_negative_control_excuses_nothing() -> None:
    found = classify(USUAL - 20, SLOW - 30, Rule("x", critical=True, allowed_increase=9.0, critical_increase=9.0))
    assert (found.label, found.ratio, found.fatal) == (Label.HIGH, None, True)


def test_the_reason_names_shift_and_interval() -> None:
    assert classify(SLOW, USUAL, Rule("x")).reason.startswith("shift 5")
    assert "(98.0 % interval" in classify(SLOW, USUAL, Rule("x")).reason


@pytest.mark.parametrize("level", [0.0, 1.0, math.nan])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(InsufficientData, match="level"):
        classify(SLOW, USUAL, Rule("x", level=level))


@pytest.mark.parametrize("tolerance", [-0.1, 1.0, math.nan])
def test_an_impossible_tolerance_is_refused(tolerance: float) -> None:
    with pytest.raises(InsufficientData, match="tolerance"):
        classify(SLOW, USUAL, Rule("x", tolerance=tolerance))


def test_a_limit_that_is_no_number_excuses_nothing() -> None:
    rule = Rule("x", critical=True, allowed_increase=math.nan, critical_increase=math.nan)
    assert classify(SLOW, USUAL, rule).fatal
    assert classify(USUAL, SLOW, Rule("x", allowed_decrease=math.nan)).label is Label.LOW


def test_the_smallest_and_largest_values_survive() -> None:
    tiny = np.linspace(1, 2, 60) * 5e-324
    found = classify(np.linspace(1, 2, 60) * 1e99, tiny, Rule("x"))
    assert (found.label, found.ratio) == (Label.HIGH, math.inf)
    assert classify(1e9 + AGAIN, 1e9 + USUAL, Rule("x")).label is Label.PASSED
    assert classify(1e9 + SLOW, 1e9 + USUAL, Rule("x")).label is Label.HIGH


PASS, HIGH, LOW, NODATA = Label


@pytest.mark.parametrize(
    ("groups", "weights", "summary"),
    [
        ({"a": [PASS]}, None, 100),
        ({"a": [HIGH]}, None, 0),
        ({"a": [PASS, HIGH]}, {}, 50),
        ({"a": [PASS, HIGH, LOW]}, None, 100 / 3),
        ({"a": [PASS, PASS], "b": [HIGH]}, {"a": 75, "b": 25}, 75),
        ({"a": [PASS, HIGH], "b": [LOW]}, {"a": 50, "b": 50}, 25),
        ({"a": [NODATA]}, None, 0),
        ({"a": [PASS, NODATA]}, None, 100),
        ({"a": [PASS], "b": [NODATA]}, {"a": 60, "b": 40}, 60),
        ({"a": [PASS]}, {"a": 60, "b": 40}, 60),
        ({"a": [PASS], "b": [HIGH], "c": [PASS]}, {"a": 40}, 70),
        ({}, None, 0),
    ],
)
def test_the_score_weighs_the_groups(
    groups: dict[str, list[Label]], weights: dict[str, float] | None, summary: float
) -> None:
    assert score(groups, weights).summary == pytest.approx(summary)


def test_a_group_without_data_has_no_score() -> None:
    assert score({"a": [NODATA], "b": [PASS, LOW]}, {"c": 10}).groups == {"a": None, "b": 50, "c": None}


@pytest.mark.parametrize("weights", [{"a": -1}, {"a": 60, "b": 41}, {"a": math.nan}, {"a": math.inf}])
def test_impossible_weights_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(InsufficientData, match="weights"):
        score({"a": [PASS]}, weights)


labels = st.lists(st.sampled_from(Label), min_size=1, max_size=6)


@given(st.dictionaries(st.sampled_from("abcd"), labels, min_size=1))
def test_a_score_is_a_percentage_and_a_pass_never_lowers_it(groups: dict[str, list[Label]]) -> None:
    before = score(groups).summary
    assert 0 <= before <= 100 + 1e-9
    assert score({name: [*members, PASS] for name, members in groups.items()}).summary >= before - 1e-9


def metric(label: Label, name: str = "x", *groups: str, critical: bool = False) -> Classified:
    rule = Rule(name, groups=groups or ("all",), critical=critical)
    return Classified(rule, label, "", fatal=critical and label in (HIGH, LOW))


def test_all_good_is_healthy() -> None:
    found = judge([metric(PASS, "a"), metric(PASS, "b", critical=True)])
    assert (found.health, found.outcome, found.words) == (GuardrailState.HEALTHY, "success", "Healthy: score 100.")
    assert [each.rule.name for each in found.metrics] == ["a", "b"]


def test_a_critical_failure_is_a_breach_whatever_the_rest() -> None:
    found = judge([*[metric(PASS)] * 99, metric(LOW, "errors", critical=True)])
    assert (found.health, found.outcome, found.score.summary) == (GuardrailState.BREACHED, "fail", 0)
    assert found.score.groups == {"all": 99}
    assert found.words == "Breached: errors failed, which is critical."


def test_a_score_below_marginal_is_a_breach() -> None:
    found = judge([metric(PASS), metric(HIGH, "latency"), metric(LOW, "sales")])
    assert (found.health, found.outcome) == (GuardrailState.BREACHED, "fail")
    assert found.words == "Breached: score 33.3, below 75; latency and sales failed."


def test_a_marginal_score_is_inconclusive() -> None:
    found = judge([*[metric(PASS)] * 4, metric(HIGH, "latency")])
    assert (found.health, found.outcome) == (GuardrailState.INCONCLUSIVE, "marginal")
    assert found.words == "Inconclusive: score 80, it takes 95 to pass."


def test_the_thresholds_themselves_pass() -> None:
    found = judge([*[metric(PASS)] * 4, metric(HIGH)], pass_from=80, marginal_from=80)
    assert (found.health, found.outcome) == (GuardrailState.HEALTHY, "success")


@pytest.mark.parametrize(
    ("metrics", "weights", "words"),
    [
        ([], None, "no metric was judged"),
        ([metric(PASS, "cpu", critical=True)], {"rest": 100}, "the group rest"),
        ([metric(NODATA, "cpu")], None, "no data for cpu"),
        ([metric(PASS, "a", "x"), metric(NODATA, "b", "y")], {"x": 96, "y": 4}, "no data for b"),
        ([*[metric(PASS)] * 9, metric(NODATA, "errors", critical=True)], None, "no data for errors"),
        ([metric(PASS), metric(NODATA, "cpu")], None, "no data for cpu"),
        ([metric(HIGH), metric(NODATA, "a"), metric(NODATA, "b"), metric(NODATA, "c")], None, "no data for a, b and c"),
    ],
)
def test_missing_data_is_inconclusive(metrics: list[Classified], weights: dict[str, float] | None, words: str) -> None:
    found = judge(metrics, weights)
    assert found.health is GuardrailState.INCONCLUSIVE
    assert words in found.words


def test_metrics_in_no_group_are_not_scored() -> None:
    unscored = Classified(Rule("cpu", groups=()), HIGH, "")
    assert judge([unscored]).words == "Inconclusive: no metric was judged."
    assert judge([unscored, metric(PASS)]).health is GuardrailState.HEALTHY


def test_what_is_missing_but_cannot_change_the_verdict_is_only_named() -> None:
    found = judge([*[metric(PASS)] * 9, metric(NODATA, "cpu")])
    assert (found.health, found.words) == (GuardrailState.HEALTHY, "Healthy: score 100; no data for cpu.")
    broken = judge([*[metric(HIGH, "cpu")] * 3, metric(NODATA, "errors", critical=True)])
    assert (broken.health, broken.score.summary) == (GuardrailState.BREACHED, 0)


@given(st.lists(st.builds(metric, st.sampled_from(Label), st.just("m"), st.sampled_from("ab")), min_size=1))
def test_filling_a_gap_never_turns_a_breach_into_health_or_back(metrics: list[Classified]) -> None:
    before = judge(metrics).health
    for label in (PASS, HIGH):
        filled = [Classified(each.rule, label, "") if each.label is NODATA else each for each in metrics]
        assert {before, judge(filled).health} != {GuardrailState.HEALTHY, GuardrailState.BREACHED}


def test_a_score_is_not_shown_as_reached_before_it_is() -> None:
    found = judge([*[metric(PASS)] * 36, *[metric(HIGH)] * 2])
    assert found.words == "Inconclusive: score 94.7, it takes 95 to pass."


@pytest.mark.parametrize("weights", [{"all": 60}, {"all": 60, "other": 30}])
def test_weights_that_leave_a_part_to_nobody_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(InsufficientData, match="less than 100"):
        judge([metric(PASS)], weights)


@pytest.mark.parametrize(("pass_from", "marginal_from"), [(50, 60), (101, 60), (90, -1), (math.nan, 1)])
def test_impossible_thresholds_are_refused(pass_from: float, marginal_from: float) -> None:
    with pytest.raises(InsufficientData, match="thresholds"):
        judge([metric(PASS)], None, pass_from, marginal_from)
