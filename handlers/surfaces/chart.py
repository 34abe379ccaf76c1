"""A picture on its own: what it shows in words, the picture, its filters, and the ways on; and which ones there are."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from charts.wording import SENTENCE
from experiments.model import Experiment
from experiments.numerals import counted
from handlers.pictures.asked import Down, Found, Option
from handlers.surfaces import kit
from handlers.surfaces.breadcrumbs import trail, ways_up
from handlers.surfaces.fields import OPTIONS, Choice, chosen
from handlers.surfaces.kit import Block, Message, Picture
from handlers.surfaces.state import name
from handlers.surfaces.words import said

PICTURE = "picture"
LEAD = 480
VALUE = 150
MENUS = 12


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture to show: its name, what was found for it, how old its data may be, the other pictures of its kind, and
    the experiment it is of."""

    name: str
    found: Found
    picture: Picture
    refresh: timedelta
    others: Sequence[Choice]
    subject: Experiment | None = None


def chart(shown: Chart) -> Message:
    """The picture with everything around it; its filters redraw it in place and offer as much as a message holds."""
    key = shown.subject.key if shown.subject else ""
    command = " ".join(filter(None, ("/experiment chart", shown.name, key)))
    title = dict(shown.others).get(shown.name, shown.name)
    lead, rest = _parted(said(shown.picture.alt, 2_500))
    above = [trail(shown.subject), kit.section(f"*{title}*", lead), kit.picture(0, shown.picture.alt)]
    below = [
        *([kit.context(rest)] if rest else []),
        *_ways(shown),
        kit.context(f"`{command}` · from data at most {_age(shown.refresh)} old"),
    ]
    room = kit.MESSAGE_CHARACTERS - kit.weight([*above, *below])
    menus = (kit.actions(*_menus(shown, key, most)) for most in (OPTIONS, 50, 25, 12, 6, 3))
    fitting = next((block for block in menus if kit.weight([block]) <= room), None)
    return kit.message(
        f"{lead} {rest}".strip(), *above, *([fitting] if fitting else []), *below, pictures=(shown.picture,)
    )


def pictures_menu(of_one: Sequence[Choice], of_all: Sequence[Choice], subject: Experiment | None = None) -> Message:
    """Which pictures there are, as two menus; of an experiment those that make sense for it."""
    whose = f" of {name(subject)}" if subject else ""
    words = f"📊 *Pictures{whose}*: `/experiment chart NAME {subject.key if subject else 'KEY'}`, or choose one here."
    rows = [
        kit.section(label, accessory=_menu(which, choices))
        for which, label, choices in (
            ("one", "Of this experiment" if subject else "Of one experiment", of_one),
            ("all", "Of many experiments together", of_all),
        )
        if choices
    ]
    return kit.message(words, kit.section(words), *rows)


def _parted(words: str) -> tuple[str, str]:
    """The first two sentences, or the first alone where they are long, and all others."""
    first, *others = SENTENCE.split(words)
    if others and len(first) + len(others[0]) < LEAD:
        first = f"{first} {others.pop(0)}"
    return first, " ".join(others)


def _menu(which: str, choices: Sequence[Choice]) -> Block:
    element = chosen("static_select", choices, "")
    return {**element, "action_id": f"chart_open__{which}", "placeholder": kit.plain("Choose a picture", 150)}


def _menus(shown: Chart, key: str, most: int) -> list[Block]:
    """The other pictures of this kind, and the filters that leave something to choose, with at most so many choices."""
    filters = (_fitting(each, most) for each in shown.found.options)
    options = [Option(PICTURE, "Picture", shown.others, shown.name), *filters]
    chosen_now = {each.name: each.value for each in options}
    about = f"{shown.name}:{key}:{zlib.crc32(repr(sorted(chosen_now.items())).encode()):08x}"
    return [
        {
            **chosen("static_select", each.choices, each.value),
            "action_id": f"chart_by__{each.name}__{about}",
            "placeholder": kit.plain(each.words, 150),
        }
        for each in options[:MENUS]
        if len(each.choices) > 1
    ]


def _fitting(option: Option, most: int) -> Option:
    """The filter with at most so many choices, the chosen one always among them."""
    fitting = [each for each in option.choices if len(each[0]) <= VALUE]
    first = [each for each in fitting if each[0] == option.value]
    kept = fitting if len(fitting) <= most else [*first, *(each for each in fitting if each not in first)]
    return option._replace(choices=kept[:most])


def _ways(shown: Chart) -> list[Block]:
    up = ways_up(shown.subject) if shown.subject else []
    down = [_button(place, each) for place, each in enumerate(shown.found.down)]
    return [kit.actions(*down, *up)] if down or up else []


def _button(place: int, down: Down) -> Block:
    return kit.button(down.words, down.verb, down.value, scope=f"{PICTURE}{place}")


def _age(refresh: timedelta) -> str:
    seconds = round(refresh.total_seconds())
    return counted(seconds // 60, "minute") if seconds >= 60 else counted(seconds, "second")
