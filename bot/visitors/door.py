"""Door: what an application asks and tells Bunsen over HTTP: which variant somebody gets, and what they did."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec

from bot.visitors.wire import UNREACHED, Response, Wire
from experiments.errors import BadInput, Unavailable

EVALUATE = "/ofrep/v1/evaluate/flags"
EVENTS = "/v1/events"
JSON, LINES = "Content-Type: application/json", "Content-Type: application/x-ndjson"
TOKEN = re.compile(r"[!-~]+")
SOON, SELDOM = 0.25, 5.0
MOST_WAITED = 120.0
WORDS_SHOWN = 300


class Answer(NamedTuple):
    """What a person gets, whether that counts as having seen it, and in which phase."""

    variant: str
    exposed: bool
    phase: int | None = None


class _Metadata(msgspec.Struct):
    exposed: bool = False
    phase: int | None = None


class _Evaluated(msgspec.Struct):
    key: str
    variant: str = ""
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


class _All(msgspec.Struct):
    flags: list[_Evaluated]


ONE, ALL = msgspec.json.Decoder(_Evaluated), msgspec.json.Decoder(_All)


class Door:
    """Bunsen's HTTP address, entered with a token; tries again where that can help, with the same idempotency key."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        connections: int = 16,
        most_waited: float = MOST_WAITED,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if not TOKEN.fullmatch(token):
            raise BadInput("Set BUNSEN_TOKEN to a token that may evaluate and send events.", field="token")
        self.url = url
        self.connections = connections
        self.requests = self.retried = 0
        self._wire = Wire(url, {"Authorization": f"Bearer {token}"}, connections=connections)
        self._sleep = sleep
        self._most_waited = most_waited

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._wire.__aexit__(kind, error, trace)

    async def evaluate(self, experiment: str, unit: str, attributes: dict[str, Any]) -> Answer:
        """The variant of a person who is about to see it; Bunsen records the exposure."""
        answer = await self._insist(f"{EVALUATE}/{experiment}", _context(unit, attributes), JSON)
        return _answer(self._read(ONE, answer))

    async def look_up(self, experiment: str, unit: str, attributes: dict[str, Any]) -> Answer:
        """The same from the evaluation of all flags, which records nothing: the application reports the exposure."""
        found: _All = self._read(ALL, await self._insist(EVALUATE, _context(unit, attributes), JSON))
        for flag in found.flags:
            if flag.key == experiment and flag.variant:
                return _answer(flag)
        raise Unavailable(f"{self.url} knows no flag {experiment}.", reason="refused")

    async def send(self, lines: Sequence[str]) -> None:
        """Hand over a batch of events; once this returns they are kept."""
        body = "\n".join(lines).encode()
        await self._insist(EVENTS, body, LINES, f"Idempotency-Key: sim-{hashlib.sha256(body).hexdigest()[:40]}")

    async def _insist(self, path: str, body: bytes, *headers: str) -> Response:
        waited, pause = 0.0, SOON
        while True:
            self.requests += 1
            try:
                answer = await self._wire.post(path, body, *headers)
            except UNREACHED as error:
                problem, wait = f"{self.url} does not answer ({_named(error)})", pause
            else:
                if answer.status in (200, 202):
                    return answer
                problem = f"{self.url}{path} answered {answer.status}{_why(answer)}"
                if answer.status != 429 and answer.status < 500:
                    raise Unavailable(f"{problem}.", reason="refused")
                wait = _retry_after(answer) or pause
            waited += wait
            if waited > self._most_waited:
                raise Unavailable(f"{problem}; gave up after {waited - wait:.0f} seconds.", reason="unreachable")
            self.retried += 1
            await self._sleep(wait)
            pause = min(2 * pause, SELDOM)

    def _read(self, decoder: msgspec.json.Decoder[Any], answer: Response) -> Any:
        try:
            return decoder.decode(answer.body)
        except msgspec.MsgspecError as error:
            raise Unavailable(
                f"{self.url} answered something that is no evaluation ({error}).", reason="refused"
            ) from None


def _answer(flag: _Evaluated) -> Answer:
    return Answer(flag.variant, flag.metadata.exposed, flag.metadata.phase)


def _context(unit: str, attributes: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"context": {"targetingKey": unit, **attributes}})


def _named(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _retry_after(answer: Response) -> float | None:
    """Seconds; a date, which OFREP allows too, is answered with the usual pause."""
    told = answer.headers.get("retry-after", "")
    return float(told) if re.fullmatch(r"\d{1,4}(\.\d+)?", told) and float(told) > 0 else None


def _why(answer: Response) -> str:
    """What the server said: its words, or the first of the lines it refused."""
    try:
        told = json.loads(answer.body)
    except ValueError:
        return ""
    if not isinstance(told, dict):
        return ""
    first = next(iter(told.get("errors") or []), None)
    if isinstance(first, dict):
        where = " ".join(str(part) for part in (first.get("line"), first.get("field")) if part is not None)
        return f": line {where}: {first.get('problem', '')}"[:WORDS_SHOWN]
    words = told.get("errorDetails") or told.get("errorCode") or told.get("error") or told.get("problem")
    return f": {words}"[:WORDS_SHOWN] if words else ""
