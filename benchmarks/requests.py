"""Requests as Slack signs and sends them."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from urllib.parse import urlencode

SECRET = "sandbox-secret"
TEAM, USER, CHANNEL = "T0SANDBOX", "U0ADA", "C0EXPERIMENTS"
EXPERIMENTS = 50

Make = Callable[[int], dict[str, str]]


def signed(body: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """A request as Slack signs it."""
    content, stamp = urlencode(body).encode(), str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + content, hashlib.sha256).hexdigest()
    return content, {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
        "Content-Type": "application/x-www-form-urlencoded",
    }


def command(text: str) -> Make:
    """A slash command."""
    return lambda number: {
        "command": "/experiment",
        "text": text,
        "team_id": TEAM,
        "user_id": USER,
        "channel_id": CHANNEL,
        "trigger_id": f"{number}.{time.time_ns()}",
        "response_url": "http://127.0.0.1:9/none",
    }


def note_submission(number: int) -> dict[str, str]:
    """A note modal sent off: the whole transaction with its audit record and messages."""
    values = {
        "kind": {"kind": {"type": "static_select", "selected_option": {"value": "observation"}}},
        "text": {"text": {"type": "plain_text_input", "value": f"Seen {number}"}},
    }
    view = {
        "id": f"V{number}{time.time_ns()}",
        "type": "modal",
        "callback_id": "note",
        "private_metadata": json.dumps({"key": f"bench-{number % EXPERIMENTS}"}),
        "state": {"values": values},
        "blocks": [],
    }
    user, team = {"id": USER, "team_id": TEAM}, {"id": TEAM}
    return {
        "payload": json.dumps(
            {"type": "view_submission", "team": team, "user": user, "trigger_id": "1.1", "view": view}
        )
    }
