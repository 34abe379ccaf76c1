"""From Slack to the app: send over Socket Mode or signed HTTP, wait three seconds, log, retry events."""

import asyncio
import functools
import hashlib
import hmac
import itertools
import json
import time
import uuid
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Literal
from urllib.parse import urlencode

import httpx

from bot.sandbox import limits
from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError
from bot.sandbox.socket_mode import Sockets
from bot.sandbox.workspace import Workspace

Kind = Literal["slash_commands", "interactive", "events_api"]

_trusted = functools.cache(httpx.create_ssl_context)  # reading the authorities takes longer than many a delivery


@dataclass
class Attempt:
    """One try: how long the answer took and what came; `problem` is Slack's word for why it failed."""

    at: str
    retry_num: int = 0
    retry_reason: str = ""
    problem: str = ""
    ack_ms: float | None = None
    answer: Json = field(default_factory=dict)

    @property
    def acked(self) -> bool:
        """Whether the app answered in time and said yes."""
        return not self.problem


@dataclass
class Delivery:
    """One thing the app was told, with all attempts."""

    index: int
    kind: Kind
    payload: Json
    envelope_id: str
    accepts_answer: bool
    attempts: list[Attempt] = field(default_factory=list)

    def describe(self) -> Json:
        """For the control API."""
        about = asdict(self)
        for told, attempt in zip(about["attempts"], self.attempts, strict=True):
            told["acked"] = attempt.acked
        return about


class Courier:
    """Carries payloads to the app and brings its acknowledgement back."""

    def __init__(self, workspace: Workspace, sockets: Sockets) -> None:
        self.deliveries: deque[Delivery] = deque(maxlen=limits.REMEMBERED)
        self._count = itertools.count()
        self.sockets = sockets
        self._workspace = workspace
        self._http: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(self, kind: Kind, payload: Json, *, accepts_answer: bool = True) -> Attempt:
        """Deliver once and wait for the acknowledgement; never raises for what the app does."""
        delivery = self._record(kind, payload, accepts_answer=accepts_answer)
        return await self._attempt(delivery)

    def send_event(self, payload: Json) -> None:
        """Deliver an event in the background, with up to three retries as the Events API does."""
        delivery = self._record("events_api", payload, accepts_answer=False)
        task = asyncio.create_task(self._persist(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def redeliver(self, index: int) -> Attempt:
        """The same envelope once more, marked as a retry; what the app answers is returned and not carried out."""
        delivery = next((each for each in self.deliveries if each.index == index), None)
        if delivery is None:
            raise SlackError("delivery_not_found")
        reason = "timeout" if self._workspace.app.socket_mode else "http_timeout"
        return await self._attempt(delivery, len(delivery.attempts), reason)

    async def settled(self) -> None:
        """Return when no event is on its way any more."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def aclose(self) -> None:
        """Stop retrying and let go of connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.aclose()

    def _record(self, kind: Kind, payload: Json, *, accepts_answer: bool) -> Delivery:
        delivery = Delivery(next(self._count), kind, payload, str(uuid.uuid4()), accepts_answer)
        self.deliveries.append(delivery)
        return delivery

    async def _persist(self, delivery: Delivery) -> None:
        attempt = await self._attempt(delivery)
        for number, delay in enumerate(self._workspace.retry_delays[: limits.EVENT_RETRIES], start=1):
            if attempt.acked or attempt.answer.get("no_retry"):
                return
            await self._workspace.clock.sleep(delay)
            attempt = await self._attempt(delivery, number, attempt.problem)

    async def _attempt(self, delivery: Delivery, retry_num: int = 0, reason: str = "") -> Attempt:
        attempt = Attempt(self._workspace.clock.now().isoformat(), retry_num, reason)
        delivery.attempts.append(attempt)
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._workspace.ack_seconds):
                if self._workspace.app.socket_mode:
                    attempt.answer = await self._over_socket(delivery, attempt)
                else:
                    attempt.answer = await self._over_http(delivery, attempt)
        except TimeoutError:
            attempt.problem = "timeout" if self._workspace.app.socket_mode else "http_timeout"
        attempt.ack_ms = round((time.perf_counter() - started) * 1000, 2) if attempt.acked else None
        return attempt

    async def _over_socket(self, delivery: Delivery, attempt: Attempt) -> Json:
        envelope: Json = {
            "envelope_id": delivery.envelope_id,
            "type": delivery.kind,
            "accepts_response_payload": delivery.accepts_answer,
            "payload": delivery.payload,
        }
        if delivery.kind == "events_api":
            envelope |= {"retry_attempt": attempt.retry_num, "retry_reason": attempt.retry_reason}
        answer = await self.sockets.send(envelope)
        if answer is None:
            attempt.problem = "connection_failed"
        return answer or {}

    async def _over_http(self, delivery: Delivery, attempt: Attempt) -> Json:
        content_type, body = _encode(delivery)
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": sign(self._workspace.app.signing_secret, stamp, body),
        }
        if attempt.retry_num:
            headers |= {"X-Slack-Retry-Num": str(attempt.retry_num), "X-Slack-Retry-Reason": attempt.retry_reason}
        if self._http is None:
            self._http = httpx.AsyncClient(verify=_trusted(), trust_env=False, timeout=self._workspace.ack_seconds + 1)
        try:
            response = await self._http.post(self._workspace.app.request_url or "", content=body, headers=headers)
        except httpx.TransportError:
            attempt.problem = "connection_failed"
            return {}
        if response.status_code != 200:
            attempt.problem = "http_error"
            return {"status": response.status_code, "no_retry": response.headers.get("X-Slack-No-Retry") == "1"}
        return _decode(response)


def sign(secret: str, stamp: str, body: bytes) -> str:
    """Slack's v0 signature of a request."""
    base = b"v0:" + stamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def _encode(delivery: Delivery) -> tuple[str, bytes]:
    match delivery.kind:
        case "events_api":
            return "application/json", json.dumps(delivery.payload).encode()
        case "slash_commands":
            form = {key: str(value) for key, value in delivery.payload.items()}
        case "interactive":
            form = {"payload": json.dumps(delivery.payload)}
    return "application/x-www-form-urlencoded", urlencode(form).encode()


def _decode(response: httpx.Response) -> Json:
    if not response.content:
        return {}
    if "json" in response.headers.get("Content-Type", ""):
        answer = response.json()
        return answer if isinstance(answer, dict) else {}
    return {"text": response.text}
