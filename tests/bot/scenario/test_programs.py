"""The programs that the README and the page on events show are run as they stand there, against Bunsen at work."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web.server import listening
from tests.bot.scenario.traffic_hands import Application, served_at
from tests.bot.shell import bunsen
from tests.bot.web.applications import SECRET, arms, begin

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text("utf-8")
EVENTS = (ROOT / "docs" / "events.md").read_text("utf-8")
SHOWN_AT = "http://127.0.0.1:8080"
OBSERVED = {"type": "observation", "metric": "revenue", "value": 19.9, "unit": "user-17"}
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")


def programs(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def shown(page: str, mark: str) -> tuple[str, str]:
    """The command with this mark on a page, and what it prints."""
    console = next(each for each in programs(page, "console") if mark in each)
    command, _, answer = console.removeprefix("$ ").partition("\n")
    return command, answer.strip()


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Application]:
    """An application of a Bunsen by whose clock it is now, as it is for programs."""
    async with served_at(tmp_path) as application:
        application.lab.clock.set(datetime.now(UTC))
        yield application


async def run(command: str, shop: Application, folder: Path) -> Any:
    """Run it in the folder with the address and the token put in; the JSON that it prints."""
    program = command.replace(SHOWN_AT, shop.lab.address).replace("bun_…", SECRET)
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", program),
        cwd=folder,
        env={**os.environ, "BUNSEN_TOKEN": SECRET, "no_proxy": "*"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()
    return json.loads(said)


@needs_curl
async def test_the_readme_asks_for_a_variant_as_it_says(shop: Application, tmp_path: Path) -> None:
    command, printed = shown(README, "/ofrep/")
    await begin(shop.lab.world, "bigger-button", variants=arms(weight=10_000))
    await shop.caught_up()
    answer = await run(command, shop, tmp_path)
    before, after = printed.split(",…,")
    told = json.dumps(answer, separators=(",", ":"))
    assert told.startswith(before)
    assert told.endswith(after)


@needs_curl
async def test_the_readme_sends_events_as_it_says(shop: Application, tmp_path: Path) -> None:
    command, printed = shown(README, "/v1/events")
    event = {**OBSERVED, "time": shop.lab.clock.now().isoformat()}
    (tmp_path / "events.jsonl").write_text(json.dumps(event) + "\n")
    assert await run(command, shop, tmp_path) == json.loads(printed)
    assert shop.lab.events.counts.events == 1


@needs_curl
async def test_the_page_on_events_sends_one_from_a_shell(shop: Application, tmp_path: Path) -> None:
    (program,) = programs(EVENTS, "sh")
    assert await run(program, shop, tmp_path) == {"accepted": 1, "repeated": False}
    assert shop.lab.events.counts.events == 1


def sender() -> dict[str, Any]:
    """The module that the page on events shows."""
    module: dict[str, Any] = {}
    exec(next(each for each in programs(EVENTS, "python") if "def send" in each), module)
    return module


async def test_the_page_on_events_sends_them_from_python(shop: Application) -> None:
    now = shop.lab.clock.now().isoformat()
    exposure = {"type": "exposure", "experiment": "bigger-button", "variant": "treatment", "unit": "user-17"}
    events = [{**exposure, "time": now}, {**OBSERVED, "time": now}]
    await asyncio.to_thread(sender()["send"], events, shop.lab.address, SECRET)
    assert shop.lab.events.counts.events == 2
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        await asyncio.to_thread(sender()["send"], [{**events[1], "value": True}], shop.lab.address, SECRET)

    aggregating: dict[str, Any] = {"store": shop.lab.events, "project": "general"}
    program = next(each for each in programs(EVENTS, "python") if "store.files" in each)
    await asyncio.to_thread(exec, program.replace("store.files", "found = store.files"), aggregating)
    assert aggregating["found"].exposures
    assert aggregating["found"].observations


async def test_the_program_of_the_page_sends_the_same_again_until_it_is_taken() -> None:
    waited: list[float] = []
    came: list[tuple[str, bytes]] = []
    refusals = iter((429, 503))

    async def take(request: Request) -> Response:
        came.append((request.headers["Idempotency-Key"], await request.body()))
        return Response(status_code=next(refusals, 202), headers={"Retry-After": "7"})

    module = sender()
    module["time"] = SimpleNamespace(sleep=waited.append)
    async with listening(Starlette(routes=[Route("/v1/events", take, methods=["POST"])]), "127.0.0.1", 0) as url:
        await asyncio.to_thread(module["send"], [OBSERVED], url, SECRET)
    assert waited == [7, 7]
    assert len(came) == 3
    assert len(set(came)) == 1


def test_the_readme_asks_for_a_size() -> None:
    (command,) = (each for each in README.splitlines() if " bunsen size " in each)
    _, arguments = command.split(" bunsen ")
    assert bunsen(*shlex.split(arguments)).exit_code == 0


def test_the_readme_analyses_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [
        f"{variant},{metric},50000,{mean},0.1"
        for variant, shift in (("control", 0.0), ("treatment", 0.01))
        for metric, mean in (("orders", 0.1 + shift), ("latency", 0.3))
    ]
    Path("FILE.csv").write_text("\n".join(["variant,metric,n,mean,variance", *rows]))
    (command,) = (each for each in README.splitlines() if " bunsen analyze " in each)
    _, arguments = command.split(" bunsen ")
    result = bunsen(*shlex.split(arguments))
    assert "latency" in result.stdout
    assert Path("out.png").read_bytes().startswith(b"\x89PNG")
