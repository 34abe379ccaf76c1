"""News for one person, as a line in their direct messages."""

from __future__ import annotations

from typing import Any

from experiments.announcements import Event
from experiments.model import Experiment
from experiments.numerals import counted
from experiments.permissions import GUARDRAIL
from handlers.surfaces import kit
from handlers.surfaces.kit import Message
from handlers.surfaces.state import EMOJI, name, next_step, progress, standing, target_of
from handlers.surfaces.words import person, retold, said

SHOWN = 5
EMOJI_OF = {Event.ALARM: "🚨", Event.NEEDS_PEOPLE: "🙋", Event.DECISION: "🏁", Event.CHANGE: "🔔"}


def news(experiment: Experiment, payload: dict[str, Any]) -> Message:
    """What happened, of an alarm its reason; in the detailed style also where it stands and what is next."""
    event = Event(payload.get("event", Event.CHANGE))
    told = payload.get("changes") or [{"actor": payload["actor"], "sentence": payload["sentence"]}]
    lead = f"{EMOJI_OF.get(event, '🔔')} *{name(experiment)}*: "
    if event is Event.ALARM and experiment.reading and payload["actor"] != GUARDRAIL:
        words = lead + said(experiment.reading.sentence, 1500)
    else:
        words = lead + _did(told[-1])
    lines = [words]
    count = len(told) + payload.get("earlier", 0)
    if count > 1:
        shown = told[-SHOWN:]
        lines = [f"{lead}{counted(count, 'change')}", *(f"• {_did(each, 400)}" for each in shown)]
        if count > len(shown):
            lines.append(f"and {count - len(shown):,} before these")
    to = target_of(experiment)
    is_plain = payload.get("style") == "compact" or event is Event.ALARM
    more = [] if is_plain else [next_step(experiment)]
    return kit.message(
        lines[0],
        kit.section(*lines, *filter(None, more), accessory=kit.button("Look", "show", to)),
        *([] if payload.get("style") == "compact" else [kit.context(_footer(experiment, payload))]),
    )


def _did(change: dict[str, Any], most: int = 1500) -> str:
    return f"{person(change['actor'])} {retold(change['sentence'], most)}"


def _footer(experiment: Experiment, payload: dict[str, Any]) -> str:
    where = " · ".join(
        part
        for part in (experiment.key, f"{EMOJI[experiment.status]} {standing(experiment)}", progress(experiment))
        if part
    )
    if payload.get("needed"):
        return f"{where} · It lives in no channel, so I tell you directly."
    return f"{where} · You follow it; `/experiment mute {experiment.key}` ends that for a while."
