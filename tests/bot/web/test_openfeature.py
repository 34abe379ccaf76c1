"""OpenFeature's own clients, in Python and JavaScript, get from Bunsen what they ask for."""

from __future__ import annotations

import asyncio
import fcntl
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.flag_evaluation import FlagEvaluationDetails

from bot.traffic import Snapshot, fresh
from bot.web.plane import Buckets
from bot.web.server import listening
from experiments.commands import RollBack
from experiments.execute import execute
from experiments.ports import World
from experiments.targeting import Condition, Operator
from tests.bot.web.applications import SECRET, approve, arms, begin, plane_of
from tests.patience import LONG
from tests.worlds import ADA

CLIENTS = Path(__file__).resolve().parents[2] / "js"
MODEL = {"name": "quick-7b", "temperature": 0.5, "tools": ["search"]}
NOT_FOUND = "FLAG_NOT_FOUND"


class Shop(NamedTuple):
    """Experiments that run, and where applications ask about them."""

    world: World
    snapshot: Snapshot
    address: str


@pytest.fixture
async def shop(world: World) -> AsyncIterator[Shop]:
    control, treatment = arms(weight=10_000)
    germany = (Condition(attribute="country", operator=Operator.IS, values=("DE",)),)
    await begin(world, "big-button", variants=arms(False, True, weight=10_000))
    await begin(world, "headline", variants=arms("Plain", "Größer <b>", weight=10_000))
    await begin(world, "price", variants=arms(1, 2, weight=10_000))
    await begin(world, "discount", variants=arms(0.5, 1.0, weight=10_000))
    await begin(world, "model", variants=(control, treatment.model_copy(update={"config": MODEL})))
    await begin(world, "only-germany", variants=arms(False, True, weight=10_000), audience=germany)
    await approve(world, "not-started", variants=arms(False, True, weight=10_000))
    await begin(world, "theirs", project="payments", variants=arms(False, True))
    async with (
        fresh(Snapshot(), world, seconds=0.01) as snapshot,
        listening(plane_of(snapshot, world), "127.0.0.1", 0) as address,
    ):
        yield Shop(world, snapshot, address)


def show(title: str, lines: list[tuple[str, Any]]) -> None:
    """The transcript, for who runs this with -s."""
    sys.stdout.write(f"\n{title}\n")
    for did, came in lines:
        sys.stdout.write(f"  {did}\n      → {json.dumps(came, ensure_ascii=False)}\n")


def told(details: FlagEvaluationDetails[Any]) -> dict[str, Any]:
    known = {
        "value": details.value,
        "variant": details.variant,
        "reason": details.reason and str(details.reason),
        "errorCode": details.error_code and details.error_code.value,
        **details.flag_metadata,
    }
    return {name: value for name, value in known.items() if value is not None}


class Python:
    """The Python client of an application; what it asks and gets is written down."""

    def __init__(self, address: str, secret: str = SECRET) -> None:
        headers = {"Authorization": f"Bearer {secret}"}
        self._provider = OFREPProvider(address, headers_factory=lambda: headers, timeout=LONG)
        self._provider.session.trust_env = False
        api.set_provider(self._provider)
        self._client = api.get_client()
        self.transcript: list[tuple[str, Any]] = []

    async def asks(
        self, kind: str, key: str, otherwise: Any, who: str | None = "ann", **attributes: Any
    ) -> dict[str, Any]:
        method = getattr(self._client, f"get_{kind}_details")
        details = await asyncio.to_thread(method, key, otherwise, EvaluationContext(who, attributes))
        came = told(details)
        self.transcript.append((f"get_{kind}_details({key!r}, {who!r}, {attributes})", came))
        return came

    def close(self) -> None:
        self._provider.session.close()
        api.clear_providers()


async def test_the_python_client(shop: Shop) -> None:
    client = Python(shop.address)
    for kind, key, value in (
        ("boolean", "big-button", True),
        ("string", "headline", "Größer <b>"),
        ("integer", "price", 2),
        ("float", "discount", 1.0),
        ("object", "model", MODEL),
    ):
        came = await client.asks(kind, key, type(value)())
        assert (came["value"], came["variant"], came["reason"]) == (value, "treatment", "SPLIT")
        assert type(came["value"]) is type(value)
        assert (came["experiment"], came["project"], came["phase"], came["exposed"]) == (key, "general", 1, True)
    assert (await client.asks("boolean", "only-germany", False, country="DE"))["value"] is True
    assert (await client.asks("boolean", "only-germany", True, country="FR"))["why"] == "not_targeted"
    assert (await client.asks("boolean", "not-started", True))["reason"] == "DISABLED"
    assert (await client.asks("boolean", "not-started", True, who=None))["value"] is False
    assert (await client.asks("boolean", "big-button", False, who=None))["errorCode"] == "TARGETING_KEY_MISSING"
    assert (await client.asks("boolean", "nowhere", False))["errorCode"] == NOT_FOUND
    assert (await client.asks("boolean", "theirs", False))["errorCode"] == NOT_FOUND
    assert (await client.asks("string", "price", "none"))["errorCode"] == "TYPE_MISMATCH"
    await execute(RollBack(key="big-button"), ADA, shop.world)
    async with asyncio.timeout(LONG):
        while (await client.asks("boolean", "big-button", True))["reason"] != "DISABLED":
            client.transcript.pop()
    client.close()
    stranger = Python(shop.address, "bun_" + "0" * 43)
    stranger.transcript = client.transcript
    assert (await stranger.asks("boolean", "headline", False))["errorCode"] == "GENERAL"
    stranger.close()
    show("Python: openfeature-sdk with openfeature-provider-ofrep", client.transcript)


