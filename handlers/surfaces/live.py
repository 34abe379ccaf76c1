"""The live card of a canary or a rollout: where it stands, how it does metric by metric, and when its gate comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from charts import describe
from experiments.model import Experiment, Status
from experiments.numerals import share
from experiments.pictures.canary import Canary
from experiments.readout import GuardrailState
from experiments.running import Rollout
from experiments.watch import Live, LiveRow
from handlers.surfaces import kit
from handlers.surfaces.kit import Block, Message, Picture
from handlers.surfaces.state import EMOJI, canary_share, name, standing
from handlers.surfaces.steps import row_of
from handlers.surfaces.words import moment, person, said

MARKS = {GuardrailState.HEALTHY: "✅", GuardrailState.BREACHED: "❌", GuardrailState.INCONCLUSIVE: "❔"}
MOST_ROWS = 12


def live(experiment: Experiment, found: Live | None = None, shown: Canary | None = None) -> Message:
    """What the newest look found, with what is `shown` of a canary as a picture; before the first look, when it comes;
    after the end, how it ended."""
    if experiment.rollout and experiment.status is Status.ROLLING_OUT:
        return _rollout(experiment, experiment.rollout, found)
    if experiment.design.canary and experiment.is_live:
        return _canary(experiment, found, _picture(shown))
    return _over(experiment, _picture(shown))


def canary_passed(experiment: Experiment) -> Message:
    """Every step is passed, and a person's turn has come."""
    words = f"🐤 {person(experiment.owner)}: the canary of *{name(experiment)}* passed every step."
    return kit.message(
        words,
        kit.section(
            words,
            f"It stays at {share(canary_share(experiment))} and goes on being watched; nothing more happens by itself.",
            "Next: stop it and log the decision, then promote it to everybody.",
        ),
        *row_of(experiment, "stop", "results", "rollback"),
        kit.context(f"{experiment.key} · design {experiment.design.hash[:8]}"),
    )


def step_line(experiment: Experiment) -> str:
    """Where a canary stands in its plan: "step 2 of 3: 5 % → *25 %* → 50 %"; empty where there is none."""
    plan, phase = experiment.design.canary, experiment.phase
    if plan is None or phase is None:
        return ""
    now = canary_share(experiment)
    place = plan.step_of(now)
    path = " → ".join(f"*{share(step)}*" if step == now else share(step) for step in plan.steps)
    if place is None:
        return f"at {share(now)}, which is none of its steps: {path}"
    return f"step {place + 1} of {len(plan.steps)}: {path}"


def _picture(shown: Canary | None) -> tuple[Picture, ...]:
    return (Picture("canary", shown, describe("canary", shown)),) if shown else ()


def _canary(experiment: Experiment, found: Live | None, pictures: tuple[Picture, ...]) -> Message:
    plan, phase = experiment.design.canary, experiment.phase
    treated = next((key for key in experiment.weights if key != experiment.control.key), "")
    head = f"🐤 *Canary of {name(experiment)}*: {treated} beside {experiment.control.key}"
    if experiment.status is Status.PAUSED:
        lines = [
            f"⏸️ Paused in {step_line(experiment)}.",
            f"Everybody gets {experiment.control.key} until it is resumed.",
        ]
        return _card(head, lines, experiment, None, "resume", pictures=pictures)
    since = f", since {moment(phase.started_at)}" if phase else ""
    lines = [f"{_upper(step_line(experiment))}{since}"]
    if plan and phase:
        following = plan.following(canary_share(experiment))
        passing = f"on to {share(following)}" if following else "your turn"
        gate = phase.started_at + timedelta(minutes=plan.minutes)
        back = f"back to {experiment.control.key} when it fails"
        is_judged = found is not None and found.at is not None and found.at >= gate
        ahead = [] if is_judged else [f"Judged from {moment(gate)} on: {passing} when it passes, {back}."]
        lines += [*ahead, *_found(found, gate)]
    return _card(head, lines, experiment, found, "step", "pause", pictures=pictures)


