"""The demo's visitors: simulated people use every running experiment over HTTP, as those of an application would."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import structlog

from bot.demo_story import TRUTHS
from bot.simulation import Truth, scenario_of
from bot.visitors.door import Answer, Door
from bot.visitors.journey import Journey
from bot.world import Assembly
from experiments.assignment import Flag, assign, flag_of
from experiments.errors import BunsenError
from experiments.execute import change_policies
from experiments.model import Experiment, Status
from experiments.permissions import bunsen
from experiments.policy_commands import IssueToken
from experiments.tokens import PREFIX, digest_of
from handlers.reading import experiments_of

VISITED = (Status.RUNNING, Status.PAUSED, Status.ROLLING_OUT)
MOST_VISITED = 50
# At an hour a second the people of an hour come at once, and the server's own time is near enough for them.
TOLERANCE = timedelta(hours=3)
LOOKS_A_SECOND = 4
CONNECTIONS = 4

log = structlog.get_logger(__name__)


class FromInside:
    """Bunsen as the people of the past found it: assigned by the flag as it would have been, and heard of over HTTP."""

    def __init__(self, door: Door, flag: Flag) -> None:
        self.connections, self.retried = 1, 0
        self._door = door
        self._flag = flag

    async def look_up(self, experiment: str, unit: str, attributes: dict[str, str]) -> Answer:
        found = assign(self._flag, unit, attributes)
        return Answer(found.variant, found.exposed, self._flag.phase)

    evaluate = look_up

    async def send(self, lines: Sequence[str]) -> None:
        await self._door.send(lines)


class Audience:
    """Everybody who visits: one journey for each experiment that has traffic, let in with a token of its project."""

    def __init__(self, assembly: Assembly, doors: AsyncExitStack) -> None:
        self._assembly = assembly
        self._world = assembly.world
        self._entered = doors
        self._doors: dict[str, Door] = {}
        self._journeys: dict[str, Journey] = {}
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def make_up(self) -> None:
        """Let those come who came before now to what is running already."""
        for experiment in await self._visited():
            flag = flag_of(experiment, 0)
            if flag is None or experiment.status is not Status.RUNNING:
                continue
            journey = await self._journey(experiment)
            door = await self._door(experiment.project)
            journey.bunsen, journey.tolerance = FromInside(door, flag), timedelta(0)
            await journey.live(self._world.now(), self._world.now)
            journey.bunsen, journey.tolerance = door, TOLERANCE

    async def keep_coming(self, seconds: float = 0.5) -> None:
        """Let people visit whatever has traffic until this is cancelled."""
        try:
            while True:
                visited = {each.key: each for each in await self._visited()}
                for key in self._under_way.keys() - visited.keys():
                    self._under_way.pop(key).cancel()
                for key, experiment in visited.items():
                    if key not in self._under_way or self._under_way[key].done():
                        self._under_way[key] = asyncio.create_task(self._go_on(experiment))
                await asyncio.sleep(seconds)
        finally:
            for task in self._under_way.values():
                task.cancel()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def _visited(self) -> tuple[Experiment, ...]:
        return await experiments_of(self._world.workspace, self._world, statuses=VISITED, limit=MOST_VISITED)

    async def _go_on(self, experiment: Experiment) -> None:
        """Until cancelled, or until they are not let in: just after a start Bunsen may not serve it yet."""
        try:
            await (await self._journey(experiment)).live(None, self._world.now, every=1 / LOOKS_A_SECOND)
        except BunsenError as error:
            log.info("visitors were not let in", key=experiment.key, words=error.words)

    async def _journey(self, experiment: Experiment) -> Journey:
        if experiment.key not in self._journeys:
            scenario = scenario_of(experiment, TRUTHS.get(experiment.key, Truth()))
            ended = experiment.status is Status.ROLLING_OUT
            begins = self._world.now() if ended else experiment.started_at or self._world.now()
            door = await self._door(experiment.project)
            self._journeys[experiment.key] = Journey(scenario, door, begins, tolerance=TOLERANCE)
        return self._journeys[experiment.key]

    async def _door(self, project: str) -> Door:
        if project not in self._doors:
            secret = PREFIX + secrets.token_urlsafe(32)
            issued = IssueToken(
                id=f"visitors-{len(self._doors) + 1}",
                name="Simulated visitors",
                project=project,
                digest=digest_of(secret),
                ending=secret[-4:],
            )
            await change_policies(issued, bunsen(self._world.workspace), self._world)
            if self._assembly.plane is not None:
                await self._assembly.plane.snapshot.refresh(self._world)
            door = Door(self._assembly.address, secret, connections=CONNECTIONS)
            self._doors[project] = await self._entered.enter_async_context(door)
        return self._doors[project]


@asynccontextmanager
async def audience_of(assembly: Assembly) -> AsyncIterator[Audience]:
    """The audience of this Bunsen, whose connections are closed on leaving."""
    async with AsyncExitStack() as doors:
        yield Audience(assembly, doors)
