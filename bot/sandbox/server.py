"""The sandbox as an ASGI application, and running it on this machine."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from bot.sandbox.clock import Clock
from bot.sandbox.control import Control
from bot.sandbox.delivery import Courier
from bot.sandbox.downloads import Downloads
from bot.sandbox.response_urls import ResponseUrls
from bot.sandbox.socket_mode import Sockets
from bot.sandbox.web_api.endpoint import Endpoint
from bot.sandbox.workspace import Workspace

_PAGE = Path(__file__).parent / "page"


def create(workspace: Workspace) -> Starlette:
    """The whole sandbox for one workspace; `state.courier` and `state.sockets` lead to its deliveries."""
    sockets = Sockets(workspace.app)
    courier = Courier(workspace, sockets)
    downloads = Downloads(workspace)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        workspace.closing.set()
        await courier.aclose()

    async def index(_: Request) -> Response:
        return FileResponse(_PAGE / "index.html", headers={"Cache-Control": "no-store"})

    async def permalink(request: Request) -> Response:
        place = request.path_params
        return RedirectResponse(f"/?channel={place['channel']}&message={place['message']}")

    app = Starlette(
        routes=[
            Route("/", index),
            Route("/archives/{channel}/{message}", permalink),
            Route("/api/{method}", Endpoint(workspace, sockets).__call__, methods=["GET", "POST"]),
            WebSocketRoute("/socket", sockets.serve),
            Route("/upload/{ticket}", downloads.upload, methods=["POST"]),
            Route("/files/{file_id}/{name}", downloads.download),
            Route("/response/{ticket}", ResponseUrls(workspace).__call__, methods=["POST"]),
            *Control(workspace, courier).routes(),
            Mount("/page", StaticFiles(directory=_PAGE, check_dir=False)),
        ],
        lifespan=lifespan,
    )
    app.state.courier = courier
    app.state.sockets = sockets
    return app


class Sandbox:
    """Runs a workspace on 127.0.0.1 inside the running event loop, on a free port or the given one."""

    def __init__(self, workspace: Workspace | None = None, *, port: int = 0) -> None:
        self.workspace = workspace or Workspace()
        self._port = port
        self._app = create(self.workspace)
        self.courier: Courier = self._app.state.courier
        self.sockets: Sockets = self._app.state.sockets
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where the page is."""
        return self.workspace.url

    @property
    def api_url(self) -> str:
        """What Slack's SDKs take as `base_url`."""
        return f"{self.workspace.url}/api/"

    @property
    def clock(self) -> Clock:
        """The workspace's time."""
        return self.workspace.clock

    async def __aenter__(self) -> Self:
        listener = _bound(self._port)
        self.workspace.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            self._app,
            log_level="warning",
            access_log=False,
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
            date_header=False,
        )
        self._server = _QuietServer(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started:
            if self._task.done():
                await self._task
                raise RuntimeError("The sandbox did not start.")
            await asyncio.sleep(0.005)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.workspace.closing.set()
        await self.sockets.close()
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task


def _bound(port: int) -> socket.socket:
    """A socket that holds the port before the server starts, so that nobody can take it in between."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections take this over; asyncio leaves it out for them, and then small answers wait 40 ms for an ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    return listener


class _QuietServer(uvicorn.Server):
    """uvicorn without its signal handlers: signals belong to whoever runs the event loop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
