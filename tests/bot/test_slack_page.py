"""docs/slack.md tells what the tables say, and every step has all of its doors."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from bot.slack_page import ACTIONS, page
from handlers.surfaces.all_actions import DOES
from handlers.surfaces.lists import COMMANDS as HELP
from handlers.surfaces.steps import LABELS, MODALS, NEEDS
from handlers.table import ACTIONS as BUTTONS
from handlers.table import COMMANDS, PICKS, VIEWS

PAGE = Path(__file__).parents[2] / "docs" / "slack.md"
README = Path(__file__).parents[2] / "README.md"
AT_ONCE = {"results", "report", "clone", "history", "diff", "variants", "pictures"}
"""Change nothing, or make something new that can be deleted: nothing is asked before."""
OF_ITS_OWN = {"create": "create_what", "edit": "create_what"}


def test_the_page_says_what_the_tables_say() -> None:
    assert PAGE.read_text() == page(), "run: python -m bot.slack_page > docs/slack.md"


def test_every_step_of_an_experiment_belongs_to_an_action() -> None:
    told = list(itertools.chain(*(action.verbs for action in ACTIONS)))
    assert len(told) == len(set(told))
    assert NEEDS.keys() - set(told) == {"import"}


@pytest.mark.parametrize("verb", sorted({*NEEDS, *itertools.chain(*(action.verbs for action in ACTIONS))}))
def test_a_step_has_a_command_a_button_and_a_menu_to_choose_from(verb: str) -> None:
    assert verb in COMMANDS
    assert MODALS.get(verb, verb) in BUTTONS
    assert verb in PICKS or verb in {"create", "import"}
    assert verb not in NEEDS or (verb in LABELS and verb in DOES)


@pytest.mark.parametrize("verb", sorted({*itertools.chain(*(action.verbs for action in ACTIONS))} - AT_ONCE))
def test_a_change_is_asked_about_before_it_happens(verb: str) -> None:
    assert OF_ITS_OWN.get(verb, verb) in VIEWS


def test_the_readme_names_every_command() -> None:
    quoted = re.findall(r"`([^`\n]*)`", README.read_text())
    assert {word for word in COMMANDS if word} <= {word for text in quoted for word in re.findall(r"[a-z_]+", text)}


def test_the_help_names_every_command() -> None:
    told = {word for usage, _ in HELP for word in re.findall(r"[a-z_]+", usage)}
    hinted = {word for _, does in HELP for word in re.findall(r"[a-z_]+", does)}
    assert {word for word in COMMANDS if word not in told | hinted} <= {"help", "unschedule", "agree", "confirm", ""}
