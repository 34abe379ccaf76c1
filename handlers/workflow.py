"""Workflow steps: "Create experiment" → CreateExperiment, "Post results" → the readout in a channel, each in the name
of whoever ran the workflow."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import Any

from experiments.commands import CreateExperiment
from experiments.errors import BadInput, Unavailable
from experiments.execute import execute_free
from experiments.model import BEFORE_START
from experiments.permissions import Actor
from experiments.ports import World
from experiments.slug import attempts
from handlers.drawing import illustrated
from handlers.reading import experiment_of, readout_of
from handlers.results import message_of
from handlers.surfaces.workflow import WHY_NOT_POSTED, posted_by
from handlers.turn import Turn

ASKED = ("title", "hypothesis", "project", "channel")
MOST_ATTEMPTS = 50


def person_of(event: dict[str, Any]) -> str:
    """Who ran the workflow: Slack vouches for it, and nobody who builds a workflow can name another."""
    context = (event.get("inputs") or {}).get("person") or {}
    return str(context.get("id", "")) if isinstance(context, dict) else ""


async def create_experiment(turn: Turn, actor: Actor, world: World) -> dict[str, str]:
    """A draft of this title; where its key is taken, one for another attempt."""
    inputs = turn.message["inputs"]
    asked = CreateExperiment.model_validate({name: inputs[name] for name in ASKED if inputs.get(name)})
    more = (asked.model_copy(update={"key": key}) for key, _ in islice(attempts(asked.key), MOST_ATTEMPTS))
    made = await execute_free((asked, *more), actor, world)
    return {"key": made.key, "link": _link(made.key, turn, world)}


async def post_results(turn: Turn, actor: Actor, world: World) -> dict[str, str]:
    """The readout with its pictures, posted in the channel."""
    inputs = turn.message["inputs"]
    experiment = await experiment_of(str(inputs["key"]).strip(), actor, world)
    if experiment.status in BEFORE_START:
        raise BadInput(f"“{experiment.title}” is {experiment.status.words}, so there are no results to post yet.")
    readout = await readout_of(experiment, world)
    said = posted_by(await illustrated(await message_of(experiment, readout), world), actor.user)
    posted = world.slack.call("chat.postMessage", channel=inputs["channel"], text=said.text, blocks=said.blocks)
    outcome: object = (await asyncio.gather(posted, return_exceptions=True))[0]
    if isinstance(outcome, Unavailable):
        raise Unavailable(WHY_NOT_POSTED.get(outcome.reason, outcome.words), reason=outcome.reason)
    if isinstance(outcome, BaseException):
        raise outcome
    return {"verdict": readout.verdict.sentence}


def _link(key: str, turn: Turn, world: World) -> str:
    """The link to the experiment, or to Bunsen's own tab where links have no address."""
    if world.public_url:
        return f"{world.public_url}/e/{key}"
    return f"https://slack.com/app_redirect?app={turn.message['function']['app_id']}&team={turn.workspace}"
