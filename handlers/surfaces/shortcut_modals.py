"""Shortcuts: a message becomes a note, a thread becomes a decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.model import Experiment, NoteKind
from experiments.numerals import counted
from experiments.permissions import Actor, Permission, states
from handlers.surfaces import kit
from handlers.surfaces.fields import OPTIONS, TEXT, search_field, select_field, text_field, words_of
from handlers.surfaces.fleet import new_button
from handlers.surfaces.kit import Block, Message, View
from handlers.surfaces.pick_modal import choice_of
from handlers.surfaces.quote import Quote, Thread
from handlers.surfaces.state import name
from handlers.surfaces.taken_from import taken_from
from handlers.surfaces.words import clip, person

ADD, DECIDE = "note_from_message", "decide_from_thread"
ALL = kit.button("The fleet", "list")
NOTHING = {
    "note": "There is no experiment you can add this to. Begin one, or ask its owner for the role.",
    "decide": "No experiment waits for your decision: one is decided after it was stopped or rolled back.",
}


def add_modal(experiments: Sequence[Experiment], quote: Quote, channel: str) -> View:
    """Which experiment, which kind of note, and the message's words to be edited."""
    return kit.modal(
        ADD,
        "Add to experiment",
        _menu(experiments, channel),
        select_field("kind", "Kind", words_of(NoteKind), NoteKind.OBSERVATION.value),
        text_field("text", "Note", clip(quote.text, TEXT), multiline=True, hint="Change it as you like."),
        kit.context(_origin(quote)),
        submit="Add",
        about=_about("note", Permission.NOTE) | {"source": quote.link},
    )


def added_modal(experiment: Experiment) -> View:
    """It was kept."""
    words = f"📌 Noted with *{name(experiment)}*, which has {counted(experiment.note_count, 'note')} now."
    return kit.modal("added", "Added", kit.section(words), about={}, close="Close")


def thread_modal(experiments: Sequence[Experiment], thread: Thread) -> View:
    """Which experiment was decided in the thread."""
    return kit.modal(
        DECIDE,
        "Decision from a thread",
        _menu(experiments, thread.channel),
        kit.context("Next: a summary is drafted from the thread, and you write the decision."),
        submit="Go on",
        about=_about("decide", Permission.DECIDE) | {"thread": thread.model_dump(exclude_defaults=True)},
    )


def nothing_to_choose(verb: str, actor: Actor) -> Message:
    """There is no experiment for which the shortcut makes sense."""
    return kit.message(NOTHING[verb], kit.section(NOTHING[verb]), kit.actions(*new_button(actor), ALL))


def _menu(experiments: Sequence[Experiment], channel: str) -> Block:
    """The experiments, one that finds them when they are too many; the only one of this channel is chosen at first."""
    if len(experiments) > OPTIONS:
        return search_field("key", "Experiment", "Type a part of its title or key")
    here = (
        [each.key for each in experiments if each.channel == channel] if len(experiments) > 1 else [experiments[0].key]
    )
    return select_field(
        "key", "Experiment", [choice_of(each) for each in experiments], here[0] if len(here) == 1 else ""
    )


def _about(verb: str, permission: Permission) -> dict[str, Any]:
    """What a menu that finds them as one types has to know."""
    return {"verb": verb, "statuses": [each.value for each in states(permission)]}


def _origin(quote: Quote) -> str:
    by = f" by {person(quote.by)}" if quote.by else ""
    if quote.is_gone:
        return f"The message{by} was deleted, so no link to it is kept; its words are above."
    if link := taken_from(quote.link, "message"):
        return f"From a {link}{by}; the link is kept with the note."
    return f"From a message{by}. I cannot see its channel, so no link is kept; /invite @Bunsen there to change that."
