"""Settings: what the workspace and its projects ask, links to roles and notifications, and what was changed when."""

from __future__ import annotations

import re
from collections.abc import Sequence

from experiments.audit import AuditRecord
from experiments.numerals import counted
from experiments.permissions import Actor
from experiments.policy import Policies, Project
from handlers.surfaces import kit
from handlers.surfaces.kit import Block, Group, View
from handlers.surfaces.roles_modal import administers, default_line, who, you_are
from handlers.surfaces.words import moment, people, person, said

A_PAGE = 15
MOST_SAID = 1200
AN_ID = re.compile(r"\b[USW][A-Z0-9]{2,39}\b")


def settings_modal(policies: Policies, actor: Actor, changed: str = "") -> View:
    """Everything that is set; with buttons for those who may change it. `changed` is what was just changed."""
    top: list[Block] = [kit.section(f"✅ {changed[:1].upper()}{changed[1:]}")] if changed else []
    given = counted(len(policies.grants), "role") + " given by name or group" if policies.grants else "None given yet"
    top += [
        kit.section(f"*Roles*\n{default_line(policies)} {given}.", accessory=kit.button("Roles", "roles")),
        kit.section(
            "*Notifications*\nWhat reaches a channel, or you alone, and when.",
            accessory=kit.button("Notifications", "notifications"),
        ),
        *_of_admins(policies, actor),
        kit.header("Projects"),
    ]
    bottom = _for_admins(actor)
    groups = [
        Group([_project(project, actor)]) for project in sorted(policies.projects, key=lambda each: each.name.lower())
    ]
    usual = Project(name="any")
    rest = Group([kit.context(f"{'Any other project' if groups else 'Every project'}: {asks(usual)}.")], 0)
    around = [*top, *rest.blocks, *bottom]
    shown = kit.fit(groups, "project", around=around, blocks=kit.VIEW_BLOCKS, characters=kit.VIEW_CHARACTERS)
    return kit.modal("settings", "Settings", *top, *shown, *rest.blocks, *bottom, about={}, close="Close")


def settings_history_modal(records: Sequence[AuditRecord], page: int = 0) -> View:
    """Who changed which setting when, old → new, newest first, page by page."""
    told = list(records)[::-1]
    last = max(0, (len(told) - 1) // A_PAGE)
    page = min(max(page, 0), last)
    shown = told[page * A_PAGE : (page + 1) * A_PAGE]
    lines = [kit.section(f"{moment(each.at)}\n{person(each.actor)} {change_line(each, records)}") for each in shown]
    steps = [("Older", page + 1)] * (page < last) + [("Newer", page - 1)] * (page > 0)
    buttons = [kit.button(label, "settings_history", str(to), scope=label.lower()) for label, to in steps]
    where = f"{counted(len(told), 'change')}, newest first" + (f" · page {page + 1} of {last + 1}" if last else "")
    return kit.modal(
        "settings_history",
        "Changed settings",
        *(lines or [kit.section("Nothing was changed yet.")]),
        *([kit.actions(*buttons)] if buttons else []),
        kit.context(where),
        about={},
        close="Close",
    )


def change_line(record: AuditRecord, records: Sequence[AuditRecord]) -> str:
    """What a change of settings did, old → new; ids that any of the records is about are shown as people."""
    known = _subjects(records)
    return AN_ID.sub(lambda found: who(found[0]) if found[0] in known else found[0], said(record.sentence, MOST_SAID))


def asks(project: Project) -> str:
    """What a project asks of a review, in a line."""
    parts = [counted(project.required_approvals, "approval")]
    if project.reviewers:
        parts.append(f"reviewed by {people(project.reviewers, 5)}")
    if project.checklist:
        parts.append(f"{counted(len(project.checklist), 'point')} of its own")
    days = (counted(each, "day") for each in (project.review_days, project.expires_days))
    return ", ".join(parts) + "; an answer within {}, without one the request ends {} later".format(*days)


def _project(project: Project, actor: Actor) -> Block:
    department = f" · {said(project.department, 100)}" if project.department else ""
    line = f"*{said(project.name, 100)}*{department}\n{asks(project)}"
    if not administers(actor, project.name):
        return kit.section(line)
    return kit.section(line, accessory=kit.button("Change", "project_settings", project.name))


def _of_admins(policies: Policies, actor: Actor) -> list[Block]:
    """What only those who administer something see: who is let in, where data are, where Bunsen may go."""
    if not administers(actor):
        return []
    tokens = kit.section(
        "*Tokens*\nWhich applications ask for variants and send events.", accessory=kit.button("Tokens", "tokens")
    )
    data = kit.section(
        "*Data*\nWhere exposures and observations of each project are, and how often they are read.",
        accessory=kit.button("Data", "data"),
    )
    if not administers(actor, ""):
        return [tokens, data]
    hosts = policies.allowed_hosts
    inside = f"{counted(len(hosts), 'place')} inside may be asked" if hosts else "Nothing inside may be asked"
    network = kit.section(
        f"*Network*\n{inside}: a Prometheus, a tracker, a webhook.", accessory=kit.button("Network", "hosts")
    )
    return [tokens, data, network]


def _for_admins(actor: Actor) -> list[Block]:
    if not administers(actor):
        return [kit.context(f"{you_are(actor)} Admins can change this.")]
    buttons = [
        kit.button("Add a project", "project_settings"),
        kit.button("What was changed", "settings_history", "0"),
    ]
    return [kit.actions(*buttons), kit.context(you_are(actor))]


def _subjects(records: Sequence[AuditRecord]) -> set[str]:
    named: set[str] = set()
    for record in records:
        named.update(record.payload.get("subjects", ()))
        named.update((record.payload.get("project") or {}).get("reviewers", ()) if _is_of_project(record) else ())
    return named


def _is_of_project(record: AuditRecord) -> bool:
    return record.command == "SetProject"
