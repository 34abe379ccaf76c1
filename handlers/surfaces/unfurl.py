"""Unfurl: what stands below a link to an experiment, for everybody who sees the link."""

from __future__ import annotations

from experiments.model import Experiment
from handlers.surfaces import kit
from handlers.surfaces.kit import Block
from handlers.surfaces.state import EMOJI, name, progress, standing
from handlers.surfaces.words import person, said


def unfurl(experiment: Experiment) -> list[Block]:
    """Title, state, verdict and who owns it."""
    where = " · ".join(part for part in (standing(experiment).capitalize(), progress(experiment)) if part)
    lines = [f"{EMOJI[experiment.status]} *{name(experiment)}*", where]
    if experiment.reading:
        lines.append(said(experiment.reading.sentence, 600))
    if experiment.decision:
        lines.append(f"Decided to {experiment.decision.outcome.words}: {said(experiment.decision.reasoning, 300)}")
    about = f"{experiment.key} · {said(experiment.project, 80)} · {person(experiment.owner)}"
    return [kit.section(*lines, accessory=_show(experiment.key)), kit.context(about)]


def closed_unfurl(key: str) -> list[Block]:
    """For a place where not everybody may read it: no word of what it is about."""
    words = f"🧪 An experiment. What you may see of it opens for you alone, or with `/experiment show {said(key, 80)}`."
    return [kit.section(words, accessory=_show(key))]


def _show(key: str) -> Block:
    return kit.button("Show me", "show", f"{key}@0")