async def test_the_python_client_waits_when_told_to(shop: Shop) -> None:
    rare = plane_of(shop.snapshot, shop.world, buckets=Buckets(a_second=0.01, saved_up=1))
    async with listening(rare, "127.0.0.1", 0) as address:
        client = Python(address)
        assert (await client.asks("boolean", "big-button", False))["value"] is True
        assert (await client.asks("boolean", "big-button", False))["errorCode"] == "GENERAL"
        assert (await client.asks("boolean", "big-button", False))["errorCode"] == "GENERAL"
        client.close()
    assert rare.refused == 1


@pytest.fixture(scope="session")
def node() -> str:
    """Node with the clients installed beside its script."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("OpenFeature's JavaScript clients need node and npm (Node 20 or newer), which are not here")
    with Path(tempfile.gettempdir(), "bunsen-test-npm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed = CLIENTS / "node_modules" / ".package-lock.json"
        if not installed.exists() or installed.stat().st_mtime < (CLIENTS / "package-lock.json").stat().st_mtime:
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=CLIENTS, check=False, capture_output=True, text=True, timeout=300)
            if done.returncode:
                pytest.skip(f"npm could not install OpenFeature's JavaScript clients: {done.stderr[-300:].strip()}")
    return node


async def conversation(node: str, kind: str, shop: Shop) -> dict[str, Any]:
    """What a JavaScript client asked and got; in the middle the big button is rolled back."""
    process = await asyncio.create_subprocess_exec(
        *(node, "clients.mjs", kind, shop.address, SECRET),
        cwd=CLIENTS,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    transcript: list[tuple[str, Any]] = []
    async with asyncio.timeout(LONG):
        async for line in process.stdout:
            did, *came = json.loads(line)
            if did == "ready":
                await execute(RollBack(key="big-button"), ADA, shop.world)
                process.stdin.write(b"\n")
            else:
                transcript.append((did, *came))
        assert await process.wait() == 0, (await process.stderr.read()).decode()
    show(f"JavaScript: @openfeature/{kind}-sdk with its OFREP provider", transcript)
    return dict(transcript)


async def test_the_javascript_client_of_servers(node: str, shop: Shop) -> None:
    came = await conversation(node, "server", shop)

    def of(key: str, country: str = "DE", kind: str = "Boolean") -> dict[str, Any]:
        asked = f'get{kind}Details({key}, {{"targetingKey":"ann","country":"{country}"}})'
        answer: dict[str, Any] = came[asked]
        return answer

    assert of("big-button").items() >= {"value": True, "variant": "treatment", "reason": "SPLIT", "phase": 1}.items()
    assert of("headline", kind="String")["value"] == "Größer <b>"
    assert of("discount", kind="Number")["value"] == 1.0
    assert of("model", kind="Object")["value"] == MODEL
    assert [of("only-germany", country)["value"] for country in ("DE", "FR")] == [True, False]
    assert of("not-started").items() >= {"value": False, "reason": "DISABLED"}.items()
    assert [of(key)["errorCode"] for key in ("nowhere", "theirs")] == [NOT_FOUND, NOT_FOUND]
    assert of("headline", kind="Number")["errorCode"] == "TYPE_MISMATCH"
    assert came["getBooleanDetails(big-button, {})"]["errorCode"] == "TARGETING_KEY_MISSING"
    assert came["with a wrong token"].items() >= {"value": False, "errorCode": "GENERAL"}.items()
    after = came["getBooleanDetails(big-button) after the rollback"]
    assert after.items() >= {"value": False, "variant": "control", "why": "not_serving"}.items()


async def test_the_javascript_client_of_browsers(node: str, shop: Shop) -> None:
    came = await conversation(node, "web", shop)
    values = {
        "getBooleanDetails(big-button)": True,
        "getStringDetails(headline)": "Größer <b>",
        "getNumberDetails(price)": 2,
        "getNumberDetails(discount)": 1.0,
        "getObjectDetails(model)": MODEL,
        "getBooleanDetails(only-germany)": True,
        "getBooleanDetails(not-started)": False,
    }
    assert {asked: came[asked]["value"] for asked in values} == values
    assert [came[f"getBooleanDetails({key})"]["errorCode"] for key in ("nowhere", "theirs")] == [NOT_FOUND, NOT_FOUND]
    assert came["polled: first, last"] == [200, 304]
    assert came["setContext(country FR), then getBooleanDetails(only-germany)"]["why"] == "not_targeted"
    nobody = "setContext(nobody), then getBooleanDetails"
    assert came[f"{nobody}(big-button)"]["errorCode"] == "TARGETING_KEY_MISSING"
    assert came[f"{nobody}(not-started)"]["reason"] == "DISABLED"
    assert came["with a wrong token"]["errorCode"] == "PROVIDER_FATAL"
    assert came["told of a change of"] == ["big-button"]
    assert came["getBooleanDetails(big-button) after the rollback"]["reason"] == "DISABLED"
