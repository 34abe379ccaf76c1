"""What may come back in place of an answer of Prometheus, and what is sent to whom."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from bot.connectors.outward import Outward
from bot.connectors.prometheus import Prometheus
from experiments.errors import BadInput, BunsenError, Unavailable
from tests.bot.connectors.strangers import Stranger, stranger

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
QUERY = 'rate(errors_total{variant="{variant}"}[{window}])'


def answer(status: int, body: Any) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(content), content)


def data(kind: str, result: Any) -> bytes:
    return answer(200, {"status": "success", "data": {"resultType": kind, "result": result}})


def refused(status: int, kind: str, error: str = "because of it") -> bytes:
    return answer(status, {"status": "error", "errorType": kind, "error": error})


def source(server: Stranger, **options: Any) -> Prometheus:
    return Prometheus(f"http://127.0.0.1:{server.port}/prom/", Outward(lambda: ("127.0.0.1",)), **options)


async def what_is_said_of(reply: bytes | None, **options: Any) -> BunsenError:
    async with stranger(answer=reply) as server:
        with pytest.raises(BunsenError) as caught:
            await source(server, **options).value(QUERY, "new", AT, 60)
    return caught.value


@pytest.mark.parametrize(
    ("reply", "reason", "words"),
    [
        (answer(401, b"hush"), "forbidden", "BUNSEN_PROMETHEUS_HEADERS right"),
        (answer(403, {}), "forbidden", "BUNSEN_PROMETHEUS_HEADERS right"),
        (refused(503, "timeout"), "timeout", "took too long"),
        (refused(503, "canceled"), "timeout", "took too long"),
        (refused(500, "internal"), "trouble", "trouble of its own: because of it"),
        (answer(404, b"<html>hush</html>"), "no_api", "HTTP 404"),
        (answer(200, b"[]"), "no_api", "HTTP 200"),
        (answer(200, {"status": "success"}), "no_api", "HTTP 200"),
        (data("vector", [{"metric": {}}]), "malformed", "cannot be read"),
        (data("vector", [{"value": [1, "a lot"]}]), "malformed", "cannot be read"),
        (data("vector", [{"value": [1e300, "1"]}]), "malformed", "cannot be read"),
        (data("vector", [{"value": "x"}]), "malformed", "cannot be read"),
        (data("vector", ["x"]), "malformed", "cannot be read"),
        (data("vector", 7), "malformed", "cannot be read"),
        (data("scalar", []), "malformed", "cannot be read"),
    ],
)
async def test_what_is_no_answer_is_unavailable_in_words(reply: bytes, reason: str, words: str) -> None:
    said = await what_is_said_of(reply)
    assert isinstance(said, Unavailable)
    assert said.reason == reason
    assert words in said.words
    assert "hush" not in said.words


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (refused(422, "execution", "many-to-many\nmatching"), "cannot answer the query: many-to-many matching."),
        (refused(400, "bad_data", "x" * 5_000), f"cannot answer the query: {'x' * 300}."),
        (data("string", [1, "text"]), "text or a histogram"),
        (data("vector", [{"metric": {}, "histogram": [1, {}]}]), "text or a histogram"),
    ],
)
async def test_what_is_wrong_with_the_query_is_said_at_the_query(reply: bytes, words: str) -> None:
    said = await what_is_said_of(reply)
    assert isinstance(said, BadInput)
    assert said.field == "query"
    assert words in said.words


async def test_one_that_hangs_is_not_waited_for() -> None:
    said = await what_is_said_of(None, seconds=0.3)
    assert isinstance(said, Unavailable)
    assert said.reason == "timeout"


async def test_the_address_may_have_a_path_but_no_question() -> None:
    async with stranger(answer=data("vector", [])) as server:
        assert await source(server).value(QUERY, "new", AT, 60) is None
    assert server.heard[0].startswith(b"POST /prom/api/v1/query HTTP/1.1\r\n")
    with pytest.raises(BadInput, match="question mark"):
        Prometheus("https://prometheus.example.com/?tenant=a", Outward())


async def test_a_secret_header_goes_to_its_own_server_alone() -> None:
    async with stranger(answer=data("vector", [])) as own, stranger(answer=data("vector", [])) as other:
        headers = {
            f"HTTP://127.0.0.1:{own.port}/": {
                "Authorization": SecretStr("Bearer hush"),
                "X-Scope-OrgID": SecretStr("7"),
            }
        }
        for server in (own, other):
            await source(server, headers=headers).value(QUERY, "new", AT, 60)
    assert b"authorization: bearer hush\r\n" in own.heard[0].lower()
    assert b"x-scope-orgid: 7\r\n" in own.heard[0].lower()
    assert b"hush" not in other.heard[0]


async def test_a_variant_without_any_window_is_missing_in_each() -> None:
    async with stranger(answer=data("matrix", [])) as server:
        samples = await source(server).samples({"errors": QUERY}, ["a", "b"], AT, AT + timedelta(hours=1), 60)
    assert {name: len(found) for name, found in samples["errors"].items()} == {"a": 60, "b": 60}
    assert all(value != value for found in samples["errors"].values() for value in found)


async def test_a_moment_outside_of_what_was_asked_belongs_to_no_window() -> None:
    series = [{"metric": {}, "values": [[AT.timestamp() + late, str(late)] for late in (-60, 0, 59, 121, 180, 240)]}]
    async with stranger(answer=data("matrix", series)) as server:
        samples = await source(server).samples({"errors": QUERY}, ["a"], AT, AT + timedelta(seconds=180), 60)
    assert samples == {"errors": {"a": (59.0, 121.0, 180.0)}}
