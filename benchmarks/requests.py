"""Requests as Slack signs and sends them."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from urllib.parse import urlencode

SECRET = "sandbox-secret"


def signed(body: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """A request as Slack signs it."""
    content, stamp = urlencode(body).encode(), str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + content, hashlib.sha256).hexdigest()
    return content, {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
        "Content-Type": "application/x-www-form-urlencoded",
    }


def command(text: str) -> Callable[[int], dict[str, str]]:
    return lambda number: {
        "command": "/experiment",
        "text": text,
        "team_id": "T0SANDBOX",
        "user_id": "U0ADA",
        "channel_id": "C0EXPERIMENTS",
        "trigger_id": f"{number}.{time.time_ns()}",
        "response_url": "http://127.0.0.1:9/none",
    }
