"""docs/permissions.md, made from the table of permissions: `python -m bot.permissions_page > docs/permissions.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from experiments.commands import COMMANDS
from experiments.model import Status
from experiments.permissions import TABLE, Permission, Role, Rule
from experiments.policy_commands import POLICY_COMMANDS

INTRODUCTION = """# Who may do what, and when

This page is made from the table in `experiments/permissions.py`, which is asked for every command, button, form and
scheduled action. [roles.md](roles.md) says who has which role. Each role may do what those before it may.
"""
READING = """
## In which state

● possible · – refused, with what is possible instead. Notes, data and readings do not void a form that is open.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *_by_role(), READING, *_by_state(), *_footnotes()]) + "\n"


def _by_role() -> Iterator[str]:
    roles = [role for role in Role if role is not Role.OUTSIDER]
    yield "## By role\n"
    yield _row("", *(role.words for role in roles), "owner of the experiment", "and also")
    yield _row("---", *[":-:"] * (len(roles) + 1), "---")
    for permission, rule in TABLE.items():
        may = ["–" if rule.by_bunsen or role < rule.least else "●" for role in roles]
        owner = "●" if rule.owner and rule.states else "as their role" if not rule.by_bunsen else "–"
        yield _row(permission.words, *may, owner, _condition(rule))


def _by_state() -> Iterator[str]:
    placed = {permission: rule for permission, rule in TABLE.items() if rule.states}
    yield _row("", *(status.words for status in Status))
    yield _row("---", *[":-:"] * len(Status))
    for permission, rule in placed.items():
        yield _row(permission.words, *("●" if status in rule.states else "–" for status in Status))


def _footnotes() -> Iterator[str]:
    yield "\n## Which changes these are\n"
    yield _row("permission", "commands (`bunsen do COMMAND`)")
    yield _row("---", "---")
    needs = {name: command.needs for name, command in COMMANDS.items()}
    needs |= {name: command.needs for name, command in POLICY_COMMANDS.items()}
    for permission in Permission:
        known = [name for name, needed in needs.items() if needed is permission]
        yield _row(permission.words, ", ".join(f"`{name}`" for name in known) or "everything that is only looked at")


def _condition(rule: Rule) -> str:
    parts = []
    if rule.by_bunsen:
        parts.append("Bunsen itself, nobody else")
    if rule.not_authors:
        parts.append("nobody who wrote any part of the design")
    if rule.named:
        parts.append("when people were asked by name, only these")
    return "; ".join(parts)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(page())
