"""A running sandbox with a tiny real Bolt app on it, over Socket Mode or signed HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace
from bot.web.server import listening
from tests.patience import unhurried


class Lab:
    """What a test holds: the sandbox, the Bolt app and the people's hands."""

    def __init__(self, sandbox: Sandbox, hands: httpx.AsyncClient) -> None:
        self.sandbox = sandbox
        self.workspace = sandbox.workspace
        self.client = AsyncWebClient(token="xoxb-sandbox", base_url=sandbox.api_url)
        self.app = AsyncApp(
            client=self.client,
            signing_secret="sandbox-secret",
            process_before_response=True,
            request_verification_enabled=True,
        )
        self._hands = hands

    async def do(self, what: str, **body: Any) -> dict[str, Any]:
        """Act in a person's name (Ada's unless said otherwise)."""
        response = await self._hands.post(f"/_sandbox/{what}", json={"user": "U0ADA", **body})
        answer: dict[str, Any] = response.json()
        return answer

    async def control(self, what: str, **body: Any) -> dict[str, Any]:
        """Use the test side of the control API."""
        answer: dict[str, Any] = (await self._hands.post(f"/_sandbox/{what}", json=body)).json()
        return answer

    async def look(self, what: str, **query: str) -> dict[str, Any]:
        """Look as a person."""
        answer: dict[str, Any] = (await self._hands.get(f"/_sandbox/{what}", params=query)).json()
        return answer

    async def messages(self, user: str = "U0ADA", channel: str = "C0EXPERIMENTS") -> list[dict[str, Any]]:
        """What this person sees in the channel."""
        found: list[dict[str, Any]] = (await self.look("messages", user=user, channel=channel))["messages"]
        return found

    async def texts(self, user: str = "U0ADA", channel: str = "C0EXPERIMENTS") -> list[str]:
        """Only the texts."""
        return [each["text"] for each in await self.messages(user, channel)]

    def modal(self, user: str = "U0ADA") -> dict[str, Any]:
        """The topmost open modal."""
        return self.workspace.views.stack(user)[-1]

    @asynccontextmanager
    async def over_socket(self) -> AsyncIterator[None]:
        """Run the app in Socket Mode."""
        handler = AsyncSocketModeHandler(self.app, "xapp-sandbox", web_client=self.client)
        await handler.connect_async()
        await self.sandbox.sockets.connected()
        try:
            yield
        finally:
            await handler.close_async()

    @asynccontextmanager
    async def over_http(self) -> AsyncIterator[None]:
        """Run the app as a signed HTTP endpoint."""
        bolt = AsyncSlackRequestHandler(self.app)

        async def events(request: Request) -> Response:
            answer: Response = await bolt.handle(request)
            return answer

        host = Starlette(routes=[Route("/slack/events", events, methods=["POST"])])
        async with listening(host, "127.0.0.1", 0) as address:
            self.workspace.app.request_url = f"{address}/slack/events"
            yield


@pytest.fixture
async def workspace() -> Workspace:
    return Workspace()


@pytest.fixture
async def lab(workspace: Workspace) -> AsyncIterator[Lab]:
    async with (
        Sandbox(unhurried(workspace)) as sandbox,
        httpx.AsyncClient(base_url=sandbox.url, trust_env=False, verify=False) as hands,
    ):
        yield Lab(sandbox, hands)


Connect = Callable[[Lab], Awaitable[None]]


@pytest.fixture(params=["socket", "http"])
async def connect(request: pytest.FixtureRequest) -> AsyncIterator[Connect]:
    """Connects a lab's app once its listeners are registered; runs each test over both transports."""
    async with AsyncExitStack() as stack:

        async def over(lab: Lab) -> None:
            way = lab.over_socket if request.param == "socket" else lab.over_http
            await stack.enter_async_context(way())

        yield over


@pytest.fixture
async def connect_socket() -> AsyncIterator[Connect]:
    """Connects a lab's app over Socket Mode only."""
    async with AsyncExitStack() as stack:

        async def over(lab: Lab) -> None:
            await stack.enter_async_context(lab.over_socket())

        yield over
