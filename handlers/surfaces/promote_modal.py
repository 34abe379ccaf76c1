"""Promote: which variant, in which stages, what is held back and watched; the next stage; a second person's answer."""

from __future__ import annotations

from experiments.design import FULL_WEIGHT
from experiments.model import Experiment, Outcome, Status
from experiments.numerals import share
from handlers.surfaces import kit
from handlers.surfaces.fields import many_field, number_field, radio_field, select_field, text_field, ticks_field
from handlers.surfaces.kit import View
from handlers.surfaces.problem import problem_modal, refusal
from handlers.surfaces.requests import advice_words, promotion_lines
from handlers.surfaces.state import name
from handlers.surfaces.words import said

NOW, STAGES, CUSTOM = "now", "stages", "custom"
USUAL_STAGES = (1_000, 2_500, 5_000, FULL_WEIGHT)
MOST_WATCHED = 100
GATE = (
    "Then it goes on by itself when every watched metric is healthy, waits while one is unclear, and goes back when "
    "one does harm. A guardrail is watched by its limit, another metric by the smallest effect worth having. You can "
    "hold it, go on or roll back at any time."
)


def promote_modal(experiment: Experiment) -> View:
    """How what won is given to everybody; against the rule's advice it says that somebody else has to confirm."""
    if refused := refusal(experiment, "promoted", {Status.DECIDED}):
        return refused
    decision = experiment.decision
    if decision is None or decision.outcome is not Outcome.SHIP:
        outcome = decision.outcome.words if decision else "nothing yet"
        return problem_modal(
            f"“{experiment.title}” was decided to {outcome}, so there is nothing to promote. Clone it for another "
            "attempt.",
            "Nothing to promote",
        )
    if experiment.promotion:
        return problem_modal(
            f"“{experiment.title}” already waits for a second person to confirm its promotion.", "Already asked for"
        )
    treatments = [variant.key for variant in experiment.design.treatments]
    metrics = [(metric.key, f"{metric.key} ({metric.role.words})") for metric in experiment.design.metrics]
    guarded = [metric.key for metric in experiment.design.guardrails]
    plans = (
        (STAGES, "10 % → 25 % → 50 % → 100 %"),
        (NOW, "Everybody now"),
        (CUSTOM, "Stages of my own, written below"),
    )
    return kit.modal(
        "promote",
        "Promote what won",
        kit.section(f"*{name(experiment)}*", *_against(experiment)),
        select_field("variant", "Variant", [(key, key) for key in treatments], _winner(experiment, treatments)),
        radio_field("plan", "How", plans, STAGES),
        text_field(
            "stages",
            "Stages of my own, in percent",
            optional=True,
            placeholder="5, 20, 50, 100",
            hint="Rising, with commas between. The last one is all that is not held back.",
            most=100,
        ),
        number_field("holdback__percent", "Held back with control, in percent", 0, least=0, most=50, decimal=True),
        *([many_field("watched", "Watched meanwhile", metrics[:MOST_WATCHED], guarded)] if metrics else []),
        ticks_field(
            "automatic_rollback",
            "If a watched metric turns bad",
            [("yes", "Roll back by itself", "Without it, Bunsen raises the alarm and waits for a person.")],
            ["yes"],
        ),
        number_field(
            "stage_hours",
            "Hours that each stage lasts at least",
            1,
            least=0,
            most=720,
            decimal=True,
            optional=True,
            hint=GATE,
        ),
        submit="Ask to promote" if decision.is_against_advice else "Promote",
        about={"key": experiment.key, "revision": experiment.revision},
    )


def advance_modal(experiment: Experiment) -> View:
    """From which share to which; what is watched stays watched."""
    if refused := refusal(experiment, "given to more people", {Status.ROLLING_OUT}):
        return refused
    rollout = experiment.rollout
    if rollout is None or rollout.is_last:
        return problem_modal(f"“{experiment.title}” is at its last stage.", "No further stage")
    following = rollout.stages[rollout.stage + 1]
    ends = " That is the last stage." if rollout.stage + 2 == len(rollout.stages) else ""
    reading = [f"The newest reading: {said(experiment.reading.sentence, 600)}"] if experiment.reading else []
    return kit.modal(
        "advance",
        "Next stage",
        kit.section(
            f"*{name(experiment)}*: {said(rollout.variant, 80)} goes from {share(rollout.share)} to "
            f"{share(following)} of everybody.{ends}",
            *reading,
            f"{_gate(experiment)} It can be rolled back at any time.",
        ),
        submit="Give it to more people",
        about={"key": experiment.key, "revision": experiment.revision, "stage": rollout.stage},
    )


def confirm_modal(experiment: Experiment) -> View:
    """What would be shipped against the rule's advice, and yes or no."""
    if refused := refusal(experiment, "confirmed", {Status.DECIDED}):
        return refused
    if experiment.promotion is None:
        return problem_modal(f"Nobody asks to promote “{experiment.title}”.", "Nothing to answer")
    choices = (("confirm", f"Confirm: {experiment.promotion.plan}"[:75]), ("refuse", "Refuse: nothing ships"))
    return kit.modal(
        "confirm",
        "Confirm a promotion",
        kit.section(*promotion_lines(experiment, experiment.promotion)),
        radio_field("answer", "Your answer", choices),
        submit="Answer",
        about={"key": experiment.key, "revision": experiment.revision},
    )


def _gate(experiment: Experiment) -> str:
    """That nobody has to press this, and what pressing it skips."""
    rollout = experiment.rollout
    if rollout is None or not rollout.watched:
        return "By itself it would go on once the stage has lasted its time."
    return (
        "The gate of this stage has not passed: by itself it goes on once every watched metric is healthy. Going on "
        "now is your decision."
    )


def _against(experiment: Experiment) -> list[str]:
    decision = experiment.decision
    if decision is None or not decision.is_against_advice:
        return ["The rule said to ship it. It can be rolled back at any time."]
    return [
        f"⚖️ The rule said: {advice_words(decision.advice)}. Shipping it all the same needs a second person to "
        "confirm, who neither decided nor asks for it now; they are asked when you send this."
    ]


def _winner(experiment: Experiment, treatments: list[str]) -> str:
    """The treatment that the newest reading names, where there are several."""
    sentence = experiment.reading.sentence if experiment.reading else ""
    named = [key for key in treatments if f" {key}" in sentence.partition(":")[0]]
    return (named or treatments or [""])[0]
