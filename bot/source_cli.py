"""`bunsen source`: where a project's data are, from a file to keep beside the code; tried before it is saved."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from bot.terminal import AsJson, Team, carried_out, misused, policies_of, settings_, to_the_end
from experiments.sources import DataSource, Probe

if TYPE_CHECKING:
    from bot.settings import Settings
    from experiments.policy import Policies, Project

source = typer.Typer(help="Where the data of a project are (docs/warehouses.md).", no_args_is_help=True)
HOLDOUT = "holdout_percent"
ProjectName = Annotated[str, typer.Argument(help="The project.")]


@source.command()
def show(project: ProjectName, workspace: Team, as_json: AsJson = False) -> None:
    """Where its data are, as the file that `bunsen source set` takes."""
    known = to_the_end(policies_of(workspace, settings_())).project(project)
    fields = known.source.model_dump(mode="json") | {HOLDOUT: known.holdout / 100}
    if as_json:
        typer.echo(json.dumps(fields, indent=2, ensure_ascii=False))
        return
    for name, value in fields.items():
        typer.echo(f"{name} = {json.dumps(value, ensure_ascii=False)}")


@source.command("set")
def set_(
    project: ProjectName,
    file: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="TOML (docs/warehouses.md).")],
    workspace: Team,
    user: Annotated[str, typer.Option("--as", help="Slack id of the admin in whose name.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Try it and save nothing.")] = False,
) -> None:
    """Try the source of this file and save it when it holds; exits with 1 when it does not."""
    from experiments.policy import SetProject

    settings = settings_()
    policies = to_the_end(policies_of(workspace, settings))
    asked = _project(project, file, policies)
    probe = to_the_end(_tried(asked.source, policies, settings))
    for name, words in probe.found.items():
        typer.echo(f"{name}: {words}")
    for field, words in probe.problems.items():
        typer.echo(f"{field}: {words}", err=True)
    if not probe.holds:
        raise typer.Exit(1)
    if check:
        typer.echo("It holds; nothing was saved. Leave --check out to save it.")
        return
    if not user:
        typer.echo("Say --as too: the Slack id of the admin in whose name it is saved.", err=True)
        raise typer.Exit(2)
    done = carried_out(SetProject(project=asked, version=policies.version), user, workspace, settings)
    typer.echo(done.words)


def _project(name: str, file: Path, policies: Policies) -> Project:
    """The project with the source of the file; it ends with 2 and the fields that do not fit."""
    from experiments.policy import Project

    try:
        given: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        typer.echo(f"{file} is no TOML: {error}", err=True)
        raise typer.Exit(2) from None
    known = policies.project(name)
    percent = given.pop(HOLDOUT, known.holdout / 100)
    if not isinstance(percent, int | float):
        typer.echo(f"{HOLDOUT}: write a number like 2.5", err=True)
        raise typer.Exit(2)
    try:
        fields = {"name": name, "source": DataSource.model_validate(given), "holdout": round(percent * 100)}
        return Project.model_validate(dict(known) | fields)
    except ValidationError as error:
        raise misused(error) from None


async def _tried(asked: DataSource, policies: Policies, settings: Settings) -> Probe:
    from bot.connectors.warehouses import Warehouses

    return await Warehouses(settings.warehouses, settings.prometheus_headers).probe(asked, policies.allowed_hosts)
