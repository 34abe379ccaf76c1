"""Errors told to whoever met them: as the answer, on the form, on the Home tab, as the end of a step, or in a line."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.errors import EXPECTED, Problem, problem_of
from bot.telemetry import Telemetry
from experiments.errors import Unavailable
from experiments.ports import World
from handlers.surfaces.problem import mistyped, problem, problem_home, problem_modal
from handlers.turn import Ack, Turn, tell

Explain = Callable[[Problem, Ack, Turn], Awaitable[None]]

log = structlog.get_logger(__name__)


class Telling:
    """What is told after the acknowledgement; every error is counted, and an unexpected one logged."""

    def __init__(self, world: World, telemetry: Telemetry) -> None:
        self._world = world
        self._telemetry = telemetry

    def found(self, error: BaseException) -> Problem:
        """What to say of an error."""
        if not isinstance(error, EXPECTED):
            return self.logged(error)
        self._telemetry.failed(error)
        return problem_of(error)

    def logged(self, error: BaseException) -> Problem:
        """The reference under which an unexpected error was logged."""
        reference = secrets.token_hex(4)
        self._telemetry.failed()
        log.error("unexpected error", reference=reference, exc_info=error)
        return Problem(f"Something went wrong on our side. Try again, or tell an admin the reference {reference}.")

    async def afterwards(self, found: Problem, ack: Ack, turn: Turn) -> None:
        await ack()
        turn.later(self.whisper(found, turn))

    async def on_the_home_tab(self, found: Problem, ack: Ack, turn: Turn) -> None:
        await ack()
        view = problem_home(found.words)
        turn.later(self._quietly(self._world.slack.call("views.publish", user_id=turn.user, view=view), turn))

    async def as_the_end_of_a_step(self, found: Problem, ack: Ack, turn: Turn) -> None:
        await ack()
        turn.later(self._refused(found, turn))

    async def ended(self, work: Awaitable[dict[str, str]], turn: Turn) -> None:
        """Do a step of a workflow and say what came of it."""
        outcome = (await asyncio.gather(work, return_exceptions=True))[0]
        if isinstance(outcome, BaseException):
            await self._refused(self.found(outcome), turn)
            return
        call = self._world.slack.call("functions.completeSuccess", **_run_of(turn), outputs=outcome)
        await self._quietly(call, turn)

    async def whisper(self, found: Problem, turn: Turn) -> None:
        """In a line that only they see."""
        await self._quietly(tell(turn, self._world, problem(found.words, found.by, found.at)), turn)

    async def _refused(self, found: Problem, turn: Turn) -> None:
        call = self._world.slack.call("functions.completeError", **_run_of(turn), error=found.words)
        await self._quietly(call, turn)

    async def _quietly(self, telling: Awaitable[Any], turn: Turn) -> None:
        try:
            await telling
        except Unavailable as error:
            log.warning("could not tell the person", reason=error.reason, user=turn.user)


async def as_answer(verb: str, found: Problem, ack: Ack, turn: Turn) -> None:
    said = mistyped(found.words, verb, found.near) if found.near else problem(found.words, found.by, found.at)
    await ack(text=said.text, blocks=said.blocks)


async def on_the_form(found: Problem, ack: Ack, turn: Turn) -> None:
    """At the fields when the form has them, else on top of it, so that nothing typed is lost; Slack stacks three views
    and no more, so the third gives way."""
    if fields := found.on(turn.view):
        await ack(response_action="errors", errors=fields)
        return
    is_third = turn.view.get("previous_view_id") not in (None, turn.view.get("root_view_id"))
    view = problem_modal(found.words, by=found.by, at=found.at)
    await ack(response_action="update" if is_third else "push", view=view)


async def in_silence(found: Problem, ack: Ack, turn: Turn) -> None:
    log.info("a link stays as it is", reason=found.words, user=turn.user)
    await ack()


def _run_of(turn: Turn) -> dict[str, str]:
    return {"function_execution_id": str(turn.message["function_execution_id"])}
