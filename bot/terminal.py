"""What every command at the terminal does: read the settings, run to the end, and say in words what went wrong."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from pydantic import ValidationError

from experiments.errors import BunsenError
from experiments.faults import fault_words

if TYPE_CHECKING:
    from bot.act import Done
    from bot.settings import Settings
    from experiments.policy import Policies, PolicyCommand

T = TypeVar("T")
Person = Annotated[str, typer.Option("--as", help="Slack id of the person in whose name.")]
Team = Annotated[str, typer.Option("--workspace", help="Slack team id.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]


def settings_() -> Settings:
    """The settings, with logs set up; it ends with 2 where one of them cannot be."""
    from bot.logs import set_up_logs
    from bot.settings import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        for fault in error.errors():
            typer.echo(f"{_variable(str(fault['loc'][0]))}: {fault_words(fault)}", err=True)
        raise typer.Exit(2) from None
    set_up_logs(settings.log_level)
    return settings


def _variable(field: str) -> str:
    """The name a setting has in the environment; those without an alias carry the prefix."""
    return f"BUNSEN_{field}".upper() if field.islower() else field


TURN_SECONDS = 0.0005
"""How long a thread that works something out keeps the interpreter from the loop; with 5 ms, as is usual, the loop
waits for several such turns in a row when it talks to the database meanwhile."""


def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """What the work gives; it ends with 1 and the words of what went wrong."""
    gc.freeze()
    gc.enable()
    sys.setswitchinterval(TURN_SECONDS)
    try:
        return asyncio.run(work)
    except BunsenError as error:
        typer.echo(error.words, err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def carried_out(command: PolicyCommand, user: str, workspace: str, settings: Settings) -> Done:
    """What became of a change of settings in this person's name; it ends with the code and the words of a refusal."""
    from bot import act

    try:
        return to_the_end(act.act(command, user, "cli", workspace, settings))
    except act.Refused as refusal:
        for line in refusal.lines:
            typer.echo(line, err=True)
        raise typer.Exit(refusal.code) from None


def misused(faults: ValidationError) -> typer.Exit:
    """Say which fields do not fit; what ends the command with 2."""
    for fault in faults.errors():
        typer.echo(f"{'.'.join(map(str, fault['loc'])) or 'source'}: {fault_words(fault)}", err=True)
    return typer.Exit(2)


async def policies_of(workspace: str, settings: Settings) -> Policies:
    """The rules of a workspace as its database has them."""
    from storage import Database

    async with (
        Database.ready(settings.database_url.get_secret_value()) as database,
        database.reading(workspace) as uow,
    ):
        return await uow.policies.get()
