"""How an experiment's state is told: an emoji with its word, what happens next, how far it is."""

from __future__ import annotations

import math

from experiments.design import FULL_WEIGHT, Correction, DecisionRule, Design, Direction, Method, Metric
from experiments.model import Experiment, Outcome, Status
from experiments.numerals import counted, share
from experiments.readout import VerdictStatus
from handlers.surfaces.words import clip, people, said

EMOJI = {
    Status.DRAFT: "📝",
    Status.IN_REVIEW: "👀",
    Status.APPROVED: "✅",
    Status.SCHEDULED: "🗓️",
    Status.RUNNING: "🟢",
    Status.PAUSED: "⏸️",
    Status.STOPPED: "⏹️",
    Status.DECIDED: "🏁",
    Status.ROLLING_OUT: "🚚",
    Status.ROLLED_OUT: "🎉",
    Status.ROLLED_BACK: "↩️",
    Status.ARCHIVED: "🗄️",
}
RULES = {
    DecisionRule.CLEAR_SIGNALS: "Ship on a clear win, roll back on clear harm",
    DecisionRule.DO_NO_HARM: "Ship unless it does harm",
}
READINGS = {
    Method.ALWAYS_VALID: "Always-valid: look whenever you like",
    Method.GROUP_SEQUENTIAL: "Group-sequential: a look at each twentieth of the units",
    Method.FIXED: "Fixed: one look, at the planned end",
}
CORRECTIONS = (
    (Correction.HOLM.value, "Holm"),
    (Correction.BONFERRONI.value, "Bonferroni"),
    (Correction.BENJAMINI_HOCHBERG.value, "Benjamini–Hochberg"),
    (Correction.NONE.value, "Nothing: each treatment for itself"),
)
JUDGED = {
    VerdictStatus.SHIP: "Next: stop it and log the decision; its rule is met.",
    VerdictStatus.ROLL_BACK: "Next: roll it back, or stop it and log the decision.",
    VerdictStatus.REVIEW: "Next: look at the results and weigh them; the rule alone does not decide.",
    VerdictStatus.UNHEALTHY: "Next: look at the health of its data; until it is mended no number counts.",
}
"""What is next for one that runs, where its newest reading says more than to wait."""
VERDICT_EMOJI = {
    VerdictStatus.SHIP: "🚀",
    VerdictStatus.ROLL_BACK: "🛑",
    VerdictStatus.REVIEW: "🤔",
    VerdictStatus.UNHEALTHY: "🚫",
    VerdictStatus.DAYS_LEFT: "⏳",
    VerdictStatus.NO_DATA: "⚪",
}
"""What calls for people comes first."""
ALARMS = {
    VerdictStatus.UNHEALTHY: "its data are not sound",
    VerdictStatus.ROLL_BACK: "does harm, by its own rule",
}
OUTCOME_EMOJI = {Outcome.SHIP: "🚀", Outcome.ITERATE: "🔁", Outcome.ABANDON: "🛑"}


def status_words(status: Status) -> str:
    """🟢 Running."""
    return f"{EMOJI[status]} {status.words.capitalize()}"


def standing(experiment: Experiment) -> str:
    """The state in a word, of a rollout with its share: "rolling out 10 %"."""
    if experiment.rollout and experiment.status is Status.ROLLING_OUT:
        return f"{experiment.status.words} {share(experiment.rollout.share)}"
    return experiment.status.words


def progress(experiment: Experiment) -> str:
    """How far the data reach: "day 5 of 14", counted from the newest change of weights; empty before there are any."""
    if experiment.data_day is None:
        return ""
    phase = experiment.phase
    since, number = (phase.day, phase.number) if phase and phase.number > 1 else (0.0, 1)
    day, planned = math.floor(experiment.data_day - since + 1e-9), experiment.design.planned_days
    if number > 1 and experiment.data_day <= since:
        return f"phase {number}, no data yet"
    told = f"day {day:,} of {planned}" if day <= planned else f"day {day:,} ({planned} planned)"
    return f"phase {number}, {told}" if number > 1 else told


def is_overdue(experiment: Experiment) -> bool:
    """Whether the newest phase has run longer than was planned."""
    since = experiment.phase.day if experiment.phase and experiment.phase.number > 1 else 0.0
    return experiment.data_day is not None and experiment.data_day - since >= experiment.design.planned_days


