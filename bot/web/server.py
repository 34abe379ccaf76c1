"""The HTTP server: Slack's requests at /slack/events, other pages, and whether we are alive at /healthz."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp


def web_app(app: AsyncApp, pages: Sequence[Route] = ()) -> Starlette:
    """A Starlette application that hands signed requests to Bolt, beside other pages."""
    slack = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        return await slack.handle(request)

    return site([Route("/slack/events", events, methods=["POST"]), *pages])


def site(pages: Sequence[Route]) -> Starlette:
    """These pages, and whether we are alive."""

    async def healthz(request: Request) -> Response:
        return PlainTextResponse("ok")

    return Starlette(routes=[*pages, Route("/healthz", healthz)])


class _QuietServer(uvicorn.Server):
    """uvicorn without its signal handlers: signals belong to whoever runs the event loop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(app: ASGIApp, host: str, port: int) -> AsyncIterator[str]:
    """The application answers while inside; gives its address. Port 0 takes a free one."""
    listener = socket.create_server((host, port))
    # Connections take this over; asyncio leaves it out for them, and then small answers wait 40 ms for an ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(app, log_config=None, access_log=False, ws="websockets-sansio", timeout_graceful_shutdown=1)
    server = _QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        if task.done():
            await task
            raise RuntimeError("The server did not start.")
        await asyncio.sleep(0.005)
    try:
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
