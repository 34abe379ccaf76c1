"""Which steps an experiment's state allows, as buttons and menus; the table of permissions says which fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from experiments.model import Experiment, Status
from experiments.permissions import Actor, Permission, may, states
from handlers.surfaces import kit
from handlers.surfaces.kit import Block
from handlers.surfaces.state import is_held, is_to_ship, next_share, target_of
from handlers.surfaces.words import clip

LABELS = {
    "create": "New experiment",
    "edit": "Edit",
    "review": "Request review",
    "approve": "Approve",
    "request_changes": "Request changes",
    "withdraw": "Withdraw",
    "predict": "Predict",
    "start": "Start",
    "schedule": "Schedule",
    "unschedule": "Unschedule",
    "results": "Results",
    "pictures": "Pictures",
    "pause": "Pause",
    "resume": "Resume",
    "stop": "Stop",
    "step": "Next step",
    "traffic": "Change traffic",
    "testers": "Testers",
    "guardrails": "Change guardrails",
    "import": "Import data",
    "note": "Add note",
    "decide": "Log decision",
    "agree": "Answer about guardrails",
    "promote": "Promote",
    "confirm": "Confirm promotion",
    "advance": "Next stage",
    "hold": "Hold",
    "go_on": "Go on",
    "rollback": "Roll back",
    "report": "Report",
    "clone": "Clone",
    "history": "History",
    "diff": "Compare versions",
    "archive": "Archive",
    "delete": "Delete",
    "show": "Look",
}
NEEDS = {
    "edit": Permission.EDIT,
    "review": Permission.REQUEST_REVIEW,
    "approve": Permission.APPROVE,
    "request_changes": Permission.APPROVE,
    "withdraw": Permission.CANCEL_REVIEW,
    "predict": Permission.PREDICT,
    "start": Permission.START,
    "schedule": Permission.SCHEDULE,
    "unschedule": Permission.UNSCHEDULE,
    "results": Permission.READ,
    "pause": Permission.PAUSE,
    "resume": Permission.RESUME,
    "stop": Permission.STOP,
    "traffic": Permission.TRAFFIC,
    "step": Permission.TRAFFIC,
    "pictures": Permission.READ,
    "testers": Permission.TESTERS,
    "guardrails": Permission.GUARDRAILS,
    "import": Permission.IMPORT,
    "note": Permission.NOTE,
    "decide": Permission.DECIDE,
    "agree": Permission.AGREE,
    "promote": Permission.PROMOTE,
    "confirm": Permission.CONFIRM,
    "advance": Permission.ADVANCE,
    "hold": Permission.ADVANCE,
    "go_on": Permission.ADVANCE,
    "rollback": Permission.ROLL_BACK,
    "report": Permission.READ,
    "clone": Permission.CLONE,
    "history": Permission.READ,
    "diff": Permission.READ,
    "archive": Permission.ARCHIVE,
    "delete": Permission.DELETE,
}
"""What each button needs, in the order in which a menu lists them; the states in which they fit follow from it."""
LIKELIEST: dict[Status, tuple[str, ...]] = {
    Status.DRAFT: ("review", "edit", "predict", "note"),
    Status.IN_REVIEW: ("approve", "request_changes", "withdraw", "edit", "predict", "note"),
    Status.APPROVED: ("start", "schedule", "edit", "predict", "note"),
    Status.SCHEDULED: ("unschedule", "start", "schedule", "predict", "note"),
    Status.RUNNING: ("results", "note", "pause", "stop", "rollback"),
    Status.PAUSED: ("resume", "results", "note", "stop", "rollback"),
    Status.STOPPED: ("decide", "results", "import", "note", "archive"),
    Status.DECIDED: ("promote", "confirm", "results", "note", "archive"),
    Status.ROLLING_OUT: ("go_on", "advance", "hold", "results", "note", "rollback"),
    Status.ROLLED_OUT: ("results", "note", "archive", "rollback"),
    Status.ROLLED_BACK: ("decide", "results", "note", "clone", "archive"),
    Status.ARCHIVED: ("results", "clone"),
}
"""The steps that stand as buttons, the likeliest first; all others that fit are in the menu beside them."""
MODALS = {"rollback": "rollback_modal"}
"""What a menu opens instead of what the button does at once, since only a button asks before it acts."""
MOST_BUTTONS = 5
MOST_OPTIONS = 5


def verbs(experiment: Experiment, actor: Actor | None = None) -> tuple[str, ...]:
    """Everything that fits the state, the likeliest first; of an actor's only what they may do."""
    return tuple(_verbs(experiment, actor))


