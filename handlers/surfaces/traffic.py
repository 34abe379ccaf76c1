"""Traffic in words: who gets what now, in which phase, and what it returns to."""

from __future__ import annotations

from datetime import datetime, timedelta

from experiments.checks.minimum_run_time import MINIMUM_DAYS
from experiments.commands.roll_back import served
from experiments.model import SERVING, Experiment
from experiments.numerals import share

MOST_SHARES = 8


def shares(weights: dict[str, int], most: int = MOST_SHARES) -> str:
    """control 50 % · bigger-button 50 %."""
    shown = [f"{key} {share(weight)}" for key, weight in list(weights.items())[:most]]
    more = [f"and {len(weights) - most} more"] if len(weights) > most else []
    return " · ".join([*shown, *more])


def phase_line(experiment: Experiment) -> str:
    """What is sent where now: "control 50 % · bigger-button 50 %, exposure 20 % (phase 2)"; empty before the start."""
    phase = experiment.phase
    if phase is None or not experiment.is_live:
        return ""
    exposure = "" if phase.exposure == 10_000 else f", exposure {share(phase.exposure)}"
    number = f" (phase {phase.number})" if phase.number > 1 else ""
    return f"{shares(phase.weights)}{exposure}{number}"


def returning(experiment: Experiment) -> str:
    """What becomes of the traffic when nothing but control is left: "50 % of traffic returns to control at once"."""
    treated = served(experiment)
    if not treated:
        return f"all traffic returns to {experiment.control.key}"
    return f"{share(treated)} of traffic returns to {experiment.control.key} at once"


def planned_end(experiment: Experiment) -> datetime | None:
    """When the newest phase has run as long as was planned."""
    began = experiment.phase.started_at if experiment.phase else experiment.started_at
    return began and end_of_a_phase(experiment, began)


def end_of_a_phase(experiment: Experiment, began: datetime) -> datetime:
    """When a phase that begins then has run as long as was planned."""
    return began + timedelta(days=max(experiment.design.planned_days, MINIMUM_DAYS))


def routing_line(experiment: Experiment, routed: bool) -> str:
    """Said wherever a treatment may reach people and Bunsen does not send the traffic itself."""
    if routed or experiment.status not in SERVING:
        return ""
    return "🔌 Routing is not connected: change the traffic where you route it, too."
