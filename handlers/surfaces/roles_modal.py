"""Roles: who is what, giving and taking a role, what everybody is by default."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.permissions import Actor, Role, a
from experiments.policy import Grant, Policies
from handlers.surfaces import kit
from handlers.surfaces.fields import Choice, many_field, people_field, radio_field, select_field, text_field
from handlers.surfaces.kit import Block, Group, View
from handlers.surfaces.words import person, said

NONE = "none"
MAY = {
    Role.OUTSIDER: "nothing",
    Role.VIEWER: "reads, and predicts",
    Role.EXPERIMENTER: "also writes, runs and decides experiments",
    Role.REVIEWER: "also approves what others wrote",
    Role.ADMIN: "also gives roles and changes settings",
}
GUESTS = (
    "Guests and people of connected workspaces may do nothing unless given a role by name, and then read at most. "
    "Admins of this Slack workspace are always admins. An owner may do with their experiment what experimenters may."
)
BY_NAME = tuple(role for role in Role if role is not Role.OUTSIDER)
SHOWN_PROJECTS = 8


def roles_modal(policies: Policies, actor: Actor, changed: str = "") -> View:
    """The list; with buttons for those who may change it. `changed` is what was just changed, as mrkdwn."""
    top: list[Block] = [kit.section(f"✅ {changed[:1].upper()}{changed[1:]}")] if changed else []
    top += [
        kit.section(default_line(policies), accessory=_change_default(actor)),
        kit.context(you_are(actor)),
        *([kit.actions(kit.button("Give a role", "give_role", style="primary"))] if administers(actor) else []),
    ]
    bottom = [
        kit.context(" · ".join(f"*{role.words}* {MAY[role]}" for role in BY_NAME)),
        kit.context(GUESTS),
    ]
    given = sorted(policies.grants, key=lambda each: (each.project, -each.role, each.subject))
    groups = [Group([_entry(grant, actor)]) for grant in given]
    groups = groups or [Group([kit.section("Nobody was given a role of their own yet.")], 0)]
    around = [*top, *bottom]
    shown = kit.fit(groups, "role", around=around, blocks=kit.VIEW_BLOCKS, characters=kit.VIEW_CHARACTERS)
    return kit.modal("roles", "Roles", *top, *shown, *bottom, about={}, close="Close")


def give_role_modal(policies: Policies, groups: Sequence[Choice], held: Grant | None = None) -> View:
    """Whom, which role, where; or, for a role that somebody holds, another one in its place."""
    choices = [(role.words, f"{role.words.capitalize()}: {MAY[role]}") for role in BY_NAME]
    if held is not None:
        about = {"subjects": [held.subject], "project": held.project}
        return kit.modal(
            "give_role",
            "Change a role",
            kit.section(f"{who(held.subject)} is *{a(held.role)}* {where(held.project)}."),
            select_field("role", "From now on", [*choices, (NONE, "Take this role away")], held.role.words),
            kit.context(EFFECT),
            submit="Save",
            about=about,
        )
    known = sorted({each.name for each in policies.projects} | {each.project for each in policies.grants} - {""})
    hint = "Leave it empty for all projects." + (f" Known here: {', '.join(known[:SHOWN_PROJECTS])}." if known else "")
    return kit.modal(
        "give_role",
        "Give a role",
        people_field("subjects__people", "People", (), hint="A guest given more than viewer is a viewer."),
        *([many_field("subjects__groups", "User groups", groups)] if groups else []),
        select_field("role", "Role", [*choices, (NONE, "None: take their role away")]),
        text_field("project", "Only in the project", optional=True, hint=hint, most=60),
        kit.context(EFFECT),
        submit="Save",
        about={},
    )


EFFECT = "It counts from their next click. What they have scheduled is checked again when its time comes."


def default_role_modal(policies: Policies) -> View:
    """What every member is who was given no role."""
    choices = [
        (role.words, f"{role.words.capitalize()}: {MAY[role]}" if role else "Nothing: only who was given a role")
        for role in Role
        if role is not Role.ADMIN
    ]
    return kit.modal(
        "default_role",
        "The default role",
        kit.section("What is a member of this workspace who was given no role? It counts from everybody's next click."),
        radio_field("role", "By default", choices, policies.default_role.words),
        submit="Save",
        about={"version": policies.version},
    )


def default_line(policies: Policies) -> str:
    """What members are who were given no role."""
    if policies.default_role is Role.OUTSIDER:
        return "*Only those listed here* may use Bunsen; other members may do nothing."
    return f"*Every member is {a(policies.default_role)}* unless given another role."


def you_are(actor: Actor) -> str:
    """The reader's own roles."""
    here = [f"*{a(role)}* in {said(name, 80)}" for name, role in sorted(actor.projects.items())[:SHOWN_PROJECTS]]
    everywhere = [] if here and actor.role is Role.OUTSIDER else [f"*{a(actor.role)}*"]
    return f"You are {' · '.join([*everywhere, *here])}."


def administers(actor: Actor, project: str | None = None) -> bool:
    """Whether they are admin in this project (empty: everywhere), or, when none is named, anywhere."""
    if project is None:
        return Role.ADMIN in {actor.role, *actor.projects.values()}
    return actor.role_in(project) >= Role.ADMIN


def who(subject: str) -> str:
    """A mention of a person or a user group."""
    return f"<!subteam^{subject}>" if Grant(subject=subject, role=Role.VIEWER).is_group else person(subject)


def where(project: str) -> str:
    return f"in *{said(project, 100)}*" if project else "everywhere"


def _entry(grant: Grant, actor: Actor) -> Block:
    line = f"{who(grant.subject)} · *{grant.role.words}* {where(grant.project)}"
    if not administers(actor, grant.project):
        return kit.section(line)
    return kit.section(line, accessory=kit.button("Change", "give_role", f"{grant.subject}@{grant.project}"))


def _change_default(actor: Actor) -> Block | None:
    return kit.button("Change", "default_role") if administers(actor, "") else None
