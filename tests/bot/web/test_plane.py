"""The data plane lets in whom a token lets in, as often as it may, and leaves the rest to the site behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.traffic import Snapshot
from bot.web.plane import MOST_BYTES, Buckets, Plane
from bot.web.server import listening
from experiments.execute import change_policies
from experiments.policy_commands import RevokeToken
from experiments.ports import World
from experiments.tokens import Scope
from tests.bot.web.applications import BOSS, SECRET, Application, asked, begin, issue, plane_of
from tests.worlds import MemoryWorld

ONE = "/ofrep/v1/evaluate/flags/price"
ALL = "/ofrep/v1/evaluate/flags"
EVENTS_ONLY, EVALUATE_ONLY, SHORT_LIVED = ("bun_" + letter * 43 for letter in "xyz")


@pytest.fixture
async def snapshot(world: World) -> Snapshot:
    snapshot = Snapshot()
    await begin(world, "price")
    await issue(world, EVENTS_ONLY, scopes=(Scope.EVENTS,))
    await issue(world, EVALUATE_ONLY, scopes=(Scope.EVALUATE,))
    await issue(world, SHORT_LIVED, days=1)
    await snapshot.refresh(world)
    return snapshot


class Intake:
    """Takes whatever comes and remembers for which project."""

    def __init__(self) -> None:
        self.projects: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any, project: str) -> None:
        self.projects.append(project)
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def intake() -> Intake:
    return Intake()


@pytest.fixture
def plane(snapshot: Snapshot, world: World, intake: Intake) -> Plane:
    return plane_of(snapshot, world, events=intake)


@pytest.fixture
async def http(plane: Plane) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token, over real HTTP."""
    async with listening(plane, "127.0.0.1", 0) as address, httpx.AsyncClient(trust_env=False) as client:
        client.base_url = httpx.URL(address)
        yield client


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {SECRET}"},
        {"authorization": f"bearer   {SECRET}"},
        {"X-API-Key": SECRET},
        {"Authorization": "Basic YTpi", "X-API-Key": SECRET},
        {"Authorization": f"Bearer {EVALUATE_ONLY}"},
    ],
)
async def test_a_token_lets_in(headers: dict[str, str], http: httpx.AsyncClient) -> None:
    answer = await http.post(ONE, json=asked("ann", {}), headers=headers)
    assert answer.status_code == 200
    assert answer.json()["key"] == "price"


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "Send a token"),
        ({"Authorization": "Basic YTpi"}, "Send a token"),
        ({"Authorization": "Bearer"}, "Send a token"),
        ({"Authorization": SECRET}, "Send a token"),
        ({"X-API-Key": "bun_" + "n" * 43}, "unknown"),
        ({"X-API-Key": SECRET + "s"}, "unknown"),
        ({"X-API-Key": b"\xff\xfe" * 20}, "unknown"),
    ],
)
async def test_nothing_else_lets_in(headers: dict[str, Any], words: str, http: httpx.AsyncClient, plane: Plane) -> None:
    for path in (ONE, ALL, "/v1/events"):
        answer = await http.post(path, json=asked("ann", {}), headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["errorCode"] == "GENERAL"
        assert words in answer.json()["errorDetails"]
    assert (plane.refused, plane.errors, plane.evaluations) == (3, 0, 0)


async def test_a_token_may_do_what_it_was_made_for(http: httpx.AsyncClient, intake: Intake) -> None:
    def by(secret: str) -> dict[str, str]:
        return {"X-API-Key": secret}

    assert (await http.post(ONE, json=asked("ann", {}), headers=by(EVENTS_ONLY))).status_code == 403
    assert (await http.post(ALL, json=asked("ann", {}), headers=by(EVENTS_ONLY))).status_code == 403
    assert (await http.post("/v1/events", content=b"{}", headers=by(EVALUATE_ONLY))).status_code == 403
    assert intake.projects == []
    assert (await http.post("/v1/events", content=b"{}", headers=by(EVENTS_ONLY))).status_code == 202
    assert intake.projects == ["general"]


async def test_a_token_ends_and_is_revoked(
    http: httpx.AsyncClient, bench: MemoryWorld, world: World, snapshot: Snapshot
) -> None:
    async def status(secret: str) -> int:
        return (await http.post(ONE, json=asked("ann", {}), headers={"X-API-Key": secret})).status_code

    assert await status(SHORT_LIVED) == 200
    bench.clock.advance(days=1)
    assert await status(SHORT_LIVED) == 401
    assert await status(SECRET) == 200
    mine = snapshot.token(SECRET.encode())
    assert mine is not None
    await change_policies(RevokeToken(id=mine.id), BOSS, world)
    await snapshot.refresh(world)
    assert await status(SECRET) == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", ONE, 405),
        ("PUT", ALL, 405),
        ("GET", "/v1/events", 405),
        ("POST", "/v1/other", 404),
        ("POST", "/ofrep/v1/configuration", 404),
        ("POST", "/ofrep/v2/evaluate/flags/price", 404),
        ("POST", ONE + "/more", 404),
        ("POST", ALL + "/", 404),
        ("POST", ALL + "/%2e%2e/price", 404),
        ("POST", ALL + "/" + "k" * 3000, 404),
        ("POST", ALL + "/%ff%00", 404),
    ],
)
async def test_what_is_not_there_is_said_in_json(method: str, path: str, status: int, http: httpx.AsyncClient) -> None:
    answer = await http.request(method, path, json=asked("ann", {}), headers={"X-API-Key": SECRET})
    assert answer.status_code == status
    assert answer.json()["errorDetails"]
    assert len(answer.content) < 1_000


