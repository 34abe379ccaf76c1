"""The fleet: experiments narrowed by six filters and a search, a page at a time, with the count of every state."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from experiments.design import Kind
from experiments.fleet import ANY, DAYS, FILTERS, MOST_TEXT, STATUSES, Choices
from experiments.model import Experiment, Outcome, Status
from experiments.nearest import nearest
from experiments.numerals import counted
from experiments.permissions import Actor, Permission, allows
from experiments.running import Significance
from experiments.texts import Words
from handlers.surfaces import kit
from handlers.surfaces.breadcrumbs import trail
from handlers.surfaces.fields import chosen, options, text_field, words_of
from handlers.surfaces.kit import Block, Group, Message, View
from handlers.surfaces.state import EMOJI, entry, target_of
from handlers.surfaces.steps import first_button, menu, verbs
from handlers.surfaces.words import either, said

Choice = tuple[str, str]
FEW_DEPARTMENTS = 12
STATES = tuple(each.words for each in Status)
NEW = kit.button("New experiment", "create", style="primary")


@dataclass(frozen=True, slots=True)
class FleetState:
    """One page of what `actor` may read: `counts` are of everything that passes the filters, `size` is a page."""

    actor: Actor
    choices: Choices
    entries: Sequence[Experiment]
    counts: Mapping[Status, int]
    size: int
    departments: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def pages(self) -> int:
        return max(1, math.ceil(self.total / self.size))


def may_begin(actor: Actor) -> bool:
    """Whether the actor may write down an experiment somewhere."""
    return allows(Permission.CREATE, actor, None) is None


def new_button(actor: Actor) -> list[Block]:
    """The way to a new experiment, for those who may begin one."""
    return [NEW] if may_begin(actor) else []


def fleet_list(state: FleetState, *, searched: bool = False) -> Message:
    """The answer to `list` and `search`: what there is, the filters, and a page of it."""
    found = f"{counted(state.total, 'experiment')} found" if searched else counted(state.total, "experiment")
    of = f" for “{said(state.choices.text, 200)}”" if state.choices.text else ""
    words = f"{found}{of}, " + ("the best matches first" if state.choices.text else "the latest change first")
    top = [trail(), kit.section(*([words, _counts(state)] if state.total else [_nothing(state)]))]
    bottom = [filters(state, searching=True), *paging(state, *new_button(state.actor))]
    groups = [Group([kit.section(entry(each), accessory=_look(each))]) for each in state.entries]
    text = words if state.total else _nothing(state)
    return kit.message(text, *top, *kit.fit(groups, "experiment", around=[*top, *bottom]), *bottom)


def fleet_tab(state: FleetState) -> tuple[list[Block], list[Group], list[Block]]:
    """The same for the Home tab, where what to search for can be typed: what stands above, a page of it, below."""
    search = text_field(
        _scoped(state, "text"),
        "Search",
        state.choices.text,
        optional=True,
        placeholder="Key, title, hypothesis, decision or tag, then Enter",
        most=MOST_TEXT,
    )
    summary = [_counts(state)] if state.total else [_nothing(state)]
    top = [kit.header("The fleet"), search | {"dispatch_action": True}, filters(state), kit.section(*summary)]
    return top, [entry_of(each, state.actor) for each in state.entries], paging(state)


def entry_of(experiment: Experiment, actor: Actor, remark: str = "", button: Block | None = None) -> Group:
    """An experiment in a list: a line about it, its likeliest button, and a menu with all else the actor may do."""
    first = button or first_button(experiment, actor)
    others = [verb for verb in ("show", *verbs(experiment, actor)) if verb != first["action_id"]]
    line = f"{entry(experiment, remarked=True)} · *{remark}*" if remark else entry(experiment)
    return Group([kit.section(line), kit.actions(first, *menu(experiment, others))])


def filters(state: FleetState, *, searching: bool = False) -> Block:
    """The six filters as menus, each of which changes the list in place; where `searching`, what is searched for can be
    taken away."""
    choices = state.choices
    shown = [
        _departments(state)
        if name == "department"
        else _menu(state, name, filter_choices(name, getattr(choices, name)))
        for name in FILTERS
    ]
    if searching and choices.text:
        words = [(choices.text, f"“{choices.text}”"), (ANY, "Search for nothing")]
        shown.append(_element(state, "searched", chosen("static_select", words, choices.text)))
    return kit.actions(*shown) | {"block_id": _scoped(state, "filters")}


def filter_choices(name: str, value: str = "", departments: Sequence[str] = ()) -> list[Choice]:
    """What can be chosen in one of the six filters; `value` is what is chosen now."""
    match name:
        case "time":
            return [*((days, f"Last {days} days") for days in DAYS), (ANY, "All times")]
        case "department":
            return department_choices(departments)
        case "status":
            return [(ANY, "Any status"), *((each, each) for each in STATUSES), *_exactly(value)]
        case "significance":
            return [(ANY, "Any significance"), *_words(Significance)]
        case "kind":
            return [(ANY, "Any kind"), *words_of(Kind)]
        case _:
            return [(ANY, "Any outcome"), *words_of(Outcome)]


def paging(state: FleetState, *more: Block) -> list[Block]:
    """Where one is among the pages, and buttons to the others and `more`; a way out where the filters leave nothing."""
    page, row = state.choices.page, []
    if page > 0:
        row.append(kit.button("‹ Previous", "fleet_page", str(page - 1), scope="previous"))
    if page + 1 < state.pages:
        row.append(kit.button("Next ›", "fleet_page", str(page + 1), scope="next"))
    if state.choices.kept != Choices().kept or state.choices.text:
        row.append(kit.button("Usual filters", "fleet_clear"))
    if not state.total and state.choices.all != Choices.everything().all:
        is_narrowed = state.choices.text and not _is_everywhere(state)
        row.append(kit.button("Search everywhere" if is_narrowed else "Show everything", "fleet_all"))
    total = counted(state.total, "experiment")
    where = [kit.context(f"Page {page + 1:,} of {state.pages:,} · {total}")] if state.pages > 1 else []
    row += more
    return [*where, *([kit.actions(*row)] if row else [])]


def search_modal() -> View:
    """What to look for, when `search` came without words."""
    return kit.modal(
        "search",
        "Search experiments",
        text_field("text", "Words", placeholder="checkout button", most=MOST_TEXT, hint=SEARCHED),
        submit="Search",
        about={},
    )


SEARCHED = "They are looked for in key, title, hypothesis, tags, and the decision with its next steps."


def _nothing(state: FleetState) -> str:
    if state.choices.text:
        found = f"Nothing found for “{said(state.choices.text, 200)}”"
        if not _is_everywhere(state):
            return f"{found} with these filters; there may be something outside them."
        meant = either([f"`/experiment list {each}`" for each in nearest(state.choices.text, STATES)])
        return f"{found}. " + (f"Did you mean {meant}?" if meant else "Fewer words, or a part of one, find more.")
    if state.choices.all == Choices.everything().all:
        return "There is no experiment yet." + " An idea is written down in two minutes." * may_begin(state.actor)
    return "No experiment passes these filters."


def _is_everywhere(state: FleetState) -> bool:
    """Whether the filters leave nothing out."""
    return state.choices.kept == Choices.everything().kept


def _counts(state: FleetState) -> str:
    """12 running · 30 drafts … in the order of the lifecycle."""
    counted_states = (f"{EMOJI[each]} {state.counts[each]:,} {each.words}" for each in Status if state.counts.get(each))
    return " · ".join(counted_states)


def _exactly(status: str) -> list[Choice]:
    """The exact state somebody asked for, which is none of the dashboard's words."""
    return [(each.value, f"{EMOJI[each]} Only {each.words}") for each in Status if each.value == status]


