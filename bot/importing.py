"""`bunsen import`: the same import as in Slack, from a file on this machine, with its progress on the terminal."""

from __future__ import annotations

from pathlib import Path

import typer

from bot.offline import offline_world
from bot.settings import Settings
from experiments.intake import BadRows
from handlers.import_data import import_file
from storage import Database


async def import_from_shell(
    file: Path, workspace: str, user: str, settings: Settings, *, skip_bad_rows: bool, create: bool
) -> None:
    """Import the file and say what was done."""
    database = await Database.open(settings.database_url.get_secret_value(), migrate=True)
    try:
        world = offline_world(database, workspace, settings.admins)
        actor = await world.people.actor(workspace, user)
        with file.open("rb") as content:
            report = await import_file(
                content,
                file.name,
                actor,
                world,
                skip_bad_rows=skip_bad_rows,
                create=create,
                progress=lambda rows: typer.echo(f"\r{rows:,} rows read", nl=False, err=True),
            )
    except BadRows as error:
        typer.echo("", err=True)
        for row in error.bad_rows:
            typer.echo(row.words, err=True)
        raise
    finally:
        await database.close()
    typer.echo("", err=True)
    for words in report.left_out:
        typer.echo(f"left out: {words}", err=True)
    typer.echo(
        f"Imported {report.rows:,} aggregates of {len(report.reached)} experiments from {report.origin}; "
        f"{len(report.created)} of them are new. "
        f"{len(report.unchanged)} experiments had these data already; {len(report.left_out):,} rows were left out."
    )
