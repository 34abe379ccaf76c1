"""Three levels: own work, the fleet with its filters, one experiment, the App Home, menus to pick from."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.fleet import Choices
from experiments.model import Experiment, Status
from experiments.permissions import Role
from experiments.readout import VerdictStatus
from experiments.running import Loosening, Reading, Rollout, Significance
from handlers.surfaces import lists
from handlers.surfaces.fleet import fleet_list, search_modal
from handlers.surfaces.home import home
from handlers.surfaces.kit import Message, View
from handlers.surfaces.needs import Need
from handlers.surfaces.pick_modal import pick_modal
from handlers.surfaces.problem import mistyped
from handlers.surfaces.setup import STEPS, Setup, hello
from tests.handlers.surfaces.situations import (
    ADA,
    BO,
    LONG,
    NOW,
    actor,
    bait,
    experiment,
    fleet_state,
    hostile,
    note,
    record,
    state,
)


def alarming() -> Experiment:
    reading = Reading(
        number=24,
        day=6,
        status=VerdictStatus.ROLL_BACK,
        sentence="Roll back: revenue falls by 4.1 % (1.0 % to 7.2 %).",
        significance=Significance.SIGNIFICANT,
        at=NOW,
    )
    return experiment(Status.RUNNING, key="bigger-fonts", title="Bigger fonts", reading=reading)


def asked_for(**changes: object) -> Experiment:
    """Decided, and to be shipped against the advice; a second person has to confirm."""
    wish = Rollout(variant="bigger-button", stages=(1_000, 10_000), by=BO, at=NOW, stage_at=NOW)
    return experiment(Status.DECIDED, key="one-click", title="One-click checkout", promotion=wish, **changes)


def loosened() -> Experiment:
    running = experiment(Status.RUNNING)
    guardrails = tuple(each for each in running.design.metrics if each.role.value == "guardrail")
    return running.evolve(loosening=Loosening(guardrails=guardrails, by=BO, at=NOW, comment="It is too tight."))


SEVERAL = tuple(experiment(status) for status in (Status.DRAFT, Status.APPROVED, Status.RUNNING, Status.STOPPED))
REVIEWED = experiment(Status.IN_REVIEW, key="search-prompt", title="Shorter search prompt")
NEEDS = (
    Need(alarming(), "does harm, by its own rule", "results"),
    Need(REVIEWED, "waits for your review", "show"),
    Need(asked_for(), "its promotion waits for a second person", "show"),
    Need(experiment(Status.STOPPED), "waits for your decision", "decide"),
)


def crowd() -> tuple[Experiment, ...]:
    return tuple(hostile(status) for status in Status) * 20


def messages() -> Iterator[tuple[str, Message]]:
    nasty = crowd()
    yield "mine empty", lists.mine((), (), actor())
    yield "mine empty of a viewer", lists.mine((), (), actor("U0DEE", Role.VIEWER))
    yield "mine", lists.mine(NEEDS, SEVERAL, actor())
    yield "mine full", lists.mine([Need(each, "waits for your review", "show") for each in nasty], nasty, actor())
    yield "list", fleet_list(fleet_state(SEVERAL))
    yield "list with an alarm", fleet_list(fleet_state((alarming(), *SEVERAL[2:3])))
    yield "list of a viewer", fleet_list(fleet_state(SEVERAL, actor=actor("U0DEE", Role.VIEWER)))
    yield "list second page", fleet_list(fleet_state(SEVERAL, 10_000, choices=Choices(page=1)))
    yield "list narrowed", fleet_list(fleet_state(SEVERAL[2:3], choices=Choices(kind="feature", department="Growth")))
    yield "list nothing passes", fleet_list(fleet_state(choices=Choices(outcome="ship")))
    yield "list nothing at all", fleet_list(fleet_state(choices=Choices.everything()))
    long = tuple(bait(60) for _ in range(150))
    yield "list full", fleet_list(fleet_state(nasty[:8], 9_999, departments=long, choices=Choices(page=3)))
    found = Choices.everything("checkout button")
    yield "search", fleet_list(fleet_state(SEVERAL, 57, choices=found), searched=True)
    hidden = Choices(text="zebra", kind="feature")
    yield "search hidden by filters", fleet_list(fleet_state(choices=hidden), searched=True)
    yield "search for a state", fleet_list(fleet_state(choices=Choices.everything("runing")), searched=True)
    yield "search without a hit", fleet_list(fleet_state(choices=Choices.everything("zebra")), searched=True)
    yield (
        "search hostile",
        fleet_list(fleet_state(nasty[:8], 57, choices=Choices.everything(bait(LONG))), searched=True),
    )
    yield "show", lists.show(experiment(Status.RUNNING), (note(1), note()), (record(1), record()), actor())
    yield "show in review", lists.show(experiment(Status.IN_REVIEW), (), (), actor(BO))
    yield "show to a viewer", lists.show(experiment(Status.RUNNING), (note(),), (), actor("U0DEE", Role.VIEWER))
    yield "show promotion asked", lists.show(asked_for(), (), (), actor(ADA))
    yield "show loosening asked", lists.show(loosened(), (), (), actor(ADA))
    yield (
        "show hostile",
        lists.show(
            hostile(Status.DECIDED),
            tuple(note(n, bait(3000)) for n in range(50)),
            tuple(record(n, bait(3000)) for n in range(200)),
            actor(),
        ),
    )
    yield "help", lists.help_text(actor())
    yield "unknown word", lists.unknown_word("creat", ("create",))
    yield "unknown word with several near", lists.unknown_word("subscrib", ("subscribe", "unsubscribe", "describe"))
    yield "unknown word hostile", lists.unknown_word(bait(LONG), ())
    yield "noted", lists.noted(experiment(Status.RUNNING, note_count=3))
    yield "nothing to", lists.nothing_to("request_changes", actor())
    yield "mistyped key", mistyped("There is no experiment “chekout” here.", "stop", ("checkout", "checkout-copy"))
    yield "mistyped key hostile", mistyped(bait(LONG), "stop", ("checkout",))
    yield "channel connected", hello(ADA)


def views() -> Iterator[tuple[str, View]]:
    about = {"channel": "C0EXPERIMENTS", "statuses": [status.value for status in Status]}
    for name, make in (("", experiment), (" hostile", hostile)):
        yield f"pick{name}", pick_modal([make(status) for status in Status], "stop", about)
    yield "pick of many", pick_modal([experiment(key=f"experiment-{n}") for n in range(150)], "show", about)
    yield "pick one", pick_modal([experiment()], "review", about)
    yield "search form", search_modal()
    yield "home first visit", home(state(setup=Setup(steps=STEPS)))
    refused = Setup(steps=STEPS, channel="C0GENERAL", reason="not_in_channel")
    yield "home channel refused", home(state(setup=refused))
    yield "home set-up people", home(state(setup=Setup(steps=STEPS, done=frozenset({"channel"}))))
    member = Setup(steps=("channel", "first"), done=frozenset({"channel"}))
    yield "home set-up first experiment", home(state(setup=member, fleet=fleet_state(actor=actor())))
    yield "home quiet", home(state(mine=(experiment(Status.DECIDED),)))
    yield (
        "home",
        home(state(fleet=fleet_state(SEVERAL, 40), needs=NEEDS, mine=SEVERAL, mine_total=11, undelivered=3)),
    )
    nasty = crowd()
    needs = [Need(each, "waits for your review", "show") for each in nasty]
    choices = Choices.given({"text": bait(LONG), "department": bait(60)})
    fleet = fleet_state(nasty[:10], 9_999, choices=choices, departments=tuple(bait(60) for _ in range(150)))
    yield "home full", home(state(fleet=fleet, needs=needs, mine=nasty[:6], mine_total=240, undelivered=12))
