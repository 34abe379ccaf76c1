"""The Bolt app: every family of deliveries reaches the desk, what is not Slack's is refused."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.app import create_app
from bot.desk import Desk
from bot.sandbox.delivery import sign
from handlers.table import EVENTS
from tests.worlds import WORKSPACE, MemoryWorld

SECRET = "a-signing-secret"


class RecordingDesk(Desk):
    """A desk that writes down what arrives and acknowledges it; `error` is raised instead when set."""

    def __init__(self) -> None:
        bench = MemoryWorld()
        super().__init__(bench.world)
        self.arrived: list[tuple[str, dict[str, Any]]] = []
        self.told: list[BaseException] = []
        self.error: Exception | None = None

    async def _note(self, family: str, ack: Any, body: dict[str, Any]) -> None:
        self.arrived.append((family, body))
        if self.error:
            raise self.error
        await ack()

    async def command(self, ack: Any, body: dict[str, Any]) -> None:
        await self._note("command", ack, body)

    async def action(self, ack: Any, body: dict[str, Any]) -> None:
        await self._note("action", ack, body)

    async def view(self, ack: Any, body: dict[str, Any]) -> None:
        await self._note("view", ack, body)

    async def event(self, ack: Any, body: dict[str, Any]) -> None:
        await self._note("event", ack, body)

    async def failed(self, body: Any, error: BaseException) -> None:
        self.told.append(error)


@pytest.fixture
def desk() -> RecordingDesk:
    return RecordingDesk()


@pytest.fixture
def app(desk: RecordingDesk) -> AsyncApp:
    return create_app(desk, AsyncWebClient("xoxb-1", base_url="http://127.0.0.1:9/api/"), SECRET)


async def deliver(app: AsyncApp, body: str, kind: str, *, secret: str = SECRET, at: int | None = None) -> BoltResponse:
    stamp = str(at or int(time.time()))
    headers: dict[str, str | Sequence[str]] = {
        "content-type": [kind],
        "x-slack-request-timestamp": [stamp],
        "x-slack-signature": [sign(secret, stamp, body.encode())],
    }
    answer = await app.async_dispatch(AsyncBoltRequest(body=body, headers=headers))
    assert answer is not None
    return answer


def form(**fields: str) -> tuple[str, str]:
    return urlencode(fields), "application/x-www-form-urlencoded"


COMMAND = form(command="/experiment", text="list", team_id=WORKSPACE, user_id="U0ADA", trigger_id="1.2.3")
USER, TEAM = {"id": "U0ADA"}, {"id": WORKSPACE}
ACTION = form(
    payload=json.dumps(
        {
            "type": "block_actions",
            "user": USER,
            "team": TEAM,
            "actions": [{"action_id": "new\nline__x", "block_id": "b"}],
        }
    )
)
VIEW = form(
    payload=json.dumps(
        {"type": "view_submission", "user": USER, "team": TEAM, "view": {"callback_id": "stop", "type": "modal"}}
    )
)
EVENT = (
    json.dumps(
        {
            "type": "event_callback",
            "team_id": WORKSPACE,
            "event_id": "Ev1",
            "event": {"type": "app_home_opened", "user": "U0ADA"},
        }
    ),
    "application/json",
)


@pytest.fixture(autouse=True)
def known_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bolt asks Slack once who the bot is."""

    async def auth_test(self: AsyncWebClient, **_: Any) -> Any:
        data = {"ok": True, "team_id": WORKSPACE, "user_id": "U0BUNSEN", "bot_id": "B0BUNSEN"}
        return AsyncSlackResponse(
            client=self, http_verb="POST", api_url="", req_args={}, data=data, headers={}, status_code=200
        )

    monkeypatch.setattr(AsyncWebClient, "auth_test", auth_test)


@pytest.mark.parametrize(
    ("sent", "family"), [(COMMAND, "command"), (ACTION, "action"), (VIEW, "view"), (EVENT, "event")]
)
async def test_every_family_reaches_the_desk(
    sent: tuple[str, str], family: str, app: AsyncApp, desk: RecordingDesk
) -> None:
    answer = await deliver(app, *sent)
    assert answer.status == 200
    assert [name for name, _ in desk.arrived] == [family]


@pytest.mark.parametrize(
    "how", [{"secret": "another-secret"}, {"at": int(time.time()) - 3600}], ids=["wrong secret", "an hour old"]
)
async def test_what_slack_did_not_sign_just_now_is_refused(
    how: dict[str, Any], app: AsyncApp, desk: RecordingDesk
) -> None:
    answer = await deliver(app, *COMMAND, **how)
    assert answer.status == 401
    assert desk.arrived == []


async def test_an_unexpected_error_goes_to_the_desk_and_is_no_acknowledgement(
    app: AsyncApp, desk: RecordingDesk
) -> None:
    desk.error = RuntimeError("ours")
    answer = await deliver(app, *COMMAND)
    assert answer.status == 500
    assert "ours" not in str(answer.body)
    assert desk.told == [desk.error]


async def test_every_event_of_the_table_is_listened_to(app: AsyncApp, desk: RecordingDesk) -> None:
    for number, name in enumerate(EVENTS):
        event = {"type": name, "user": "U0ADA"}
        body = {"type": "event_callback", "team_id": WORKSPACE, "event_id": f"Ev{number}", "event": event}
        assert (await deliver(app, json.dumps(body), "application/json")).status == 200
    assert len(desk.arrived) == len(EVENTS)
