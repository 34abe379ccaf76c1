"""Guardrails: lines with their effect told while typing → ChangeGuardrails → card; looser ones → request → answer."""

from __future__ import annotations

from experiments.commands import AgreeToLoosening, ChangeGuardrails
from experiments.commands.guardrails import loosened, with_guardrails
from experiments.difference import differences
from experiments.errors import BunsenError
from experiments.execute import execute
from experiments.model import LIVE, Experiment
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, answers
from handlers.lines import guardrails_from
from handlers.opening import Answering, Opening, showing
from handlers.reading import experiment_of
from handlers.surfaces.guardrails_modal import agree_modal, guardrails_modal
from handlers.turn import Ack, Turn, redraw

guardrails = Opening("guardrails", showing(guardrails_modal))
agree = Answering("agree", showing(agree_modal), AgreeToLoosening, yes="agree")


async def judge(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """A line was typed: say what all of them would do."""
    experiment = await experiment_of(about(turn.view)["key"], actor, world)
    await ack()
    view = guardrails_modal(experiment, effect_of(answers(turn.view).get("guardrails", ""), experiment))
    turn.later(redraw(turn.view["id"], view, world))


def effect_of(lines: str, experiment: Experiment) -> str:
    """What these lines would do, or which of them cannot be read yet."""
    try:
        wanted = guardrails_from(lines)
        after = with_guardrails(experiment.design, wanted)
    except BunsenError as error:
        return f"✏️ {error.words}"
    changes = "; ".join(change.words for change in differences(experiment.design, after))
    if not changes:
        return "These are the present guardrails."
    if experiment.status not in LIVE:
        return f"Changes the design: {changes}."
    if loosened(experiment.design.guardrails, wanted):
        return f"⚖️ Looser, so somebody else has to agree: {changes}."
    return f"✅ Stricter, so it applies at once: {changes}."


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen, given = about(turn.view), answers(turn.view)
    wanted = guardrails_from(given.get("guardrails", ""))
    fields = {"key": seen["key"], "revision": seen["revision"], "comment": given.get("comment", "")}
    await execute(ChangeGuardrails(guardrails=wanted, **fields), actor, world)
    await ack()
