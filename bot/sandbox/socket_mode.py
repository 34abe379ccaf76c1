"""Socket Mode: tickets, hello, envelopes with their acknowledgements, disconnect."""

import asyncio
import contextlib
import itertools
import json
import secrets

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox import limits
from bot.sandbox.app import App, Json

_HOST = "applink-sandbox"


class Sockets:
    """The app's open connections; envelopes go round them in turn."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._tickets: set[str] = set()
        self._open: list[WebSocket] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._turn = itertools.count()
        self._arrived = asyncio.Event()

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._open)

    def ticket(self) -> str:
        """A single-use ticket for a connection."""
        ticket = secrets.token_urlsafe(24)
        self._tickets.add(ticket)
        return ticket

    async def connected(self, seconds: float = 60) -> None:
        """Return once the app is connected."""
        async with asyncio.timeout(seconds):
            await self._arrived.wait()

    async def serve(self, socket: WebSocket) -> None:
        """Run one connection until either side ends it."""
        ticket = socket.query_params.get("ticket", "")
        await socket.accept()
        if ticket not in self._tickets:
            await socket.close(4001, "invalid_ticket")
            return
        self._tickets.discard(ticket)
        if len(self._open) >= limits.SOCKET_CONNECTIONS:
            await self._dismiss(socket, "too_many_websockets")
            return
        self._open.append(socket)
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self._open),
                "connection_info": {"app_id": self._app.id},
                "debug_info": {"host": _HOST, "build_number": 1, "approximate_connection_time": 18060},
            }
        )
        self._arrived.set()
        try:
            while True:
                self._take(await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self._forget(socket)

    async def send(self, envelope: Json) -> Json | None:
        """Send to one connection and wait for its acknowledgement; None when there is no connection."""
        if not self._open:
            return None
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = answer
        socket = self._open[next(self._turn) % len(self._open)]
        try:
            await socket.send_json(envelope)
            return await answer
        except (WebSocketDisconnect, RuntimeError):
            self._forget(socket)
            return None
        finally:
            self._waiting.pop(envelope["envelope_id"], None)

    async def disconnect(self, reason: str = "refresh_requested") -> int:
        """Ask every connection to go: it hears nothing more, and its client closes it; returns how many there were."""
        leaving = list(self._open)
        for socket in leaving:
            self._forget(socket)
            await self._say_goodbye(socket, reason)
        return len(leaving)

    async def close(self) -> None:
        """End every connection."""
        for socket in list(self._open):
            self._forget(socket)
            await self._dismiss(socket, "link_disabled")

    async def _say_goodbye(self, socket: WebSocket, reason: str) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": _HOST}})

    async def _dismiss(self, socket: WebSocket, reason: str) -> None:
        await self._say_goodbye(socket, reason)
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await socket.close(1000)

    def _take(self, text: str) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            return
        answer = self._waiting.get(message.get("envelope_id", "")) if isinstance(message, dict) else None
        if answer is not None and not answer.done():
            payload = message.get("payload")
            answer.set_result(payload if isinstance(payload, dict) else {})

    def _forget(self, socket: WebSocket) -> None:
        if socket in self._open:
            self._open.remove(socket)
        if not self._open:
            self._arrived.clear()
