"""Promote: stages, holdback, watched metrics → PromoteVariant (or a request that a second person answers) → stages."""

from __future__ import annotations

import re
from typing import Any

from experiments.commands import AdvanceRollout, ConfirmPromotion, PromoteVariant
from experiments.design import FULL_WEIGHT
from experiments.errors import BadInput
from experiments.execute import execute
from experiments.permissions import Actor
from experiments.ports import World
from handlers.forms import about, answers
from handlers.opening import Answering, Confirmation, Opening, showing
from handlers.surfaces.promote_modal import CUSTOM, NOW, USUAL_STAGES, advance_modal, confirm_modal, promote_modal
from handlers.turn import Ack, Turn

promote = Opening("promote", showing(promote_modal))
advance = Confirmation("advance", showing(advance_modal), AdvanceRollout, seen=("stage",))
confirm = Answering("confirm", showing(confirm_modal), ConfirmPromotion, yes="confirm")


def stages_from(plan: str, text: str, holdback: int) -> tuple[int, ...]:
    """The stages in hundredths of a percent; the last one is all that is not held back.

    >>> stages_from("stages", "", 500), stages_from("now", "", 0), stages_from("custom", "5, 20 %, 100", 0)
    ((1000, 2500, 5000, 9500), (10000,), (500, 2000, 10000))
    """
    last = FULL_WEIGHT - holdback
    if plan == NOW:
        return (last,)
    if plan != CUSTOM:
        return (*(stage for stage in USUAL_STAGES if stage < last), last)
    parts = [part for part in re.split(r"[\s,;%→]+", text) if part]
    if not parts:
        raise BadInput("Write the stages, like 5, 20, 50, 100, or choose another way above.", field="stages")
    if odd := next((part for part in parts if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", part)), None):
        raise BadInput(f"“{odd[:20]}” is not a percent; write the stages like 5, 20, 50, 100.", field="stages")
    stages = tuple(round(float(part) * 100) for part in parts)
    return stages if stages[-1] == last or stages[-1] > last else (*stages, last)


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen, given = about(turn.view), answers(turn.view)
    holdback = round(given.get("holdback", 0) * FULL_WEIGHT)
    fields: dict[str, Any] = {
        "key": seen["key"],
        "revision": seen["revision"],
        "variant": given.get("variant", ""),
        "stages": stages_from(given.get("plan", ""), given.get("stages", ""), holdback),
        "holdback": holdback,
        "watched": given.get("watched", ()),
        "automatic_rollback": bool(given.get("automatic_rollback")),
        **({"stage_hours": given["stage_hours"]} if "stage_hours" in given else {}),
    }
    await execute(PromoteVariant.model_validate(fields), actor, world)
    await ack()