async def test_where_nothing_takes_events_there_is_no_door_for_them(snapshot: Snapshot, world: World) -> None:
    answer = await Application(plane_of(snapshot, world)).http.post("/v1/events", content=b"{}")
    assert answer.status_code == 404


async def test_the_rest_is_left_to_the_site_behind(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).text == "ok"
    assert (await http.get("/ofrepx")).text == "Not Found"


async def test_a_body_has_an_end(http: httpx.AsyncClient, plane: Plane) -> None:
    async def chunks(size: int) -> AsyncIterator[bytes]:
        yield b'{"context": {"targetingKey": "ann"}}'
        for _ in range(size // 1024):
            yield b" " * 1024

    headers = {"X-API-Key": SECRET}
    room = MOST_BYTES - len(b'{"context":{"targetingKey":"ann","a":""}}')
    fits = await http.post(ONE, json=asked("ann", {"a": "x" * room}), headers=headers)
    over = await http.post(ONE, json=asked("ann", {"a": "x" * (room + 1)}), headers=headers)
    assert (fits.status_code, over.status_code) == (200, 413)
    assert (await http.post(ONE, content=chunks(32 * 1024), headers=headers)).status_code == 200
    assert (await http.post(ONE, content=chunks(128 * 1024), headers=headers)).status_code == 413
    assert plane.errors == 2


async def test_a_body_that_trickles_in_is_not_waited_for(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.plane.BODY_SECONDS", 0.01)
    first, never, sent = {"type": "http.request", "body": b"{", "more_body": True}, asyncio.Event(), []

    async def receive() -> dict[str, Any]:
        if sent or first["body"] == b"":
            await never.wait()
        first["body"], body = b"", first["body"]
        return {**first, "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    await plane(request(), receive, send)
    assert sent[0]["status"] == 408


async def test_who_leaves_in_the_middle_is_answered_nothing(plane: Plane) -> None:
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    await plane(request(), receive, send)
    assert sent == []


def request() -> dict[str, Any]:
    return {"type": "http", "method": "POST", "path": ONE, "headers": [(b"x-api-key", SECRET.encode())]}


async def test_a_page_of_another_origin_may_ask(http: httpx.AsyncClient) -> None:
    page = {"Origin": "https://shop.example"}
    asking = {**page, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    before = await http.options(ALL, headers=asking)
    assert (before.status_code, before.content) == (204, b"")
    assert before.headers["access-control-allow-origin"] == "*"
    assert {"authorization", "if-none-match", "x-api-key"} <= set(
        before.headers["access-control-allow-headers"].replace(" ", "").split(",")
    )
    assert "access-control-allow-credentials" not in before.headers
    answer = await http.post(ALL, json=asked("ann", {}), headers={**page, "X-API-Key": SECRET})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "ETag" in answer.headers["access-control-expose-headers"]
    refused = await http.post(ALL, json=asked("ann", {}), headers=page)
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "*")
    plain = await http.post(ALL, json=asked("ann", {}), headers={"X-API-Key": SECRET})
    assert "access-control-allow-origin" not in plain.headers


async def test_a_token_that_asks_too_often_is_told_when_to_go_on(snapshot: Snapshot, world: World) -> None:
    moment = [0.0]
    buckets = Buckets(a_second=2.0, saved_up=4.0, clock=lambda: moment[0])
    plane = plane_of(snapshot, world, buckets=buckets)
    mine, other = Application(plane), Application(plane, EVALUATE_ONLY)
    assert [(await mine.asks("price")).status_code for _ in range(5)] == [200, 200, 200, 200, 429]
    refused = await mine.asks("price")
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["errorCode"] == "GENERAL"
    assert (await other.asks("price")).status_code == 200
    moment[0] = 1.0
    assert [(await mine.asks("price")).status_code for _ in range(3)] == [200, 200, 429]
    assert plane.refused == 3


def test_a_bucket_fills_up_to_its_rim_and_what_costs_more_waits_for_a_full_one() -> None:
    moment = [0.0]
    buckets = Buckets(a_second=1.0, saved_up=10.0, clock=lambda: moment[0])
    assert buckets.wait("a", 10.0) == 0
    assert buckets.wait("a", 50.0) == 10
    moment[0] = 1000.0
    assert buckets.wait("a", 50.0) == 0
    assert buckets.wait("a") == 1
    assert buckets.wait("b") == 0
