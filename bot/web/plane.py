"""The data plane: what applications ask and send with a token, answered without a database in front of all else."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.traffic import Snapshot
from bot.web.answer import Answer, refusal
from bot.web.ofrep import Ofrep
from experiments.tokens import Scope as Permit
from experiments.tokens import Token

FLAGS = "/ofrep/v1/evaluate/flags"
ONE_FLAG = FLAGS + "/"
EVENTS = "/v1/events"
DOORS = ("/ofrep/", "/v1/")
MOST_BYTES = 64 * 1024
BODY_SECONDS = 10.0
MOST_KNOWN = 1_000
A_SECOND = 5_000.0
SAVED_UP = 10_000.0
FLAGS_FOR_ONE = 20
"""So many flags of a bulk evaluation cost as much of the rate as one request."""

Accept = Callable[[Scope, Receive, Send, str], Awaitable[None]]
"""Takes the events of a request for the project it may write to."""

WANTED = (b"www-authenticate", b'Bearer realm="bunsen"')
NO_TOKEN = refusal(401, "GENERAL", "Send a token of Bunsen: Authorization: Bearer bun_…, or X-API-Key: bun_….", WANTED)
UNKNOWN_TOKEN = refusal(401, "GENERAL", "This token is unknown, has ended or was revoked. Ask for a new one.", WANTED)
NOT_PERMITTED = {
    Permit.EVALUATE: refusal(403, "GENERAL", "This token may not evaluate flags; it was made for events."),
    Permit.EVENTS: refusal(403, "GENERAL", "This token may not send events; it was made for evaluating flags."),
}
NOWHERE = refusal(404, "GENERAL", f"There is nothing here. Ask {ONE_FLAG}KEY or {FLAGS}, send to {EVENTS}.")
POST_ONLY = refusal(405, "GENERAL", "Use POST.", (b"allow", b"POST, OPTIONS"))
TOO_SLOW = refusal(408, "GENERAL", "The body did not arrive in time.", (b"connection", b"close"))
TOO_LARGE = refusal(413, "GENERAL", f"The body has more than {MOST_BYTES // 1024} kB.")
PREFLIGHT = Answer(
    204,
    b"",
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"authorization, content-type, content-encoding, if-none-match, idempotency-key,"
                                      b" x-api-key"),
    (b"access-control-max-age", b"86400"),
)  # fmt: skip


class Plane:
    """An ASGI application in front of another one, which has everything that is not below `/ofrep/` or `/v1/`.

    `refused` counts requests that a token did not let in, or not so often; `errors` those that could not be answered.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        ofrep: Ofrep,
        behind: ASGIApp,
        now: Callable[[], datetime],
        events: Accept | None = None,
        buckets: Buckets | None = None,
    ) -> None:
        self.snapshot = snapshot
        self._ofrep = ofrep
        self._behind = behind
        self._now = now
        self._events = events
        self._buckets = buckets or Buckets()
        self._known: dict[bytes | None, Token] = {}
        self._known_of: dict[bytes, Token] = {}
        self.refused = 0
        self.errors = 0

    @property
    def evaluations(self) -> int:
        return self._ofrep.evaluations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(DOORS):
            await self._behind(scope, receive, send)
            return
        headers, path = dict(scope["headers"]), scope["path"]
        token = self._gate(scope["method"], path, headers)
        answer: Answer | None
        if isinstance(token, Answer):
            answer = token
        elif path == EVENTS and self._events:
            await self._events(scope, receive, send, token.project)
            return
        else:
            message = await receive()
            content: bytes | Answer | None = message.get("body", b"")
            if message.get("more_body", True) or len(message["body"]) > MOST_BYTES:
                content = await _gathered(message, receive)
            if not isinstance(content, bytes):
                answer = content
            elif path == FLAGS:
                answer = await self._ofrep.all(token.project, content, headers.get(b"if-none-match", b""))
            else:
                answer = self._ofrep.one(token.project, path[len(ONE_FLAG) :], content)
        if answer is None:
            return
        if answer.status >= 400:
            self._count(answer.status)
        await send(answer.start_for_pages if b"origin" in headers else answer.start)
        await send(answer.body)

    def _gate(self, method: str, path: str, headers: dict[bytes, bytes]) -> Token | Answer:
        """The token with which this request goes on, or the answer that it gets at once."""
        one, events = path.startswith(ONE_FLAG), path == EVENTS and self._events is not None
        if not one and not events and path != FLAGS:
            return NOWHERE
        if method != "POST":
            return PREFLIGHT if method == "OPTIONS" else POST_ONLY
        token = self._admitted(headers, Permit.EVENTS if events else Permit.EVALUATE)
        if isinstance(token, Answer):
            return token
        cost = 1.0 if one or events else 1.0 + len(self.snapshot.flags(token.project)) / FLAGS_FOR_ONE
        wait = self._buckets.wait(token.id, cost)
        return _too_many(wait) if wait else token

    def _admitted(self, headers: dict[bytes, bytes], permit: Permit) -> Token | Answer:
        """The token that lets this request in, or why none does."""
        if self._known_of is not self.snapshot.tokens:
            self._known_of, self._known = self.snapshot.tokens, {}
        token = self._known.get(headers.get(b"authorization"))
        if token is None:
            found = self._found(headers)
            if isinstance(found, Answer):
                return found
            token = found
        if token.expires_at is not None and not token.holds(self._now()):
            return UNKNOWN_TOKEN
        return token if permit in token.scopes else NOT_PERMITTED[permit]

    def _found(self, headers: dict[bytes, bytes]) -> Token | Answer:
        """The token of which this request has the secret; what came as a bearer is known the next time."""
        given = headers.get(b"authorization", b"")
        is_bearer = given[:7].lower() == b"bearer "
        secret = given[7:].strip() if is_bearer else headers.get(b"x-api-key", b"")
        if not secret:
            return NO_TOKEN
        token = self.snapshot.token(secret)
        if token is None:
            return UNKNOWN_TOKEN
        if is_bearer and len(self._known) < MOST_KNOWN:
            self._known[given] = token
        return token

    def _count(self, status: int) -> None:
        if status in (401, 403, 429):
            self.refused += 1
        else:
            self.errors += 1