def next_step(experiment: Experiment) -> str:
    """What happens next, and whose move it is."""
    match experiment.status:
        case Status.DRAFT if missing := experiment.design.missing():
            return f"Next: fill in what is missing ({'; '.join(missing.values())})."
        case Status.DRAFT:
            return "Next: ask for a review."
        case Status.IN_REVIEW:
            asked = experiment.review.reviewers if experiment.review else ()
            who = people(asked) if asked else "anybody who did not write it"
            return f"Next: approval by {who}; the request stands below with its buttons."
        case Status.APPROVED:
            return "Next: start it. An edit of the design would void the approval."
        case Status.SCHEDULED:
            return "Next: it starts by itself, once its checks have passed again; or start it now."
        case Status.RUNNING if experiment.design.canary and next_share(experiment):
            return "Next: the judge of the canary lets it go on, or gives everybody control again."
        case Status.RUNNING if experiment.data_version == 0:
            return "Next: the first data. Nothing is said about significance before the numbers allow it."
        case Status.RUNNING if experiment.reading and experiment.reading.status in JUDGED:
            return JUDGED[experiment.reading.status]
        case Status.RUNNING if is_overdue(experiment):
            return "Next: stop it and log the decision; its planned time is over."
        case Status.RUNNING:
            return "Next: look at the results now and then; looking does no harm to them."
        case Status.PAUSED:
            return "Next: resume or stop it; until then everybody gets control."
        case Status.STOPPED:
            return "Next: log the decision and why."
        case Status.DECIDED if experiment.promotion:
            return "Next: a second person confirms the promotion, or refuses it."
        case Status.DECIDED if is_to_ship(experiment):
            return "Next: promote what won, all at once or stage by stage."
        case Status.DECIDED:
            return "Next: nothing is left to do; it can be archived."
        case Status.ROLLING_OUT if experiment.rollout:
            following = experiment.rollout.stages[experiment.rollout.stage + 1]
            if is_held(experiment):
                return f"Next: let it go on from {share(experiment.rollout.share)}, or roll back; it is held there."
            return f"Next: on to {share(following)} by itself when its gate passes; or hold it, or roll back."
        case Status.ROLLED_OUT:
            return "Next: nothing is left to do; it can be archived, and until then rolled back."
        case Status.ROLLED_BACK if experiment.decision is None:
            return "Next: log what was concluded, or clone it for another attempt."
        case Status.ROLLED_BACK:
            return "Next: clone it for another attempt, or archive it."
        case Status.ARCHIVED:
            return "Put away; everything about it can still be read."
        case _:
            return ""


def is_held(experiment: Experiment) -> bool:
    """Whether its rollout stays at the present share until somebody lets it go on."""
    return experiment.rollout is not None and experiment.rollout.paused_at is not None


def next_share(experiment: Experiment) -> int | None:
    """The share that a running canary gets next; None where there is no next step."""
    if experiment.status is not Status.RUNNING or experiment.phase is None or experiment.design.canary is None:
        return None
    return experiment.design.canary.following(canary_share(experiment))


def canary_share(experiment: Experiment) -> int:
    """What all treatments get together, in hundredths of a percent."""
    return FULL_WEIGHT - experiment.weights[experiment.control.key]


def is_to_ship(experiment: Experiment) -> bool:
    """Whether it was decided to give it to everybody."""
    return experiment.decision is not None and experiment.decision.outcome is Outcome.SHIP


def variants_line(design: Design, most: int = 8) -> str:
    """control 50 % · bigger-button 50 %."""
    shown = [f"{variant.key} {share(variant.weight)}" for variant in design.variants[:most]]
    more = len(design.variants) - most
    return " · ".join([*shown, *([f"and {more} more"] if more > 0 else [])])


def metric_words(metric: Metric) -> str:
    """conversion (proportion, ↑ good)."""
    return f"{metric.key} ({metric.kind.words}, {_good(metric)})"


def metrics_line(design: Design, most: int = 6) -> str:
    """Everything measured besides the primary metric, with its role."""
    others = [metric for metric in design.metrics if metric != design.primary]
    shown = [f"{metric.key} ({metric.role.words}{_limit(metric)}, {_good(metric)})" for metric in others[:most]]
    more = len(others) - most
    return ", ".join([*shown, *([f"and {more} more"] if more > 0 else [])])


def plan_line(design: Design) -> str:
    """14 days, 5,000 users, α = 0.05, always-valid; the correction where there are several treatments."""
    parts = [counted(design.planned_days, "day"), f"{design.planned_units:,} {design.unit.words}s"]
    parts += [f"α = {design.alpha:g}", design.method.words]
    if len(design.treatments) > 1 and design.correction is not Correction.NONE:
        parts.append(f"{dict(CORRECTIONS)[design.correction.value]} over treatments")
    elif len(design.treatments) > 1:
        parts.append("treatments not adjusted")
    return ", ".join(parts)


def _limit(metric: Metric) -> str:
    return f", limit {said(metric.limit.of(metric.kind, metric.unit), 90)} worse" if metric.limit else ""


def _good(metric: Metric) -> str:
    return "↑\u00a0good" if metric.direction is Direction.UP else "↓\u00a0good"


def name(experiment: Experiment, most: int = 120) -> str:
    """The title for a line of mrkdwn."""
    return said(clip(experiment.title, most), 400)


def target_of(experiment: Experiment, seen: str | int | None = None) -> str:
    """What a button about an experiment carries: its key and what was seen of it, which mostly is its revision."""
    return f"{experiment.key}@{experiment.revision if seen is None else seen}"


def alarm_words(experiment: Experiment) -> str:
    """What is wrong with it while it runs; empty when nothing is known to be."""
    return ALARMS.get(experiment.reading.status, "") if experiment.is_live and experiment.reading else ""


def entry(experiment: Experiment, *, remarked: bool = False) -> str:
    """One line of a list: emoji, title, key, state, how far it is, and an alarm unless that is `remarked` beside it."""
    key = "" if experiment.key == experiment.title else experiment.key
    details = [key, standing(experiment), progress(experiment)]
    if (alarm := alarm_words(experiment)) and not remarked:
        details.append(f"🚨 {alarm}")
    if experiment.decision:
        details.append(f"{OUTCOME_EMOJI[experiment.decision.outcome]} {experiment.decision.outcome.words}")
    return f"{EMOJI[experiment.status]} *{name(experiment)}*\n" + " · ".join(part for part in details if part)
