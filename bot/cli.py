"""The command line: serve, demo, do, tokens, source, doctor, import, analyze, size, simulate, audit, migrate …"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.calculations import analyze_, size_
from bot.simulate import simulate_
from bot.source_cli import source
from bot.terminal import settings_, to_the_end
from bot.tokens_cli import tokens

app = typer.Typer(name="bunsen", help="The ExperimentOps bot for Slack.", no_args_is_help=True, add_completion=False)
audit = typer.Typer(help="The audit trail.", no_args_is_help=True)
app.add_typer(audit, name="audit")
app.add_typer(tokens, name="tokens")
app.add_typer(source, name="source")


@app.command()
def serve(
    socket: Annotated[bool, typer.Option("--socket", help="Connect over Socket Mode (no public address).")] = False,
    http: Annotated[bool, typer.Option("--http", help="Listen for Slack's signed requests.")] = False,
) -> None:
    """Run the bot in the workspace its token belongs to."""
    if socket == http:
        typer.echo("Choose one: bunsen serve --socket, or bunsen serve --http.", err=True)
        raise typer.Exit(2)
    settings = settings_()
    needed = {"SLACK_BOT_TOKEN": settings.slack_bot_token}
    needed |= {"SLACK_APP_TOKEN": settings.slack_app_token} if socket else {}
    needed |= {"SLACK_SIGNING_SECRET": settings.slack_signing_secret} if http else {}
    if missing := [name for name, value in needed.items() if not value.get_secret_value()]:
        typer.echo(f"Set {' and '.join(missing)} (see .env.example), or try bunsen demo.", err=True)
        raise typer.Exit(2)
    from bot.serve import serve as run

    try:
        to_the_end(run(settings, socket=socket))
    except OSError as error:
        typer.echo(f"{settings.host}:{settings.port} cannot be used ({_why(error)}). Set BUNSEN_PORT.", err=True)
        raise typer.Exit(1) from None


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Port of the page; 0 chooses a free one.")] = 8321,
    rate: Annotated[float, typer.Option(help="Sandbox seconds per real second.")] = 3600.0,
) -> None:
    """Open a local workspace in which Bunsen already runs; nothing leaves this machine."""
    from bot.demo import demo as run
    from bot.logs import set_up_logs

    set_up_logs("WARNING")
    try:
        to_the_end(run(port, rate))
    except OSError as error:
        typer.echo(
            f"Port {port} cannot be used ({_why(error)}). Choose another one with --port, or --port 0.", err=True
        )
        raise typer.Exit(1) from None


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or Parquet (docs/aggregates.md).")],
    workspace: Annotated[str, typer.Option(help="Slack team id the experiments belong to.")],
    user: Annotated[str, typer.Option(help="Slack user id the import is recorded under.")],
    skip_bad_rows: Annotated[bool, typer.Option(help="Keep the good rows and report the bad ones.")] = False,
    create: Annotated[bool, typer.Option(help="Make an ended experiment for every key that is not known yet.")] = False,
) -> None:
    """Import a file of aggregates over time; without --skip-bad-rows one bad row keeps everything out."""
    from bot.importing import import_from_shell

    to_the_end(import_from_shell(file, workspace, user, settings_(), skip_bad_rows=skip_bad_rows, create=create))


app.command("analyze")(analyze_)
app.command("size")(size_)
app.command("simulate")(simulate_)


@app.command("do")
def do_(
    command: Annotated[str, typer.Argument(help="A command such as StopExperiment; none lists them all.")] = "",
    key: Annotated[str, typer.Option(help="The experiment.")] = "",
    given: Annotated[str, typer.Option("--json", help="The fields as a JSON object; - reads standard input.")] = "",
    user: Annotated[str, typer.Option("--as", help="Slack id of the person in whose name.")] = "",
    workspace: Annotated[str, typer.Option(help="Slack team id.")] = "",
    via: Annotated[str, typer.Option(help="What asks in their name; kept in the record.")] = "cli",
    fields: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of the fields instead.")] = False,
    as_json: Annotated[bool, typer.Option("--as-json", help="Say what was done as JSON.")] = False,
) -> None:
    """Give a command in a person's name (docs/roles.md); exits with 2 misused, 3 forbidden, 4 not there, 5 not now."""
    from bot import act

    try:
        if not command:
            typer.echo(act.listing())
            return
        if fields:
            typer.echo(act.schema(command))
            return
        asked = act.command_from(command, key, sys.stdin.read() if given == "-" else given)
        if missing := [name for name, value in (("--as", user), ("--workspace", workspace)) if not value]:
            raise act.Refused([f"Say {' and '.join(missing)} too."], act.MISUSED)
        done = to_the_end(act.act(asked, user, via, workspace, settings_()))
    except act.Refused as refusal:
        for line in refusal.lines:
            typer.echo(line, err=True)
        raise typer.Exit(refusal.code) from None
    typer.echo(json.dumps(done._asdict(), ensure_ascii=False) if as_json else done.words)


@app.command("doctor")
def doctor_(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Check tokens, database, data, pictures and more, and say how to mend each; exits with 1 if something must be."""
    from bot import doctor

    findings = to_the_end(doctor.examine(settings_()))
    typer.echo(doctor.as_json(findings) if as_json else doctor.as_text(findings))
    if doctor.must_be_mended(findings):
        raise typer.Exit(1)


@app.command()
def migrate() -> None:
    """Bring the database up to this version."""
    from storage import Database

    async def run() -> None:
        database = await Database.open(settings_().database_url.get_secret_value(), migrate=True)
        await database.close()

    to_the_end(run())
    typer.echo("The database is up to date.")


@audit.command()
def verify(workspace: Annotated[str, typer.Option(help="Slack team id.")]) -> None:
    """Check that no record of the audit trail was changed, removed or added; exits with 1 when one was."""
    from storage import Database

    async def run() -> tuple[int, list[str]]:
        from storage.verify import verify as faults_of

        async with Database.ready(settings_().database_url.get_secret_value()) as database:
            async with database.reading(workspace) as uow:
                count = len(await uow.audit.all())
            return count, await faults_of(database, workspace)

    count, faults = to_the_end(run())
    for fault in faults:
        typer.echo(f"✗ {fault}")
    if faults:
        raise typer.Exit(1)
    typer.echo(f"✓ {count} records, the chain holds.")


@app.command()
def manifest() -> None:
    """Print the app manifest to paste at api.slack.com/apps (JSON)."""
    from bot.manifest import manifest as made

    json.dump(made(settings_().public_url), sys.stdout, indent=2)
    typer.echo()


def _why(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)