def _words(members: Iterable[Words]) -> tuple[Choice, ...]:
    return tuple((value, f"{words} yet" if words.startswith("Not") else words) for value, words in words_of(members))


def _menu(state: FleetState, name: str, choices: Sequence[Choice]) -> Block:
    return _element(state, name, chosen("static_select", choices, getattr(state.choices, name)))


def _departments(state: FleetState) -> Block:
    """A menu, or where they are many, since a message has little room, one that finds them as somebody types."""
    if len(state.departments) <= FEW_DEPARTMENTS:
        return _menu(state, "department", department_choices(state.departments))
    known = department_choices(state.departments)
    picked = next((each for each in known if each[0] == state.choices.department), known[0])
    element = {"type": "external_select", "min_query_length": 0, "initial_option": options([picked])[0]}
    return _element(state, "department", element)


def department_choices(departments: Sequence[str]) -> list[Choice]:
    """All of them, and the one that is not a department."""
    return [(ANY, "All departments"), *((each, each) for each in departments)]


def _look(experiment: Experiment) -> Block:
    return kit.button("Look", "show", target_of(experiment))


def _element(state: FleetState, name: str, element: Block) -> Block:
    return {**element, "action_id": _scoped(state, name)}


def _scoped(state: FleetState, name: str) -> str:
    """Slack keeps what was chosen in an unchanged block, so other choices make it another block."""
    return f"fleet__{name}__{zlib.crc32(repr(state.choices.all).encode()):08x}"
