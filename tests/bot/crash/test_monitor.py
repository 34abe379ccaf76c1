"""A monitor killed anywhere stops what does harm exactly once, and a person in the same moment breaks nothing."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.connectors.slack import SlackConnector
from bot.sandbox.server import Sandbox
from experiments.commands import ChangeGuardrails, Command, ConfigureTraffic, PauseExperiment, RollBack, StopExperiment
from experiments.design import Action
from experiments.errors import BunsenError
from experiments.execute import execute
from experiments.model import Status, StopReason
from handlers.deliver import deliver_due
from handlers.monitor import watch
from storage import Database
from storage.verify import verify
from tests.bot.crash.watcher import main, seeing_harm
from tests.databases import Place
from tests.experiments.stages import KEY, lead_to
from tests.forks import Fork
from tests.storage.samples import world_on
from tests.worlds import ADA, WORKSPACE, MemoryWorld

CHANNEL = "C0EXPERIMENTS"
ENLIST, CLAIM, ACT, SETTLE = range(4)
KILLS = [
    *(("sqlite", number, step) for number in range(SETTLE + 1) for step in ("before", "within", "after")),
    *(("postgres", number, step) for number, step in ((CLAIM, "after"), (ACT, "within"), (ACT, "after"))),
]


@pytest.fixture
def place(kind: str, request: pytest.FixtureRequest) -> Place:
    """An empty database of this kind."""
    found: Place = request.getfixturevalue(f"{kind}_place")
    return found


async def running(database: Database, action: Action = Action.STOP) -> MemoryWorld:
    """A bench on the database with a running experiment whose guardrail acts."""
    bench = MemoryWorld()
    bench.world = world_on(database, bench)
    before = await lead_to(Status.RUNNING, bench)
    guardrails = tuple(each.model_copy(update={"action": action}) for each in before.design.guardrails)
    await execute(ChangeGuardrails(key=KEY, guardrails=guardrails), ADA, bench.world)
    bench.clock.advance(hours=6)
    return bench


async def told(bench: MemoryWorld) -> int:
    """How many messages of the channel say what the guardrail did, after all was delivered."""
    world = bench.world
    async with Sandbox() as sandbox:
        slack = SlackConnector("xoxb-sandbox", sandbox.api_url)
        later = replace(world, slack=slack, wall=lambda: world.now() + timedelta(minutes=1))
        while await deliver_due(later):
            pass
        channel = sandbox.workspace.channels[CHANNEL].messages
        return sum("guardrail" in str(each).lower() and "thread_ts" not in str(each) for each in channel)


@pytest.mark.parametrize(("kind", "number", "step"), KILLS)
async def test_a_monitor_that_is_killed_is_followed_by_one_that_stops_once(
    place: Place, number: int, step: str
) -> None:
    database = await place.open()
    bench = await running(database)
    mortal = await Fork.running(main, place.url, number, step, bench.clock.now())
    assert await mortal.line() == "ready\n"
    await mortal.told("go")
    code, _ = await mortal.ended()
    assert code == -signal.SIGKILL
    world = await seeing_harm(bench, bench.world)
    for _ in range(3):
        await watch(world)
        bench.clock.advance(minutes=3)
    assert await verify(database, WORKSPACE) == []
    async with database.reading(WORKSPACE) as reading:
        after = await reading.experiments.find(KEY)
        acts = [each.command for each in await reading.audit.all() if each.actor == "guardrail"]
        assert await reading.watches.keys() == frozenset()
    assert (after.status, after.stop_reason, acts) == (Status.STOPPED, StopReason.HARM, ["StopExperiment"])
    assert after.breach is not None
    assert (after.breach.metric, after.breach.variant) == ("latency", "treatment")
    await database.close()


PERSON: dict[str, Command] = {
    "pause": PauseExperiment(key=KEY),
    "traffic": ConfigureTraffic(key=KEY, weights={"control": 2_000, "treatment": 8_000}),
    "stop": StopExperiment(key=KEY, reason=StopReason.COMPLETED),
    "rollback": RollBack(key=KEY),
}


@pytest.mark.parametrize("what", PERSON)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_person_and_a_guardrail_in_the_same_moment_end_safe(place: Place, what: str) -> None:
    database = await place.open()
    bench = await running(database, Action.ROLL_BACK)
    world = await seeing_harm(bench, bench.world)
    await asyncio.gather(watch(world), execute(PERSON[what], ADA, bench.world), return_exceptions=True)
    bench.clock.advance(minutes=5)
    await watch(await seeing_harm(bench, bench.world))
    assert await verify(database, WORKSPACE) == []
    async with database.reading(WORKSPACE) as reading:
        after = await reading.experiments.find(KEY)
        by = Counter(each.actor for each in await reading.audit.all() if each.command in {"RollBack", "StopExperiment"})
    assert after.status in {Status.ROLLED_BACK, Status.STOPPED, Status.PAUSED}
    assert after.status is not Status.PAUSED or what == "pause"
    assert sum(by.values()) == (0 if after.status is Status.PAUSED else 1)
    await database.close()


@pytest.mark.parametrize("kind", ["postgres"])
async def test_replicas_that_look_at_the_same_moment_stop_and_tell_once(place: Place) -> None:
    database = await place.open()
    bench = await running(database)
    both = [await Fork.running(main, place.url, 99, "never", bench.clock.now()) for _ in range(2)]
    for each in both:
        assert await each.line() == "ready\n"
        await each.told("go")
    assert [(await each.ended())[0] for each in both] == [0, 0]
    async with database.reading(WORKSPACE) as reading:
        acts = [each.command for each in await reading.audit.all() if each.actor == "guardrail"]
    assert acts == ["StopExperiment"]
    assert await told(bench) == 1
    await database.close()


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_whoever_comes_after_a_guardrail_hears_what_it_did(place: Place) -> None:
    database = await place.open()
    bench = await running(database)
    await watch(await seeing_harm(bench, bench.world))
    with pytest.raises(BunsenError) as refused:
        await execute(StopExperiment(key=KEY, reason=StopReason.COMPLETED), ADA, bench.world)
    assert refused.value.by == "guardrail"
    await database.close()
