"""The weekly digest: started, finished, decided, who is needed, and the patterns of all that has ended."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from experiments.aggregate import Aggregate
from experiments.commands import AddNote, ArchiveExperiment, ImportAggregates, LogDecision, StopExperiment
from experiments.execute import execute
from experiments.knowledge.digest import Digest
from experiments.knowledge.patterns import Trial, patterns_of
from experiments.model import Outcome, Status, StopReason
from experiments.preferences import Preferences
from experiments.running import Rollout
from handlers.readings import read_new
from handlers.surfaces.announced import ANNOUNCED
from handlers.weekly_digest import weekly_digest
from tests.experiments.stages import KEY, lead_to
from tests.storage.samples import draft
from tests.worlds import ADA, MONDAY, MemoryWorld

CHANNEL = "C0EXPERIMENTS"


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


async def digest_of_week(bench: MemoryWorld, channel: str = CHANNEL) -> Digest | None:
    await read_new(bench.world)
    until = bench.clock.now()
    said = await weekly_digest(Preferences(subject=channel), until - timedelta(days=7), until, bench.world)
    if not said:
        return None
    [announcement] = said
    message = ANNOUNCED[announcement.surface](json.loads(json.dumps(announcement.payload)))
    assert [each.chart for each in message.pictures] == ["patterns"] * ("directions" in announcement.payload)
    assert [block["type"] for block in message.blocks].count("image") == len(message.pictures)
    return Digest.model_validate(announcement.payload["digest"])


def cumulative(lift: float) -> tuple[Aggregate, ...]:
    """Two weeks of a proportion that the treatment moves by `lift`."""
    means = {"control": 0.1, "treatment": 0.1 * (1 + lift)}
    return tuple(
        Aggregate("conversion", variant, float(day), 4_000 * day, mean, mean * (1 - mean))
        for variant, mean in means.items()
        for day in range(1, 15)
    )


async def ended(bench: MemoryWorld, key: str, lift: float, tag: str, channel: str = CHANNEL) -> None:
    """An experiment with data and tags that has ended."""
    arrived = ImportAggregates(key=key, rows=cumulative(lift), origin="shop.csv", create=True, channel=channel)
    after = await execute(arrived, ADA, bench.world)
    bench.tables.experiments[key] = after.evolve(tags=(tag,))


async def test_an_empty_week_is_no_message(bench: MemoryWorld) -> None:
    await draft(bench.world)
    assert await digest_of_week(bench) is None


async def test_a_week_with_everything(bench: MemoryWorld) -> None:
    await lead_to(Status.DECIDED, bench)
    bench.clock.advance(hours=1)
    digest = await digest_of_week(bench)
    assert digest is not None
    assert [each.key for each in digest.started] == [KEY]
    assert [each.key for each in digest.finished] == [KEY]
    assert [(each.key, each.outcome) for each in digest.decided] == [(KEY, Outcome.SHIP)]
    assert digest.needs_people == ()


@pytest.mark.parametrize(
    ("status", "what"),
    [
        (Status.IN_REVIEW, "review waits"),
        (Status.APPROVED, "to be started"),
        (Status.STOPPED, "decision is owed"),
    ],
)
async def test_what_waits_for_people_is_said(status: Status, what: str, bench: MemoryWorld) -> None:
    await lead_to(status, bench)
    bench.clock.advance(days=30)
    digest = await digest_of_week(bench)
    assert digest is not None
    assert what in digest.needs_people[0].what


async def test_last_weeks_news_are_not_told_again(bench: MemoryWorld) -> None:
    await lead_to(Status.DECIDED, bench)
    bench.clock.advance(days=8)
    assert await digest_of_week(bench) is None


async def test_another_channels_experiments_stay_there(bench: MemoryWorld) -> None:
    await lead_to(Status.STOPPED, bench)
    assert await digest_of_week(bench, "C0OTHER") is None


async def test_patterns_have_a_signal_per_tag(bench: MemoryWorld) -> None:
    for number in range(3):
        await ended(bench, f"strong-{number}", 0.10, "pricing")
        await ended(bench, f"nothing-{number}", 0.0, "copy")
    await ended(bench, "once", 0.10, "speed")
    for number in range(3):
        await ended(bench, f"mild-{number}", 0.10 if number else -0.18, "search")
    await lead_to(Status.DECIDED, bench)
    bench.clock.advance(hours=1)
    digest = await digest_of_week(bench)
    assert digest is not None
    assert [each.key for each in digest.decided] == [KEY]
    lines = {line.split(":")[0]: line for line in digest.patterns}
    assert lines["pricing"].startswith("pricing: HIGH, 3 of 3 positive")
    assert lines["copy"].startswith("copy: LOW, 0 of 3 positive")
    assert lines["speed"].startswith("speed: HIGH (n = 1)")
    assert lines["search"].startswith("search: MODERATE, 2 of 3 positive")
    assert digest.pattern_experiments == 11
    [announcement] = await weekly_digest(
        Preferences(subject=CHANNEL), bench.clock.now() - timedelta(days=7), bench.clock.now(), bench.world
    )
    [picture] = ANNOUNCED["weekly_digest"](announcement.payload).pictures
    assert "pricing" in picture.alt


@pytest.mark.parametrize("status", [Status.ROLLING_OUT, Status.ROLLED_OUT, Status.ROLLED_BACK, Status.ARCHIVED])
async def test_what_became_of_an_experiment_takes_it_out_of_no_pattern(status: Status, bench: MemoryWorld) -> None:
    for number in range(3):
        await ended(bench, f"strong-{number}", 0.10, "pricing")
    won = bench.tables.experiments["strong-0"]
    rollout = Rollout(variant="treatment", stages=(10_000,), by="U0ADA", at=MONDAY, stage_at=MONDAY)
    bench.tables.experiments["strong-0"] = won.evolve(status=status, rollout=rollout)
    await lead_to(Status.DECIDED, bench)
    bench.clock.advance(hours=1)
    digest = await digest_of_week(bench)
    assert digest is not None
    assert any(line.startswith("pricing: HIGH, 3 of 3 positive") for line in digest.patterns)


async def test_effects_of_one_metric_are_pooled(bench: MemoryWorld) -> None:
    for number, lift in enumerate((0.10, 0.12, 0.11)):
        await ended(bench, f"pricing-{number}", lift, "pricing")
    await ended(bench, "copy-0", 0.10, "copy")
    await lead_to(Status.DECIDED, bench)
    bench.clock.advance(hours=1)
    digest = await digest_of_week(bench)
    assert digest is not None
    lines = {line.split(":")[0]: line for line in digest.patterns}
    assert lines["pricing"] == (
        "pricing: HIGH, 3 of 3 positive, average +11.0 % (3 of 3 by chance: once in 8 tags); "
        "together +11.0 % (6.2 % to 15.8 %), the next one −3.2 % to 25.2 %"
    )
    assert lines["copy"] == "copy: HIGH (n = 1), 1 of 1 positive, average +10.0 %"


def pattern_line(*trials: tuple[float, str, float | None]) -> str:
    """What the digest says of trials with these lifts, metrics and variances."""
    made = [
        Trial(tags=("pricing",), lift=lift, hit=True, metric=metric, unit="user", variance=variance)
        for lift, metric, variance in trials
    ]
    [pattern] = patterns_of(made)
    return pattern.summary


def test_two_experiments_say_nothing_of_the_next_one() -> None:
    line = pattern_line((0.03, "conversion", 1e-4), (0.04, "conversion", 1e-4))
    assert "; together +3.5 % (" in line
    assert "next one" not in line


def test_of_several_metrics_the_most_frequent_is_pooled_by_name() -> None:
    line = pattern_line((0.03, "revenue", 1e-4), (0.02, "conversion", 1e-4), (0.04, "conversion", 1e-4))
    assert "; conversion of 2 together +3.0 % (" in line
    assert line.count("together") == 1


@pytest.mark.parametrize("variance", [None, 1e-4])
def test_nothing_is_pooled_of_one_experiment_or_without_errors(variance: float | None) -> None:
    line = pattern_line((0.03, "conversion", variance), (0.04, "revenue", None))
    assert line == "pricing: HIGH (n = 2), 2 of 2 positive, average +3.5 % (2 of 2 by chance: once in 4 tags)"


async def test_what_was_decided_is_part_of_its_pattern(bench: MemoryWorld) -> None:
    await ended(bench, "revised", 0.10, "pricing")
    await execute(
        LogDecision(key="revised", outcome=Outcome.SHIP, reasoning="It sold more.", readout_number=1), ADA, bench.world
    )
    bench.clock.advance(hours=1)
    digest = await digest_of_week(bench)
    assert digest is not None
    assert "1 of 1 positive" in digest.patterns[0]


@pytest.mark.parametrize(("count", "pictures"), [(1, []), (3, ["patterns"])])
async def test_directions_are_drawn_once_there_are_a_few(count: int, pictures: list[str], bench: MemoryWorld) -> None:
    for number in range(count):
        await ended(bench, f"strong-{number}", 0.10, "pricing")
    await lead_to(Status.DECIDED, bench)
    await read_new(bench.world)
    until = bench.clock.advance(hours=1)
    said = await weekly_digest(Preferences(subject=CHANNEL), until - timedelta(days=7), until, bench.world)
    message = ANNOUNCED["weekly_digest"](json.loads(json.dumps(said[0].payload)))
    assert [each.chart for each in message.pictures] == pictures


async def test_an_experiment_without_numbers_is_part_of_no_pattern(bench: MemoryWorld) -> None:
    running = await lead_to(Status.RUNNING, bench)
    bench.tables.experiments[KEY] = running.evolve(tags=("checkout",))
    await execute(StopExperiment(key=KEY, reason=StopReason.HARM), ADA, bench.world)
    bench.tables.batches.clear()
    digest = await digest_of_week(bench)
    assert digest is not None
    assert digest.patterns == ()


async def test_the_archive_still_counts_for_its_week(bench: MemoryWorld) -> None:
    await lead_to(Status.DECIDED, bench)
    await execute(ArchiveExperiment(key=KEY), ADA, bench.world)
    bench.clock.advance(hours=1)
    digest = await digest_of_week(bench)
    assert digest is not None
    assert [each.key for each in digest.decided] == [KEY]


async def test_what_a_person_wrote_is_text_in_the_digest(bench: MemoryWorld) -> None:
    await lead_to(Status.STOPPED, bench)
    await execute(AddNote(key=KEY, text="<!channel>"), ADA, bench.world)
    await execute(LogDecision(key=KEY, outcome=Outcome.SHIP, reasoning="<!channel> & <@U0BO> won"), ADA, bench.world)
    bench.clock.advance(hours=1)
    start: datetime = MONDAY
    [said] = await weekly_digest(
        Preferences(subject=CHANNEL), start - timedelta(days=1), bench.clock.now(), bench.world
    )
    shown: Any = ANNOUNCED[said.surface](said.payload)
    assert "&lt;!channel&gt; &amp; &lt;@U0BO&gt; won" in str(shown.blocks)
    assert "<!channel>" not in str(shown.blocks) + shown.text
