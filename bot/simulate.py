"""`bunsen simulate`: the options of visitors who use a running Bunsen as an application would."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.errors import BadInput, BunsenError

if TYPE_CHECKING:
    from bot.visitors.scenario import Scenario
    from bot.visitors.tally import Tally

MISUSED, REFUSED = 2, 1


def simulate_(
    scenario: Annotated[
        str, typer.Argument(help="healthy, aa, harmful, outage, bad-split, bots, novelty, or a TOML or JSON file.")
    ] = "healthy",
    url: Annotated[str, typer.Option(help="Where Bunsen answers.")] = "http://127.0.0.1:8080",
    token: Annotated[
        str, typer.Option(envvar="BUNSEN_TOKEN", help="A token with both scopes; better set in the environment.")
    ] = "",
    experiment: Annotated[str, typer.Option(help="The experiment that people take part in.")] = "",
    control: Annotated[str, typer.Option(help="Its control, which effects of * leave alone.")] = "",
    people: Annotated[float | None, typer.Option(help="New people a day.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Another seed, other people.")] = None,
    past: Annotated[float, typer.Option(min=0, max=90, help="Days before now to make up for, at once.")] = 0.0,
    hours: Annotated[
        float | None, typer.Option(min=0, help="Go on for so long from now; otherwise until interrupted.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The summary as JSON.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Print the scenario as JSON, to edit it, and stop.")] = False,
) -> None:
    """Send simulated people with known effects (docs/simulate.md); exits with 1 when Bunsen refuses them."""
    try:
        given = {"experiment": experiment, "control": control, "people_per_day": people, "seed": seed}
        chosen = _scenario(scenario, {name: value for name, value in given.items() if value not in ("", None)})
        if show:
            typer.echo(chosen.model_dump_json(indent=2, exclude_defaults=True))
            return
        present = datetime.now(UTC)
        since, until = present - timedelta(days=past), None if hours is None else present + timedelta(hours=hours)
        tally = _run(chosen, url, token, since, until)
    except BunsenError as error:
        typer.echo(error.words, err=True)
        raise typer.Exit(MISUSED) from None
    typer.echo(json.dumps(tally.as_json(), ensure_ascii=False) if as_json else tally.as_text())
    if tally.problem:
        raise typer.Exit(REFUSED)


def _scenario(named: str, changes: dict[str, object]) -> Scenario:
    from pydantic import ValidationError

    from bot.visitors.presets import PRESETS
    from bot.visitors.scenario import read_scenario
    from experiments.faults import first_fault

    path = Path(named)
    if named not in PRESETS and not path.suffix:
        raise BadInput(f"There is no scenario {named}. Choose {', '.join(PRESETS)}, or name a TOML or JSON file.")
    chosen = PRESETS.get(named) or read_scenario(path)
    try:
        return chosen.changed(**changes)
    except ValidationError as error:
        raise BadInput(f"--{error.errors()[0]['loc'][0]}: {first_fault(error)}.") from None


def _run(scenario: Scenario, url: str, token: str, since: datetime, until: datetime | None) -> Tally:
    from bot.visitors.door import Door
    from bot.visitors.journey import Journey

    tallies: list[Tally] = []

    async def run() -> None:
        async with Door(url, token) as door:
            journey = Journey(scenario, door, since)
            tallies.append(journey.tally)
            try:
                await journey.live(until, lambda: datetime.now(UTC))
            except BunsenError as error:
                journey.tally.problem = error.words

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        if not tallies:
            raise
    return tallies[0]
