"""Subscribe: `/experiment subscribe [KEY | me]`, or a button → projects, tags, experiments, kinds of news → saved."""

from __future__ import annotations

from typing import Any

from experiments.errors import BadInput
from experiments.permissions import Actor
from experiments.ports import World
from experiments.preferences import Preferences, prefer
from experiments.repositories import Filter
from handlers.forms import about, answers, begun
from handlers.place import channel_of, choice_of, place_of, require_say
from handlers.reading import experiment_of
from handlers.roles import give_way
from handlers.surfaces.kit import View
from handlers.surfaces.notification_settings import notifications_modal
from handlers.surfaces.subscribe_modal import place_words, subscribe_modal, subscribed
from handlers.turn import Ack, Turn, redraw, show

MOST_OFFERED = 200


async def by_command(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """With a key that experiment is followed at once; `me` opens one's own choices in a channel, too."""
    if turn.words and turn.words[0].lower() != "me":
        experiment = await experiment_of(turn.words[0], actor, world)
        place = place_of(turn, actor)
        require_say(place, actor)

        def follow(before: Preferences) -> Preferences:
            return before.model_copy(
                update={"experiments": tuple(dict.fromkeys([*before.experiments, experiment.key]))}
            )

        _, after = await prefer(place, actor, world, follow)
        said = subscribed(after)
        await ack(text=said.text, blocks=said.blocks)
        return
    await show(turn, world, await _form(place_of(turn, actor, "me" if turn.words else ""), turn, actor, world))
    await ack()


async def by_button(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    await show(turn, world, await _form(place_of(turn, actor, turn.value), turn, actor, world))
    await ack()


async def other(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """From the channel's form to one's own, and back."""
    view = await _form(place_of(turn, actor, turn.value), turn, actor, world)
    await ack()
    await redraw(turn.view["id"], view, world)


async def submit(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    place, seen, given = about(turn.view)["subject"], _sets(begun(turn.view)), _sets(answers(turn.view))
    require_say(place, actor)
    _, after = await prefer(place, actor, world, lambda before: _chosen(before, seen, given))
    told = f"✅ Saved. This is what reaches {place_words(after)} from now on."
    await give_way(notifications_modal(after, world.now(), actor.tz, channel_of(turn), told), ack, turn, world)


async def unsubscribe(ack: Ack, turn: Turn, actor: Actor, world: World) -> None:
    """One experiment is followed no longer, or nothing is."""
    place, key = place_of(turn, actor), turn.words[0] if turn.words else ""
    require_say(place, actor)

    def less(before: Preferences) -> Preferences:
        if key and key not in before.experiments:
            raise BadInput(f"“{key}” is not followed by itself here. /experiment subscribe shows what is.")
        if key:
            return before.model_copy(update={"experiments": tuple(each for each in before.experiments if each != key)})
        nothing: dict[str, Any] = {"everything": False, "projects": (), "tags": (), "experiments": ()}
        return before.model_copy(update=nothing)

    _, after = await prefer(place, actor, world, less)
    said = subscribed(after)
    await ack(text=said.text, blocks=said.blocks)


def _sets(said: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """What a form says, each field as a set of choices."""
    tags = tuple(tag for part in said.get("tags", "").split(",") if (tag := part.strip()))
    names = ("everything", "projects", "experiments", "events")
    return {"tags": tags} | {name: said.get(name, ()) for name in names}


def _chosen(before: Preferences, seen: dict[str, tuple[str, ...]], given: dict[str, tuple[str, ...]]) -> Preferences:
    """The choices without what the person took away and with what they added; validated, since people typed it. What
    others chose while the form was open stays."""
    fields: dict[str, Any] = {**dict(before), "events": before.chosen}
    for name in ("projects", "tags", "experiments", "events"):
        left = [each for each in fields[name] if each in given[name] or each not in seen[name]]
        fields[name] = (*left, *(each for each in given[name] if each not in seen[name] and each not in left))
    if given["everything"] != seen["everything"]:
        fields["everything"] = bool(given["everything"])
    if set(given["events"]) == set(seen["events"]):
        fields["events"] = before.events
    return Preferences.model_validate(fields)


async def _form(place: str, turn: Turn, actor: Actor, world: World) -> View:
    choice = await choice_of(place, actor, world)
    async with world.reading(actor.workspace) as uow:
        policies = await uow.policies.get()
        some = await uow.experiments.list(Filter(projects=actor.readable, limit=MOST_OFFERED))
    known = {each.project for each in some} | {each.name for each in policies.projects if actor.role_in(each.name)}
    return subscribe_modal(choice, sorted(known), some, channel_of(turn))
