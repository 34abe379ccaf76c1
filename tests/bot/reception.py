"""A desk with people in front of it, without Slack."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from bot.desk import Desk
from bot.identity import Directory
from tests.bot.scenario.lab import filled
from tests.worlds import WORKSPACE, MemoryWorld, RecordingSlack

CHANNEL = "C0EXPERIMENTS"


class KnowingSlack(RecordingSlack):
    """Slack that knows its people."""

    def __init__(self) -> None:
        super().__init__()
        self.people: dict[str, dict[str, Any]] = {}

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        answer = await super().call(method, **arguments)
        if method == "users.info":
            user = arguments["user"]
            return {"ok": True, "user": {"id": user, "team_id": WORKSPACE, **self.people.get(user, {})}}
        return answer


@dataclass
class Reception:
    """A desk, and the people in front of it; each delivery gives what it was acknowledged with."""

    bench: MemoryWorld
    slack: KnowingSlack
    desk: Desk
    count: int = 0
    acks: list[dict[str, Any]] = field(default_factory=list)

    async def ack(self, **answer: Any) -> None:
        self.acks.append(answer)

    def body(self, user: str, **more: Any) -> dict[str, Any]:
        self.count += 1
        return {"team": {"id": WORKSPACE}, "user": {"id": user}, "trigger_id": f"{self.count}.0.t", **more}

    async def answered(self, delivery: Any) -> dict[str, Any]:
        self.acks.clear()
        await delivery
        return self.acks[-1] if self.acks else {}

    async def types(self, text: str, user: str = "U0ADA", **more: Any) -> dict[str, Any]:
        body = {"team_id": WORKSPACE, "user_id": user, "channel_id": CHANNEL, "text": text} | more
        self.count += 1
        return await self.answered(self.desk.command(self.ack, {"trigger_id": f"{self.count}.0.t", **body}))

    async def presses(self, verb: str, value: str = "", user: str = "U0BO", **more: Any) -> dict[str, Any]:
        action = {"action_id": verb, "value": value, "action_ts": str(self.count)}
        place = {"channel": {"id": CHANNEL}, "message": {"ts": "5.000100"}, "actions": [action]}
        return await self.answered(self.desk.action(self.ack, self.body(user, **place) | more))

    async def submits(self, view: dict[str, Any], user: str = "U0ADA", **answers: Any) -> dict[str, Any]:
        sent = {"id": "V1", "hash": "h1", **view, "state": {"values": filled(view, answers)}}
        return await self.answered(self.desk.view(self.ack, self.body(user, view=sent)))

    def modal(self) -> dict[str, Any]:
        return dict(self.slack.made("views.open")[-1]["view"])

    async def whispered(self) -> str:
        """What the last person was told alone after the acknowledgement."""
        await self.desk.drained()
        told = [*self.slack.made("chat.postEphemeral"), *(each for _, each in self.slack.responses)]
        return str(told[-1]["text"]) if told else ""

    def records(self) -> list[str]:
        return [record.command for record in self.bench.tables.records.values()]


def new_reception() -> Reception:
    bench, slack = MemoryWorld(), KnowingSlack()
    bench.slack = slack
    bench.world = replace(bench.world, slack=slack, people=Directory(slack, bench.database.reading))
    return Reception(bench, slack, Desk(bench.world))
