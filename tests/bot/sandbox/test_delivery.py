"""Deliveries: three seconds, visible time-outs, retries, duplicates, signatures and reconnecting."""

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.sandbox import limits
from bot.sandbox.delivery import sign
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from tests.bot.sandbox.conftest import Connect, Lab
from tests.bot.scenario.lab import eventually


def test_three_seconds_is_the_default() -> None:
    workspace = Workspace()
    assert (workspace.ack_seconds, workspace.triggers.seconds, limits.EVENT_RETRIES) == (3, 3, 3)


async def test_an_unanswered_command_times_out_visibly(lab: Lab, connect: Connect) -> None:
    lab.workspace.ack_seconds = 0.1
    release = asyncio.Event()

    @lab.app.command("/experiment")
    async def hang() -> None:
        await release.wait()

    await connect(lab)
    with lab.workspace.live.listen("U0ADA") as told:
        answer = await lab.do("command", channel="C0EXPERIMENTS", text="/experiment list")
        event = told.get_nowait()
    release.set()
    words = '/experiment failed with the error "operation_timeout"'
    assert answer == {"ok": False, "error": "operation_timeout", "detail": words}
    assert event == {"type": "timeout", "what": "command", "words": words}


async def test_without_an_app_a_command_fails_to_dispatch(lab: Lab) -> None:
    answer = await lab.do("command", channel="C0EXPERIMENTS", text="/experiment list")
    assert answer["error"] == "dispatch_failed"


async def test_an_unacknowledged_event_comes_again_marked_as_retry(lab: Lab, connect: Connect) -> None:
    seen: list[tuple[str | None, str | None]] = []

    @lab.app.middleware
    async def fail_at_first(req: Any, resp: Any, next: Any) -> Any:
        num, reason = (req.headers.get(f"x-slack-retry-{each}", [None])[0] for each in ("num", "reason"))
        seen.append((num, reason))
        if len(seen) < 3:
            resp.status = 500
            return resp
        return await next()

    @lab.app.event("message")
    async def hear(event: dict[str, Any]) -> None:
        seen.append(("heard", event["text"]))

    await connect(lab)
    over_socket = lab.workspace.app.socket_mode
    patience, lab.workspace.ack_seconds = lab.workspace.ack_seconds, 0.15 if over_socket else lab.workspace.ack_seconds
    lab.workspace.clock.rate = 0
    lab.workspace.retry_delays = (0, 60, 300)
    await lab.do("message", channel="C0EXPERIMENTS", text="hello")
    [sent] = lab.sandbox.courier.deliveries

    async def given_up_twice() -> bool:
        return len(seen) == 2 and [bool(each.problem) for each in sent.attempts] == [True, True]

    await eventually(given_up_twice)
    lab.workspace.ack_seconds = patience
    lab.workspace.clock.advance(60)
    await lab.sandbox.courier.settled()
    reason = "timeout" if over_socket else "http_error"
    assert [num for num, _ in seen[1:3]] == ["1", "2"]
    assert {why for _, why in seen[1:3]} == {reason}
    assert seen[3] == ("heard", "hello")
    (delivery,) = (await lab.look("deliveries"))["deliveries"]
    assert [each["acked"] for each in delivery["attempts"]] == [False, False, True]


async def test_events_are_retried_three_times_at_the_slack_pace_of_the_sandbox_clock(lab: Lab) -> None:
    lab.workspace.clock.rate = 0
    await lab.do("message", channel="C0EXPERIMENTS", text="hello")
    (delivery,) = lab.sandbox.courier.deliveries
    for attempts, seconds in ((2, 60), (3, 300), (4, 3600)):
        while len(delivery.attempts) < attempts:  # noqa: ASYNC110  the courier announces nothing
            await asyncio.sleep(0)
        assert len(delivery.attempts) == attempts
        await asyncio.sleep(0.01)
        lab.workspace.clock.advance(seconds)
    await lab.sandbox.courier.settled()
    assert [each.retry_num for each in delivery.attempts] == [0, 1, 2, 3]


async def test_a_delivery_can_be_repeated(lab: Lab, connect: Connect) -> None:
    heard: list[str] = []

    @lab.app.action("approve")
    async def approve(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body["trigger_id"])
        await ack()

    await connect(lab)
    button = {"type": "button", "action_id": "approve", "text": {"type": "plain_text", "text": "Approve"}}
    posted = await lab.client.chat_postMessage(
        channel="C0EXPERIMENTS", text="x", blocks=[{"type": "actions", "block_id": "b", "elements": [button]}]
    )
    container = {"type": "message", "channel": "C0EXPERIMENTS", "message_ts": posted["ts"]}
    await lab.do("action", container=container, action={"type": "button", "block_id": "b", "action_id": "approve"})
    index = (await lab.look("deliveries"))["deliveries"][-1]["index"]
    assert (await lab.control("redeliver", index=index))["ok"] is True
    assert len(heard) == 2
    assert heard[0] == heard[1]
    assert (await lab.control("redeliver", index=99))["error"] == "delivery_not_found"