def _verbs(experiment: Experiment, actor: Actor | None) -> Iterator[str]:
    first = LIKELIEST[experiment.status]
    for verb in (*first, *(verb for verb in NEEDS if verb not in first)):
        if _fits(verb, experiment) and _allowed(verb, experiment, actor):
            yield verb


def buttons(experiment: Experiment, actor: Actor | None = None) -> Block:
    """The row of buttons that fit the state, the likeliest step first, and a menu with all the others."""
    fitting = verbs(experiment, actor)
    shown = [verb for verb in fitting if verb in LIKELIEST[experiment.status]][:MOST_BUTTONS]
    row = [_button(verb, experiment, _style(verb, experiment)) for verb in shown]
    return kit.actions(*row, *menu(experiment, [verb for verb in fitting if verb not in shown]))


def row_of(experiment: Experiment, *wanted: str) -> list[Block]:
    """A row of these steps, as far as they fit the state; none where nothing fits. What was started always has results,
    also where the first readout is still to come."""
    fitting = {*verbs(experiment), *(["results"] if experiment.started_at else [])}
    row = [_button(verb, experiment, _style(verb, experiment)) for verb in wanted if verb in fitting]
    return [kit.actions(*row)] if row else []


def label(verb: str, experiment: Experiment) -> str:
    """What the step is called where the experiment stands: who has booked a start does not schedule it again."""
    return "Change the time" if verb == "schedule" and experiment.status is Status.SCHEDULED else LABELS[verb]


def first_button(experiment: Experiment, actor: Actor | None = None) -> Block:
    """The likeliest next step alone, without colour since many of them stand below each other."""
    return _button(next(_verbs(experiment, actor), "show"), experiment)


def menu(experiment: Experiment, some: Sequence[str]) -> list[Block]:
    """A menu of these steps; where they are more than a menu holds, its last entry opens all of them."""
    entries = [(label(verb, experiment), f"{MODALS.get(verb, verb)}:{target_of(experiment)}") for verb in some]
    if len(entries) > MOST_OPTIONS:
        entries = [*entries[: MOST_OPTIONS - 1], ("All actions…", f"more:{target_of(experiment)}")]
    return [kit.overflow("menu", entries)] if entries else []


def _fits(verb: str, experiment: Experiment) -> bool:
    """Whether the state allows it, and what the state alone does not tell."""
    if experiment.status not in states(NEEDS[verb]):
        return False
    match verb:
        case "review":
            return not experiment.design.missing()
        case "results" | "pictures":
            return experiment.is_live or experiment.data_version > 0
        case "promote":
            return is_to_ship(experiment) and experiment.promotion is None
        case "confirm":
            return experiment.promotion is not None
        case "agree":
            return experiment.loosening is not None
        case "decide":
            return experiment.decision is None
        case "step":
            return next_share(experiment) is not None
        case "hold" | "go_on":
            return (verb == "go_on") is is_held(experiment)
        case _:
            return True


def _allowed(verb: str, experiment: Experiment, actor: Actor | None) -> bool:
    return actor is None or may(NEEDS[verb], actor, experiment)


def _button(verb: str, experiment: Experiment, style: str = "") -> Block:
    confirm = withdrawing(experiment) if verb == "rollback" else None
    return kit.button(label(verb, experiment), verb, target_of(experiment), style=style, confirm=confirm)


def withdrawing(experiment: Experiment) -> Block:
    """The question before everybody gets control again."""
    return kit.confirmation(
        f"Roll back {clip(experiment.title, 80)}?",
        f"Everybody gets {clip(experiment.control.key, 60)} again, at once. The data stay; it does not run again.",
        "Roll back",
        "Keep it",
        style="danger",
    )


def _style(verb: str, experiment: Experiment) -> str:
    match verb:
        case "rollback":
            return "danger"
        case "start" | "decide" | "resume" | "promote" | "review" | "go_on":
            return "primary"
        case "results":
            return "primary" if experiment.status is Status.RUNNING else ""
        case _:
            return ""
