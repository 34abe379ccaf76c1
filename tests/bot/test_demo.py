"""The demo: one command opens a workspace in which experiments have been lived through and go on."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from pathlib import Path

import httpx

from bot.demo_story import STORIES, tell_story
from experiments.model import Outcome
from experiments.readout import VerdictStatus
from experiments.repositories import Filter
from handlers.reading import readout_of
from storage.verify import verify
from tests.bot.arrivals import let_arrive
from tests.bot.scenario.lab import NOON, lab_at


async def test_one_command_opens_the_workspace() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    said = ""
    while not (address := re.search(r"http://127\.0\.0\.1:\d+", said)):
        line = await process.stdout.readline()
        assert line, "the demo ended before it said where it is"
        said += line.decode()
    async with httpx.AsyncClient(base_url=address[0], trust_env=False) as browser:
        page = await browser.get("/")
        seen = await browser.get("/_sandbox/messages", params={"user": "U0ADA", "channel": "C0EXPERIMENTS"})
    assert page.status_code == 200
    for story in STORIES:
        assert story.title in seen.text
    process.send_signal(signal.SIGINT)
    assert await process.wait() == 0


async def test_the_story_is_told_through_commands_and_ends_in_the_present(tmp_path: Path) -> None:
    async with lab_at(tmp_path) as lab:
        await tell_story(lab.world, lab.clock)
        assert lab.clock.now() == NOON
        async with lab.world.reading(lab.world.workspace) as uow:
            known = {each.key: each for each in await uow.experiments.list(Filter())}
        assert {key: each.status for key, each in known.items()} == {story.key: story.status for story in STORIES}
        decision = known["summary-on-top"].decision
        assert decision is not None
        assert decision.outcome is Outcome.SHIP
        assert not decision.is_against_advice
        assert await verify(lab.database, lab.world.workspace) == []


async def test_the_people_do_what_is_true(tmp_path: Path) -> None:
    """Better, no different, and with a broken sample ratio: the readouts find out which is which."""
    expected = {
        "short-answers": VerdictStatus.SHIP,
        "assignment-check": VerdictStatus.REVIEW,
        "lazy-images": VerdictStatus.UNHEALTHY,
    }
    async with lab_at(tmp_path) as lab:
        await tell_story(lab.world, lab.clock)
        lab.clock.advance(10 * 86_400)
        found = {}
        for key in expected:
            await let_arrive(await lab.experiment(key), lab.world)
            found[key] = (await readout_of(await lab.experiment(key), lab.world)).verdict.status
        assert found == expected
        await lab.settled()
