"""Import: a file from a modal → rows checked → all experiments of the file in one transaction → what was done."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any, BinaryIO

from experiments.commands import ImportAggregates
from experiments.errors import BunsenError, Forbidden
from experiments.execute import execute_all
from experiments.intake import BadRows, ImportReport, Intake, read_aggregates
from experiments.permissions import Actor, Permission, allows, states
from experiments.ports import World
from handlers.forms import about, answers
from handlers.picking import candidates
from handlers.surfaces.import_modal import import_modal
from handlers.surfaces.import_report import SHOWN_ROWS, import_progress, import_refused, import_report
from handlers.turn import Ack, Turn, show

MOST_BYTES = 256 * 1024 * 1024


async def open_form(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """For those who may import into something; the import asks again for each experiment of the file."""
    refusal = allows(Permission.IMPORT, actor, None)
    if refusal and not await candidates("import", states(Permission.IMPORT), actor, world, most=1):
        raise Forbidden(refusal)
    await show(turn, world, import_modal(about={"channel": turn.channel}))
    await ack()


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    given, seen = answers(turn.view), about(turn.view)
    await ack(response_action="clear")
    turn.later(_import(given, seen.get("channel", ""), actor, world))


async def _import(given: dict[str, Any], channel: str, actor: Actor, world: World) -> None:
    name, content = await world.slack.download(given["files"][0], MOST_BYTES)
    said = import_progress(name, len(content))
    place = await world.slack.call("chat.postMessage", channel=actor.user, text=said.text, blocks=said.blocks)
    try:
        report = await import_file(
            io.BytesIO(content),
            name,
            actor,
            world,
            channel=channel,
            skip_bad_rows="skip_bad_rows" in given.get("choices", ()),
            create="create" in given.get("choices", ()),
        )
        done, bad_rows = import_report(report), report.left_out
    except BadRows as error:
        done, bad_rows = import_refused(name, error), tuple(row.words for row in error.bad_rows)
    except BunsenError as error:
        done, bad_rows = import_refused(name, error), ()
    await world.slack.call("chat.update", channel=place["channel"], ts=place["ts"], text=done.text, blocks=done.blocks)
    if len(bad_rows) > SHOWN_ROWS:
        listed = "\n".join(bad_rows).encode()
        await world.slack.share(listed, f"bad rows of {name}.txt", place["channel"], place["ts"])


async def import_file(
    content: BinaryIO,
    origin: str,
    actor: Actor,
    world: World,
    *,
    channel: str = "",
    skip_bad_rows: bool = False,
    create: bool = False,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Take in a file of aggregates: every experiment of it in one transaction, or nothing; `BadInput` names the rows.

    Experiments that have exactly these data already are passed over.
    """
    intake = await asyncio.to_thread(_read, content, origin, skip_bad_rows, progress)
    commands = [
        ImportAggregates(
            key=key,
            rows=rows,
            origin=origin,
            create=create,
            channel=channel,
            kinds={metric: kind for metric, kind in intake.metrics.get(key, {}).items() if kind},
        )
        for key, rows in intake.batches.items()
    ]
    async with world.reading(actor.workspace) as uow:
        known = {key: found for key in intake.batches if (found := await uow.experiments.get(key))}
    new = [each for each in commands if each.key not in known or each.digest not in known[each.key].data_digests]
    after = await execute_all(new, actor, world)
    return ImportReport(
        origin=origin,
        rows=sum(len(command.rows) for command in new),
        reached={experiment.key: experiment.data_day or 0.0 for experiment in after},
        created=tuple(sorted(intake.batches.keys() - known.keys())),
        unchanged=tuple(sorted({each.key for each in commands} - {each.key for each in new})),
        left_out=tuple(row.words for row in intake.bad_rows),
    )


def _read(content: BinaryIO, origin: str, skip_bad_rows: bool, progress: Callable[[int], None] | None) -> Intake:
    return read_aggregates(content, origin=origin, skip_bad_rows=skip_bad_rows, progress=progress)
