"""The control API: what the page and the tests do in a person's name."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.administration import Administration
from bot.sandbox.app import Json
from bot.sandbox.delivery import Courier
from bot.sandbox.errors import SlackError
from bot.sandbox.events import Events
from bot.sandbox.faults import Fault
from bot.sandbox.interactions import Interactions
from bot.sandbox.workspace import Workspace

Handler = Callable[[Json], Awaitable[Json]]


class Control:
    """Routes below `/_sandbox`."""

    def __init__(self, workspace: Workspace, courier: Courier) -> None:
        self._workspace = workspace
        self._courier = courier
        self._events = Events(workspace, courier)
        self._people = Interactions(workspace, courier, self._events)
        self._workspace_itself = Administration(workspace, self._events)

    def routes(self) -> list[BaseRoute]:
        """Everything under `/_sandbox`."""
        posts: dict[str, Handler] = {
            "command": self._command,
            "message": self._message,
            "action": self._action,
            "options": self._options,
            "submit": self._submit,
            "close": self._close,
            "shortcut": self._shortcut,
            "home": self._home,
            "step": self._step,
            "clock": self._clock,
            "fault": self._fault,
            "redeliver": self._redeliver,
            "disconnect": self._disconnect,
            "oauth": self._oauth,
        }
        changes = ("person", "usergroup", "converse", "join", "invite", "remove", "archive", "unarchive", "delete")
        posts |= {name: getattr(self._workspace_itself, name) for name in changes}
        return [
            Route("/_sandbox/state", self._state),
            Route("/_sandbox/messages", self._messages),
            Route("/_sandbox/calls", self._calls),
            Route("/_sandbox/deliveries", self._deliveries),
            Route("/_sandbox/upload", self._upload, methods=["POST"]),
            *(Route(f"/_sandbox/{name}", _post(handler), methods=["POST"]) for name, handler in posts.items()),
            WebSocketRoute("/_sandbox/live", self._live),
        ]

    async def _state(self, request: Request) -> Response:
        workspace = self._workspace
        active = [each.id for each in workspace.people.values() if not each.deleted]
        user = request.query_params.get("user", active[0])
        if user not in active:
            return JSONResponse({"ok": False, "error": "user_not_found"})
        app = workspace.app
        keys = ("command", "description", "usage_hint")
        ours = not workspace.people[user].team
        commands = [{key: each.get(key, "") for key in keys} for each in app.commands if ours]
        offered = [each for each in app.shortcuts if ours]
        shortcuts = [{key: each.get(key, "") for key in ("name", "callback_id", "type")} for each in offered]
        functions = workspace.workflows.functions if ours else []
        people = [
            {
                "id": each.id,
                "name": each.handle,
                "real_name": each.real_name,
                "title": each.title,
                "tz": each.tz,
                "color": each.color,
                "is_admin": each.is_admin,
                "is_bot": each.is_bot,
                "is_restricted": each.is_restricted,
                "deleted": each.deleted,
                "team": each.team,
            }
            for each in workspace.people.values()
        ]
        about = {
            "name": app.name,
            "user_id": app.user_id,
            "commands": commands,
            "shortcuts": shortcuts,
            "functions": functions,
        }
        return JSONResponse(
            {
                "team": workspace.team,
                "app": {**about, "manifest": app.manifest},
                "users": people,
                "usergroups": [{"id": each.id, "handle": each.handle} for each in workspace.usergroups.values()],
                "channels": [
                    workspace.describe(each) for each in workspace.channels.values() if workspace.sees(user, each)
                ],
                "clock": {"now": workspace.clock.now().isoformat(), "rate": workspace.clock.rate},
                "home": workspace.views.home(user),
                "views": workspace.views.stack(user),
            }
        )

    async def _messages(self, request: Request) -> Response:
        user, channel_id = request.query_params.get("user", ""), request.query_params.get("channel", "")
        channel = self._workspace.channels.get(channel_id)
        if channel is None or not self._workspace.sees(user, channel):
            return JSONResponse({"ok": False, "error": "channel_not_found"}, 404)
        return JSONResponse({"messages": self._workspace.visible(channel, user)})

    async def _calls(self, request: Request) -> Response:
        wanted = request.query_params.get("method")
        calls = [each for each in self._workspace.calls if wanted in (None, each["method"])]
        return JSONResponse({"calls": calls})

    async def _deliveries(self, request: Request) -> Response:
        return JSONResponse({"deliveries": [each.describe() for each in self._courier.deliveries]})

    async def _command(self, body: Json) -> Json:
        return await self._people.command(body["user"], body["channel"], body["text"], body.get("thread_ts"))

    async def _message(self, body: Json) -> Json:
        channel = self._workspace.channel(body["channel"])
        message = self._events.message(
            body["user"], channel, body.get("text", ""), body.get("thread_ts"), body.get("files") or []
        )
        return {"ok": True, "message": message}

    async def _action(self, body: Json) -> Json:
        return await self._people.action(body["user"], body["container"], body["action"], body.get("state"))

    async def _options(self, body: Json) -> Json:
        ids = (body["block_id"], body["action_id"])
        return await self._people.options(body["user"], body["container"], *ids, body.get("value", ""))

    async def _submit(self, body: Json) -> Json:
        values = (body.get("state") or {}).get("values") or {}
        return await self._people.submit(body["user"], body["view_id"], values)

    async def _close(self, body: Json) -> Json:
        return await self._people.close(body["user"], body["view_id"], clear=bool(body.get("clear")))

    async def _shortcut(self, body: Json) -> Json:
        return await self._people.shortcut(
            body["user"], body["callback_id"], body.get("channel"), body.get("message_ts")
        )

    async def _home(self, body: Json) -> Json:
        return self._people.home(body["user"], body.get("tab", "home"))

    async def _step(self, body: Json) -> Json:
        return await self._people.step(body["user"], body["channel"], body["callback_id"], body.get("inputs") or {})

    async def _clock(self, body: Json) -> Json:
        clock = self._workspace.clock
        try:
            if body.get("rate") is not None:
                clock.rate = float(body["rate"])
            if body.get("now"):
                clock.set(datetime.fromisoformat(body["now"]))
            if body.get("advance"):
                clock.advance(float(body["advance"]))
        except (TypeError, ValueError) as problem:
            raise SlackError("invalid_clock", detail=str(problem)) from None
        return {"ok": True, "now": clock.now().isoformat(), "rate": clock.rate}

    async def _fault(self, body: Json) -> Json:
        if body.get("kind") == "none":
            self._workspace.faults.clear()
            return {"ok": True}
        try:
            fault = Fault(**body)
        except TypeError as problem:
            raise SlackError("invalid_fault", detail=str(problem)) from None
        if fault.kind not in ("ratelimited", "http", "silence", "error"):
            raise SlackError("invalid_fault", detail=f"There is no fault of kind {fault.kind!r}.")
        self._workspace.faults.add(fault)
        return {"ok": True}

    async def _redeliver(self, body: Json) -> Json:
        attempt = await self._courier.redeliver(body["index"])
        return {"ok": attempt.acked, **({} if attempt.acked else {"error": attempt.problem}), "answer": attempt.answer}

    async def _disconnect(self, body: Json) -> Json:
        return {"ok": True, "closed": await self._courier.sockets.disconnect(body.get("reason", "refresh_requested"))}

    async def _oauth(self, body: Json) -> Json:
        code = f"code-{self._workspace.number()}"
        self._workspace.oauth_codes.add(code)
        return {"ok": True, "code": code}

    async def _upload(self, request: Request) -> Response:
        async with request.form() as form:
            sent, user = form.get("file"), str(form.get("user", ""))
            if not isinstance(sent, UploadFile) or user not in self._workspace.people:
                return JSONResponse({"ok": False, "error": "invalid_arguments", "detail": "file and user are needed."})
            content = await sent.read()
            name = sent.filename or "file"
            channel, thread_ts = form.get("channel"), form.get("thread_ts")
        stored = self._workspace.files.add(name, content, user, self._workspace.clock.now())
        if channel:
            body = {"user": user, "channel": str(channel), "files": [stored.id], "thread_ts": thread_ts}
            try:
                await self._message(body)
            except SlackError as refusal:
                return JSONResponse(refusal.answer())
        return JSONResponse({"ok": True, "file": stored.describe(self._workspace.url)})

    async def _live(self, socket: WebSocket) -> None:
        user = socket.query_params.get("user", "")
        await socket.accept()
        with self._workspace.live.listen(user) as queue:
            await socket.send_json({"type": "presence", "connected": self._courier.sockets.connections > 0})
            telling = asyncio.create_task(_tell(socket, queue))
            try:
                while True:
                    await socket.receive_text()
            except WebSocketDisconnect:
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)


async def _tell(socket: WebSocket, queue: asyncio.Queue[Json]) -> None:
    while True:
        await socket.send_text(json.dumps(await queue.get()))


def _post(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            body: Any = await request.json()
            if not isinstance(body, dict):
                raise SlackError("invalid_arguments", detail="The body must be a JSON object.")
            return JSONResponse(await handler(body))
        except ValueError:
            return JSONResponse({"ok": False, "error": "invalid_json", "detail": "The body is not JSON."})
        except KeyError as missing:
            return JSONResponse({"ok": False, "error": "invalid_arguments", "detail": f"{missing.args[0]} is missing."})
        except SlackError as refusal:
            return JSONResponse({"detail": refusal.words, **refusal.answer()})

    return answer
