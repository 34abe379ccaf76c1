"""`bunsen tokens`: which applications are let in; making a token, whose secret is printed once, and revoking one."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from bot.terminal import AsJson, Person, Team, carried_out, misused, policies_of, settings_, to_the_end
from experiments.tokens import Scope, Token, kept_of

tokens = typer.Typer(help="The tokens of applications (docs/openfeature.md).", no_args_is_help=True)
MOST_DAYS = 3_650


@tokens.command("list")
def list_(
    workspace: Team,
    project: Annotated[str, typer.Option(help="Those of this project alone.")] = "",
    as_json: AsJson = False,
) -> None:
    """Who is let in, who was, and until when."""
    from bot.world import utc_now

    policies = to_the_end(policies_of(workspace, settings_()))
    found = [each for each in policies.tokens if project in ("", each.project)]
    if as_json:
        typer.echo(json.dumps([_fields(each, utc_now()) for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        typer.echo(_line(each, utc_now()))
    if not found:
        typer.echo("There is no token yet.")


@tokens.command()
def issue(
    name: Annotated[str, typer.Argument(help="Where it is used, like “shop backend”.")],
    workspace: Team,
    user: Person,
    project: Annotated[str, typer.Option(help="The project whose experiments it is for.")] = "general",
    may: Annotated[list[Scope] | None, typer.Option(help="What may be done with it; both, if not said.")] = None,
    days: Annotated[int, typer.Option(min=0, max=MOST_DAYS, help="Days until it ends; 0 for never.")] = 365,
    as_json: AsJson = False,
) -> None:
    """Make a token and print its secret, which nobody can see again."""
    from bot.world import new_secret
    from experiments.policy_commands import IssueToken

    secret = new_secret()
    asked: dict[str, Any] = {"name": name, "project": project, "scopes": may or list(Scope), "days": days or None}
    try:
        command = IssueToken.model_validate(asked | kept_of(secret))
    except ValidationError as error:
        raise misused(error) from None
    done = carried_out(command, user, workspace, settings_())
    if as_json:
        typer.echo(json.dumps({"id": command.id, "secret": secret}))
        return
    typer.echo(done.words, err=True)
    typer.echo("Its secret, which is not shown again:", err=True)
    typer.echo(secret)


@tokens.command()
def revoke(
    id: Annotated[str, typer.Argument(help="The id that `bunsen tokens list` shows.")],
    workspace: Team,
    user: Person,
    as_json: AsJson = False,
) -> None:
    """Shut out whoever has this token, within a second and for good."""
    from experiments.policy_commands import RevokeToken

    settings = settings_()
    policies = to_the_end(policies_of(workspace, settings))
    token = next((each for each in policies.tokens if each.id == id), None)
    if token is None:
        typer.echo(f"There is no token {id}. `bunsen tokens list` shows those there are.", err=True)
        raise typer.Exit(4)
    done = carried_out(RevokeToken(id=id, project=token.project), user, workspace, settings)
    typer.echo(json.dumps({"id": id, "revoked": True}) if as_json else done.words)


def _fields(token: Token, now: datetime) -> dict[str, Any]:
    return token.model_dump(mode="json", exclude={"digest"}) | {"in_use": token.holds(now)}


def _line(token: Token, now: datetime) -> str:
    if token.revoked_at:
        state = f"revoked {token.revoked_at:%Y-%m-%d}"
    elif token.expires_at:
        state = f"{'ends' if token.holds(now) else 'ended'} {token.expires_at:%Y-%m-%d}"
    else:
        state = "never ends"
    may = " and ".join(each.words for each in token.scopes)
    return f"{token.id}  {token.project}  {token.name}  …{token.ending}  {may}  by {token.by or '?'}  {state}"
