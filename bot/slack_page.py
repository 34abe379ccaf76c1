"""docs/slack.md, made from the tables of commands and buttons: `python -m bot.slack_page > docs/slack.md`."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bot.manifest import SHORTCUTS, STEPS
from experiments.model import BEFORE_START, Status
from experiments.permissions import states
from handlers import surfaces
from handlers.surfaces.lists import COMMANDS as HELP
from handlers.surfaces.state import status_words
from handlers.surfaces.steps import LABELS, LIKELIEST, NEEDS
from handlers.table import COMMANDS


class Action(NamedTuple):
    """One of the thirteen actions: its verbs, what is asked before it happens, and how it is taken back."""

    name: str
    verbs: tuple[str, ...]
    asks: str
    way_back: str


ACTIONS = (
    Action("Create", ("create", "edit", "delete"), "three steps, saved at each", "`edit` it, or `delete` the draft"),
    Action("Start", ("start",), "the checklist and what was approved", "`pause`, `stop` or `rollback`"),
    Action(
        "Pause, stop", ("pause", "resume", "stop"), "why, and what traffic returns to", "`resume`; after a stop `clone`"
    ),
    Action(
        "Change traffic",
        ("traffic", "step", "testers"),
        "the sum, and whether a new phase begins; a step before the judge has decided",
        "`traffic` and `testers` again",
    ),
    Action("Read results", ("results", "variants", "pictures"), "nothing, it changes nothing", "–"),
    Action(
        "Promote",
        ("promote", "confirm", "advance", "hold", "go_on"),
        "stages, holdback, what is watched; a second person against the rule's advice",
        "`rollback`",
    ),
    Action("Roll back", ("rollback",), "one question", "`clone` for another attempt"),
    Action(
        "Change guardrails",
        ("guardrails", "agree"),
        "what the lines do; another person for looser ones",
        "`guardrails` again",
    ),
    Action(
        "Clone, archive, compare",
        ("clone", "archive", "diff", "history"),
        "one question before `archive`",
        "`delete` the clone; what is archived can be read and cloned",
    ),
    Action("Report", ("report",), "nothing, it changes nothing", "–"),
    Action(
        "Notes, decision",
        ("note", "decide"),
        "the words; a drafted summary is read before it is logged",
        "a note is edited or deleted; a decision stays, with notes beside it",
    ),
    Action(
        "Review",
        ("review", "approve", "request_changes", "withdraw"),
        "reviewers and deadline; what an approval covers",
        "`withdraw`; any edit of the design voids it",
    ),
    Action(
        "Schedule, predict",
        ("schedule", "unschedule", "predict"),
        "start and stop in your zone; a prediction is yours alone until the start",
        "`unschedule`; predict again until the start",
    ),
)
INTRODUCTION = """# Bunsen in Slack

Made from the tables that answer: `handlers/table.py` (commands and buttons), `handlers/surfaces/steps.py` (which
buttons stand where) and `experiments/permissions.py` ([who may do what](permissions.md)). [voice.md](voice.md) says how
texts are written.

Everything that can be done to an experiment can be done in three places: by `/experiment VERB KEY` (without a key, a
menu), by a button or the menu on its card, and in its entry on the App Home, which carries the same buttons. A person
sees the buttons they may press; a card in a channel, which everybody sees alike, has all that fit the state.
"""


def page() -> str:
    """The whole page."""
    parts = {
        "The thirteen actions": _actions(),
        "Every command": _commands(),
        "Which buttons stand in which state": _states(),
        "From outside a card": _doors(),
        "Where the words are": _surfaces(),
    }
    return INTRODUCTION + "".join("\n".join(("", f"## {title}", "", *lines, "")) for title, lines in parts.items())


def _actions() -> Iterator[str]:
    yield _row("", "action", "command", "button", "App Home", "asked before", "way back")
    yield _row(*["---"] * 7)
    for number, action in enumerate(ACTIONS, start=1):
        commands = ", ".join(f"`{verb}`" for verb in action.verbs if verb in COMMANDS)
        labels = ", ".join(LABELS[verb] for verb in action.verbs if verb in LABELS)
        yield _row(str(number), action.name, commands, labels, _at_home(action), action.asks, action.way_back)


def _at_home(action: Action) -> str:
    in_entries = any(verb in NEEDS for verb in action.verbs)
    doors = ["above the list"] * ("create" in action.verbs) + ["in its entry"] * in_entries
    return ", ".join(doors)


def _commands() -> Iterator[str]:
    yield _row("`/experiment …`", "does")
    yield _row("---", "---")
    for usage, does in HELP:
        yield _row(f"`{usage}`" if usage else "*(alone)*", does)


def _states() -> Iterator[str]:
    yield (
        "Confirm and Answer stand there while somebody waits for them, Promote after a decision to ship, Next step "
        "while a canary runs, Go on where a rollout is held and Hold where it is not.\n"
    )
    yield _row("state", "buttons, the likeliest first", "in the menu beside them")
    yield _row("---", "---", "---")
    for status in Status:
        first = LIKELIEST[status]
        fitting = [verb for verb in NEEDS if status in states(NEEDS[verb])]
        fitting = [verb for verb in fitting if verb != "results" or status not in BEFORE_START]
        others = [verb for verb in fitting if verb not in first]
        yield _row(status_words(status), *(", ".join(LABELS[verb] for verb in verbs) for verbs in (first, others)))


def _doors() -> Iterator[str]:
    yield _row("door", "name", "does")
    yield _row("---", "---", "---")
    for kind, _, name, does in SHORTCUTS:
        yield _row(f"{kind} shortcut", name, does)
    for step in STEPS.values():
        yield _row("workflow step", step["title"], step["description"])
    yield _row("link", "`…/e/KEY`", "unfolds to what its reader may see")


def _surfaces() -> Iterator[str]:
    yield "One file has the words of one message, modal or tab; `./dev gallery` shows all of them in every state.\n"
    yield _row("in `handlers/surfaces/`", "is")
    yield _row("---", "---")
    for path in sorted(Path(surfaces.__path__[0]).glob("[a-z]*.py")):
        if said := ast.get_docstring(ast.parse(path.read_text())):
            yield _row(f"`{path.name}`", " ".join(said.split("\n\n")[0].split()).rstrip("."))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(page())
