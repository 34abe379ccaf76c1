"""Acknowledgement times at 100 requests a second, as ratios to a bare Bolt app that only acknowledges, in one run.

./dev bench ack [--seconds 10] [--postgres URL]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from slack_bolt.async_app import AsyncApp

from benchmarks.requests import SECRET, command, signed
from bot.app import create_app
from bot.connectors.slack import web_client
from bot.demo import demo_settings
from bot.sandbox.server import Sandbox
from bot.web.server import listening, web_app
from bot.world import assemble
from experiments.commands import CreateExperiment
from experiments.execute import execute
from experiments.permissions import Actor

RATE = 100.0


def note_submission(number: int) -> dict[str, str]:
    """A note modal sent off: the whole transaction with its audit record and messages."""
    values = {
        "kind": {"kind": {"type": "static_select", "selected_option": {"value": "observation"}}},
        "text": {"text": {"type": "plain_text_input", "value": f"Seen {number}"}},
    }
    view = {
        "id": f"V{number}{time.time_ns()}",
        "type": "modal",
        "callback_id": "note",
        "private_metadata": json.dumps({"key": f"bench-{number % 50}"}),
        "state": {"values": values},
        "blocks": [],
    }
    user, team = {"id": "U0ADA", "team_id": "T0SANDBOX"}, {"id": "T0SANDBOX"}
    body = {"type": "view_submission", "team": team, "user": user, "trigger_id": "1.1", "view": view}
    return {"payload": json.dumps(body)}


async def load(url: str, make: Callable[[int], dict[str, str]], seconds: float) -> list[float]:
    """Milliseconds to each answer at a steady rate, as an open loop (a slow answer does not slow the next request)."""
    took: list[float] = []

    async def one(client: httpx.AsyncClient, number: int) -> None:
        content, headers = signed(make(number))
        begun = time.perf_counter()
        answer = await client.post(url, content=content, headers=headers)
        took.append((time.perf_counter() - begun) * 1000)
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.text, answer.text

    async with httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=50)) as client:
        for number in range(20):
            await one(client, number)
        took.clear()
        begun, tasks = time.perf_counter(), []
        for number in range(int(seconds * RATE)):
            await asyncio.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
            tasks.append(asyncio.create_task(one(client, number)))
        await asyncio.gather(*tasks)
    return took


@asynccontextmanager
async def bare() -> AsyncIterator[str]:
    """A Bolt app that only acknowledges, on the same server."""
    app = AsyncApp(client=web_client("xoxb-sandbox", API[0]), signing_secret=SECRET, process_before_response=True)

    async def acknowledge(ack: Any) -> None:
        await ack()

    app.command("/experiment")(acknowledge)
    app.view("note")(acknowledge)
    async with listening(web_app(app), "127.0.0.1", 0) as address:
        yield f"{address}/slack/events"


@asynccontextmanager
async def whole(sandbox: Sandbox, folder: Path, database_url: str = "") -> AsyncIterator[str]:
    """Bunsen with fifty experiments, on the same server."""
    settings = demo_settings(sandbox, folder)
    if database_url:
        settings = settings.model_copy(update={"database_url": type(settings.database_url)(database_url)})
    async with assemble(settings) as assembly:
        world = replace(assembly.world, workspace="T0SANDBOX")
        ada = Actor(workspace="T0SANDBOX", user="U0ADA")
        for number in range(50):
            made = CreateExperiment(key=f"bench-{number}", title=f"Bench {number}", channel="C0EXPERIMENTS")
            await execute(made, ada, world)
        app = create_app(assembly.desk, web_client("xoxb-sandbox", sandbox.api_url), SECRET)
        async with listening(web_app(app), "127.0.0.1", 0) as address:
            yield f"{address}/slack/events"


API: list[str] = []


def line(name: str, took: list[float], floor: list[float] | None = None) -> str:
    took = sorted(took)
    median, p99 = statistics.median(took), took[int(len(took) * 0.99)]
    if floor is None:
        return f"{name:34} {median:7.2f} ms {p99:7.2f} ms"
    floor = sorted(floor)
    ratios = f"{median / statistics.median(floor):5.2f} × {p99 / floor[int(len(floor) * 0.99)]:5.2f} ×"
    return f"{name:34} {median:7.2f} ms {p99:7.2f} ms   {ratios}"


async def main(seconds: float, postgres: str) -> None:
    async with Sandbox() as sandbox:
        API.append(sandbox.api_url)
        rows: list[str] = []
        with tempfile.TemporaryDirectory() as folder:
            async with bare() as floor_url, whole(sandbox, Path(folder)) as url:
                floor = await load(floor_url, command(""), seconds)
                floor_view = await load(floor_url, note_submission, seconds)
                rows.append(line("bare command", floor))
                rows.append(line("bare submission", floor_view))
                rows.append(line("/experiment", await load(url, command(""), seconds), floor))
                rows.append(line("/experiment list", await load(url, command("list"), seconds), floor))
                rows.append(line("note submitted, SQLite", await load(url, note_submission, seconds), floor_view))
            if postgres:
                async with bare() as floor_url, whole(sandbox, Path(folder), postgres) as url:
                    floor_view = await load(floor_url, note_submission, seconds)
                    rows.append(line("bare submission", floor_view))
                    rows.append(
                        line("note submitted, PostgreSQL", await load(url, note_submission, seconds), floor_view)
                    )
        print(f"{'at 100 requests a second':34} {'median':>10} {'p99':>10}   ratio to bare: median, p99")
        print("\n".join(rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--postgres", default="")
    given = parser.parse_args()
    asyncio.run(main(given.seconds, given.postgres))
