"""Decide: the outcome, why, what next, and a summary that can be drafted."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from experiments.model import Experiment, Outcome, Status
from experiments.permissions import Permission, states
from experiments.readout import Readout, VerdictStatus
from handlers.surfaces import kit
from handlers.surfaces.fields import radio_field, text_field
from handlers.surfaces.kit import Block, View
from handlers.surfaces.problem import problem_modal, refusal
from handlers.surfaces.quote import Thread, thread_line
from handlers.surfaces.requests import advice_words
from handlers.surfaces.state import OUTCOME_EMOJI, name, target_of
from handlers.surfaces.words import said

if TYPE_CHECKING:
    from experiments.knowledge.summary import Summary

MEANING = {
    Outcome.SHIP: "everybody gets it",
    Outcome.ITERATE: "worth another try, changed",
    Outcome.ABANDON: "not worth going on",
}


def decide_modal(
    experiment: Experiment,
    readout: Readout | None,
    draft: Summary | None = None,
    drafting: bool = False,
    thread: Thread | None = None,
) -> View:
    """What the data say, then the decision in the person's own words, perhaps taken from a thread."""
    if refused := refusal(experiment, "decided", states(Permission.DECIDE)):
        return refused
    if experiment.decision:
        return problem_modal(
            f"“{experiment.title}” has its decision already: {experiment.decision.outcome.words}.", "Decided already"
        )
    number = readout.number if readout else experiment.data_version
    says = f"📊 {said(readout.verdict.sentence, 600)} · readout {number}" if readout else "📊 There are no data."
    rolled_back = experiment.status is Status.ROLLED_BACK
    outcomes = [each for each in Outcome if not (rolled_back and each is Outcome.SHIP)]
    choices = [(each.value, f"{OUTCOME_EMOJI[each]} {each.words.capitalize()}: {MEANING[each]}") for each in outcomes]
    return kit.modal(
        "decide",
        "Log the decision",
        kit.section(f"*{name(experiment)}*", says, *_advice(readout, rolled_back)),
        radio_field("outcome", "Decision", choices),
        text_field(
            "reasoning",
            "Why?",
            multiline=True,
            placeholder="What convinced you, and what speaks against it",
            hint="People will read this before they try something similar.",
        ),
        text_field("next_steps", "What happens next?", multiline=True, optional=True),
        *([kit.context(thread_line(thread))] if thread else []),
        *_summary(experiment, draft, drafting, "the thread, the readout" if thread else "the readout"),
        submit="Log decision",
        about={"key": experiment.key, "revision": experiment.revision, "readout_number": number}
        | ({"thread": {"channel": thread.channel, "ts": thread.ts, "link": thread.link}} if thread else {}),
    )


def _advice(readout: Readout | None, rolled_back: bool) -> list[str]:
    """What the rule says, and what it takes to ship all the same."""
    if rolled_back:
        return ["It was rolled back, so it cannot be shipped; clone it for another attempt."]
    advice = readout.verdict.status if readout else None
    if advice is VerdictStatus.SHIP:
        return ["📏 The rule, fixed beforehand, says: ship."]
    return [
        f"📏 The rule, fixed beforehand, says: {advice_words(advice)}. If you ship it all the same, a second person "
        "has to confirm when it is promoted."
    ]


def _summary(experiment: Experiment, draft: Summary | None, drafting: bool, sources: str) -> list[Block]:
    if drafting:
        return [kit.context(f"✍️ Drafting a summary from {sources} and the notes… You can go on writing above.")]
    if draft is None:
        field = text_field("summary", "Summary", multiline=True, optional=True)
        return [field, kit.actions(kit.button("Draft it for me", "draft_summary", target_of(experiment)))]
    # Slack keeps what stands in an unchanged input, so each draft comes in an input of its own.
    scope = f"{zlib.crc32(draft.text.encode()):08x}"
    field = text_field(f"summary__{scope}", "Summary", draft.text, multiline=True, optional=True)
    if draft.by_model:
        origin = f"Drafted by a language model from {sources} and the notes. Read it before you log it."
    else:
        origin = f"Written from a template ({said(draft.why_not or 'no language model', 200)}). Change it as you like."
    again = kit.button(
        "Draft again",
        "draft_summary",
        target_of(experiment),
        confirm=kit.confirmation("Draft again?", "What you changed in the summary is lost.", "Draft again", "Keep it"),
    )
    return [field, kit.context(origin), kit.actions(again)]
