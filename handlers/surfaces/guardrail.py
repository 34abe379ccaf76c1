"""What the monitor did by itself, or warns of: the metric, its numbers, what traffic gets now and what to do next."""

from __future__ import annotations

import math

from experiments.design import Action, Metric
from experiments.model import SERVING, Experiment, Status
from experiments.numerals import amount, lasting, share
from experiments.running import Breach
from handlers.surfaces import kit
from handlers.surfaces.alarm import BY_HAND
from handlers.surfaces.kit import Message
from handlers.surfaces.state import name
from handlers.surfaces.steps import row_of
from handlers.surfaces.traffic import phase_line
from handlers.surfaces.words import day, moment, person, said

DID = {Action.STOP: "🛑 {} stopped", Action.ROLL_BACK: "🛑 {} rolled back", Action.PAUSE: "⏸️ {} paused"}
NEXT = {
    Status.STOPPED: "Next: look at the results and log the decision, or clone it for another attempt.",
    Status.ROLLED_BACK: "Next: look at the results and log the decision, or clone it for another attempt.",
    Status.PAUSED: "Next: find the cause. Then resume it, or stop it.",
    Status.RUNNING: "Next: look at the results; pause it or roll it back where they do not convince you.",
    Status.ROLLING_OUT: "Next: look at the results; hold it or roll it back where they do not convince you.",
    Status.ROLLED_OUT: "Next: look at the results; roll it back where they do not convince you.",
}
SMALLEST_P = 0.0001


def guardrail(experiment: Experiment, *, routed: bool = False) -> Message:
    """Whose it is, what was found and done, and what everybody gets now."""
    breach = experiment.breach
    if breach is None:
        raise ValueError(f"{experiment.key} breached no guardrail")
    lead = f"{_did(breach)} *{name(experiment)}*. {person(experiment.owner)}, this is yours."
    by_hand = [] if routed or breach.action is Action.WARN else [BY_HAND]
    again = ["clone"] if experiment.status in (Status.STOPPED, Status.ROLLED_BACK) else []
    return kit.message(
        f"{lead} {said(breach.words, 1500)}",
        kit.section(lead, said(_found(experiment, breach), 1500)),
        kit.fields(*_cells(experiment, breach)),
        kit.section(_now(experiment, routed), *by_hand, *_check(experiment, breach), _next(experiment)),
        *row_of(experiment, "decide", "resume", "results", "hold", "pause", "stop", *again, "rollback"),
        kit.context(f"{experiment.key} · design {experiment.design.hash[:8]} · {moment(breach.at)}"),
    )


def _did(breach: Breach) -> str:
    who = "Missing data" if breach.missing else "Guardrail"
    if breach.action in DID:
        return DID[breach.action].format(who)
    return "🚨 Data are missing in" if breach.missing else "🚨 Guardrail breached in"


def _found(experiment: Experiment, breach: Breach) -> str:
    """How much worse it is than allowed; where there are no numbers, what the monitor says."""
    metric = _metric(experiment, breach)
    if breach.missing or breach.harm is None:
        return f"{breach.words[:1].upper()}{breach.words[1:].rstrip('.')}."
    worse = metric.harmed(breach.harm, breach.control)
    allowed = f"; you allow {breach.limit}" if breach.limit else "; you allow no harm"
    return f"{breach.metric} is {worse} worse with {breach.variant} than with {experiment.control.key}{allowed}."


def _next(experiment: Experiment) -> str:
    if experiment.status is Status.ROLLED_BACK and experiment.decision:
        return "Next: look at the results; clone it for another attempt."
    return NEXT.get(experiment.status, "")


def _metric(experiment: Experiment, breach: Breach) -> Metric:
    found = (each for each in experiment.design.metrics if each.key == breach.metric)
    return next(found, Metric(key=breach.metric))


def _cells(experiment: Experiment, breach: Breach) -> list[tuple[str, str]]:
    """The numbers, as far as there are any."""
    metric = _metric(experiment, breach)
    unit = "window" if metric.query else experiment.design.unit.words
    told, lead = breach.harm is not None and not breach.missing, "Last known with" if breach.missing else "With"
    return [
        ("Metric", "" if told else breach.metric),
        (f"{lead} {breach.variant}", "" if breach.value is None else said(metric.valued(breach.value), 80)),
        (f"{lead} {experiment.control.key}", "" if breach.control is None else said(metric.valued(breach.control), 80)),
        ("Score", "" if breach.score is None else f"{math.floor(10 * breach.score) / 10:g} of 100"),
        ("Look", f"{breach.look:,}{'' if breach.missing else _p(breach.p)}" if breach.look else ""),
        ("Seen", f"{breach.units:,} {unit}s" if breach.units else ""),
        ("Ran", _ran(experiment, breach)),
    ]


def _p(p: float | None) -> str:
    if p is None:
        return ""
    return f", p {amount(p)}" if p >= SMALLEST_P else f", p below {SMALLEST_P}"


def _ran(experiment: Experiment, breach: Breach) -> str:
    """Since when the phase, or the rollout, had been going on that the numbers are of."""
    rollout = experiment.rollout
    since = rollout.at if rollout else experiment.started_at
    if since is None:
        return ""
    phase = f", phase {breach.phase}" if breach.phase > 1 and not rollout else ""
    return f"{lasting(breach.at - since)}, since {day(since)}{phase}"


def _now(experiment: Experiment, routed: bool) -> str:
    """What everybody gets from now on, or should get where somebody has to see to it."""
    control, gets = experiment.control.key, "gets" if routed else "should get"
    match experiment.status:
        case Status.PAUSED:
            return f"Everybody {gets} {control} until it is resumed. The data stay."
        case Status.RUNNING:
            return f"Nothing was changed: {phase_line(experiment) or 'the traffic stays as it is'}."
        case Status.ROLLING_OUT | Status.ROLLED_OUT if experiment.rollout:
            rollout = experiment.rollout
            return f"Nothing was changed: {rollout.variant} stays at {share(rollout.share)} of everybody."
        case status if status in SERVING:
            return "Nothing was changed."
        case _:
            return f"Everybody {gets} {control} now. The data stay; it does not run again."


def _check(experiment: Experiment, breach: Breach) -> list[str]:
    """Who looks at what where nobody can know whether it does harm."""
    if not breach.missing:
        return []
    arms = f"{breach.variant} and {experiment.control.key}"
    if _metric(experiment, breach).query:
        asked = f"whether the Prometheus query of {breach.metric} still answers for {arms}"
    else:
        asked = f"whether your application still sends exposures and {breach.metric} for {arms}"
    return [
        f"{person(experiment.owner)}: check {asked}. An admin can check where the data of "
        f"{said(experiment.project, 80)} come from (`/experiment settings`)."
    ]
