"""Readings: every experiment with new data is read once, and what was read stands on its card and in its alarms."""

from __future__ import annotations

import asyncio
from typing import Any

from experiments.commands import ImportAggregates
from experiments.execute import execute
from experiments.knowledge.outcomes import effect_of
from experiments.model import Status
from experiments.permissions import BUNSEN
from experiments.readout import VerdictStatus
from experiments.running import Reading, Significance
from handlers import decide
from handlers.readings import read_new
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import Asking, submitted
from tests.worlds import ADA, MemoryWorld


def rows(day: float, control: float, treatment: float, n: int = 20_000) -> tuple[tuple[Any, ...], ...]:
    """Cumulated data up to a day: how many buy in each arm, and a latency that stays."""
    return tuple(
        row
        for arm, p in (("control", control), ("treatment", treatment))
        for row in (("conversion", arm, day, n, p, p * (1 - p)), ("latency", arm, day, n, 100.0, 25.0))
    )


async def running_with(*batches: tuple[tuple[Any, ...], ...]) -> MemoryWorld:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    for batch in batches:
        await execute(ImportAggregates.model_validate({"key": KEY, "rows": batch}), ADA, bench.world)
    return bench


def posted(bench: MemoryWorld, surface: str) -> list[dict[str, Any]]:
    return [row.announcement.payload for row in bench.tables.outbox.values() if row.announcement.surface == surface]


async def test_new_data_are_read_once_by_bunsen_itself() -> None:
    bench = await running_with(rows(5.0, 0.10, 0.12))
    assert await read_new(bench.world) == 1
    after = bench.tables.experiments[KEY]
    assert after.reading is not None
    assert (after.reading.number, after.reading.status) == (after.data_version, VerdictStatus.SHIP)
    assert after.reading.significance is Significance.SIGNIFICANT
    assert bench.tables.records[max(bench.tables.records)].actor == BUNSEN
    assert await read_new(bench.world) == 0
    assert not after.unread


async def test_a_reading_from_before_effects_were_kept_is_made_once_more() -> None:
    bench = await running_with(rows(5.0, 0.10, 0.12))
    await read_new(bench.world)
    known = bench.tables.experiments[KEY]
    assert known.reading is not None
    old = known.reading.model_dump(exclude={"effects"})
    bench.tables.experiments[KEY] = known.model_copy(update={"reading": Reading.model_validate(old)})
    assert effect_of(bench.tables.experiments[KEY]) is None
    assert [await read_new(bench.world) for _ in range(2)] == [1, 0]
    assert bench.tables.experiments[KEY].reading == known.reading


async def test_replicas_that_read_at_once_record_one_reading() -> None:
    bench = await running_with(rows(5.0, 0.10, 0.12))
    counts = await asyncio.gather(*(read_new(bench.world) for _ in range(3)))
    assert sum(counts) == 1
    assert [each.command for each in bench.tables.records.values()].count("RecordReading") == 1


async def test_nothing_is_said_about_significance_before_the_minimum_run_time() -> None:
    bench = await running_with(rows(2.0, 0.10, 0.15))
    await read_new(bench.world)
    reading = bench.tables.experiments[KEY].reading
    assert reading is not None
    assert reading.significance is Significance.NOT_SHOWN
    assert "Too early for a verdict" in reading.sentence
    assert "%" not in reading.sentence


async def test_a_turn_for_the_worse_is_said_once() -> None:
    bench = await running_with(rows(5.0, 0.10, 0.10))
    await read_new(bench.world)
    assert not posted(bench, "alarm")
    for day in (6.0, 7.0):
        worse = rows(day, 0.10, 0.07, n=int(30_000 * day))
        await execute(ImportAggregates.model_validate({"key": KEY, "rows": worse}), ADA, bench.world)
        await read_new(bench.world)
    assert len(posted(bench, "alarm")) == 1


async def test_a_decision_keeps_the_advice_of_the_newest_data() -> None:
    bench = await running_with(rows(5.0, 0.10, 0.12))
    stopped = bench.tables.experiments[KEY].evolve(status=Status.STOPPED, stopped_at=bench.clock.now())
    bench.tables.experiments[KEY] = stopped
    ask = Asking(bench)
    await ask(decide.decide.by_command, KEY)
    assert "The rule, fixed beforehand, says: ship." in str(ask.opened())
    await ask(decide.submit, view=submitted(ask.opened(), outcome="ship", reasoning="It sells more."))
    decision = bench.tables.experiments[KEY].decision
    assert decision is not None
    assert decision.advice is VerdictStatus.SHIP
    assert not decision.is_against_advice


async def test_shipping_against_the_advice_is_said_before_and_after() -> None:
    bench = await running_with(rows(5.0, 0.10, 0.10))
    stopped = bench.tables.experiments[KEY].evolve(status=Status.STOPPED, stopped_at=bench.clock.now())
    bench.tables.experiments[KEY] = stopped
    ask = Asking(bench)
    await ask(decide.decide.by_command, KEY)
    assert "a second person has to confirm when it is promoted" in str(ask.opened())
    await ask(decide.submit, view=submitted(ask.opened(), outcome="ship", reasoning="We like it."))
    decision = bench.tables.experiments[KEY].decision
    assert decision is not None
    assert decision.is_against_advice


async def test_what_was_rolled_back_is_concluded_without_shipping_it() -> None:
    bench = MemoryWorld()
    await lead_to(Status.ROLLED_BACK, bench)
    undecided = bench.tables.experiments[KEY].evolve(decision=None)
    bench.tables.experiments[KEY] = undecided
    ask = Asking(bench)
    await ask(decide.decide.by_command, KEY)
    form = ask.opened()
    assert "'value': 'ship'" not in str(form)
    await ask(decide.submit, view=submitted(form, outcome="abandon", reasoning="It broke the cart."))
    after = bench.tables.experiments[KEY]
    assert (after.status, after.decision is not None) == (Status.ROLLED_BACK, True)
