"""The door tries again where that helps, with the same key, and says why it cannot go on."""

from __future__ import annotations

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.visitors.door import Answer, Door
from experiments.errors import BadInput, Unavailable
from tests.bot.visitors.counter import Counter, door_to, variant_of

LINE = '{"type":"observation","metric":"revenue","unit":"u-1","value":3,"time":"2026-03-02T09:00:00Z"}'


async def test_one_evaluation_and_one_look_at_all_agree() -> None:
    counter = Counter(flags=("search", "checkout"))
    async with door_to(counter) as (door, _):
        for unit in ("u-1", "u-2", "ü🙂"):
            expected = Answer(variant_of(unit), exposed=True, phase=1)
            assert await door.evaluate("checkout", unit, {"country": "DE"}) == expected
            assert await door.look_up("checkout", unit, {"country": "DE"}) == expected
    assert counter.evaluated["checkout"] == counter.looked_up == ["u-1", "u-2", "ü🙂"]
    assert counter.contexts[0] == {"targetingKey": "u-1", "country": "DE"}


@pytest.mark.parametrize(
    ("trouble", "waited"),
    [
        (Response(status_code=429, headers={"Retry-After": "3"}), 3.0),
        (Response(status_code=429, headers={"Retry-After": "2026-02-07T12:00:00Z"}), 0.25),
        (Response(status_code=503), 0.25),
        (PlainTextResponse("oh", 500), 0.25),
    ],
)
async def test_a_batch_is_tried_again_with_the_same_key(trouble: Response, waited: float) -> None:
    counter = Counter(troubles=[trouble])
    async with door_to(counter) as (door, waits):
        await door.send([LINE])
        assert door.retried == 1
    assert waits == [waited]
    assert len(counter.keys) == 2
    assert len(set(counter.keys)) == len(counter.batches) == 1


async def test_other_batches_have_other_keys() -> None:
    counter = Counter()
    async with door_to(counter) as (door, _):
        await door.send([LINE])
        await door.send([LINE, LINE])
    assert len(set(counter.keys)) == 2


async def test_pauses_grow_and_end() -> None:
    counter = Counter(troubles=[Response(status_code=503)] * 20)
    async with door_to(counter, most_waited=20) as (door, waits):
        with pytest.raises(Unavailable, match=r"answered 503; gave up after 18 seconds") as refused:
            await door.evaluate("checkout", "u-1", {})
    assert waits == [0.25, 0.5, 1, 2, 4, 5, 5]
    assert refused.value.reason == "unreachable"


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (JSONResponse({"errors": [{"line": 3, "field": "value", "problem": "is not finite"}], "count": 1}, 400),
         "answered 400: line 3 value: is not finite."),
        (JSONResponse({"errorDetails": "This token may not send events."}, 403), "may not send events"),
        (PlainTextResponse("<h1>", 413), "answered 413."),
        (JSONResponse(["odd"], 409), "answered 409."),
    ],
)  # fmt: skip
async def test_a_refusal_is_told_and_not_repeated(trouble: Response, words: str) -> None:
    counter = Counter(troubles=[trouble])
    async with door_to(counter) as (door, waits):
        with pytest.raises(Unavailable) as refused:
            await door.send([LINE])
    assert words in refused.value.words
    assert refused.value.reason == "refused"
    assert not waits


async def test_an_unknown_flag_is_told_by_both_ways() -> None:
    async with door_to(Counter()) as (door, _):
        with pytest.raises(Unavailable, match="no flag search"):
            await door.evaluate("search", "u-1", {})
        with pytest.raises(Unavailable, match="knows no flag search"):
            await door.look_up("search", "u-1", {})


async def test_what_is_no_evaluation_is_no_variant() -> None:
    counter = Counter(troubles=[PlainTextResponse("<html>", 200), JSONResponse({"flags": 1}, 200)])
    async with door_to(counter) as (door, _):
        for ask in (door.evaluate, door.look_up):
            with pytest.raises(Unavailable, match="no evaluation"):
                await ask("checkout", "u-1", {})


async def test_nobody_there_is_waited_for() -> None:
    async with door_to(Counter()) as (door, _):
        address = door.url
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async with Door(address, "bun_x", most_waited=1, sleep=sleep) as closed:
        with pytest.raises(Unavailable, match="does not answer"):
            await closed.evaluate("checkout", "u-1", {})
    assert waits == [0.25, 0.5]


@pytest.mark.parametrize("token", ["", "two words", "line\r\nX-Other: 1", "ümlaut"])
async def test_a_token_is_one_word(token: str) -> None:
    with pytest.raises(BadInput, match="BUNSEN_TOKEN"):
        Door("http://127.0.0.1:1", token)


@pytest.mark.parametrize("url", ["", "127.0.0.1:80", "ftp://x", "http://"])
async def test_an_address_is_one_of_http(url: str) -> None:
    with pytest.raises(BadInput, match="is no address"):
        Door(url, "bun_x")