async def test_a_wrong_signature_is_refused_by_bolt(lab: Lab) -> None:
    @lab.app.command("/experiment")
    async def answer(ack: Any) -> None:
        await ack("hello")

    async with lab.over_http():
        lab.workspace.app.signing_secret = "another"
        answer_ = await lab.do("command", channel="C0EXPERIMENTS", text="/experiment")
    assert answer_["error"] == "http_client_error"


def test_the_signature_is_slacks_documented_example() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == expected


async def test_bolt_reconnects_after_a_disconnect(lab: Lab, connect_socket: Connect) -> None:
    @lab.app.command("/experiment")
    async def answer(ack: Any) -> None:
        await ack("hello")

    await connect_socket(lab)
    assert await lab.control("disconnect", reason="refresh_requested") == {"ok": True, "closed": 1}
    await lab.sandbox.sockets.connected()
    await lab.do("command", channel="C0EXPERIMENTS", text="/experiment")
    assert await lab.texts() == ["hello"]


async def test_a_socket_ticket_is_good_once(lab: Lab) -> None:
    opened = await lab.client.apps_connections_open(app_token="xapp-sandbox")
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(opened["url"]) as first:
            hello = await first.receive_json()
            assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        async with session.ws_connect(opened["url"]) as second:
            assert (await second.receive()).data == 4001


async def test_an_eleventh_connection_is_sent_away(lab: Lab) -> None:
    sockets = []
    async with aiohttp.ClientSession() as session:
        for number in range(11):
            opened = await lab.client.apps_connections_open(app_token="xapp-sandbox")
            sockets.append(await session.ws_connect(opened["url"]))
            greeting = await sockets[-1].receive_json()
            assert greeting["type"] == ("hello" if number < 10 else "disconnect")
        assert greeting["reason"] == "too_many_websockets"


async def test_nonsense_on_the_socket_is_ignored(lab: Lab) -> None:
    opened = await lab.client.apps_connections_open(app_token="xapp-sandbox")
    async with aiohttp.ClientSession() as session, session.ws_connect(opened["url"]) as socket:
        await socket.receive_json()
        asking = asyncio.create_task(lab.do("command", channel="C0EXPERIMENTS", text="/experiment"))
        envelope = await socket.receive_json()
        assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
        for nonsense in ("{", "[]", '{"envelope_id": "unknown"}'):
            await socket.send_str(nonsense)
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "at last"}})
        assert await asking == {"ok": True}
    assert await lab.texts() == ["at last"]


async def test_blocks_that_slack_would_refuse_are_refused_in_an_acknowledgement_too(
    lab: Lab, connect_socket: Connect
) -> None:
    @lab.app.command("/experiment")
    async def answer(ack: Any) -> None:
        await ack(blocks=[{"type": "header"}])

    await connect_socket(lab)
    refused = await lab.do("command", channel="C0EXPERIMENTS", text="/experiment")
    assert (refused["ok"], refused["error"]) == (False, "invalid_blocks")
    assert "missing required field: text [json-pointer:/blocks/0]" in refused["detail"]


async def test_an_app_that_asks_for_no_retries_gets_none(lab: Lab) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 500 No\r\nX-Slack-No-Retry: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    lab.workspace.retry_delays = (0, 0, 0)
    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        lab.workspace.app.request_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        await lab.do("message", channel="C0EXPERIMENTS", text="hello")
        await lab.sandbox.courier.settled()
    (delivery,) = lab.sandbox.courier.deliveries
    assert [(each.problem, each.answer) for each in delivery.attempts] == [
        ("http_error", {"status": 500, "no_retry": True})
    ]


async def test_it_stops_by_itself_with_a_page_connected(caplog: pytest.LogCaptureFixture) -> None:
    async with aiohttp.ClientSession() as session:
        async with Sandbox() as sandbox:
            live = await session.ws_connect(sandbox.url.replace("http", "ws") + "/_sandbox/live?user=U0ADA")
            assert (await live.receive_json())["type"] == "presence"
        assert (await live.receive()).type is aiohttp.WSMsgType.CLOSE
    assert [each.getMessage() for each in caplog.records if "exceeded" in each.getMessage()] == []