def _rollout(experiment: Experiment, rollout: Rollout, found: Live | None) -> Message:
    head = f"🚚 *Rollout of {name(experiment)}*: {rollout.variant} at {share(rollout.share)} of everybody"
    path = " → ".join(
        f"*{share(stage)}*" if place == rollout.stage else share(stage) for place, stage in enumerate(rollout.stages)
    )
    held = f", {share(rollout.holdback)} held back" if rollout.holdback else ""
    stage = f"Stage {rollout.stage + 1} of {len(rollout.stages)}: {path}{held}, since {moment(rollout.stage_at)}"
    gate = None if rollout.paused_at else rollout.stage_at + timedelta(hours=rollout.stage_hours)
    lines = [stage, *_gate(rollout), *_found(found, gate)]
    return _card(head, lines, experiment, found, "go_on", "advance", "hold")


def _gate(rollout: Rollout) -> list[str]:
    """When it goes on by itself, and on what condition."""
    if rollout.paused_at:
        return [f"⏸️ Held since {moment(rollout.paused_at)}; it stays at this share until you let it go on."]
    if rollout.is_last:
        return []
    following = share(rollout.stages[rollout.stage + 1])
    earliest = moment(rollout.stage_at + timedelta(hours=rollout.stage_hours))
    watched = " when every watched metric is healthy" if rollout.watched else "; nothing is watched"
    return [f"On to {following} by itself from {earliest} on{watched}."]


def _found(found: Live | None, gate: datetime | None) -> list[str]:
    """What the newest look says, unless all it says is that the gate has not come yet."""
    if found is None:
        return ["The first look comes within minutes."]
    is_harmed = any(row.state is GuardrailState.BREACHED for row in found.rows)
    is_due = gate is not None and found.at is not None and found.at >= gate
    return [said(found.words, 900)] if is_harmed or is_due else []


def _card(
    head: str,
    lines: Sequence[str],
    experiment: Experiment,
    found: Live | None,
    *steps: str,
    pictures: tuple[Picture, ...] = (),
) -> Message:
    rows = [kit.section(*_rows(found.rows))] if found and found.rows else []
    return kit.message(
        f"{head} · {lines[0]}",
        kit.section(head, *lines),
        *rows,
        *_drawn(pictures),
        *row_of(experiment, *steps, "results", "rollback"),
        _footer(experiment, found),
        pictures=pictures,
    )


def _drawn(pictures: Sequence[Picture]) -> list[Block]:
    return [kit.picture(index, each.alt) for index, each in enumerate(pictures)]


def _rows(rows: Sequence[LiveRow]) -> list[str]:
    shown = [f"{MARKS[row.state]} {said(row.words, 400)}" for row in rows[:MOST_ROWS]]
    more = len(rows) - len(shown)
    return [*shown, *([f"… and {more:,} more"] if more > 0 else [])]


def _footer(experiment: Experiment, found: Live | None) -> Block:
    parts = [experiment.key]
    if found and found.look:
        parts.append(f"look {found.look:,}")
    at = found.at if found and found.at else experiment.updated_at
    return kit.context(" · ".join([*parts, f"as of {moment(at)}"]))


def _over(experiment: Experiment, pictures: tuple[Picture, ...]) -> Message:
    """How it ended; the experiment's own card has the rest."""
    what = "rollout" if experiment.rollout else "canary"
    words = f"{EMOJI[experiment.status]} The {what} of *{name(experiment)}* is over: {standing(experiment)}."
    return kit.message(
        words,
        kit.section(words, *_end(experiment), accessory=kit.button("Look", "show", f"{experiment.key}@0")),
        *_drawn(pictures),
        kit.context(f"{experiment.key} · as of {moment(experiment.updated_at)}"),
        pictures=pictures,
    )


def _end(experiment: Experiment) -> list[str]:
    rollout, gone, breach = experiment.rollout, experiment.withdrawal, experiment.breach
    if experiment.status is Status.ROLLED_OUT and rollout:
        held = f", {share(rollout.holdback)} held back" if rollout.holdback else ""
        return [f"{rollout.variant} is at {share(rollout.share)} of everybody{held}."]
    lines = [f"Everybody gets {experiment.control.key}."]
    if gone:
        lines.insert(0, f"By {person(gone.by)}, at {share(gone.share)} of everybody.")
    if breach and breach.at >= experiment.updated_at - timedelta(minutes=1):
        lines.append(said(breach.words, 900))
    return lines


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