class Buckets:
    """So many requests `a_second` per token; what is not used is saved up for a rush, to some extent."""

    def __init__(
        self, a_second: float = A_SECOND, saved_up: float = SAVED_UP, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._a_second = a_second
        self._saved_up = saved_up
        self._clock = clock
        self._left: dict[str, list[float]] = {}

    def wait(self, token: str, cost: float = 1.0) -> float:
        """0 and it is taken, or the seconds until there is enough. What costs more than can be saved up waits for a
        full bucket."""
        moment, rim = self._clock(), self._saved_up
        if (bucket := self._left.get(token)) is None:
            bucket = self._left[token] = [rim, moment]
        left, at = bucket
        left += (moment - at) * self._a_second
        if left > rim:
            left = rim
        if cost > rim:
            cost = rim
        if left < cost:
            return (cost - left) / self._a_second
        bucket[0], bucket[1] = left - cost, moment
        return 0.0


def _too_many(wait: float) -> Answer:
    seconds = max(1, math.ceil(wait))
    details = f"This token asks more often than it may. Go on in {seconds} s."
    return refusal(429, "GENERAL", details, (b"retry-after", b"%d" % seconds))


async def _gathered(message: Message, receive: Receive) -> bytes | Answer | None:
    """The rest of the body, if it is small and arrives in time; None when the one who sent it has gone."""
    parts = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while message["type"] == "http.request":
                parts += message["body"]
                if len(parts) > MOST_BYTES:
                    return TOO_LARGE
                if not message.get("more_body"):
                    return bytes(parts)
                message = await receive()
    except TimeoutError:
        return TOO_SLOW
    return None
