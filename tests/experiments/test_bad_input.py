"""Bad input at the door of every command: a clear word at the right field, and nothing half-written."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from experiments.commands import (
    AddNote,
    Command,
    CreateExperiment,
    EditExperiment,
    ImportAggregates,
    LogDecision,
    RequestReview,
)
from experiments.errors import BunsenError
from experiments.execute import execute, execute_all
from experiments.model import Experiment, Status
from tests.experiments.stages import HYPOTHESIS, KEY, METRICS, VARIANTS, lead_to, rows
from tests.worlds import ADA, BO, MONDAY, MemoryWorld

TEN_KB = "x" * 10_240


def weights(*shares: int) -> list[dict[str, Any]]:
    return [{"key": f"arm-{n}", "weight": share, "is_control": n == 0} for n, share in enumerate(shares)]


def row(day: float = 1.0, n: int = 10, mean: float = 0.1, variance: float = 0.09) -> list[tuple[Any, ...]]:
    return [("conversion", "control", day, n, mean, variance)]


def more(*later: Any) -> list[tuple[Any, ...]]:
    return [(*row()[0], *later)]


TREATED = [("conversion", "treatment", 1.0, 10, 0.1, 0.09)]

REFUSED: list[tuple[type[Command], dict[str, Any], str, str]] = [
    (CreateExperiment, {"title": "T", "key": "Checkout Button"}, "key", "lower-case letters"),
    (CreateExperiment, {"title": "T", "key": "button-"}, "key", "single hyphens"),
    (CreateExperiment, {"title": "T", "key": "button--big"}, "key", "single hyphens"),
    (CreateExperiment, {"title": "T", "key": "bütton"}, "key", "like checkout-button"),
    (CreateExperiment, {"title": "T", "key": "but\u200fton"}, "key", "like checkout-button"),
    (CreateExperiment, {"title": "T", "key": "../etc/passwd"}, "key", "like checkout-button"),
    (CreateExperiment, {"title": "T", "key": "<!channel>"}, "key", "like checkout-button"),
    (CreateExperiment, {"title": "T", "key": "checkout-v2"}, "key", "leave the version out"),
    (CreateExperiment, {"title": "T", "key": "a"}, "key", "at least 2 characters"),
    (CreateExperiment, {"title": "T", "key": "k" * 61}, "key", "61 characters; at most 60 fit"),
    (CreateExperiment, {}, "title", "required"),
    (CreateExperiment, {"title": ""}, "title", "fill this in"),
    (CreateExperiment, {"title": " \t\n "}, "title", "fill this in"),
    (CreateExperiment, {"title": "\x00\x07\x9b"}, "title", "fill this in"),
    (CreateExperiment, {"title": "\u200f\u200b\u2066\ufeff"}, "title", "fill this in"),
    (CreateExperiment, {"title": "\ud800"}, "title", "fill this in"),
    (CreateExperiment, {"title": TEN_KB}, "title", "10,240 characters; at most 120 fit"),
    (CreateExperiment, {"title": "T", "hypothesis": TEN_KB}, "hypothesis", "10,240 characters; at most 3,000 fit"),
    (CreateExperiment, {"title": "T", "project": "\u200b"}, "project", "fill this in"),
    (CreateExperiment, {"title": "T", "tags": ["#"]}, "tags", "fill this in"),
    (CreateExperiment, {"title": "T", "status": "running"}, "status", "not permitted"),
    (EditExperiment, {"key": KEY, "variants": weights(5000, 4000)}, "variants", "sum to 90 %; make them sum to 100 %"),
    (EditExperiment, {"key": KEY, "variants": weights(9000, 9000)}, "variants", "sum to 180 %"),
    (EditExperiment, {"key": KEY, "variants": weights(10_000)}, "variants", "at least two variants"),
    (EditExperiment, {"key": KEY, "variants": [*VARIANTS, VARIANTS[0]]}, "variants", "two variants are called control"),
    (EditExperiment, {"key": KEY, "variants": [{"key": "aa", "weight": 5000}] * 2}, "variants", "aa"),
    (EditExperiment, {"key": KEY, "variants": [{"key": "a1", "weight": -1}, VARIANTS[0]]}, "variants", "0"),
    (EditExperiment, {"key": KEY, "metrics": [METRICS[0], METRICS[0]]}, "metrics", "conversion is named twice"),
    (EditExperiment, {"key": KEY, "smallest_effect": math.nan}, "smallest_effect", "less than"),
    (EditExperiment, {"key": KEY, "smallest_effect": 0}, "smallest_effect", "greater than 0"),
    (EditExperiment, {"key": KEY, "planned_days": 0}, "planned_days", "greater than or equal to 1"),
    (EditExperiment, {"key": KEY, "planned_days": 401}, "planned_days", "less than or equal to 400"),
    (EditExperiment, {"key": KEY, "alpha": math.inf}, "alpha", "less than"),
    (EditExperiment, {"key": KEY, "smallest_effect": 10.1}, "smallest_effect", "less than or equal to 10"),
    (EditExperiment, {"key": KEY, "planned_units": 99}, "planned_units", "greater than or equal to 100"),
    (EditExperiment, {"key": KEY, "planned_units": 10**12 + 1}, "planned_units", "less than or equal to"),
    (RequestReview, {"key": KEY, "due_at": MONDAY - timedelta(days=1)}, "due_at", "has passed"),
    (RequestReview, {"key": KEY, "due_at": MONDAY + timedelta(hours=2)}, "due_at", "has passed"),
    (RequestReview, {"key": KEY, "due_at": "2027-01-01T00:00"}, "due_at", "timezone"),
    (RequestReview, {"key": KEY, "reviewers": ("U0BO", "U0ADA")}, "reviewers", "choose somebody else"),
    (AddNote, {"key": KEY, "text": "\u200e"}, "text", "fill this in"),
    (AddNote, {"key": KEY, "text": TEN_KB}, "text", "at most 3,000 fit"),
    (AddNote, {"key": KEY, "text": "x", "revision": "newest"}, "revision", "integer"),
    (ImportAggregates, {"key": KEY, "rows": []}, "rows", "at least 1"),
    (ImportAggregates, {"key": KEY, "rows": row(mean=math.nan)}, "rows", "no measurement gives"),
    (ImportAggregates, {"key": KEY, "rows": row(variance=-0.1)}, "rows", r"row 1 \(conversion, control\)"),
    (ImportAggregates, {"key": KEY, "rows": row(variance=math.inf)}, "rows", "no measurement gives"),
    (ImportAggregates, {"key": KEY, "rows": row(n=-1)}, "rows", "no measurement gives"),
    (ImportAggregates, {"key": KEY, "rows": row(day=-1)}, "rows", "no measurement gives"),
    (ImportAggregates, {"key": KEY, "rows": [*row(), *row(n=11, mean=0.2)]}, "rows", "same metric, variant, day and"),
    (ImportAggregates, {"key": KEY, "rows": row(n=2**63)}, "rows", "no measurement gives"),
    (ImportAggregates, {"key": KEY, "rows": more("", (1.0, -1.0, 0.0))}, "rows", "no measurement gives"),
    (ImportAggregates, {"key": KEY, "rows": more("", None, (1.0, -1.0, 0.0, 0.0))}, "rows", "no measurement gives"),
    (ImportAggregates, {"key": KEY, "rows": more("", None, (1.0, 1.0, 0.0, math.nan))}, "rows", "no measurement"),
    (ImportAggregates, {"key": KEY, "rows": more("", None, None, (math.inf, 1.0))}, "rows", "no measurement gives"),
    (ImportAggregates, {"key": KEY, "rows": [*more("a=b"), *more("a=b")]}, "rows", "day and segment"),
    (ImportAggregates, {"key": KEY, "rows": more("Germany")}, "rows", r"\(conversion, control\) .* like country=DE"),
    (ImportAggregates, {"key": KEY, "rows": more("country=")}, "rows", "like country=DE"),
    (ImportAggregates, {"key": KEY, "rows": more("country=a=b")}, "rows", "like country=DE"),
    (ImportAggregates, {"key": KEY, "rows": more("country=D\x00")}, "rows", "like country=DE"),
    (ImportAggregates, {"key": KEY, "rows": more("country=\ud800")}, "rows", "like country=DE|valid string"),
    (ImportAggregates, {"key": KEY, "rows": more(f"country={TEN_KB}")}, "rows", "like country=DE"),
    (ImportAggregates, {"key": "elsewhere", "rows": row(), "create": True}, "variant", "do not compare anything"),
    (ImportAggregates, {"key": "elsewhere", "rows": TREATED, "create": True}, "variant", "do not compare anything"),
    (LogDecision, {"key": KEY, "outcome": "maybe", "reasoning": "Because."}, "outcome", "'ship', 'iterate' or"),
    (LogDecision, {"key": KEY, "outcome": "ship", "reasoning": "  "}, "reasoning", "fill this in"),
    (LogDecision, {"key": KEY, "outcome": "ship", "reasoning": TEN_KB}, "reasoning", "10,240 characters"),
]


def blamed(error: Exception) -> str | None:
    if isinstance(error, ValidationError):
        return str(error.errors()[0]["loc"][0])
    return error.field if isinstance(error, BunsenError) else None


@pytest.mark.parametrize(
    ("kind", "fields", "field", "words"),
    REFUSED,
    ids=[f"{kind.__name__}-{field}-{n}" for n, (kind, _, field, _) in enumerate(REFUSED)],
)
async def test_bad_input_is_refused_at_its_field(
    kind: type[Command], fields: dict[str, Any], field: str, words: str
) -> None:
    bench = MemoryWorld()
    await lead_to(Status.DRAFT, bench)
    kept = bench.tables.copy()
    with pytest.raises((ValidationError, BunsenError), match=words) as refused:
        await execute(kind.model_validate(fields), ADA, bench.world)
    assert blamed(refused.value) == field
    assert bench.tables == kept


@pytest.mark.parametrize(
    "edges",
    [
        {"smallest_effect": 0.001, "planned_days": 1, "planned_units": 100, "alpha": 0.0001},
        {"smallest_effect": 10, "planned_days": 400, "planned_units": 10**12, "alpha": 0.2},
    ],
)
async def test_the_outermost_good_values_are_taken(edges: dict[str, float]) -> None:
    bench = MemoryWorld()
    await lead_to(Status.DRAFT, bench)
    after = await execute(EditExperiment.model_validate({"key": KEY, **edges}), ADA, bench.world)
    assert {name: getattr(after.design, name) for name in edges} == edges


async def test_a_first_look_may_have_seen_nothing_yet() -> None:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    nothing = row(day=0.0, n=0, mean=0.0, variance=0.0)
    after = await execute(ImportAggregates.model_validate({"key": KEY, "rows": nothing}), ADA, bench.world)
    assert after.data_version == 2


async def test_a_taken_key_is_refused_with_another_to_choose() -> None:
    bench = MemoryWorld()
    await lead_to(Status.DRAFT, bench)
    with pytest.raises(BunsenError, match=f"The key {KEY} is taken. Choose another one") as refused:
        await execute(CreateExperiment(title="Another", key=KEY), BO, bench.world)
    assert refused.value.field == "key"
    assert bench.tables.experiments[KEY].title == "Bigger button"


@pytest.mark.parametrize("hypothesis", ["", "\u200f", "\x00"])
async def test_without_a_hypothesis_nobody_is_asked_to_review(hypothesis: str) -> None:
    bench = MemoryWorld()
    await execute(CreateExperiment(title="Idea", key=KEY, hypothesis=hypothesis), ADA, bench.world)
    with pytest.raises(BunsenError, match=r"hypothesis is empty.*no variants yet.*no primary metric yet") as refused:
        await execute(RequestReview(key=KEY), ADA, bench.world)
    assert (refused.value.code, refused.value.field) == ("incomplete", "hypothesis")


@pytest.mark.parametrize("variant", ["control", "ghost"])
async def test_data_of_unknown_arms_or_metrics_is_refused(variant: str) -> None:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    strange = [("speed", variant, 2.0, 10, 0.1, 0.09)]
    with pytest.raises(BunsenError, match="it has con") as refused:
        await execute(ImportAggregates(key=KEY, rows=strange), ADA, bench.world)
    assert refused.value.field == ("variant" if variant == "ghost" else "metric")


async def test_a_decision_rests_on_a_readout_that_exists() -> None:
    bench = MemoryWorld()
    stopped = await lead_to(Status.STOPPED, bench)
    decision = {"key": KEY, "outcome": "ship", "reasoning": "It sells more."}
    for number in (-1, stopped.data_version + 1):
        with pytest.raises(BunsenError, match=f"no readout {number}; the newest is 1"):
            await execute(LogDecision.model_validate({**decision, "readout_number": number}), ADA, bench.world)
    after = await execute(LogDecision.model_validate(decision), ADA, bench.world)
    assert after.decision is not None
    assert after.decision.readout_number == 1


KEPT = {
    "emoji 🚀 and a family 👨‍👩‍👧": "emoji 🚀 and a family 👨‍👩‍👧",
    "שלום \u200fworld": "שלום \u200fworld",
    "<!channel> <@U1> <https://x|Approve> *bold* `code`": "<!channel> <@U1> <https://x|Approve> *bold* `code`",
    "one\nline\u2028only\x85!": "one line only!",
    "cafe\u0301": "café",
    "tab\there": "tab here",
    "a\ud800b": "ab",
    "=HYPERLINK(1)": "=HYPERLINK(1)",
}


@pytest.mark.parametrize(("typed", "kept"), KEPT.items())
async def test_odd_but_honest_text_is_kept_as_typed(typed: str, kept: str) -> None:
    bench = MemoryWorld()
    after = await execute(CreateExperiment(title=typed, key=KEY, hypothesis=HYPOTHESIS), ADA, bench.world)
    assert after.title == kept
    assert Experiment.model_validate_json(after.model_dump_json()) == after


async def test_prose_keeps_its_lines() -> None:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    await execute(AddNote(key=KEY, text="first\n\nsecond\tline\x00"), BO, bench.world)
    assert bench.tables.notes[KEY][-1].text == "first\n\nsecond\tline"


async def test_several_changes_happen_all_or_none() -> None:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    kept = bench.tables.copy()
    good = ImportAggregates.model_validate({"key": KEY, "rows": rows(day=2.0)})
    with pytest.raises(BunsenError, match="There is no experiment"):
        await execute_all([good, good.model_copy(update={"key": "nowhere"})], ADA, bench.world)
    assert bench.tables == kept
