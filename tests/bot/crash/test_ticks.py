"""A replica killed anywhere in its scheduled work leaves it to the others, who do it once."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from bot.connectors.slack import SlackConnector
from bot.sandbox.server import Sandbox
from experiments.commands import AddNote
from experiments.execute import execute
from experiments.model import Experiment, Status
from experiments.ports import World
from handlers.deliver import deliver_due
from storage import Database
from storage.verify import verify
from tests.bot.crash.ticker import WORK, main
from tests.databases import Place
from tests.experiments.stages import KEY, lead_to
from tests.forks import Fork
from tests.mortal import STEPS
from tests.storage.samples import world_on
from tests.worlds import ADA, WORKSPACE, MemoryWorld

CHANNEL = "C0EXPERIMENTS"


def start(experiment: Experiment) -> datetime:
    assert experiment.booking is not None
    return experiment.booking.start_at


def half(experiment: Experiment) -> datetime:
    review = experiment.review
    assert review is not None
    return review.requested_at + (review.due_at - review.requested_at) / 2


def expiry(experiment: Experiment) -> datetime:
    assert experiment.review is not None
    assert experiment.review.expires_at is not None
    return experiment.review.expires_at


@dataclass(frozen=True)
class Case:
    """Where the experiment is led, when the work is done, the change that comes of it and what the channel reads."""

    work: str
    stage: Status
    when: Callable[[Experiment], datetime]
    command: str = ""
    words: str = ""


CASES = {
    "start": Case("bookings", Status.SCHEDULED, start, "StartExperiment", "started it as scheduled"),
    "late": Case(
        "bookings",
        Status.SCHEDULED,
        lambda each: start(each) + timedelta(hours=2),
        "StartExperiment",
        "started it as scheduled",
    ),
    "too late": Case(
        "bookings",
        Status.SCHEDULED,
        lambda each: start(each) + timedelta(hours=2, seconds=1),
        "SuspendSchedule",
        "did not start as scheduled",
    ),
    "reading": Case("readings", Status.RUNNING, lambda each: each.updated_at, "RecordReading"),
    "reminder": Case("reminders", Status.IN_REVIEW, half, words="is still open"),
    "expiry": Case("reminders", Status.IN_REVIEW, expiry, "ExpireReview", "nobody answered your request"),
    "note": Case("note", Status.RUNNING, lambda each: each.updated_at, "EditNote", "edited note 1"),
    "policy": Case("policy", Status.DRAFT, lambda each: each.updated_at, "SetProject"),
}


STARTS_LATE = ("late", "too late")
KILLS = [
    *(("sqlite", name, step) for name in CASES for step in STEPS if step == "within" or name not in STARTS_LATE),
    *(
        ("postgres", *kill)
        for kill in (("start", "within"), ("expiry", "after"), ("note", "after"), ("policy", "within"))
    ),
]
AT_ONCE = [*(("postgres", name) for name in CASES), ("sqlite", "start"), ("sqlite", "reminder")]
"""Each database gets what it could do otherwise than the other."""


async def ready(place: Place, work: str, step: str, now: datetime) -> Fork:
    """A replica that is connected and works when it is told to."""
    process = await Fork.running(main, place.url, work, step, now)
    assert await process.line() == "ready\n"
    return process


async def ended(process: Fork) -> int:
    """Let it work, and wait for its end."""
    await process.told("go")
    code, _ = await process.ended()
    return code


async def led(case: Case, database: Database) -> MemoryWorld:
    """A bench on the database at the moment of the case, with an experiment of it."""
    bench = MemoryWorld()
    bench.world = world_on(database, bench)
    experiment = await lead_to(case.stage, bench)
    await execute(AddNote(key=KEY, text="Looks fine."), ADA, bench.world)
    bench.clock.time = case.when(experiment)
    return bench


async def channel(world: World) -> list[str]:
    """What stands in the channel after everything that waits was delivered."""
    async with Sandbox() as sandbox:
        slack = SlackConnector("xoxb-sandbox", sandbox.api_url)
        delivering = replace(world, slack=slack, wall=lambda: world.now() + timedelta(minutes=1))
        while await deliver_due(delivering):
            pass
        return [str(each) for each in sandbox.workspace.channels[CHANNEL].messages]


async def done_once(case: Case, world: World, database: Database) -> None:
    """One change with its record, told once, and a chain that holds."""
    await WORK[case.work](world)
    assert await verify(database, WORKSPACE) == []
    async with database.reading(WORKSPACE) as reading:
        commands = Counter(record.command for record in await reading.audit.all())
        history = await reading.notes.history(KEY, 1)
        assert (await reading.policies.get()).version == commands["SetProject"]
    assert not case.command or commands[case.command] == 1
    assert [each.text for each in history] == ["Looks fine.", "Looks odd."][: 1 + commands["EditNote"]]
    if case.words:
        assert sum(case.words in each for each in await channel(world)) == 1


@pytest.fixture
def place(kind: str, request: pytest.FixtureRequest) -> Place:
    """An empty database of this kind."""
    found: Place = request.getfixturevalue(f"{kind}_place")
    return found


@pytest.mark.parametrize(("kind", "name", "step"), KILLS)
async def test_of_two_replicas_one_is_killed_and_the_work_is_done_once(name: str, step: str, place: Place) -> None:
    case, database = CASES[name], await place.open()
    bench = await led(case, database)
    mortal, other = [await ready(place, case.work, each, bench.clock.now()) for each in (step, "never")]
    assert await ended(mortal) == -signal.SIGKILL
    assert await ended(other) == 0
    await done_once(case, bench.world, database)
    await database.close()


@pytest.mark.parametrize(("kind", "name"), AT_ONCE)
async def test_replicas_that_work_at_the_same_moment_do_it_once(name: str, place: Place) -> None:
    case, database = CASES[name], await place.open()
    bench = await led(case, database)
    both = [await ready(place, case.work, "never", bench.clock.now()) for _ in range(2)]
    await asyncio.gather(*(ended(each) for each in both))
    await done_once(case, bench.world, database)
    await database.close()
