"""Short-lived permissions to answer: trigger ids and response URLs."""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from bot.sandbox import limits
from bot.sandbox.errors import SlackError


@dataclass
class Trigger:
    """Whose gesture it was, and from which view."""

    user: str
    view_id: str | None
    born: float
    used: bool = False


class Triggers:
    """Hands out trigger ids and accepts each once, within `seconds` of real time."""

    def __init__(self, seconds: float = limits.TRIGGER_SECONDS) -> None:
        self.seconds = seconds
        self._known: dict[str, Trigger] = {}

    def issue(self, user: str, view_id: str | None = None) -> str:
        """A fresh trigger id for what this person just did."""
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(16)}"
        _make_room(self._known)
        self._known[trigger_id] = Trigger(user, view_id, time.monotonic())
        return trigger_id

    def exchange(self, trigger_id: str) -> Trigger:
        """Use it up; refuses what is unknown, used or too old."""
        trigger = self._known.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if time.monotonic() - trigger.born > self.seconds:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger


@dataclass
class Response:
    """Where a response URL answers to; `message_ts` is the message with the pressed button."""

    user: str
    channel: str
    born: float
    message_ts: str | None = None
    thread_ts: str | None = None
    uses: int = 0


class Responses:
    """Response URLs: each may be used five times in thirty minutes, which a jump of the sandbox clock shortens."""

    def __init__(self) -> None:
        self._known: dict[str, Response] = {}

    def issue(self, response: Response) -> str:
        """The secret part of a new response URL."""
        ticket = secrets.token_urlsafe(18)
        _make_room(self._known)
        self._known[ticket] = response
        return ticket

    def use(self, ticket: str, now: float) -> Response:
        """One use; refuses what is unknown, used up or too old."""
        response = self._known.get(ticket)
        if response is None or now - response.born > limits.RESPONSE_URL_MINUTES * 60:
            raise SlackError("expired_url")
        if response.uses >= limits.RESPONSE_URL_USES:
            raise SlackError("used_url")
        response.uses += 1
        return response


def _make_room(known: dict[str, Any]) -> None:
    if len(known) >= limits.REMEMBERED:
        del known[next(iter(known))]
