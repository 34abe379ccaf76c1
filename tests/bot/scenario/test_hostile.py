"""The nastiest words through every door: all are shown literally, within Slack's limits and types, and none is met
with silence."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from handlers import table
from tests.bot.scenario.hostile_hands import BAIT, TEN_KILOBYTES, HostileHands
from tests.bot.scenario.lab import ADA, BO, CHANNEL, DESIGN, Lab, eventually, lab_at
from tests.bot.scenario.wire_contract import beyond, contradictions, misread, pieces, refused
from tests.slack_types import SLACK

KEY = "bait"
PUBLIC = "https://bunsen.example.com"
BEFORE = ("review", "request_changes", "review", "withdraw", "review", "approve", "schedule", "unschedule", "start")
DURING = ("pause", "resume", "traffic", "guardrails", "agree")
AFTER = ("stop", "decide", "promote", "confirm", "advance", "rollback", "archive")
BY_BO = {"request_changes", "approve", "agree", "confirm"}
LAST = {"delete"}


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_at(tmp_path, public_url=PUBLIC) as lab:
        yield lab


async def drafted(lab: Lab) -> None:
    """A draft whose every word is hostile."""
    await lab.types("create")
    words = BAIT[:500]
    await lab.submits(title=BAIT[:120], key=KEY, hypothesis=words, tags="<!channel>", source_reference=BAIT[:200])
    await lab.submits(**DESIGN)
    await lab.submits(reviewers=[BO])
    await lab.settled()


def assert_well_spoken(lab: Lab) -> None:
    """Every payload once, however often it was sent."""
    assert refused(lab) == []
    said = {json.dumps([where, value], sort_keys=True): (where, value) for where, value in pieces(lab)}.values()
    for rule in (misread, beyond):
        assert sorted({f"{where}: {fault}" for where, value in said for fault in rule(value)}) == []
    if SLACK.exists():
        assert sorted({f"{where}: {each}" for where, value in said for each in contradictions(where, value)}) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("<!channel>", misread),
        ("<https://evil.example|Approve>", misread),
        ("<https://evil.example/archives/C1/p1|the message>", misread),
        ("<@U1>", misread),
        ("so *bold*", misread),
        ("\u202eesrever", misread),
        ("\u2068open", misread),
        ("x" * 3_001, beyond),
    ],
)
def test_the_rules_see_what_they_are_for(text: str, rule: Callable[[dict[str, Any]], Iterator[str]]) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
    assert list(rule({"text": "x", "blocks": [section]}))
    assert not list(rule({"text": "x", "blocks": [{**section, "text": {**section["text"], "text": "fine"}}]}))


async def test_every_command_in_every_state(lab: Lab) -> None:
    await drafted(lab)
    ada, bo = HostileHands(lab), HostileHands(lab, BO)
    others = [word for word in table.COMMANDS if word not in {*BEFORE, *DURING, *AFTER, *LAST}]
    for word in BEFORE:
        await (bo if word in BY_BO else ada).types(f"{word} {KEY}")
    assert (await lab.experiment(KEY)).started_at
    await lab.days_pass(KEY, 2)
    for word in (*others, *DURING):
        await (bo if word in BY_BO else ada).types(f"{word} {KEY}")
    for word in AFTER:
        await (bo if word in BY_BO else ada).types(f"{word} {KEY}")
    for word in others:
        await ada.types(f"{word} {KEY}")
    assert_well_spoken(lab)
    assert [*ada.silent, *bo.silent] == []


async def test_every_command_with_words_that_are_no_key(lab: Lab) -> None:
    await drafted(lab)
    ada = HostileHands(lab)
    for word in table.COMMANDS:
        for words in ("", TEN_KILOBYTES):
            await ada.types(f"{word} {words}".strip())
    assert_well_spoken(lab)
    assert ada.silent == []


@pytest.mark.parametrize("state", ["in review", "running", "archived"])
async def test_every_button_and_entry_in_the_channel_and_on_the_tab(lab: Lab, state: str) -> None:
    await drafted(lab)
    ada, bo = HostileHands(lab), HostileHands(lab, BO)
    ways = {"in review": 1, "running": 3, "archived": 5}
    for word in ("review", "approve", "start", "stop", "archive")[: ways[state]]:
        await (bo if word == "approve" else ada).types(f"{word} {KEY}")
        if word == "start":
            await lab.days_pass(KEY, 1)
    await ada.types(f"note {KEY} {BAIT}")
    await ada.types(f"show {KEY}")
    await bo.presses_home()
    await bo.presses_messages()
    await ada.presses_messages()
    assert_well_spoken(lab)
    assert [*ada.silent, *bo.silent] == []


async def test_shortcuts_links_and_steps(lab: Lab) -> None:
    await drafted(lab)
    ada = HostileHands(lab)
    sent = await lab.control("message", user=BO, channel=CHANNEL, text=TEN_KILOBYTES)
    ts = sent["message"]["ts"]
    for shortcut in table.SHORTCUTS:
        await ada.calls_up(shortcut, "" if shortcut == "new_experiment" else ts)
    for word in ("review", "approve", "start", "stop"):
        await (HostileHands(lab, BO) if word == "approve" else ada).types(f"{word} {KEY}")
    await ada.calls_up("decision_from_thread", ts)
    assert (await lab.experiment(KEY)).decision
    await lab.control("message", user=BO, channel=CHANNEL, text=f"{PUBLIC}/e/{KEY} {PUBLIC}/e/unknown")
    for title in (BAIT[:120], TEN_KILOBYTES):
        inputs = {"title": title, "hypothesis": BAIT, "project": BAIT[:60], "channel": CHANNEL}
        await lab.control("step", user=ADA, channel=CHANNEL, callback_id="create_experiment", inputs=inputs)
    await lab.control(
        "step", user=ADA, channel=CHANNEL, callback_id="post_results", inputs={"key": KEY, "channel": CHANNEL}
    )

    async def ended() -> bool:
        return not any("runs the step" in each.get("text", "") for each in await lab.messages())

    await eventually(ended)
    await lab.sandbox.courier.settled()
    await lab.settled()
    assert any(call["method"] == "chat.unfurl" for call in lab.workspace.calls)
    assert_well_spoken(lab)
    assert ada.silent == []
