"""A World put together by hand: repositories in memory, a clock to set, and recording stand-ins for the outside.

>>> bench = MemoryWorld()
>>> isinstance(bench.world, World)
True
"""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from experiments.errors import BadInput, Unavailable
from experiments.knowledge.summary import Evidence
from experiments.measuring import Measured, Samples
from experiments.model import Experiment
from experiments.permissions import Actor
from experiments.ports import World
from experiments.report import File, Report
from experiments.sources import DataSource, Probe
from tests.memory import MemoryDatabase, Tables

WORKSPACE = "T0SANDBOX"
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")

ADA = Actor(workspace=WORKSPACE, user="U0ADA", name="Ada Meyer", tz="Europe/Berlin")
BO = Actor(workspace=WORKSPACE, user="U0BO", name="Bo Lindqvist", tz="Europe/Stockholm")
CHEN = Actor(workspace=WORKSPACE, user="U0CHEN", name="Chen Wei", tz="Asia/Singapore")
DEE = Actor(workspace=WORKSPACE, user="U0DEE", name="Dee Okafor", tz="America/New_York")


def delivered(actor: Actor, delivery: str) -> Actor:
    """The same person, asking through the delivery of this id."""
    return actor.model_copy(update={"delivery": delivery})


class SettableClock:
    """The product's clock and the machine's, which stand still until a test moves them together."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.time = at

    def now(self) -> datetime:
        return self.time

    def advance(self, **duration: float) -> datetime:
        """Move on by `days=1, hours=2 …` and tell the new time."""
        self.time += timedelta(**duration)
        return self.time


@dataclass(frozen=True)
class Call:
    """One call of Slack's Web API that was made."""

    method: str
    arguments: dict[str, Any]


class RecordingSlack:
    """Slack that writes down what it is asked and answers plainly, unless told to `answer` or `refuse`."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.responses: list[tuple[str, dict[str, Any]]] = []
        self.uploads: list[tuple[bytes, str, str]] = []
        self.shared: list[tuple[bytes, str, str, str]] = []
        self.files: dict[str, tuple[str, bytes]] = {}
        self._next: dict[str, deque[dict[str, Any] | Unavailable]] = {}

    def answer(self, method: str, **answer: Any) -> None:
        """Give this answer to the next call of the method."""
        self._next.setdefault(method, deque()).append({"ok": True, **answer})

    def refuse(self, method: str, reason: str, *, times: int = 1, retry_after: float | None = None) -> None:
        """Refuse the next calls of the method with Slack's error code, or a word such as timeout."""
        error = Unavailable(f"Slack answered {reason}.", reason=reason, retry_after=retry_after)
        self._next.setdefault(method, deque()).extend([error] * times)

    def made(self, method: str) -> list[dict[str, Any]]:
        """The arguments of every call of this method, oldest first."""
        return [call.arguments for call in self.calls if call.method == method]

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        self.calls.append(Call(method, arguments))
        if queued := self._next.get(method):
            answer = queued.popleft()
            if isinstance(answer, Unavailable):
                raise answer
            return answer
        if method.startswith("views."):
            return {"ok": True, "view": {**arguments.get("view", {}), "id": f"V{len(self.calls)}"}}
        ts = arguments.get("ts") or f"{1_772_442_000 + len(self.calls)}.000100"
        return {"ok": True, "channel": arguments.get("channel", ""), "ts": ts, "messages": []}

    async def respond(self, response_url: str, **message: Any) -> None:
        self.responses.append((response_url, message))

    async def upload(self, png: bytes, filename: str, alt: str) -> str:
        self.uploads.append((png, filename, alt))
        return f"F{len(self.uploads)}"

    async def share(self, content: bytes, filename: str, channel: str, thread_ts: str) -> None:
        self.shared.append((content, filename, channel, thread_ts))

    async def download(self, file_id: str, most_bytes: int) -> tuple[str, bytes]:
        name, content = self.files[file_id]
        if len(content) > most_bytes:
            raise BadInput(f"{name} has {len(content):,} bytes; at most {most_bytes:,} can be taken.", field="files")
        return name, content


class RecordingDraw:
    """Draws one pixel and remembers which chart of what was wanted; `error` is raised instead when set."""

    def __init__(self) -> None:
        self.drawn: list[tuple[str, Any]] = []
        self.error: Exception | None = None

    async def __call__(self, chart: str, data: Any) -> bytes:
        self.drawn.append((chart, data))
        if self.error:
            raise self.error
        return PIXEL


