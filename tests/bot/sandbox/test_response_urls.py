"""response_url: five answers in thirty minutes, replacing, deleting, for one or for all."""

from typing import Any

import httpx
import pytest

from bot.sandbox.tickets import Response
from tests.bot.sandbox.conftest import Connect, Lab


def issue(lab: Lab, message_ts: str | None = None) -> str:
    response = Response("U0ADA", "C0EXPERIMENTS", lab.workspace.clock.lived(), message_ts)
    return f"{lab.sandbox.url}/response/{lab.workspace.responses.issue(response)}"


async def post(url: str, **body: Any) -> tuple[int, dict[str, Any]]:
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        response = await client.post(url, json=body)
        return response.status_code, response.json()


async def test_five_times_and_no_more(lab: Lab) -> None:
    url = issue(lab)
    for number in range(5):
        assert await post(url, text=f"answer {number}") == (200, {"ok": True})
    assert await post(url, text="one too many") == (404, {"ok": False, "error": "used_url"})
    assert len(await lab.messages()) == 5
    assert await lab.messages("U0BO") == []


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (31, 404)])
async def test_thirty_minutes_of_sandbox_time(lab: Lab, minutes: int, status: int) -> None:
    url = issue(lab)
    lab.workspace.clock.advance(minutes * 60)
    assert (await post(url, text="late"))[0] == status


async def test_a_fast_clock_leaves_people_their_time(lab: Lab) -> None:
    url = issue(lab)
    lab.workspace.clock.rate = 1_000_000
    assert (await post(url, text="in time"))[0] == 200


async def test_replace_and_delete_the_original(lab: Lab) -> None:
    posted = await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text="before")
    url = issue(lab, posted["ts"])
    await post(url, text="after", replace_original=True)
    assert await lab.texts("U0BO") == ["after"]
    await post(url, delete_original="true")
    assert await lab.texts("U0BO") == []


async def test_an_ephemeral_original_can_only_be_changed_this_way(lab: Lab) -> None:
    posted = await lab.client.chat_postEphemeral(channel="C0EXPERIMENTS", user="U0ADA", text="only you")
    url = issue(lab, posted["message_ts"])
    await post(url, text="still only you", replace_original=True)
    assert await lab.texts("U0ADA") == ["still only you"]
    await post(url, delete_original=True)
    assert await lab.texts("U0ADA") == []


async def test_bad_blocks_are_refused(lab: Lab) -> None:
    status, answer = await post(issue(lab), blocks=[{"type": "header"}])
    assert (status, answer["error"]) == (400, "invalid_blocks")


async def test_bolts_respond_uses_it(lab: Lab, connect: Connect) -> None:
    @lab.app.command("/experiment")
    async def answer(ack: Any, respond: Any) -> None:
        await ack()
        await respond("for all", response_type="in_channel")

    await connect(lab)
    await lab.do("command", channel="C0EXPERIMENTS", text="/experiment")
    assert await lab.texts("U0BO") == ["for all"]
