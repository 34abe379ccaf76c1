"""An application beside the people of a lab: it asks Bunsen for variants and reports what its users did, over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import schedule
from experiments.aggregate import Aggregate
from experiments.assignment import Flag
from experiments.audit import AuditRecord
from experiments.commands import EditExperiment
from experiments.execute import execute
from experiments.model import Experiment
from handlers.monitor import watch
from handlers.readings import read_new
from tests import worlds
from tests.bot.scenario.lab import BO, Lab, eventually, lab_at
from tests.bot.web.applications import SECRET, asked, issue

FLAGS = "/ofrep/v1/evaluate/flags"
GUARDED = "error-rate proportion down limit 0.005"
AT_ONCE = 16
SELDOM = 3600.0
"""Between two ticks, so that only tests have the monitor look: where it did so too, a slow machine would count more."""

Answers = dict[str, dict[str, Any]]


class Application:
    """An application with a token of its project."""

    def __init__(self, lab: Lab, http: httpx.AsyncClient) -> None:
        self.lab = lab
        self.http = http
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._batches = 0
        self._exposed: dict[tuple[str, int, str, str], Flag] = {}

    async def asks(self, key: str, unit: str = "ann", **context: Any) -> dict[str, Any]:
        """What one user gets."""
        async with self._turn:
            answer = await self.http.post(f"{FLAGS}/{key}", json=asked(unit, context))
        found: dict[str, Any] = answer.json()
        return found

    async def serves(self, key: str, units: Iterable[str], **context: Any) -> Answers:
        """What all of these get, once the exposures among it are kept."""
        wanted, before = list(units), self.lab.events.counts.events
        served = self.lab.snapshot.flag("general", key)
        assert served is not None
        told = await asyncio.gather(*(self.asks(key, each, **context) for each in wanted))
        answers = dict(zip(wanted, told, strict=True))
        exposed = {
            (key, each["metadata"]["phase"], each["variant"], unit): served.flag
            for unit, each in answers.items()
            if each["metadata"]["exposed"]
        }
        new = [each for each, flag in exposed.items() if self._exposed.get(each) is not flag]
        self._exposed |= exposed

        async def kept() -> bool:
            return self.lab.events.counts.events >= before + len(new)

        await eventually(kept)
        return answers

    async def reports(self, metric: str, values: Mapping[str, float], at: datetime | None = None) -> None:
        """What was observed of these users, just now unless it is told when."""
        time = (at or self.lab.clock.now()).isoformat()
        await self.sends(
            {"type": "observation", "metric": metric, "value": value, "unit": unit, "time": time}
            for unit, value in values.items()
        )

    async def sends(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Hand over one batch; it is kept."""
        self._batches += 1
        body = "\n".join(json.dumps(each) for each in events)
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": f"batch-{self._batches:06}"}
        answer = await self.http.post("/v1/events", content=body, headers=headers)
        assert answer.status_code == 202, answer.text

    async def until(self, key: str, reason: str) -> dict[str, Any]:
        """Look up all flags, which exposes nobody, until this one is answered for this reason."""

        async def found() -> dict[str, Any] | None:
            flags = (await self.http.post(FLAGS, json=asked("nobody", {}))).json()["flags"]
            return next((each for each in flags if each["key"] == key and each["reason"] == reason), None)

        answer: dict[str, Any] = await eventually(found)
        return answer

    async def caught_up(self) -> None:
        """Wait until what is served is what the database has."""
        lab = self.lab
        await lab.settled()
        async with lab.world.reading(lab.world.workspace) as uow:
            newest = await uow.audit.newest()

        async def known() -> bool:
            return (lab.snapshot.number or 0) >= newest

        await eventually(known)


@asynccontextmanager
async def served_at(folder: Path, **options: Any) -> AsyncIterator[Application]:
    """A lab with an application that has a token; nothing ticks but what a test has tick."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(schedule, "MONITOR_SECONDS", SELDOM)
        async with lab_at(folder, tick_seconds=SELDOM, **options) as lab, application_of(lab) as application:
            yield application


@asynccontextmanager
async def application_of(lab: Lab, secret: str = SECRET, project: str = "general") -> AsyncIterator[Application]:
    """An application that was let in."""
    await issue(lab.world, secret, project)
    headers = {"Authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=lab.address, headers=headers, trust_env=False, timeout=30) as http:

        async def let_in() -> bool:
            return (await http.post(FLAGS, json=asked("ann", {}))).status_code == 200

        await eventually(let_in)
        yield Application(lab, http)


async def approved(
    lab: Lab, title: str = "Bigger button", guardrails: str = f"{GUARDED} stop", **design: Any
) -> Experiment:
    """Ada writes an experiment with guardrails, and Bo approves it."""
    await lab.drafts(title)
    draft = await lab.experiment(title.lower().replace(" ", "-"))
    if design:
        await execute(EditExperiment(key=draft.key, **design), worlds.ADA, lab.world)
    if guardrails:
        await lab.types(f"guardrails {draft.key}")
        assert (await lab.submits(guardrails=guardrails)).get("response_action") != "errors"
    await lab.types(f"review {draft.key}")
    await lab.submits()
    await lab.presses("approve", await lab.message_with("please review"), user=BO)
    await lab.settled()
    return await lab.experiment(draft.key)


async def starts(lab: Lab, key: str) -> Experiment:
    await lab.types(f"start {key}")
    await lab.submits()
    await lab.settled()
    return await lab.experiment(key)


async def looks(lab: Lab, minutes: float = 2.0) -> None:
    """So much later the monitor looks at all that is due, whoever does it, and what it kept is read."""
    lab.clock.advance(timedelta(minutes=minutes).total_seconds())
    now = lab.clock.now()

    async def all_seen() -> bool:
        await watch(lab.world)
        async with lab.world.reading(lab.world.workspace) as uow:
            next_at = await uow.watches.oldest()
        return next_at is None or next_at > now

    await eventually(all_seen)
    await read_new(lab.world)
    await lab.settled()


async def newest(lab: Lab, key: str) -> dict[tuple[str, str], Aggregate]:
    """The newest aggregates of everybody by metric and variant."""
    async with lab.world.reading(lab.world.workspace) as uow:
        rows = await uow.aggregates.of(key, (await lab.experiment(key)).data_version)
    last = max(row.day for row in rows)
    return {(row.metric, row.variant): row for row in rows if row.day == last and not row.segment}


async def acts(lab: Lab, key: str, actor: str = "guardrail") -> list[AuditRecord]:
    """What this actor did to the experiment."""
    async with lab.world.reading(lab.world.workspace) as uow:
        return [each for each in await uow.audit.of(key) if each.actor == actor]


def people(count: int, prefix: str = "user") -> list[str]:
    return [f"{prefix}-{number}" for number in range(count)]


def by_variant(answers: Answers) -> Counter[str]:
    """How many were exposed to each variant."""
    return Counter(each["variant"] for each in answers.values() if each["metadata"]["exposed"])


def units_with(answers: Answers, variant: str) -> list[str]:
    return [unit for unit, each in answers.items() if each["variant"] == variant and each["metadata"]["exposed"]]


def rate(units: list[str], share: float) -> dict[str, float]:
    """The first so many of them have it."""
    return dict.fromkeys(units[: round(share * len(units))], 1.0)
