"""`/api/METHOD`: reading the request, token and scopes, faults, the log, and the answer."""

import asyncio
import base64
import copy
import json
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.app import Json
from bot.sandbox.errors import RateLimited, SlackError
from bot.sandbox.faults import Fault
from bot.sandbox.socket_mode import Sockets
from bot.sandbox.web_api import METHODS, Call
from bot.sandbox.web_api.rates import Rates
from bot.sandbox.workspace import Workspace


class Endpoint:
    """Answers every Web API call of one workspace."""

    def __init__(self, workspace: Workspace, sockets: Sockets) -> None:
        self._workspace = workspace
        self._sockets = sockets
        self._rates = Rates()

    async def __call__(self, request: Request) -> Response:
        """One call."""
        name = request.path_params["method"]
        try:
            args = await _arguments(request)
        except SlackError as refusal:
            return JSONResponse(refusal.answer())
        token = _token(request, args)
        logged = {"method": name, "arguments": _loggable(args), "at": self._workspace.clock.now().isoformat()}
        self._workspace.calls.append(logged)
        fault = self._workspace.faults.take(name)
        if fault is not None:
            if fault.after:
                logged["effect"] = self._answer(name, token, args)
            return await self._fail(request, fault, logged)
        try:
            answer = self._answer(name, token, args)
        except RateLimited as limit:
            return _rate_limited(limit.retry_after, logged)
        logged["answer"] = answer
        return JSONResponse(answer, headers=self._headers(token))

    def _headers(self, token: str | None) -> dict[str, str]:
        """What Slack tells beside every answer: its time, and what the token may."""
        app = self._workspace.app
        scopes = {app.bot_token: app.scopes, app.app_token: {"connections:write"}}.get(token or "", ())
        said = {"X-OAuth-Scopes": ",".join(sorted(scopes))} if scopes else {}
        return {"Date": format_datetime(self._workspace.clock.now().astimezone(UTC), usegmt=True), **said}

    def _answer(self, name: str, token: str | None, args: Json) -> Json:
        try:
            return copy.deepcopy(self._run(name, token, args))
        except SlackError as refusal:
            return refusal.answer()

    def _run(self, name: str, token: str | None, args: Json) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        app = self._workspace.app
        if method.caller != "anyone":
            if not token:
                raise SlackError("not_authed")
            if token not in (app.bot_token, app.app_token) and not self._workspace.workflows.knows(token):
                raise SlackError("invalid_auth")
            if (token == app.app_token) != (method.caller == "app"):
                raise SlackError("not_allowed_token_type")
        call = Call(self._workspace, self._sockets, args)
        call.needs(*method.scopes)
        if self._workspace.enforce_rate_limits:
            self._rates.check(name, method.tier, str(args.get("channel", "")))
        return method.run(call)

    async def _fail(self, request: Request, fault: Fault, logged: Json) -> Response:
        logged["fault"] = fault.kind
        match fault.kind:
            case "ratelimited":
                return _rate_limited(fault.retry_after, logged)
            case "http":
                logged["answer"] = {"status": fault.status}
                return Response("upstream trouble", fault.status)
            case "silence":
                await self._say_nothing(request)
                return Response(status_code=504)
            case "error":
                answer: Json = {"ok": False, "error": fault.error}
                logged["answer"] = answer
                return JSONResponse(answer)

    async def _say_nothing(self, request: Request) -> None:
        while not self._workspace.closing.is_set() and not await request.is_disconnected():
            try:
                await asyncio.wait_for(self._workspace.closing.wait(), 0.2)
            except TimeoutError:
                continue


def _rate_limited(retry_after: int, logged: Json) -> Response:
    answer = {"ok": False, "error": "ratelimited"}
    logged["answer"] = answer
    return JSONResponse(answer, 429, headers={"Retry-After": str(retry_after)})


async def _arguments(request: Request) -> Json:
    args: Json = {**request.query_params, **_basic_auth(request)}
    if "application/json" in request.headers.get("Content-Type", ""):
        body = await request.body()
        try:
            sent: Any = json.loads(body) if body else {}
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(sent, dict):
            raise SlackError("json_not_object")
        return args | sent
    async with request.form() as form:
        return args | {key: value for key, value in form.items() if isinstance(value, str)}


def _basic_auth(request: Request) -> Json:
    """Client id and secret, which OAuth methods also take as HTTP basic authentication."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": client_id, "client_secret": secret}


def _token(request: Request, args: Json) -> str | None:
    sent = args.pop("token", None)
    header = request.headers.get("Authorization", "")
    return header[7:].strip() if header.lower().startswith("bearer ") else sent


def _loggable(args: Json) -> Json:
    return {key: "…" if key in ("client_secret", "code") else copy.deepcopy(value) for key, value in args.items()}