class ScriptedWriter:
    """Writes `text`; without one it is not to be had, as when there is no key."""

    def __init__(self) -> None:
        self.text: str | None = None
        self.reason = "no_key"
        self.asked: list[Evidence] = []

    async def draft(self, evidence: Evidence) -> str:
        self.asked.append(evidence)
        if self.text is None:
            raise Unavailable("There is no language model to ask.", reason=self.reason)
        return self.text


class ScriptedPeople:
    """Everybody is a reviewer unless `actors` says otherwise; `groups` are the user groups there are."""

    def __init__(self) -> None:
        self.actors: dict[str, Actor] = {}
        self.groups: dict[str, tuple[str, ...]] = {}
        self.forgotten = 0

    async def actor(self, workspace: str, user: str, delivery: str | None = None) -> Actor:
        known = self.actors.get(user) or Actor(workspace=workspace, user=user)
        return known.model_copy(update={"delivery": delivery})

    async def members(self, group: str) -> tuple[str, ...]:
        return self.groups.get(group, ())

    def forget(self, user: str = "") -> None:
        self.forgotten += 1


class RecordingPress:
    """Publishes an empty file and remembers what of."""

    def __init__(self) -> None:
        self.published: list[Report] = []

    async def __call__(self, report: Report) -> tuple[File, ...]:
        self.published.append(report)
        return (File(f"{report.experiment.key}.pdf", b"%PDF", "application/pdf"),)


class ScriptedMeasurements:
    """Gives the rows that a test put under an experiment's key, and remembers what was asked for."""

    def __init__(self) -> None:
        self.rows: dict[str, Measured] = {}
        self.values: dict[str, Samples] = {}
        self.asked: list[tuple[tuple[str, ...], bool]] = []

    async def ready(self) -> bool:
        return True

    async def measure(
        self, experiments: Sequence[Experiment], until: datetime, *, detail: bool
    ) -> Mapping[str, Measured]:
        self.asked.append((tuple(each.key for each in experiments), detail))
        return {each.key: self.rows[each.key] for each in experiments if each.key in self.rows}

    async def samples(self, experiment: Experiment, since: datetime, until: datetime, step_seconds: int) -> Samples:
        return self.values.get(experiment.key, {})


class ScriptedSources:
    """Finds in every source what a test put into `probed`, and remembers what was tried."""

    def __init__(self) -> None:
        self.warehouses: tuple[str, ...] = ("analytics",)
        self.probed = Probe()
        self.tried: list[tuple[DataSource, tuple[str, ...]]] = []

    async def probe(self, source: DataSource, allowed: Sequence[str]) -> Probe:
        self.tried.append((source, tuple(allowed)))
        return self.probed


@dataclass(frozen=True)
class Switch:
    """Routing that is connected, or not."""

    connected: bool = False

    def connects(self, project: str) -> bool:
        return self.connected


class MemoryWorld:
    """One of each and the `world` made of them; `nudges` counts how often the dispatcher was woken."""

    def __init__(self, workspace: str = WORKSPACE, at: datetime = MONDAY) -> None:
        self.clock = SettableClock(at)
        self.database = MemoryDatabase()
        self.slack = RecordingSlack()
        self.draw = RecordingDraw()
        self.writer = ScriptedWriter()
        self.people = ScriptedPeople()
        self.press = RecordingPress()
        self.measurements = ScriptedMeasurements()
        self.sources = ScriptedSources()
        self.secrets = 0
        self.nudges = 0
        self.world = World(
            workspace=workspace,
            uow=self.database.uow,
            reading=self.database.reading,
            now=self.clock.now,
            wall=self.clock.now,
            slack=self.slack,
            draw=self.draw,
            writer=self.writer,
            people=self.people,
            routing=Switch(),
            publish=self.press,
            measurements=self.measurements,
            sources=self.sources,
            secret=self._secret,
            nudge=self._nudge,
        )

    @property
    def tables(self) -> Tables:
        """What is committed in the world's own workspace."""
        return self.database.tables(self.world.workspace)

    def _secret(self) -> str:
        self.secrets += 1
        return f"bun_{self.secrets:0>43}"

    def _nudge(self) -> None:
        self.nudges += 1
