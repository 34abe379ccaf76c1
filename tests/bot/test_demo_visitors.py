"""The demo's visitors: harm is found and stopped within hours, and people of the past and the present are measured."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.demo import HOUR_A_SECOND, demo_settings
from bot.demo_story import STORIES, begin
from bot.demo_visitors import Audience, audience_of
from bot.manifest import manifest
from bot.sandbox.app import App
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from bot.serve import bot
from bot.world import Assembly
from experiments.design import Action
from experiments.model import Experiment, Status
from experiments.permissions import bunsen
from handlers.pictures.shelf import found_for
from handlers.reading import experiment_of
from tests.bot.scenario.lab import eventually
from tests.patience import unhurried

STORY = {story.key: story for story in STORIES}
HARMFUL = "faster-checkout-api"


class Days:
    """A local workspace in which Bunsen runs and people visit."""

    def __init__(self, sandbox: Sandbox, assembly: Assembly, audience: Audience) -> None:
        self.clock = sandbox.clock
        self.assembly = assembly
        self.audience = audience
        self.world = assembly.world

    async def experiment(self, key: str) -> Experiment:
        return await experiment_of(key, bunsen(self.world.workspace), self.world)

    @asynccontextmanager
    async def visited(self, rate: float = HOUR_A_SECOND) -> AsyncIterator[None]:
        """People visit while inside, so many seconds each second."""
        self.clock.rate = rate
        visits = asyncio.create_task(self.audience.keep_coming(0.1))
        try:
            yield
        finally:
            visits.cancel()
            await asyncio.gather(visits, return_exceptions=True)


@pytest.fixture
async def days(tmp_path: Path) -> AsyncIterator[Days]:
    workspace = unhurried(Workspace(app=App(manifest=manifest())))
    async with Sandbox(workspace, port=0) as sandbox:
        settings = demo_settings(sandbox, tmp_path)
        async with (
            bot(settings, socket=True, now=sandbox.clock.now, tick_seconds=0.5) as assembly,
            audience_of(assembly) as audience,
        ):
            yield Days(sandbox, assembly, audience)


async def test_a_guardrail_stops_what_does_harm(days: Days) -> None:
    await begin(STORY[HARMFUL], days.world)

    async def stopped() -> Experiment | None:
        found = await days.experiment(HARMFUL)
        return found if found.status is Status.STOPPED else None

    async with days.visited():
        after = await eventually(stopped, seconds=90)
    breach = after.breach
    assert breach is not None
    assert (breach.metric, breach.variant, breach.action) == ("error-rate", "treatment", Action.STOP)
    assert breach.value is not None
    assert breach.control is not None
    assert breach.value > breach.control


async def test_the_past_is_made_up_for_and_measured(days: Days) -> None:
    present = days.clock.now()
    days.clock.set(present - timedelta(days=2))
    await begin(STORY["assignment-check"], days.world)
    days.clock.set(present)
    await days.audience.make_up()
    found = await days.experiment("assignment-check")
    measured = (await days.world.measurements.measure([found], days.clock.now(), detail=True))[found.key]
    newest = {(row.metric, row.variant): row for row in measured.rows if not row.segment and row.day > 1.9}
    for variant in ("control", "treatment"):
        row = newest["conversion", variant]
        assert row.n == pytest.approx(3_000, rel=0.08)
        assert row.mean == pytest.approx(0.12 * 1.08, rel=0.2)


async def test_how_long_answers_take_is_spread_in_the_picture(days: Days) -> None:
    present = days.clock.now()
    days.clock.set(present - timedelta(days=1))
    await begin(STORY["short-answers"], days.world)
    days.clock.set(present)
    await days.audience.make_up()

    async def measured() -> Experiment | None:
        found = await days.experiment("short-answers")
        return found if found.data_version and (found.data_day or 0) > 0.9 else None

    experiment = await eventually(measured, seconds=30)
    _, picture = await found_for("latency", bunsen(days.world.workspace), days.world, experiment)
    data = picture.data.distribution
    assert data is not None
    for shape in data.shapes:
        assert shape.n > 1_000
        assert 100 < shape.half[0] < 420 < shape.half[1] < 2_000
    assert picture.alt.startswith("Latency for “Shorter answers in search”, day 1 of 14.")
    assert "the middle half of the units: control" in picture.alt


@pytest.mark.parametrize("key", STORY)
def test_every_story_has_people(key: str) -> None:
    story = STORY[key]
    assert story.truth.people_per_day > 0
    assert {metric.key for metric in story.metrics} >= set(story.truth.effects) | set(story.truth.baselines)
