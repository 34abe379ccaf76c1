"""The walk-through of a first visit: a channel, people, a first experiment, each done, next or skipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.templates import TEMPLATES
from handlers.surfaces import kit
from handlers.surfaces.kit import Block, Group, Message
from handlers.surfaces.words import person, said

STEPS = ("channel", "people", "first")
TITLES = {"channel": "Connect a channel", "people": "Say who does what", "first": "Write down a first experiment"}
EXPLAINED = {
    "channel": "Experiments live in channels: a card each, with its news in the thread. Type /invite @Bunsen in one, "
    "then choose it here; I say hello there, so that you see it works.",
    "people": "Until you say otherwise every member may create and review, and only admins change settings. "
    "Give roles to people or groups, and name the reviewers of each project.",
    "first": "Three short steps: what and why, the design, its safety. The draft is kept at each of them.",
}
SHOWN_TEMPLATES = 3


@dataclass(frozen=True, slots=True)
class Setup:
    """What is left to do: `steps` are those this person sees, `done` among them the finished ones. `reason` is Slack's
    word for why the chosen `channel` could not be connected."""

    steps: tuple[str, ...] = ()
    done: frozenset[str] = frozenset()
    channel: str = ""
    reason: str = ""

    @property
    def is_over(self) -> bool:
        return set(self.steps) <= self.done


def walk_through(setup: Setup) -> list[Group]:
    """Nothing once all is done or skipped. The next step explains itself; those after it wait as a line."""
    if setup.is_over:
        return []
    following = next(step for step in setup.steps if step not in setup.done)
    groups = [Group([kit.header("👋 Welcome to Bunsen"), kit.section(WELCOME)], 0)]
    for number, step in enumerate(setup.steps, start=1):
        groups.append(Group(_step(number, step, following, setup), 0))
    return [*groups, Group([kit.divider()], 0)]


WELCOME = (
    "From an idea to a decision you can defend, without leaving Slack. A few steps and it is at home here; "
    "each of them can be skipped."
)


def _step(number: int, step: str, following: str, setup: Setup) -> list[Block]:
    title = f"{number}. {TITLES[step]}"
    if step in setup.done:
        return [kit.context(f"✅ {title}")]
    if step != following:
        return [kit.context(f"▫️ {title}")]
    problem = [kit.section(f"⚠️ {_why_not(setup)}")] if setup.reason and step == "channel" else []
    return [kit.section(f"➡️ *{title}*", EXPLAINED[step]), *problem, kit.actions(*_buttons(step, setup), _skip(step))]


def _why_not(setup: Setup) -> str:
    where = f"<#{setup.channel}>" if setup.channel.isalnum() and setup.channel.isascii() else "that channel"
    match setup.reason:
        case "not_in_channel" | "channel_not_found":
            return f"I am not in {where} yet. Type /invite @Bunsen there, then try again."
        case "is_archived":
            return f"{where} is archived. Choose another one."
        case reason:
            return f"Slack did not let me write in {where} (“{said(reason, 80)}”). Choose another one, or ask an admin."


def _buttons(step: str, setup: Setup) -> Sequence[Block]:
    match step:
        case "channel":
            again = kit.button("Try again", "setup_channel", setup.channel, scope="again")
            return [_channels(setup.channel), *([again] if setup.reason else [])]
        case "people":
            return [kit.button("Roles", "roles", style="primary"), kit.button("Projects and reviewers", "settings")]
        case _:
            begun = [
                kit.button(each.title, "create", each.name, scope=each.name)
                for each in list(TEMPLATES.values())[:SHOWN_TEMPLATES]
            ]
            return [kit.button("Begin from nothing", "create", style="primary"), *begun]


def _channels(chosen: str) -> Block:
    menu: Block = {
        "type": "conversations_select",
        "action_id": "setup_channel__channel",
        "placeholder": kit.plain("Choose a channel", 150),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    return menu | ({"initial_conversation": chosen} if chosen else {})


def _skip(step: str) -> Block:
    return kit.button("Skip this", "setup_skip", step)


def hello(user: str) -> Message:
    """The first message in a channel that was connected."""
    words = (
        f"👋 I am Bunsen; {person(user)} asked me in. Experiments can live in this channel now: `/experiment create` "
        "writes the first one down, `/experiment help` lists everything else."
    )
    return kit.message(words, kit.section(words))
