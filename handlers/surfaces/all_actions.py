"""All that a person may do with an experiment now, each with what it does."""

from __future__ import annotations

from experiments.model import Experiment, Status
from experiments.permissions import Actor
from handlers.surfaces import kit
from handlers.surfaces.kit import View
from handlers.surfaces.state import EMOJI, name, standing, target_of
from handlers.surfaces.steps import MODALS, label, verbs

DOES = {
    "edit": "Change what is written down; a change of the design voids its approval.",
    "review": "Ask for approval of exactly this design.",
    "approve": "Agree to exactly this design.",
    "request_changes": "Send the design back to its authors, with your words.",
    "withdraw": "Take the request for review back.",
    "predict": "Write down what you expect; private until the start.",
    "start": "Send traffic to the approved design.",
    "schedule": "Start, and perhaps stop, at a time you choose.",
    "unschedule": "Take the booked start back; the approval stays.",
    "results": "What the data say, in words and pictures.",
    "pictures": "Over time, by segment, cost, latency, timeline and more.",
    "pause": "Give everybody control until it is resumed.",
    "resume": "Go on with the traffic it had.",
    "stop": "End it; traffic returns to control.",
    "step": "Give the canary its next share now, without waiting for the judge.",
    "traffic": "Other weights, which begin a new phase, or another exposure.",
    "testers": "Who sees which variant for a trial, without being counted.",
    "guardrails": "Stricter at once; looser once somebody else agrees.",
    "agree": "Answer somebody who wants looser guardrails.",
    "import": "Take in a file of aggregates.",
    "note": "Keep an observation, a learning or an incident.",
    "decide": "Log ship, iterate or abandon, and why.",
    "promote": "Give what won to everybody, at once or in stages.",
    "confirm": "Answer somebody who wants to ship against the rule's advice.",
    "advance": "Give it to more people now, without waiting for the gate.",
    "hold": "Stay at the present share until you let it go on.",
    "go_on": "Let it go on from stage to stage.",
    "rollback": "Give everybody control again, at once.",
    "report": "A PDF with everything, in the thread.",
    "clone": "A draft of its own with the same design.",
    "history": "What happened, by whom, old → new.",
    "diff": "What differs between two versions, field by field.",
    "archive": "Put it away; it stays readable.",
    "delete": "Give the draft up.",
}
EARLIER = {
    "edit": "Change what is written down.",
    "guardrails": "What must not get worse, and what follows when it does.",
}
"""What is simpler as long as it is a draft."""


def all_actions(experiment: Experiment, actor: Actor, channel: str = "") -> View:
    """The likeliest first; only what this person may do."""
    fitting = verbs(experiment, actor)
    target = target_of(experiment)
    rows = [
        kit.section(
            _does(verb, experiment), accessory=kit.button(label(verb, experiment), MODALS.get(verb, verb), target)
        )
        for verb in fitting
    ]
    nothing = kit.section("There is nothing here that you may do now. Its owner or an admin can help.")
    return kit.modal(
        "more",
        "All actions",
        kit.section(f"{EMOJI[experiment.status]} *{name(experiment)}* · {standing(experiment)}"),
        *(rows or [nothing]),
        close="Close",
        about={"key": experiment.key, "channel": channel},
    )


def _does(verb: str, experiment: Experiment) -> str:
    """What it does in this state; the button beside it says what it is called."""
    fresh = EARLIER if experiment.status is Status.DRAFT else {}
    return fresh.get(verb, DOES[verb])
