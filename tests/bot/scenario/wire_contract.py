"""What Bunsen sent to Slack, held against Slack's types, its limits, and the rule that people's words stay words."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

from handlers.surfaces.taken_from import MESSAGE_IN_SLACK
from tests.bot.scenario.lab import Lab
from tests.handlers.surfaces.test_limits import LIMITS, faults, nodes
from tests.slack_types import complaints, definition

DATE = r"<!date\^\d+\^\{date_short(?:_pretty)?\}(?: at \{time\})?\|[-\d: UTC]+>"
LINK = rf"<{MESSAGE_IN_SLACK.pattern.replace('&', '&amp;')}\|[a-z ]+>"
OURS = re.compile(rf"<@U0[A-Z]+>|<#[CDG]0[A-Z]+>|<!subteam\^S0[A-Z]+>|{DATE}|{LINK}")
FORMATTED = ("`code`", "*bold*", "_italic_", "~gone~", ":smile:", ":tada:")
STEERING = re.compile("[\u202a-\u202e\u2066\u2067]")
BLAMED = ("invalid_", "missing_argument", "no_text", "msg_too_long", "too_long", "unknown_method", "missing_scope")


def pieces(lab: Lab) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything that was said or shown: calls with their arguments, acknowledgements, and what stands in channels."""
    for call in lab.workspace.calls:
        yield call["method"], call["arguments"]
    for delivery in lab.sandbox.courier.deliveries:
        for attempt in delivery.attempts:
            if attempt.answer:
                yield f"answer to {delivery.kind}", attempt.answer
    app = lab.workspace.app.user_id
    for channel in lab.workspace.channels.values():
        for message in (*channel.messages, *(each for some in channel.ephemerals.values() for each in some)):
            if message.get("user") == app:
                yield f"message in {channel.id}", {key: message[key] for key in ("text", "blocks") if key in message}


def refused(lab: Lab) -> list[str]:
    """The calls that Slack would not take because of what was in them."""
    answers = ((call["method"], str((call.get("answer") or {}).get("error", ""))) for call in lab.workspace.calls)
    return [f"{method}: {error}" for method, error in answers if error.startswith(BLAMED)]


def spoken(value: Any) -> Iterator[str]:
    """Every text in which Slack looks for mentions, links and marks."""
    if isinstance(value.get("text"), str) and value.get("type") not in ("plain_text", "text", "mrkdwn"):
        yield value["text"]
    yield from (node["text"] for node in nodes(value) if node.get("type") == "mrkdwn")


def misread(value: dict[str, Any]) -> Iterator[str]:
    """Where somebody's words would ping, link, format or turn the line around."""
    for text in spoken(value):
        rest = OURS.sub("", text)
        if "<" in rest or ">" in rest:
            yield f"not ours in angle brackets: {rest[:300]}"
        yield from (f"{mark} formats: {text[:300]}" for mark in FORMATTED if mark in text)
    for node in nodes(value):
        words = node.get("text")
        if node.get("type") not in ("mrkdwn", "plain_text", "text") or not isinstance(words, str):
            continue
        if STEERING.search(words) or words.count("\u2068") != words.count("\u2069"):
            yield f"turns the line around: {words[:300]}"
        if node.get("type") in ("link", "user", "channel", "usergroup", "broadcast", "emoji"):
            yield f"rich text with a {node['type']}"


def beyond(value: dict[str, Any]) -> Iterator[str]:
    """What Slack would refuse for its length or number."""
    for view in (each for each in (value.get("view"), value) if isinstance(each, dict) and each.get("type") == "modal"):
        yield from faults(view)
    yield from faults({"blocks": value.get("blocks") or []})
    limits = LIMITS["surface"]["message"]
    blocks = value.get("blocks") or []
    if len(blocks) > limits["blocks"]:
        yield f"{len(blocks)} blocks"
    if len(json.dumps(blocks, ensure_ascii=False)) > limits["observed_total_blocks_json_chars"]:
        yield "blocks too long together"
    if isinstance(value.get("text"), str) and len(value["text"]) > limits["text_recommended"]:
        yield f"text has {len(value['text'])}"


def contradictions(method: str, value: dict[str, Any]) -> Iterator[str]:
    """Where Slack's own types say something else: the arguments of a call, the blocks and the view in it."""
    family = method.startswith(("chat.", "views.", "functions."))
    call = "call_arguments.schema.json", f"A_{method.replace('.', '_')}"
    if family and definition(*call):
        yield from complaints(*call, value)
    for block in value.get("blocks") or []:
        yield from _of_block(json.dumps(block))
    for view in (value.get("view"), value):
        if isinstance(view, dict) and view.get("type") in ("modal", "home"):
            yield from _of_view(json.dumps(view))


@functools.cache
def _of_block(block: str) -> tuple[str, ...]:
    made = json.loads(block)
    kinds = {"rich_text": "RichTextBlock"}
    name = kinds.get(made["type"], f"{made['type'].title()}Block")
    return tuple(complaints("blocks_and_views.schema.json", name, made))


@functools.cache
def _of_view(view: str) -> tuple[str, ...]:
    made = json.loads(view)
    name = "HomeView" if made["type"] == "home" else "ModalView"
    return tuple(complaints("blocks_and_views.schema.json", name, made))
