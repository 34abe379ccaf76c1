"""Traffic: the share of every variant and the exposure, with their sum and what a change begins, while typing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from experiments.model import LIVE, Experiment
from experiments.numerals import stated
from handlers.surfaces import kit
from handlers.surfaces.fields import number_field
from handlers.surfaces.kit import View
from handlers.surfaces.problem import problem_modal, refusal
from handlers.surfaces.state import name
from handlers.surfaces.traffic import end_of_a_phase, phase_line, planned_end
from handlers.surfaces.words import date


def traffic_modal(
    experiment: Experiment, now: datetime, typed: Mapping[str, float] | None = None, exposed: float | None = None
) -> View:
    """A number for each variant; `typed` and `exposed` are the percents as they stand in the form at this moment."""
    if refused := refusal(experiment, "given other traffic", LIVE):
        return refused
    if experiment.phase is None:
        return problem_modal(f"“{experiment.title}” was not started here, so it has no traffic to change.", "Not now")
    inputs = [
        number_field(f"weights__{key}", f"{key}, in percent", weight / 100, least=0, most=100, decimal=True, live=True)
        for key, weight in experiment.weights.items()
    ]
    exposure = number_field(
        "exposure__percent",
        "Exposure, in percent",
        experiment.phase.exposure / 100,
        least=0.01,
        most=100,
        decimal=True,
        live=True,
        hint="How many of all eligible units take part. At the same weights it changes within the phase: whoever is in "
        "stays in, and the data go on.",
    )
    return kit.modal(
        "traffic",
        "Change the traffic",
        kit.section(f"*{name(experiment)}* sends {phase_line(experiment)}."),
        *inputs,
        exposure,
        kit.context(*_told(experiment, now, typed, exposed)),
        submit="Change it",
        about={"key": experiment.key, "revision": experiment.revision},
    )


def _told(experiment: Experiment, now: datetime, typed: Mapping[str, float] | None, exposed: float | None) -> list[str]:
    present = {key: weight / 100 for key, weight in experiment.weights.items()}
    given = {**present, **(typed or {})}
    total = round(sum(given.values()), 6)
    if total != 100:
        over = "too much" if total > 100 else "missing"
        return [f"❌ The weights sum to {stated(total / 100)}; {stated(abs(total - 100) / 100)} is {over}."]
    ends = planned_end(experiment)
    until = f"; the planned end stays {date(ends)}" if ends else ""
    if given == present:
        return [f"✅ The weights sum to 100 % and stay as they are: {_exposure(experiment, exposed)}{until}."]
    number = experiment.phase.number + 1 if experiment.phase else 1
    instead = f" instead of {date(ends)}" if ends else ""
    return [
        f"✅ The weights sum to 100 %. ⚠️ This begins phase {number}: its data are read by themselves, so the verdict "
        f"starts over and its planned end is {date(end_of_a_phase(experiment, now))}{instead}. "
        "What was gathered before is kept, but not mixed with it."
    ]


def _exposure(experiment: Experiment, exposed: float | None) -> str:
    was = experiment.phase.exposure / 100 if experiment.phase else 100.0
    if exposed is None or exposed == was:
        return "no new phase, the data go on"
    pace = f"arriving {exposed / was:.2g} times as fast" if exposed > 0 else "but nobody takes part"
    return f"exposure only, {stated(was / 100)} → {stated(exposed / 100)}. The data go on, {pace}"
