"""Tokens: which applications are let in, making a token, and its secret, which is shown once."""

from __future__ import annotations

from datetime import datetime

from experiments.numerals import counted
from experiments.permissions import Actor, Role
from experiments.policy import Policies
from experiments.tokens import Scope, Token
from handlers.surfaces import kit
from handlers.surfaces.fields import number_field, text_field, ticks_field
from handlers.surfaces.kit import Block, Group, View
from handlers.surfaces.roles_modal import administers
from handlers.surfaces.words import date, person, said

MAY = {
    Scope.EVALUATE: ("Evaluate", "Ask which variant somebody gets"),
    Scope.EVENTS: ("Send events", "Tell what people saw and did"),
}
LONGEST = 3_650
USUAL_DAYS = 365


def tokens_modal(policies: Policies, actor: Actor, now: datetime, changed: str = "") -> View:
    """The tokens of the projects that the reader administers, those in use first."""
    mine = [each for each in policies.tokens if administers(actor, each.project)]
    in_use = sum(each.holds(now) for each in mine)
    top: list[Block] = [kit.section(f"✅ {changed[:1].upper()}{changed[1:]}")] if changed else []
    top += [
        kit.section("With a token an application asks which variant somebody gets, and sends what happened."),
        kit.actions(kit.button("Make a token", "new_token", style="primary")),
    ]
    bottom = [kit.context(f"{counted(in_use, 'token')} in use. Of a secret only its last four characters are kept.")]
    newest = sorted(mine, key=lambda each: each.at.timestamp() if each.at else 0.0, reverse=True)
    groups = [Group([_entry(each, now)]) for each in sorted(newest, key=lambda each: not each.holds(now))]
    groups = groups or [Group([kit.section("Nobody is let in yet.")], 0)]
    shown = kit.fit(groups, "token", around=[*top, *bottom], blocks=kit.VIEW_BLOCKS, characters=kit.VIEW_CHARACTERS)
    return kit.modal("tokens", "Tokens", *top, *shown, *bottom, about={}, close="Close")


def new_token_modal(policies: Policies, actor: Actor) -> View:
    """What to call it, of which project it is, what may be done with it, for how long."""
    own = sorted(name for name, role in actor.projects.items() if role is Role.ADMIN)
    everywhere = administers(actor, "")
    known = sorted({each.name for each in policies.projects} | {"general"}) if everywhere else own
    project = "general" if everywhere or not own else own[0]
    return kit.modal(
        "new_token",
        "Make a token",
        text_field("name", "Name", most=60, placeholder="shop backend", hint="Where it is used, so that others know."),
        text_field("project", "Project", project, most=60, hint=f"Known here: {', '.join(known[:8])}."),
        ticks_field(
            "scopes",
            "It may",
            [(scope.value, *words) for scope, words in MAY.items()],
            [scope.value for scope in Scope],
            optional=False,
        ),
        number_field(
            "days",
            "Days until it ends",
            USUAL_DAYS,
            least=1,
            most=LONGEST,
            optional=True,
            hint="Leave it empty for one that never ends.",
        ),
        kit.context("The next page shows its secret, once and to you alone. Have a place ready where you keep it."),
        submit="Make it",
        about={},
    )


def secret_modal(token: Token, secret: str) -> View:
    """The one time that a secret is shown."""
    ends = f"It ends {date(token.expires_at)}." if token.expires_at else "It never ends by itself."
    return kit.modal(
        "new_secret",
        "Copy it now",
        kit.section(f"The secret of *{said(token.name, 100)}* for *{said(token.project, 100)}*:"),
        kit.section(f"```{secret}```"),
        kit.section(
            "Nobody sees it again: Bunsen keeps only a digest of it. Put it where the application reads its secrets, "
            "and into no chat and no repository. If it is lost, revoke it and make another one."
        ),
        kit.context(f"It is sent as `Authorization: Bearer bun_…`. {may(token)}. {ends}"),
        about={},
        close="I have it",
    )


def may(token: Token) -> str:
    """What may be done with it."""
    allowed = " and ".join(words.lower() for scope, (words, _) in MAY.items() if scope in token.scopes)
    return f"It may {allowed}"


def _entry(token: Token, now: datetime) -> Block:
    made = [f"made by {person(token.by)}" if token.by else "", date(token.at) if token.at else ""]
    if token.revoked_at:
        state = f"revoked {date(token.revoked_at)}"
    elif not token.expires_at:
        state = "never ends"
    else:
        state = f"{'ends' if token.holds(now) else 'ended'} {date(token.expires_at)}"
    ending = said(token.ending, 30)
    line = f"*{said(token.name, 100)}* · {said(token.project, 100)} · …{ending}\n{may(token)}"
    line = f"{line} · {' '.join(filter(None, made))} · {state}" if any(made) else f"{line} · {state}"
    if not token.holds(now):
        return kit.section(f"~{line.splitlines()[0]}~\n{line.splitlines()[1]}")
    asked = kit.confirmation(
        "Revoke this token?",
        f"Whoever uses “{token.name}” is shut out within a second, for good. People then see what the "
        "application shows without an answer.",
        "Revoke it",
        "Keep it",
        style="danger",
    )
    return kit.section(
        line, accessory=kit.button("Revoke", "revoke_token", f"{token.id}@{token.project}", confirm=asked)
    )
