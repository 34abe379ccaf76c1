"""The App Home: what needs me, my experiments, the running fleet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from experiments.model import Experiment
from handlers.surfaces import kit
from handlers.surfaces.kit import Block, Group, View
from handlers.surfaces.state import entry
from handlers.surfaces.words import moment

SHOWN = 8
WELCOME = (
    "*Welcome to Bunsen.* From an idea to a decision you can defend, without leaving Slack:",
    "1. Write down what you expect and why.",
    "2. Have somebody look at the design.",
    "3. Start it, and read honest numbers as often as you like.",
    "4. Log the decision and why, so that everybody learns from it.",
)


@dataclass(frozen=True, slots=True)
class HomeState:
    """What one person sees at one moment; `running_total` counts those the tab has no room for, too."""

    user: str
    reviews: Sequence[Experiment]
    decisions: Sequence[Experiment]
    mine: Sequence[Experiment]
    running: Sequence[Experiment]
    running_total: int
    now: datetime


def home(state: HomeState) -> View:
    """The whole tab; a first visit is greeted."""
    top = [kit.actions(kit.button("New experiment", "create", style="primary"), kit.button("List", "list"))]
    bottom = [kit.context(f"As of {moment(state.now)} · /experiment help lists every command")]
    new_here = not (state.reviews or state.decisions or state.mine)
    if new_here:
        top.insert(0, kit.section(*WELCOME))
    groups: list[Group] = [] if new_here else _needs(state)
    if state.mine:
        groups += _part("Your experiments", state.mine, "Look", "show", "/experiment list all")
    if state.running:
        groups += _part(
            "Running now", state.running, "Results", "results", "/experiment list running", state.running_total
        )
    elif not new_here:
        groups.append(Group([kit.header("Running now"), kit.section("Nothing is running.")], 0))
    blocks = kit.fit(
        groups, "experiment", around=[*top, *bottom], blocks=kit.VIEW_BLOCKS, characters=kit.VIEW_CHARACTERS
    )
    return {"type": "home", "blocks": [*top, *blocks, *bottom]}


def _needs(state: HomeState) -> list[Group]:
    if not (state.reviews or state.decisions):
        return [Group([kit.header("What needs you"), kit.section("Nothing. 🎉")], 0)]
    asked = [(each, "waits for your review", "Look", "show") for each in state.reviews]
    owed = [(each, "waits for your decision", "Log decision", "decide") for each in state.decisions]
    needed = [*asked, *owed]
    return [
        Group([kit.header("What needs you")], 0),
        *(
            Group([kit.section(f"{entry(each)} · *{what}*", accessory=_button(label, verb, each))])
            for each, what, label, verb in needed[:SHOWN]
        ),
        *_rest(len(needed) > SHOWN, "/experiment list stopped shows what waits for a decision"),
    ]


def _part(
    title: str, experiments: Sequence[Experiment], label: str, verb: str, where: str, total: int = 0
) -> list[Group]:
    shown = experiments[:SHOWN]
    entries = [Group([kit.section(entry(each), accessory=_button(label, verb, each))]) for each in shown]
    count = f"{total - len(shown):,} " if total else ""
    return [
        Group([kit.header(title)], 0),
        *entries,
        *_rest(max(total, len(experiments)) > len(shown), f"{where} shows them", count),
    ]


def _rest(is_more: bool, where: str, count: str = "") -> list[Group]:
    return [Group([kit.context(f"… and {count}more; {where}")], 0)] if is_more else []


def _button(label: str, verb: str, experiment: Experiment) -> Block:
    return kit.button(label, verb, f"{experiment.key}@{experiment.revision}")
