"""`bunsen analyze` and `bunsen size`: the options of what is worked out without Slack and without a database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from experiments.errors import BunsenError


def analyze_(
    file: Annotated[str, typer.Argument(help="CSV or Parquet: aggregates, or one row per unit; - is standard input.")],
    control: Annotated[str | None, typer.Option(help="The variant the others are compared with.")] = None,
    primary: Annotated[str | None, typer.Option(help="The metric that decides; otherwise the first one.")] = None,
    guardrail: Annotated[
        list[str] | None, typer.Option(help="METRIC, METRIC=2% or METRIC=0.5: what may not get worse.")
    ] = None,
    direction: Annotated[list[str] | None, typer.Option(help="METRIC=down where less is better.")] = None,
    quantile: Annotated[
        list[str] | None, typer.Option(help="METRIC=0.5,0.95: these quantiles of single units, not their mean.")
    ] = None,
    method: Annotated[
        Literal["always-valid", "group-sequential", "fixed", "welch"], typer.Option(help="How it is read.")
    ] = "always-valid",
    correction: Annotated[
        Literal["holm", "bonferroni", "bh", "none"], typer.Option(help="For several treatments.")
    ] = "holm",
    rule: Annotated[
        Literal["clear-signals", "do-no-harm"], typer.Option(help="What counts as ship.")
    ] = "clear-signals",
    alpha: Annotated[float, typer.Option(min=0.0001, max=0.2, help="Level of significance.")] = 0.05,
    weights: Annotated[str | None, typer.Option(help="50,50 (control first) or control=50,treatment=50.")] = None,
    planned_days: Annotated[int | None, typer.Option(min=1, max=400, help="Before this day it is not over.")] = None,
    planned_units: Annotated[int | None, typer.Option(min=100, max=10**12, help="Units planned in both arms.")] = None,
    experiment: Annotated[str | None, typer.Option(help="Only this experiment of the file.")] = None,
    skip_bad_rows: Annotated[bool, typer.Option(help="Read the good rows and report the bad ones.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document (docs/analyze.md).")] = False,
    chart: Annotated[Path | None, typer.Option(help="Also draw a picture (PNG).")] = None,
    picture: Annotated[
        Literal["comparison", "significance", "quality", "cost", "latency", "segments"],
        typer.Option(help="Which picture."),
    ] = "comparison",
) -> None:
    """Read an experiment from a file; exits with 0 ship, 10 roll back, 11 review, 12 unhealthy, 13 wait or no data."""
    from bot.analyze import MISUSED, analyze
    from bot.question import Question

    try:
        question = Question.asked(
            control=control,
            alpha=alpha,
            method=method,
            correction=correction,
            weights=weights,
            rule=rule,
            direction=direction or (),
            primary=primary,
            guardrail=guardrail or (),
            quantile=quantile or (),
            planned_days=planned_days,
            planned_units=planned_units,
        )
    except BunsenError as error:
        typer.echo(error.words, err=True)
        raise typer.Exit(MISUSED) from None
    raise typer.Exit(
        analyze(
            file,
            question,
            experiment=experiment,
            skip_bad_rows=skip_bad_rows,
            as_json=as_json,
            chart=chart,
            picture=picture,
        )
    )


def size_(
    baseline: Annotated[float, typer.Option(help="Mean or rate in control: 0.12.")],
    effect: Annotated[str | None, typer.Option(help="5% of the baseline, or 0.01 in its own unit.")] = None,
    kind: Annotated[Literal["proportion", "mean"] | None, typer.Option(help="A mean has an --sd.")] = None,
    sd: Annotated[float | None, typer.Option(help="Standard deviation per unit, of a mean.")] = None,
    power: Annotated[float | None, typer.Option(help="Chance to find the effect; 0.8 unless solved for.")] = None,
    alpha: Annotated[float, typer.Option(help="Level of significance.")] = 0.05,
    treatments: Annotated[int | None, typer.Option(min=1, max=20, help="Arms beside control; 1.")] = None,
    weights: Annotated[str | None, typer.Option(help="50,50: control first.")] = None,
    one_sided: Annotated[bool, typer.Option("--one-sided", help="Only the direction of the effect counts.")] = False,
    margin: Annotated[str | None, typer.Option(help="2% or 0.01: show that it is not worse by more.")] = None,
    correlation: Annotated[float, typer.Option(help="Of the metric with its value from before (CUPED).")] = 0.0,
    method: Annotated[
        Literal["always-valid", "group-sequential", "fixed", "welch"], typer.Option(help="How it will be read.")
    ] = "always-valid",
    per_day: Annotated[float | None, typer.Option(help="New units a day, in all arms.")] = None,
    days: Annotated[float | None, typer.Option(help="How long it may run; needs --per-day.")] = None,
    units: Annotated[float | None, typer.Option(max=1e15, help="Units in all arms.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document (docs/analyze.md).")] = False,
) -> None:
    """Units, smallest effect or power of an experiment, from the others, and how many days that takes."""
    from bot.size import asked, size

    try:
        question = asked(
            baseline=baseline,
            effect=effect,
            kind=kind,
            sd=sd,
            chance=power,
            alpha=alpha,
            treatments=treatments,
            weights=weights,
            one_sided=one_sided,
            margin=margin,
            correlation=correlation,
            method=method,
            per_day=per_day,
            run_days=days,
            units=units,
        )
        typer.echo(size(question, as_json=as_json))
    except BunsenError as error:
        typer.echo(error.words, err=True)
        raise typer.Exit(2) from None
