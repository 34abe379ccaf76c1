"""What people write a line each, read and written back: nothing is lost on the way through a form."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.design import Action, Design, Direction, Limit, Metric, MetricKind, MetricRole, Scale
from experiments.errors import BadInput
from handlers.lines import AFTER_THE_UNIT, guardrails_from, metrics_from
from handlers.surfaces import design_lines
from handlers.surfaces.design_lines import guardrails_text, other_metrics_text, primary_text

KEYS = st.from_regex(r"[a-z0-9]{2,8}(-[a-z0-9]{1,6}){0,2}", fullmatch=True).filter(lambda key: not _version(key))
WORDS = st.sampled_from(["ms", "per user", "in EUR", "limit", "per", "€ per order", "% of users", "Ångström", "a, b"])
UNITS = st.one_of(st.just("per unit"), WORDS, st.text(min_size=1, max_size=60))
LIMITS = st.builds(Limit, harm=st.floats(0, allow_nan=False, allow_infinity=False), scale=st.sampled_from(Scale))


def _version(key: str) -> bool:
    return any(part[:1] == "v" and part[1:].isdigit() for part in key.split("-"))


def _readable(unit: str) -> bool:
    """A unit that people could have meant: it names no limit after itself and keeps to its line."""
    try:
        cleaned = Metric(key="metric", unit=unit).unit
    except ValueError:
        return False
    return not AFTER_THE_UNIT.search(cleaned) and len(cleaned.splitlines()) == 1


QUERIES = st.sampled_from(
    [
        "",
        'rate(errors{variant="{variant}"}[{window}])',
        'up{v="{variant}"} in ms per user',
        'a limit 2 % prometheus b{v="{variant}"}',
        'x{v="{variant}"}, cap 99 %',
    ]
)


def metrics(role: MetricRole, **more: st.SearchStrategy[object]) -> st.SearchStrategy[Metric]:
    """Metrics of every kind, measured in every way that makes sense for it."""
    return st.builds(
        Metric,
        key=KEYS,
        role=st.just(role),
        kind=st.sampled_from(MetricKind),
        direction=st.sampled_from(Direction),
        unit=UNITS.filter(_readable),
        denominator=st.none() | KEYS,
        cap=st.none() | st.floats(0.5, 1, exclude_min=True, exclude_max=True),
        lookback_days=st.integers(0, 90),
        quantile=st.floats(0, 1, exclude_min=True, exclude_max=True),
        query=QUERIES,
        **more,
    ).map(_sensible)


def _sensible(metric: Metric) -> Metric:
    """Only a ratio has a denominator, only a quantile a quantile."""
    changes: dict[str, object] = {} if metric.kind is MetricKind.RATIO else {"denominator": None}
    changes |= {} if metric.kind is MetricKind.QUANTILE else {"quantile": 0.5}
    return metric.model_copy(update=changes)


GUARDRAILS = metrics(
    MetricRole.GUARDRAIL,
    limit=st.none() | LIMITS,
    action=st.sampled_from(Action),
    missing=st.sampled_from(Action),
    minimum_units=st.integers(0, 10**12),
)


@given(st.lists(GUARDRAILS, max_size=4, unique_by=lambda metric: metric.key))
def test_guardrails_come_back_as_they_were_written(guardrails: list[Metric]) -> None:
    assert guardrails_from(guardrails_text(guardrails)) == tuple(guardrails)


@given(st.lists(metrics(MetricRole.COST) | metrics(MetricRole.SECONDARY), max_size=4, unique_by=lambda each: each.key))
def test_other_metrics_come_back_as_they_were_written(others: list[Metric]) -> None:
    text = other_metrics_text(Design(metrics=tuple(others)))
    assert tuple(map(Metric.model_validate, metrics_from({"other_metrics": text}))) == tuple(others)


@given(metrics(MetricRole.PRIMARY))
def test_the_primary_metric_comes_back_as_it_was_written(primary: Metric) -> None:
    given = {"primary_metric": primary_text(primary), "primary_kind": primary.kind.value}
    [read] = metrics_from({**given, "primary_direction": primary.direction.value})
    assert Metric.model_validate(read) == primary


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("revenue ratio up per orders in EUR", {"denominator": "orders", "unit": "EUR"}),
        ("revenue ratio up per orders cap 99 %", {"denominator": "orders", "cap": 0.99}),
        ("revenue ratio up in per user", {"denominator": None, "unit": "per user"}),
        ("revenue mean up per user", {"denominator": None, "unit": "per user"}),
        ("revenue, ratio, up, per orders, cap 99,5 %", {"denominator": "orders", "cap": 0.995}),
        ("latency down quantile 95 % in ms", {"kind": MetricKind.QUANTILE, "quantile": 0.95, "unit": "ms"}),
        ("latency quantile down", {"quantile": 0.5}),
        ("revenue mean up capped at 99 % cuped 14 days per user", {"cap": 0.99, "lookback_days": 14}),
        ('errors down prometheus sum(x{v="{variant}"}) in 5m', {"query": 'sum(x{v="{variant}"}) in 5m'}),
        ("latency down in ms prometheus p95{v='{variant}'}", {"unit": "ms", "query": "p95{v='{variant}'}"}),
    ],
)
def test_a_line_says_how_a_metric_is_measured(line: str, expected: dict[str, object]) -> None:
    [read] = metrics_from({"other_metrics": line})
    metric = Metric.model_validate(read)
    assert {name: getattr(metric, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("revenue mean up cap 40 %", "above 0.5"),
        ("revenue mean up cuped 400 days", "at most 90"),
        ("revenue mean up quantile 95 %", "only a quantile has one"),
        ("revenue mean up in EUR cap 99 %", "unit comes last"),
    ],
)
def test_what_cannot_be_measured_so_names_its_line(line: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        metrics_from({"other_metrics": f"clicks up\n{line}"})
    assert caught.value.words.startswith("Line 2: ")
    assert words in caught.value.words


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "latency-p95 mean down guardrail limit 2 % from 500 units stop in ms",
            {"action": "stop", "minimum_units": 500},
        ),
        ("latency, down, stop, limit 3", {"action": "stop", "limit": Limit(harm=3, scale=Scale.ABSOLUTE)}),
        ("latency down from 1,500 users", {"minimum_units": 1500}),
        ("latency down roll back", {"action": "roll_back"}),
        ("latency Down Roll-Back missing Rollback", {"action": "roll_back", "missing": "roll_back"}),
        ("latency down missing pause warn", {"action": "warn", "missing": "pause"}),
        ("latency limit 0,5 % down", {"limit": Limit(harm=0.005)}),
        ("errors proportion down limit 0.5 points", {"limit": Limit(harm=0.005, scale=Scale.ABSOLUTE)}),
        ("orders up in from the shop", {"unit": "from the shop"}),
        ("roll-back down", {"action": "warn"}),
    ],
)
def test_a_guardrail_says_what_it_tolerates_and_does(line: str, expected: dict[str, object]) -> None:
    [metric] = guardrails_from(line)
    assert metric.role is MetricRole.GUARDRAIL
    assert {name: getattr(metric, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("latency mean", "which way is good"),
        ("latency down secondary", "is a guardrail here"),
        ("latency down sideways", "“sideways” is not"),
        ("latency down stop pause", "second action"),
        ("latency down missing soon", "“missing soon”"),
        ("latency down in ms limit 2 %", "unit comes last"),
        ("latency down limit 1,000", "two ways"),
        ("latency down limit 3 points", "points are of a proportion"),
        ("latency proportion down limit 3 % points", "points are of a proportion"),
        ("Latency! down", "lower-case"),
        ("errors down", "named twice"),
        ("orders down", "named twice"),
    ],
)
def test_a_line_that_cannot_be_read_names_itself(line: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        guardrails_from(f"errors down\n\n{line}", taken=["orders"])
    assert caught.value.field == "guardrails"
    assert caught.value.words.startswith("Line 3: ")
    assert words in caught.value.words


def test_only_a_guardrail_acts() -> None:
    for line in ("clicks up stop", "clicks up from 5 units", "clicks cost missing stop"):
        with pytest.raises(BadInput, match="only a guardrail has"):
            metrics_from({"other_metrics": line})


def test_the_documented_examples_hold() -> None:
    assert doctest.testmod(design_lines).failed == 0
