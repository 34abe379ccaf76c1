"""One person's turns with handlers, without Slack: what was acknowledged, and the slow work that followed."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from experiments.permissions import Actor
from handlers.surfaces.kit import View
from handlers.turn import Handler, Turn
from tests.bot.scenario.lab import filled
from tests.worlds import ADA, MemoryWorld

CHANNEL = "C0EXPERIMENTS"


@dataclass
class Asking:
    """Ask as `actor`; each call gives what the handler acknowledged with."""

    bench: MemoryWorld
    actor: Actor = ADA
    slow: list[Coroutine[Any, Any, None]] = field(default_factory=list)

    async def __call__(self, handler: Handler, *words: str, **given: Any) -> dict[str, Any]:
        answers: list[dict[str, Any]] = []

        async def ack(**answer: Any) -> None:
            answers.append(answer)

        turn = Turn(
            later=self.slow.append,
            workspace=self.actor.workspace,
            user=self.actor.user,
            trigger_id="1.2.abc",
            words=words,
            **{"channel": CHANNEL, **given},
        )
        await handler(ack, turn, self.actor, self.bench.world)
        assert len(answers) == 1, "a handler acknowledges exactly once"
        return answers[0]

    async def afterwards(self) -> None:
        """Do the slow work that was put off until after the acknowledgement."""
        while self.slow:
            await self.slow.pop(0)

    def opened(self) -> View:
        """The modal that was opened or pushed last."""
        calls = [call for call in self.bench.slack.calls if call.method in ("views.open", "views.push")]
        return dict(calls[-1].arguments["view"])


def submitted(view: View, **answers: Any) -> View:
    """The view as Slack sends it back with these answers."""
    return {**view, "id": "V1", "type": "modal", "state": {"values": filled(view, answers)}}
