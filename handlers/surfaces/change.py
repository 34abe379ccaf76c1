"""What changed, told in the thread of the card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.model import Experiment, Status
from experiments.numerals import counted
from handlers.surfaces import kit
from handlers.surfaces.kit import Message
from handlers.surfaces.state import EMOJI, name, standing
from handlers.surfaces.words import person, retold

SHOWN = 10
TURNS = {
    Status.DRAFT: "it is a draft again. Edit it, then ask for another review.",
    Status.APPROVED: "you can start it now, or schedule it.",
}
"""What the owner does next once a review is over."""


def change(experiment: Experiment, sentence: str, actor: str, to: str = "") -> Message:
    """Who did what, whose move it is now (`to`), and where the experiment stands."""
    did = f"{person(actor)} {retold(sentence, 2500)}"
    turn = [f"{person(to)}: {TURNS[experiment.status]}"] if to and experiment.status in TURNS else []
    return kit.message(f"{did} · {name(experiment)}", kit.section(did, *turn), kit.context(_where(experiment)))


def changes(experiment: Experiment, told: Sequence[dict[str, Any]], earlier: int = 0) -> Message:
    """One change, or a burst of them: how many, and the newest in the order in which they were made."""
    if len(told) == 1 and not earlier:
        return change(experiment, told[0]["sentence"], told[0]["actor"], told[0].get("to", ""))
    shown = told[-SHOWN:]
    count, before = len(told) + earlier, len(told) + earlier - len(shown)
    lines = [f"• {person(each['actor'])} {retold(each['sentence'], 250)}" for each in shown]
    left_out = [f"{counted(before, 'earlier change')}, then"] if before else []
    head = f"*{counted(count, 'change')} at once*"
    newest = f"{person(told[-1]['actor'])} {retold(told[-1]['sentence'], 600)}"
    return kit.message(
        f"{counted(count, 'change')}, the newest: {newest} · {name(experiment)}",
        kit.section(head, *left_out, *lines),
        kit.context(f"{_where(experiment)} · History has all of them: `/experiment history {experiment.key}`"),
    )


def _where(experiment: Experiment) -> str:
    return f"{EMOJI[experiment.status]} {standing(experiment)} · design {experiment.design.hash[:8]}"
