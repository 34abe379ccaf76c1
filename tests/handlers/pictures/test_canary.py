"""The canary's picture: read from its samples, on its live card while it goes on and once it is over."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from experiments.commands import PauseExperiment, ResumeExperiment, RollBack
from experiments.execute import execute
from experiments.measuring import Samples
from experiments.model import Experiment, Status
from experiments.permissions import Role
from experiments.pictures.canary import Canary
from handlers.monitor import watch
from handlers.pictures.asked import Asked
from handlers.pictures.canary import canary, pictured
from handlers.surfaces.announced import ANNOUNCED
from handlers.surfaces.kit import Message
from handlers.table import ACTIONS
from tests.experiments.stages import KEY
from tests.handlers import test_monitor as monitored
from tests.worlds import ADA, CHEN, MemoryWorld, ScriptedMeasurements


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


def cards(bench: MemoryWorld) -> list[dict[str, Any]]:
    """What the live card was given, oldest first."""
    rows = bench.tables.outbox.values()
    return [row.announcement.payload for row in rows if row.announcement.surface == "live"]


def drawn(payload: dict[str, Any]) -> Message:
    return ANNOUNCED["live"](payload)


def now(bench: MemoryWorld) -> Experiment:
    return bench.tables.experiments[KEY]


async def look(bench: MemoryWorld, windows: int, rate: float = monitored.HARMLESS, seconds: float = 40) -> None:
    monitored.sampled(bench, rate, windows)
    bench.clock.advance(seconds=seconds)
    await watch(bench.world)


async def test_it_is_read_from_the_samples_of_its_newest_step(bench: MemoryWorld) -> None:
    made = await monitored.canary(bench)
    monitored.sampled(bench, monitored.HARMLESS, 30)
    bench.clock.advance(minutes=5)
    found = await canary(Asked(ADA, bench.world.now(), {}, made), bench.world)
    assert isinstance(found.data, Canary)
    assert (found.data.variant, found.data.share, found.data.place) == ("treatment", 500, 0)
    assert {len(each.canary) for each in found.data.metrics} == {30}
    assert [each.words for each in found.down] == ["Next step", "Pause", "Roll back", "Results", "Timeline"]
    assert {each.verb for each in found.down} <= set(ACTIONS)
    onlooker = CHEN.model_copy(update={"role": Role.VIEWER})
    viewer = await canary(Asked(onlooker, bench.world.now(), {}, made), bench.world)
    assert [each.words for each in viewer.down] == ["Results", "Timeline"]


async def test_the_live_card_has_the_picture_and_is_redrawn_when_it_changes(bench: MemoryWorld) -> None:
    await monitored.canary(bench)
    before = len(cards(bench))
    for windows in (20, 20, 24, 24):
        await look(bench, windows, seconds=10)
        bench.clock.advance(seconds=21)
    shown = cards(bench)[before:]
    newest = [max(at for at, _ in each["canary"]["metrics"][0]["canary"]) for each in shown]
    assert newest[0] == 19
    assert newest[-1] == 23
    assert len(shown) < 4, "the same data make no second card"
    message = drawn(shown[-1])
    [picture] = message.pictures
    assert (picture.chart, picture.data) == ("canary", Canary.model_validate(shown[-1]["canary"]))
    assert [block["alt_text"] for block in message.blocks if block["type"] == "image"] == [picture.alt]
    elements = [each for block in message.blocks for each in block.get("elements", ())]
    assert [each["action_id"] for each in elements if "action_id" in each] == ["step", "pause", "results", "rollback"]


async def test_what_was_rolled_back_shows_how_it_ended(bench: MemoryWorld) -> None:
    await monitored.canary(bench)
    for _ in range(4):
        await look(bench, 30, monitored.HARMFUL)
    assert now(bench).status is Status.ROLLED_BACK
    message = drawn(cards(bench)[-1])
    [picture] = message.pictures
    assert picture.data.is_over
    assert picture.data.standing.startswith("Rolled back at 5 % on")
    assert "error-rate failed" in picture.data.standing
    assert "is over" in message.text


async def test_a_person_who_rolls_it_back_sees_how_it_ended_too(bench: MemoryWorld) -> None:
    await monitored.canary(bench)
    await look(bench, 30)
    await execute(RollBack(key=KEY), ADA, bench.world)
    assert drawn(cards(bench)[-1]).pictures == (), "at once in words"
    await look(bench, 30)
    [picture] = drawn(cards(bench)[-1]).pictures
    assert picture.data.standing.endswith("before its step was judged.")
    count = len(cards(bench))
    await look(bench, 30)
    assert len(cards(bench)) == count, "shown once"


async def test_a_pause_keeps_the_picture(bench: MemoryWorld) -> None:
    await monitored.canary(bench)
    await look(bench, 30)
    await execute(PauseExperiment(key=KEY), ADA, bench.world)
    await look(bench, 30)
    [picture] = drawn(cards(bench)[-1]).pictures
    assert picture.data.is_paused
    await execute(ResumeExperiment(key=KEY), ADA, bench.world)
    await look(bench, 32)
    assert not drawn(cards(bench)[-1]).pictures[0].data.is_paused


async def test_what_never_was_a_canary_gets_no_picture(bench: MemoryWorld) -> None:
    made = await monitored.running(bench)
    found = await canary(Asked(ADA, bench.world.now(), {}, made), bench.world)
    assert isinstance(found.data, Canary)
    assert found.data.refused.startswith("It has no canary")
    assert [each.words for each in found.down] == ["Results", "Timeline"]
    await look(bench, 0)
    await execute(RollBack(key=KEY), ADA, bench.world)
    await look(bench, 0)
    assert cards(bench) == []


class Windows(ScriptedMeasurements):
    """Ten-minute steps with a value in every window, or in one of five; remembers up to when it was asked."""

    def __init__(self, every: int) -> None:
        super().__init__()
        self.every, self.until = every, list[datetime]()

    async def samples(self, experiment: Experiment, since: datetime, until: datetime, step_seconds: int) -> Samples:
        self.until.append(until)
        count = int((until - since).total_seconds() // step_seconds)
        values = tuple(float(at % 7) if at % self.every == 0 else math.nan for at in range(count))
        return {metric.key: {"control": values, "treatment": values} for metric in experiment.design.metrics}


@pytest.mark.parametrize(("every", "asked"), [(1, [20]), (2, [20]), (5, [20, 500])])
async def test_who_waits_for_days_asks_for_the_windows_that_count(
    bench: MemoryWorld, every: int, asked: list[int]
) -> None:
    made = await monitored.canary(bench)
    began, windows = bench.clock.now(), Windows(every)
    bench.clock.advance(minutes=500)
    found = await pictured(made, bench.clock.now(), replace(bench.world, measurements=windows))
    assert [(until - began) / timedelta(minutes=1) for until in windows.until] == asked
    assert {len(each.canary) for each in found.metrics} == {40}
