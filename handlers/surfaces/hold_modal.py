"""Hold a rollout, let it go on, or give a canary its next share without waiting for the judge."""

from __future__ import annotations

from experiments.model import Experiment, Status
from experiments.numerals import counted, share
from handlers.surfaces import kit
from handlers.surfaces.fields import text_field
from handlers.surfaces.kit import View
from handlers.surfaces.live import step_line
from handlers.surfaces.problem import problem_modal, refusal
from handlers.surfaces.state import canary_share, is_held, name, next_share


def hold_modal(experiment: Experiment) -> View:
    """Says what a hold does and what goes on all the same, and asks why."""
    if refused := refusal(experiment, "held", {Status.ROLLING_OUT}):
        return refused
    rollout = experiment.rollout
    if rollout is None or is_held(experiment):
        return problem_modal(f"“{experiment.title}” is held already; you can let it go on.", "Held already")
    back = " Harm still rolls it back." if rollout.automatic_rollback and rollout.watched else ""
    return kit.modal(
        "hold",
        "Hold the rollout",
        kit.section(
            f"*{name(experiment)}* stays at {share(rollout.share)} of everybody until somebody lets it go on.{back}"
        ),
        text_field("comment", "Why?", multiline=True, optional=True, placeholder="What has to be looked at first"),
        submit="Hold it",
        about=_about(experiment),
    )


def go_on_modal(experiment: Experiment) -> View:
    """Says that the stage begins anew."""
    if refused := refusal(experiment, "let go on", {Status.ROLLING_OUT}):
        return refused
    rollout = experiment.rollout
    if rollout is None or not is_held(experiment) or rollout.is_last:
        return problem_modal(f"“{experiment.title}” goes on already; you can hold it.", "Not held")
    following = share(rollout.stages[rollout.stage + 1])
    hours = f"at least {rollout.stage_hours:.3g} {'hour' if rollout.stage_hours == 1 else 'hours'}"
    return kit.modal(
        "go_on",
        "Let it go on",
        kit.section(
            f"*{name(experiment)}* goes on from {share(rollout.share)}. The stage begins anew, so that it is watched "
            f"for {hours} before it goes to {following}."
        ),
        submit="Go on",
        about=_about(experiment),
    )


def step_modal(experiment: Experiment) -> View:
    """From which share to which, and that the judge has not decided yet."""
    if refused := refusal(experiment, "given its next step", {Status.RUNNING}):
        return refused
    plan = experiment.design.canary
    if plan is None:
        return problem_modal(f"“{experiment.title}” is no canary. You can change its traffic instead.", "No steps")
    following = next_share(experiment)
    if following is None:
        return problem_modal(f"“{experiment.title}” is at its last step.", "No further step")
    return kit.modal(
        "step",
        "Next step",
        kit.section(
            f"*{name(experiment)}* goes from {share(canary_share(experiment))} to {share(following)} now.",
            f"Now {step_line(experiment)}.",
            "The judge has not let this step pass, so it is your decision. The new step is judged by itself, after "
            f"{counted(plan.minutes, 'minute')}.",
        ),
        submit="Give it this share",
        about={**_about(experiment), "share": following},
    )


def _about(experiment: Experiment) -> dict[str, object]:
    return {"key": experiment.key, "revision": experiment.revision}
