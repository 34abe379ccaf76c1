"""Quoting: Slack's markup in plain words, links that are late or refused, threads that are long or gone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from handlers import quoting
from handlers.quoting import conversation, names_of, quoted, readable
from handlers.surfaces.quote import Thread
from handlers.surfaces.taken_from import taken_from
from handlers.turn import Turn
from tests.worlds import ADA, BO, WORKSPACE, MemoryWorld


@pytest.fixture
def bench() -> MemoryWorld:
    bench = MemoryWorld()
    bench.people.actors = {ADA.user: ADA, BO.user: BO}
    return bench


def called_on(message: dict[str, Any]) -> Turn:
    return Turn(later=lambda work: work.close(), workspace=WORKSPACE, user="U0ADA", channel="C0LAB", message=message)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("<@U0ADA> and <@U0GONE> and <@U0X|xen>", "@Ada Meyer and @somebody and @xen"),
        ("<#C1|lab> <#C2>", "#lab #a channel"),
        ("<!here> <!subteam^S1|@team> <!subteam^S1> <!date^1^{date}|2 March>", "@here @team @subteam 2 March"),
        ("<https://a.example> <https://a.example|docs> <mailto:a@b.example|a@b.example>",
         "https://a.example docs (https://a.example) a@b.example"),
        ("&lt;!channel&gt; &amp;amp; 1 &lt; 2", "<!channel> &amp; 1 < 2"),
    ],
)  # fmt: skip
def test_markup_becomes_words(written: str, plain: str) -> None:
    assert readable(written, {"U0ADA": "Ada Meyer"}) == plain


async def test_a_message_without_words_tells_what_it_brings(bench: MemoryWorld) -> None:
    message = {"ts": "1.0", "text": " ", "files": [{"name": "a<b>.png"}], "attachments": [{"fallback": "A graph"}]}
    assert (await quoted(called_on(message), bench.world)).text == "A graph\nFiles: a<b>.png"


@pytest.mark.parametrize(("reason", "gone"), [("message_not_found", True), ("channel_not_found", False)])
async def test_a_message_without_a_link_is_quoted_all_the_same(bench: MemoryWorld, reason: str, gone: bool) -> None:
    bench.slack.refuse("chat.getPermalink", reason)
    quote = await quoted(called_on({"ts": "1.0", "text": "Low traffic", "user": "U0BO"}), bench.world)
    assert (quote.text, quote.by, quote.link, quote.is_gone) == ("Low traffic", "U0BO", "", gone)


async def test_names_that_are_late_hold_nothing_up(bench: MemoryWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = bench.people.actor

    async def slow(workspace: str, user: str, delivery: str | None = None) -> Any:
        if user == "U0SLOW":
            await asyncio.Event().wait()
        return await ask(workspace, user, delivery)

    monkeypatch.setattr(bench.people, "actor", slow)
    assert await names_of(["U0SLOW", "U0ADA"], WORKSPACE, bench.world, seconds=0.01) == {"U0ADA": "Ada Meyer"}


async def test_of_a_long_thread_the_newest_messages_of_people_are_read(bench: MemoryWorld) -> None:
    spoken = [{"ts": f"{n}.0", "user": "U0BO", "text": f"message {n}"} for n in range(40)]
    own = {"ts": "99.0", "user": "U0BUNSEN", "bot_id": "B0BUNSEN", "text": "A card"}
    bench.slack.answer("conversations.replies", messages=spoken[:20], response_metadata={"next_cursor": "more"})
    bench.slack.answer("conversations.replies", messages=[*spoken[20:], own])
    thread, lines = await conversation(Thread(channel="C0LAB", ts="0.0"), bench.world)
    assert (thread.read, thread.of) == (30, 40)
    assert (lines[0], lines[-1]) == ("Bo Lindqvist: message 10", "Bo Lindqvist: message 39")
    assert [each.get("cursor") for each in bench.slack.made("conversations.replies")] == [None, "more"]


async def test_an_endless_thread_is_left_at_some_point(bench: MemoryWorld) -> None:
    for _ in range(20):
        bench.slack.answer("conversations.replies", messages=[], response_metadata={"next_cursor": "more"})
    await conversation(Thread(channel="C0LAB", ts="0.0"), bench.world)
    assert len(bench.slack.made("conversations.replies")) == quoting.MOST_PAGES


@pytest.mark.parametrize("reason", ["not_in_channel", "thread_not_found"])
async def test_a_thread_that_cannot_be_read_says_why(bench: MemoryWorld, reason: str) -> None:
    bench.slack.refuse("conversations.replies", reason)
    thread, lines = await conversation(Thread(channel="C0LAB", ts="0.0"), bench.world)
    assert (thread.refused, lines) == (reason, ())


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("https://lab.slack.com/archives/C1/p17", "<https://lab.slack.com/archives/C1/p17|the message>"),
        ("https://evil.example/archives/C1/p17", "https://evil.example/archives/C1/p17"),
        ("https://lab.slack.com.evil.example/archives/C1/p17", "https://lab.slack.com.evil.example/archives/C1/p17"),
        ("https://lab.slack.com/archives/C1/p17|Approve", "https://lab.slack.com/archives/C1/p17|Approve"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("", ""),
    ],
)
def test_only_messages_in_slack_are_linked(source: str, shown: str) -> None:
    assert taken_from(source) == shown
