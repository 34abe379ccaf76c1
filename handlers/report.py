"""Report: `/experiment report`, a button or a picker → PDF, JSON and CSV in the thread of the card."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from experiments.announcements import CARD
from experiments.audit import as_told
from experiments.errors import Unavailable
from experiments.model import Experiment, Status
from experiments.permissions import Actor
from experiments.ports import World
from experiments.report import File, Report
from handlers.forms import answers, target
from handlers.picking import offer
from handlers.quoting import names_of
from handlers.reading import experiment_of, readout_of
from handlers.surfaces.kit import Message
from handlers.surfaces.report import being_made, being_made_modal, ready
from handlers.surfaces.words import PERSON
from handlers.turn import Ack, Turn, tell

MOST_PEOPLE, PATIENCE_SECONDS = 200, 20.0
WHO = frozenset({"by", "owner", "authors", "reviewers", "requested_by", "started_by", "confirmed_by", "actor"})
"""The fields in which people stand."""


async def by_command(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    if not turn.words:
        await offer("report", tuple(Status), ack, turn, actor, world)
        return
    experiment = await experiment_of(turn.words[0], actor, world)
    said = being_made(experiment)
    await ack(text=said.text, blocks=said.blocks)
    turn.later(_made(experiment, actor, world))


async def by_button(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    experiment = await experiment_of(target(turn.value).key, actor, world)
    await ack()
    turn.later(tell(turn, world, being_made(experiment)))
    turn.later(_made(experiment, actor, world))


async def by_pick(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    experiment = await experiment_of(answers(turn.view)["key"], actor, world)
    await ack(response_action="update", view=being_made_modal(experiment))
    turn.later(_made(experiment, actor, world))


async def _made(experiment: Experiment, actor: Actor, world: World) -> None:
    report = await _report(experiment, world)
    files = await world.publish(report)
    channel, thread_ts = await _place(report, files, actor, world)
    for file in files:
        await world.slack.share(file.content, file.name, channel, thread_ts)


async def _report(experiment: Experiment, world: World) -> Report:
    async with world.reading(experiment.workspace) as uow:
        notes, records = await uow.notes.of(experiment.key), as_told(await uow.audit.of(experiment.key))
    things = [each.model_dump() for each in (experiment, *notes, *records)]
    who = [user for user in people_in(things) if PERSON.fullmatch(user)]
    return Report(
        experiment=experiment,
        readout=await readout_of(experiment, world) if experiment.data_version else None,
        notes=notes,
        records=records,
        made_at=world.now(),
        version=version("bunsen"),
        names=await names_of(who, experiment.workspace, world, most=MOST_PEOPLE, seconds=PATIENCE_SECONDS),
    )


async def _place(report: Report, files: tuple[File, ...], actor: Actor, world: World) -> tuple[str, str]:
    """The thread of the card where it can be written in, else one of its own with whoever asked."""
    experiment = report.experiment
    async with world.reading(experiment.workspace) as uow:
        card = await uow.outbox.standing(experiment.key, experiment.channel, CARD)
    if experiment.channel and card:
        said = _said(ready(report, files, actor.user))
        posted = world.slack.call("chat.postMessage", channel=experiment.channel, thread_ts=card, **said)
        outcome: object = (await asyncio.gather(posted, return_exceptions=True))[0]
        if isinstance(outcome, dict):
            return experiment.channel, card
        if isinstance(outcome, BaseException) and not isinstance(outcome, Unavailable):
            raise outcome
    said = _said(ready(report, files, actor.user, direct=bool(experiment.channel)))
    answer = await world.slack.call("chat.postMessage", channel=actor.user, **said)
    return str(answer["channel"]), str(answer["ts"])


def _said(message: Message) -> dict[str, Any]:
    return {"text": message.text, "blocks": message.blocks}


def people_in(value: Any, field: str = "") -> Iterator[str]:
    """Everybody who stands in a field for people, however deep."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from people_in(each, name)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from people_in(each, field)
    elif isinstance(value, str) and field in WHO:
        yield value
