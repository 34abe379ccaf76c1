"""Chart: `/experiment chart NAME [KEY]`, a button or a menu → one picture with its filters, redrawn in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from experiments.errors import BadInput
from experiments.model import Experiment
from experiments.nearest import nearest
from experiments.permissions import Actor
from experiments.ports import World
from handlers.drawing import illustrated
from handlers.forms import about, answers, marked, picked, target
from handlers.picking import candidates, offer
from handlers.pictures.asked import Source
from handlers.pictures.shelf import SHELF, STARTED, found_for
from handlers.reading import experiment_of
from handlers.surfaces.chart import PICTURE, Chart, chart, pictures_menu
from handlers.surfaces.fields import OPTIONS, Choice
from handlers.surfaces.kit import Message
from handlers.surfaces.lists import nothing_to
from handlers.surfaces.pick_modal import pick_modal
from handlers.turn import Ack, Handler, Turn, say, show, tell

Chosen = Mapping[str, str]
COMMANDS = ("patterns", "portfolio", "hypotheses", "velocity", "roi", "leaderboard")
"""The pictures that have a command of their own: what the experiments say together."""


async def by_command(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """`chart`, `chart velocity`, `chart quality checkout-button`."""
    if not turn.words:
        said = pictures_menu(_kind(of_one=True), _kind(of_one=False))
        await ack(text=said.text, blocks=said.blocks)
        return
    await _asked_for(turn.words[0].lower(), turn.words[1:], ack, turn, actor, world)


async def menu(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """From a button: which pictures there are."""
    await ack()
    turn.later(tell(turn, world, pictures_menu(_kind(of_one=True), _kind(of_one=False))))


def named(name: str) -> Handler:
    """The command that has a picture's own name, such as `velocity`."""

    async def by_name(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
        await _asked_for(name, turn.words, ack, turn, actor, world)

    return by_name


async def pictures_by_command(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """`pictures checkout-button`: those of one experiment."""
    if not turn.words:
        await offer("pictures", STARTED, ack, turn, actor, world)
        return
    said = _menu_of(await experiment_of(turn.words[0], actor, world))
    await ack(text=said.text, blocks=said.blocks)


async def pictures_by_button(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    said = _menu_of(await experiment_of(target(turn.value).key, actor, world))
    await ack()
    turn.later(tell(turn, world, said))


async def pictures_by_pick(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    said = _menu_of(await experiment_of(answers(turn.view)["key"], actor, world))
    await ack(response_action="clear")
    turn.later(tell(turn, world, said))


async def by_button(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """A button of another message or an entry of a menu, whose value is `NAME` or `NAME:KEY`."""
    name, _, key = turn.value.partition(":")
    await _asked_for(name, (key,) if key else (), ack, turn, actor, world)


async def by_pick(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    seen = about(turn.view)
    subject = await _subject(seen[PICTURE], answers(turn.view)["key"], actor, world)
    await ack(response_action="clear")
    turn.later(_said(seen[PICTURE], subject, replace(turn, channel=seen.get("channel", "")), actor, world))


async def choose(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """A filter under the picture, or another picture in its place."""
    name, _, rest = marked(turn.view, "chart_by").partition(":")
    key = rest.partition(":")[0]
    chosen = picked(turn.view, "chart_by")
    name = chosen.pop(PICTURE, "") or name
    subject = await _subject(name, key, actor, world)
    await ack()
    turn.later(_again(name, subject, chosen, turn, actor, world))


async def _asked_for(name: str, words: tuple[str, ...], ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    source = _source(name)
    if source.statuses and not words:
        await _offer(name, source, ack, turn, actor, world)
        return
    subject = await _subject(name, words[0] if words else "", actor, world)
    await ack()
    turn.later(_said(name, subject, turn, actor, world))


async def _offer(name: str, source: Source, ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """Which experiment the picture is to be of."""
    found = await candidates("chart", source.statuses, actor, world, most=OPTIONS + 1)
    if found:
        seen = {"channel": turn.channel, "statuses": [each.value for each in source.statuses], PICTURE: name}
        await show(turn, world, pick_modal(found, "chart", about=seen))
        await ack()
    else:
        await ack()
        await tell(turn, world, nothing_to("chart", actor))


async def _subject(name: str, key: str, actor: Actor, world: World) -> Experiment | None:
    """The experiment the picture is of; `BadInput` where there is nothing to see of it yet."""
    source = _source(name)
    if not source.statuses:
        return None
    experiment = await experiment_of(key, actor, world)
    if experiment.status not in source.statuses:
        raise BadInput(
            f"“{experiment.title}” is {experiment.status.words}: there is nothing to draw before it is started."
        )
    return experiment


def _menu_of(experiment: Experiment) -> Message:
    """The pictures that make sense for this experiment as it stands."""
    fitting = [(f"{name}:{experiment.key}", words) for name, words in _fitting(experiment)]
    return pictures_menu(fitting, _kind(of_one=False), experiment)


def _source(name: str) -> Source:
    if name in SHELF:
        return SHELF[name]
    near = nearest(name, tuple(SHELF))
    meant = f" Did you mean {' or '.join(near)}?" if near else " `/experiment chart` shows those there are."
    raise BadInput(f"There is no picture called “{name[:40]}”.{meant}")


def _kind(*, of_one: bool) -> list[Choice]:
    """The pictures of one experiment, or those of many."""
    return [(name, source.words) for name, source in SHELF.items() if bool(source.statuses) is of_one]


def _fitting(subject: Experiment | None) -> list[Choice]:
    """The pictures that make sense for this experiment as it stands; without one, those of many."""
    if subject is None:
        return _kind(of_one=False)
    return [(name, source.words) for name, source in SHELF.items() if subject.status in source.statuses]


async def message_of(name: str, subject: Experiment | None, chosen: Chosen, actor: Actor, world: World) -> Message:
    """The picture with everything around it, still to be drawn."""
    found, picture = await found_for(name, actor, world, subject, chosen)
    return chart(Chart(name, found, picture, SHELF[name].refresh, _fitting(subject), subject))


async def _said(name: str, subject: Experiment | None, turn: Turn, actor: Actor, world: World) -> None:
    await say(turn, world, await illustrated(await message_of(name, subject, {}, actor, world), world))


async def _again(name: str, subject: Experiment | None, chosen: Chosen, turn: Turn, actor: Actor, world: World) -> None:
    said = await illustrated(await message_of(name, subject, chosen, actor, world), world)
    await world.slack.respond(turn.response_url, replace_original=True, text=said.text, blocks=said.blocks)
