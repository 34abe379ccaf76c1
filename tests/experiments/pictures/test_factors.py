"""What the picture of factors is given: effects and tests by the method of the design, means of a pair, refusals."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.aggregate import Aggregate, Companion
from experiments.design import Correction, Direction, Method, Metric, MetricKind, MetricRole
from experiments.model import Experiment, Status
from experiments.pictures.factors import NO_FACTORS, FactorMap, factors_of, pairs_of
from experiments.readout import Standing
from experiments.stats.factorial import Cell, anova, wald
from experiments.stats.multiplicity import holm
from tests.charts.pictures.factors import PROMPTS, designed
from tests.experiments.readings import an_experiment, reading

SPEED = Metric(key="speed", role=MetricRole.PRIMARY, unit="ms")
MEANS = {"cell-0": 10.0, "cell-1": 14.0, "cell-2": 11.0, "cell-3": 16.0}
N, SPREAD = 400, 9.0


def made(**design: Any) -> Experiment:
    return designed(PROMPTS, SPEED, **design)


def rows(day: float = 14.0, n: int = N, metric: str = "speed", **changes: Any) -> list[Aggregate]:
    return [Aggregate(metric, key, day, n, mean, SPREAD, **changes) for key, mean in MEANS.items()]


def pictured(experiment: Experiment, given: list[Aggregate], **which: str) -> FactorMap:
    return factors_of(experiment, given, reading(experiment, given), **which)


def cells(experiment: Experiment) -> list[Cell]:
    return [Cell(each.factors, N, MEANS[each.key], SPREAD) for each in experiment.design.variants]


def test_read_once_the_terms_are_walds_with_holm_over_all_of_them() -> None:
    experiment = made(method=Method.WELCH)
    data = pictured(experiment, rows())
    expected = wald(cells(experiment))
    assert [each.name for each in data.terms] == ["prompt", "model", "prompt × model"]
    assert [(each.df, each.f, each.once) for each in data.terms] == [(each.df, each.f, each.p) for each in expected]
    assert [each.p for each in data.terms] == pytest.approx(holm([each.p for each in expected]).tolist())
    assert [each.ss for each in data.terms] == [each.ss for each in anova(cells(experiment)).terms]
    assert data.policy.startswith("p: Holm over 3 terms; for one look.")


@pytest.mark.parametrize("method", [Method.WELCH, Method.ALWAYS_VALID])
def test_main_effects_are_against_the_level_of_the_control(method: Method) -> None:
    data = pictured(made(method=method), rows())
    prompt, model = data.effects
    assert (prompt.metric, prompt.treatment.variant, prompt.control.variant) == ("prompt", "short against long", "long")
    assert prompt.difference == pytest.approx(((11 - 10) + (16 - 14)) / 2)
    assert model.difference == pytest.approx(((14 - 10) + (16 - 11)) / 2)
    assert prompt.relative == pytest.approx(1.5 / 12)
    assert (prompt.control.n, prompt.treatment.n) == (2 * N, 2 * N)
    assert (model.standing, model.unit) == (Standing.BETTER, "ms")


@pytest.mark.parametrize("method", [Method.WELCH, Method.ALWAYS_VALID])
@pytest.mark.parametrize("size", [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
def test_an_effect_is_clear_exactly_when_its_interval_leaves_zero_and_its_p_is_small(
    method: Method, size: float
) -> None:
    given = [row._replace(mean=10 + size * (row.variant in {"cell-2", "cell-3"})) for row in rows()]
    data = pictured(made(method=method), given)
    prompt, term = data.effects[0], data.terms[0]
    outside = prompt.interval is not None and (prompt.interval.lower or 0) > 0
    relative = prompt.relative_interval is not None and (prompt.relative_interval.lower or 0) > 0
    assert outside == relative == (prompt.standing is Standing.BETTER) == term.clear == (term.p <= 0.05)
    assert (prompt.p or 0) == pytest.approx(term.p) or term.p == 1


def test_an_always_valid_reading_is_wider_than_one_look() -> None:
    once, always = (pictured(made(method=method), rows()).effects[0] for method in (Method.WELCH, Method.ALWAYS_VALID))
    assert always.interval.upper - always.interval.lower > 1.2 * (once.interval.upper - once.interval.lower)
    assert always.difference == once.difference
    assert "always-valid, safe at every look" in pictured(made(), rows()).policy


def test_where_less_is_better_a_rise_is_worse() -> None:
    experiment = designed(PROMPTS, SPEED.model_copy(update={"direction": Direction.DOWN}))
    assert pictured(experiment, rows()).effects[1].standing is Standing.WORSE


def test_several_levels_share_the_level_of_their_factor() -> None:
    experiment = designed({"heat": ("0", "1", "2")}, SPEED, method=Method.WELCH)
    given = [
        Aggregate("speed", f"cell-{place}", 14.0, N, mean, SPREAD) for place, mean in enumerate((10.0, 10.5, 10.1))
    ]
    data = pictured(experiment, given)
    assert [each.treatment.variant for each in data.effects] == ["1 against 0", "2 against 0"]
    half = (data.effects[0].interval.upper - data.effects[0].interval.lower) / 2
    assert half == pytest.approx(2.2446 * (2 * SPREAD / N) ** 0.5, rel=1e-3)  # t at 0.05 / 2 levels, two-sided
    assert "Bonferroni within a term" in data.policy
    assert (data.axis, data.other, [len(line.points) for line in data.lines]) == ("heat", "", [3])


def test_the_means_of_a_pair_are_those_of_its_combinations() -> None:
    data = pictured(made(), rows(), pair="prompt × model")
    assert (data.axis, data.other, data.pair) == ("prompt", "model", "prompt × model")
    assert [(line.level, [(point.level, point.mean, point.n) for point in line.points]) for line in data.lines] == [
        ("small", [("long", 10.0, N), ("short", 11.0, N)]),
        ("large", [("long", 14.0, N), ("short", 16.0, N)]),
    ]
    assert all(point.lower < point.mean < point.upper for line in data.lines for point in line.points)


def test_the_clearest_interaction_is_drawn_unless_another_is_chosen() -> None:
    experiment = designed({"prompt": ("long", "short"), "model": ("small", "large"), "tools": ("none", "all")}, SPEED)
    given = [
        Aggregate("speed", each.key, 14.0, N, 10 + 2.0 * ({"small", "all"} <= set(each.factors.values())), SPREAD)
        for each in experiment.design.variants
    ]
    assert pairs_of(experiment) == ("prompt × model", "prompt × tools", "model × tools")
    assert pictured(experiment, given).pair == "model × tools"
    assert pictured(experiment, given, pair="prompt × tools").pair == "prompt × tools"
    assert pictured(experiment, given, pair="nothing").pair == "model × tools"


def test_along_the_axis_runs_the_factor_with_more_levels() -> None:
    experiment = designed({"prompt": ("long", "short"), "heat": ("0", "1", "2")}, SPEED)
    given = [Aggregate("speed", f"cell-{place}", 14.0, N, 10.0, SPREAD) for place in range(6)]
    data = pictured(experiment, given)
    assert (data.axis, data.other) == ("heat", "prompt")


def test_a_ratio_is_read_by_the_delta_method() -> None:
    ratio = Metric(key="speed", role=MetricRole.PRIMARY, kind=MetricKind.RATIO, unit="ms")
    experiment = designed(PROMPTS, ratio, method=Method.WELCH)
    below = Companion(mean=2.0, variance=1.0, covariance=0.5)
    data = pictured(experiment, rows(denominator=below))
    assert data.effects[0].difference == pytest.approx(0.75)
    assert data.effects[0].control.mean == pytest.approx(6.0)
    assert {each.ss for each in data.terms} == {None}


@pytest.mark.parametrize("method", [Method.FIXED, Method.GROUP_SEQUENTIAL])
def test_what_holds_for_one_look_waits_for_the_planned_end(method: Method) -> None:
    experiment = made(method=method, planned_units=1_000)
    early, late = (pictured(experiment, rows(day)) for day in (9.0, 14.0))
    assert early.headline == "The factors cannot be read yet"
    assert "once, at the planned end on day 14" in early.refused
    assert late.effects
    assert pictured(experiment.evolve(status=Status.STOPPED), rows(13.6)).effects


def test_rows_count_from_the_newest_day_that_all_variants_have() -> None:
    ahead = [row._replace(day=13.0) for row in rows()] + [row._replace(mean=99.0) for row in rows()[:1]]
    assert pictured(made(), ahead).effects[0].difference == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("given", "headline", "words"),
    [
        ([], "No data yet", "There are no data on speed"),
        (rows()[:3], "The factors cannot be read yet", "There are no data on speed in cell-3 yet."),
        (rows(n=80), "The factors cannot be read yet", "Only 80 units in cell-0 so far; 100 are needed."),
        (rows(day=2.0), "Too early to read", "Too early for a verdict"),
        ([row._replace(n=150) if row.variant == "cell-1" else row for row in rows()], "⚠ No lift is shown", "split"),
        ([row._replace(variance=0.0) for row in rows()], "The factors cannot be read yet", "the same value"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(given: list[Aggregate], headline: str, words: str) -> None:
    data = pictured(made(correction=Correction.NONE), given)
    assert (data.headline, data.effects, data.terms, data.lines) == (headline, (), (), ())
    assert words in data.refused


def test_without_factors_it_says_how_they_are_written() -> None:
    plain = an_experiment("treatment", metrics=(SPEED,))
    data = pictured(plain, [Aggregate("speed", each, 14.0, N, 10.0, SPREAD) for each in ("control", "treatment")])
    assert (data.headline, data.refused) == ("No factors", NO_FACTORS)
    assert "short-small 25 prompt=short model=small" in NO_FACTORS
    assert pairs_of(plain) == ()


def test_a_variant_without_traffic_leaves_its_combination_empty() -> None:
    experiment = made()
    weights = (4_000, 3_000, 3_000, 0)
    variants = tuple(
        each.model_copy(update={"weight": weight})
        for each, weight in zip(experiment.design.variants, weights, strict=True)
    )
    changed = experiment.evolve(design=experiment.design.model_copy(update={"variants": variants}))
    given = [row._replace(n=weight) for row, weight in zip(rows(), weights, strict=True) if weight]
    data = pictured(changed, given)
    assert (data.headline, data.refused) == (
        "The factors cannot be told apart", "No variant with traffic is prompt=short model=large.",
    )  # fmt: skip
