"""Create and edit: three modal steps, from a template or from nothing, the draft saved at each → card."""

from __future__ import annotations

from typing import Any

from experiments.commands import CreateExperiment, EditExperiment
from experiments.errors import Forbidden
from experiments.execute import execute
from experiments.model import Experiment, Status
from experiments.permissions import Actor, Permission, allows
from experiments.ports import World
from experiments.repositories import Filter
from experiments.templates import TEMPLATES, nearest
from handlers.drafting import cleared, design_fields, refilled, safety_fields
from handlers.forms import about, answers, emptied
from handlers.home import CHANNEL
from handlers.lines import tags_from
from handlers.opening import Opening, showing
from handlers.reading import experiment_of
from handlers.surfaces.card import card
from handlers.surfaces.kit import View
from handlers.surfaces.what_modal import new_modal, proposed, unknown_template, what_modal
from handlers.turn import Ack, Turn, redraw, show, tell
from handlers.wizard import DESIGN, SAFETY, go_on

NEWEST = 5


async def create(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """`create`, `create prompt-ab`, or a button that may name a template."""
    word = " ".join(turn.words) or turn.value
    template = TEMPLATES.get(word.lower())
    if word and template is None:
        said = unknown_template(word, nearest(word))
        await ack(text=said.text, blocks=said.blocks)
        return
    if refusal := allows(Permission.CREATE, actor, None):
        raise Forbidden(refusal)
    place = {"channel": turn.channel} if turn.channel else await _connected(actor, world)
    await show(turn, world, new_modal(proposed(template), {**place, "template": template.name if template else ""}))
    await ack()


async def _connected(actor: Actor, world: World) -> dict[str, Any]:
    """From outside of channels: the one that the person connected in the set-up, if any."""
    async with world.reading(actor.workspace) as uow:
        channel = (await uow.preferences.get(actor.user)).filters.get(CHANNEL, "")
    return {"channel": channel, "connected": bool(channel)}


async def fill_in(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """Another template was chosen."""
    template = TEMPLATES.get(turn.value)
    seen = about(turn.view) | {"template": template.name if template else ""}
    await ack()
    turn.later(redraw(turn.view["id"], new_modal(refilled(turn.view, template), seen), world))


edit = Opening("edit", showing(what_modal))


async def submit_what(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen = about(turn.view)
    given = answers(turn.view) | {"tags": tags_from(answers(turn.view).get("tags", ""))}
    template = TEMPLATES.get(given.pop("template", ""))
    if key := seen.get("key") or await _made_before(actor, world):
        fields = emptied(turn.view) | given | {"key": key, "revision": seen.get("revision")}
        after = await _saved(EditExperiment.model_validate(fields), actor, world)
    else:
        fields = given | {"channel": seen.get("channel", ""), "design": template.design if template else None}
        after = await execute(CreateExperiment.model_validate(fields), actor, world)
    await go_on(ack, turn, after, DESIGN, actor, world)


async def submit_design(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    experiment = await experiment_of(about(turn.view)["key"], actor, world)
    fields = cleared(design_fields(turn.view, experiment.design))
    after = await _saved(EditExperiment.model_validate(fields | _on(turn.view)), actor, world)
    await go_on(ack, turn, after, SAFETY, actor, world)


async def submit_safety(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    experiment = await experiment_of(about(turn.view)["key"], actor, world)
    fields = cleared(safety_fields(turn.view, experiment.design))
    fields["reviewers"] = answers(turn.view).get("reviewers", ())
    after = await _saved(EditExperiment.model_validate(fields | _on(turn.view)), actor, world)
    await ack(response_action="clear")
    if not after.channel:
        turn.later(tell(turn, world, card(after)))


async def _saved(command: EditExperiment, actor: Actor, world: World) -> Experiment:
    """The draft with what was typed. A form that comes again after a time-out is no second edit, but what was typed
    into it in between is kept too."""
    after = await execute(command, actor, world)
    again = command.model_copy(update={"revision": after.revision})
    if again.apply(after, actor, world.now()) == after:
        return after
    late = actor.model_copy(update={"delivery": f"{actor.delivery} {after.revision}"})
    return await execute(again, late, world)


async def _made_before(actor: Actor, world: World) -> str | None:
    """The draft that this very form has made already, when it comes again after a time-out."""
    if not actor.delivery:
        return None
    mine = Filter(owner=actor.user, statuses=(Status.DRAFT,), limit=NEWEST)
    async with world.reading(actor.workspace) as uow:
        for draft in await uow.experiments.list(mine):
            if await uow.audit.has(actor.delivery, draft.key):
                return draft.key
    return None


def _on(view: View) -> dict[str, Any]:
    seen = about(view)
    return {"key": seen["key"], "revision": seen["revision"]}
