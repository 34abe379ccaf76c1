"""The blocks every surface is built from: they state plain or mrkdwn each time and keep to Slack's limits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from experiments.numerals import plural
from handlers.surfaces.words import visible

Block = dict[str, Any]
View = dict[str, Any]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
SECTION = 3000
HEADER = 150
BUTTON = 75
ALT = 2000
TITLE = 24
# Slack refuses messages whose blocks pass about 13,200 characters; the limit is not documented, so keep some distance.
MESSAGE_CHARACTERS = 12_800
VIEW_CHARACTERS = 200_000
REDRAWN = ("type", "callback_id", "title", "submit", "close", "private_metadata", "external_id")
UNDRAWN = "The picture could not be drawn; the numbers above are complete."


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart to draw and upload for a message: its name, its data, and its words for those who cannot see it."""

    chart: str
    data: Any
    alt: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message: `text` for notifications and search, `blocks` as shown, `pictures` still to be drawn."""

    text: str
    blocks: list[Block]
    pictures: tuple[Picture, ...] = ()

    def with_files(self, ids: Sequence[str | None]) -> Message:
        """The message showing these uploaded files; words take the place of a picture that has none."""
        files = {f"picture:{index}": file for index, file in enumerate(ids)}

        def shown(block: Block) -> Block:
            placeholder = block.get("slack_file", {}).get("id")
            if placeholder not in files:
                return block
            file = files[placeholder]
            return {**block, "slack_file": {"id": file}} if file else context(UNDRAWN)

        return replace(self, blocks=[shown(block) for block in self.blocks], pictures=())


@dataclass(frozen=True, slots=True)
class Group:
    """Blocks that are shown together or not at all, and how many of the listed things they stand for."""

    blocks: Sequence[Block]
    things: int = 1


def plain(text: str, most: int, *, emoji: bool = False) -> Block:
    """A plain_text object; a person's words need no escaping here and keep their emoji names as typed."""
    return {"type": "plain_text", "text": visible(text, most), "emoji": emoji}


def mrkdwn(text: str) -> Block:
    """A mrkdwn object in which Slack looks for no links or names by itself. People's words come through `said`."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, HEADER)}


def section(*lines: str, accessory: Block | None = None) -> Block:
    """Lines of mrkdwn; those beyond Slack's limit are left out with their count."""
    kept = list(lines)
    while len(text := "\n".join([*kept, *_left_out(len(lines) - len(kept), "line")])) > SECTION:
        kept.pop()
    block: Block = {"type": "section", "text": mrkdwn(text)}
    return block | ({"accessory": accessory} if accessory else {})


def fields(*pairs: tuple[str, str]) -> Block:
    """Up to ten small cells: a name in bold with its value (mrkdwn) below; pairs without a value are left out."""
    cells = [mrkdwn(f"*{name}*\n{value}") for name, value in pairs if value]
    return {"type": "section", "fields": cells[:10]}


def prose(label: str, text: str, most: int = 700) -> Block:
    """A person's longer words below a label, quoted; rich text shows them literally and keeps their lines."""
    return {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": label, "style": {"bold": True}}]},
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": visible(text, most)}]},
        ],
    }


def context(*texts: str) -> Block:
    """Small grey mrkdwn."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts[:10]]}


def divider() -> Block:
    return {"type": "divider"}


def picture(index: int, alt: str) -> Block:
    """The place of the message's picture of this index; `Message.with_files` puts the uploaded file there."""
    return image(f"picture:{index}", alt)


def image(file: str, alt: str) -> Block:
    """A file of Slack's as an image, with its words for those who cannot see it."""
    return {"type": "image", "slack_file": {"id": file}, "alt_text": visible(alt, ALT)}


def button(
    label: str, verb: str, value: str = "", *, style: str = "", scope: str = "", confirm: Block | None = None
) -> Block:
    """A button that carries a verb and what it is about; `scope` tells two of one verb in a block apart."""
    made: Block = {
        "type": "button",
        "action_id": f"{verb}__{scope}" if scope else verb,
        "text": plain(label, BUTTON, emoji=True),
    }
    return made | {name: given for name, given in (("value", value), ("style", style), ("confirm", confirm)) if given}


def overflow(verb: str, entries: Sequence[tuple[str, str]]) -> Block:
    """A menu of up to five entries: their words, and a value each that names the verb before a colon."""
    options = [{"text": plain(words, 75, emoji=True), "value": value} for words, value in entries]
    return {"type": "overflow", "action_id": verb, "options": options}


def confirmation(title: str, text: str, yes: str, no: str, *, style: str = "") -> Block:
    """The question that Slack asks before it sends a button on."""
    asked: Block = {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }
    return asked | ({"style": style} if style else {})


def actions(*buttons: Block) -> Block:
    return {"type": "actions", "elements": list(buttons)}


def message(text: str, *blocks: Block, pictures: tuple[Picture, ...] = ()) -> Message:
    """A message; `text` is mrkdwn like everything a surface says."""
    return Message(text, list(blocks), pictures)


def fit(
    groups: Sequence[Group],
    thing: str,
    *,
    around: Sequence[Block] = (),
    blocks: int = MESSAGE_BLOCKS,
    characters: int = MESSAGE_CHARACTERS,
) -> list[Block]:
    """As many whole groups as fit beside the blocks `around` them, then the count of the things left out."""
    everything = [block for group in groups for block in group.blocks]
    used, room_blocks = weight(around) + 200, blocks - len(around) - 1
    if len(everything) <= room_blocks and used + weight(everything) <= characters:
        return everything
    kept: list[Block] = []
    for place, group in enumerate(groups):
        used += weight(group.blocks)
        if used > characters or len(kept) + len(group.blocks) > room_blocks:
            left_out = _left_out(sum(each.things for each in groups[place:]), thing)
            return [*kept, *([context(*left_out)] if left_out else [])]
        kept += group.blocks
    return kept


def weight(blocks: Sequence[Block]) -> int:
    """How many characters Slack counts for these blocks."""
    return len(json.dumps(list(blocks), ensure_ascii=False))


def modal(
    callback_id: str,
    title: str,
    *blocks: Block,
    about: dict[str, Any],
    submit: str = "",
    close: str = "Cancel",
) -> View:
    """A modal; `about` comes back with every answer and says what it is about."""
    view: View = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, TITLE),
        "close": plain(close, TITLE),
        "private_metadata": json.dumps(about, separators=(",", ":"), ensure_ascii=False),
        "blocks": list(blocks),
    }
    return view | ({"submit": plain(submit, TITLE)} if submit else {})


def named(block_id: str, block: Block) -> Block:
    """A block that can be found again in its view."""
    return {**block, "block_id": block_id}


def redrawn(view: View, parts: Mapping[str, Sequence[Block]]) -> View:
    """The view with other blocks in place of those with these ids; all else, and what was typed, stays."""
    blocks = [new for block in view["blocks"] for new in parts.get(block.get("block_id", ""), (block,))]
    return {name: view[name] for name in REDRAWN if view.get(name)} | {"blocks": blocks}


def _left_out(count: int, thing: str) -> list[str]:
    if not count:
        return []
    return [f"… and {count:,} more {plural(count, thing)}"]
