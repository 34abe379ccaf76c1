"""Subscribe: of which experiments a channel or a person hears, and which kinds of news."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.announcements import Event
from experiments.model import Experiment
from experiments.numerals import listed
from experiments.preferences import Preferences
from handlers.surfaces import kit
from handlers.surfaces.deliveries import where
from handlers.surfaces.fields import many_field, text_field, ticks_field
from handlers.surfaces.kit import Block, Message, View
from handlers.surfaces.words import said, visible

EVERYTHING = "everything"
EVENTS: dict[Event, tuple[str, str]] = {
    Event.NEEDS_PEOPLE: ("What needs people", "reviews, confirmations, starts that were suspended"),
    Event.ALARM: ("Alarms", "guardrails, and samples that are out of balance"),
    Event.DECISION: ("Decisions", "ship, iterate, abandon, and rollbacks"),
    Event.CARD: ("A card for each experiment", "edited in place"),
    Event.CHANGE: ("Every change", "for a channel in the thread of its card"),
    Event.DIGEST: ("The weekly digest", "on the day and at the time you choose"),
    Event.SIGNIFICANCE: ("A daily update", "running experiments with new data"),
}


def subscribe_modal(
    choice: Preferences, projects: Sequence[str], experiments: Sequence[Experiment], channel: str
) -> View:
    """The form; `projects` and `experiments` are what can be chosen, `channel` is where it was asked for."""
    names = list(dict.fromkeys([*choice.projects, *projects]))
    titles = {each.key: each.title for each in experiments}
    keys = list(dict.fromkeys([*choice.experiments, *titles]))
    return kit.modal(
        "subscribe",
        "Subscribe",
        kit.section(f"*What reaches {place_words(choice)}{' by direct message' * choice.is_person}*", _always(choice)),
        ticks_field(EVERYTHING, "Everything", [("yes", "Every experiment", "")], ["yes"] * choice.everything),
        *_many("projects", "Projects", [(name, name) for name in names], choice.projects),
        text_field(
            "tags",
            "Tags",
            ", ".join(choice.tags),
            optional=True,
            placeholder="checkout, pricing",
            hint="With commas between them; an experiment with one of them is followed.",
        ),
        *_many("experiments", "Single experiments", [(key, _label(key, titles)) for key in keys], choice.experiments),
        ticks_field("events", "Kinds of news", _kinds(choice), [each.value for each in choice.chosen]),
        *_other_place(choice, channel),
        submit="Save",
        about={"subject": choice.subject, "channel": channel},
    )


def place_words(choice: Preferences) -> str:
    """Whose choices they are."""
    return "you" if choice.is_person else where(choice.subject)


def chosen_words(choice: Preferences) -> list[str]:
    """What is followed, and which kinds of news are told of it, a line each."""
    if choice.everything:
        followed = ["every experiment"]
    else:
        parts = (("projects", choice.projects), ("tags", choice.tags), ("experiments", choice.experiments))
        followed = [f"{label} {said(listed(values, 6), 500)}" for label, values in parts if values]
    at_home = "" if choice.is_person else "the experiments that live here"
    of = " · ".join(filter(None, [at_home, *followed])) or "nothing"
    kinds = [EVENTS[each][0] for each in EVENTS if each in choice.chosen]
    return [f"*Follows* {of}", f"*Hears of* {', '.join(kinds).lower() or 'nothing'}"]


def subscribed(choice: Preferences) -> Message:
    """What a place hears of from now on."""
    words = f"🔔 Saved. This is what reaches {place_words(choice)} from now on:"
    change = kit.button("Change", "subscribe", choice.subject)
    return kit.message(words, kit.section(words, *chosen_words(choice), accessory=change))


def _always(choice: Preferences) -> str:
    if choice.is_person:
        return (
            "Nothing reaches you that you did not choose, unless you are needed and there is no channel to say it in, "
            "or you let the time of a review pass."
        )
    return "Experiments that live here always show their card, what needs people, and alarms; the rest is your choice."


def _kinds(choice: Preferences) -> list[tuple[str, str, str]]:
    possible = [event for event in EVENTS if not (choice.is_person and event is Event.CARD)]
    return [(event.value, *EVENTS[event]) for event in possible]


def _many(name: str, label: str, choices: Sequence[tuple[str, str]], values: Sequence[str]) -> list[Block]:
    return [many_field(name, label, choices, values)] if choices else []


def _label(key: str, titles: dict[str, str]) -> str:
    return f"{visible(titles[key], 50)} · {key}" if key in titles else key


def _other_place(choice: Preferences, channel: str) -> list[Block]:
    """A way from the channel's form to one's own and back."""
    if not channel:
        return []
    if choice.is_person:
        return [kit.actions(kit.button("For the channel instead", "subscribe_other", channel))]
    return [kit.actions(kit.button("Only for me instead", "subscribe_other", "me"))]
