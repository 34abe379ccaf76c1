"""Blocks: what each may hold, which surface takes it, and that ids are unique."""

from collections import Counter
from typing import Any, Literal

from bot.sandbox import limits
from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError
from bot.sandbox.file_store import FileStore
from bot.sandbox.validation.composition import GROUP, OPTION, TYPE, text
from bot.sandbox.validation.elements import ACCESSORIES, ACTIONS, BUTTON, IMAGE, IMAGE_FIELDS, INPUTS, element
from bot.sandbox.validation.rich_text import RICH_TEXT
from bot.sandbox.validation.schema import (
    Check,
    Problems,
    boolean,
    choice,
    integer,
    many,
    number,
    one_of,
    record,
    string,
    typed,
)

Surface = Literal["message", "modal", "home"]

_BLOCK: dict[str, Check] = {"type": TYPE, "block_id": string(limits.BLOCK_ID, 1)}


def _block(required: tuple[str, ...], also: Check | None = None, **fields: Check) -> Check:
    return record({**_BLOCK, **fields}, required, also)


def _section_says_something(value: Json, path: str, problems: Problems) -> None:
    if value.get("text") is None and not value.get("fields"):
        problems.note("missing required field: text or fields", path)


def _image_source(value: Json, path: str, problems: Problems) -> None:
    one_of("image_url", "slack_file")(value, path, problems)


def _dispatchable(value: Json, path: str, problems: Problems) -> None:
    if value.get("dispatch_action") and value["element"]["type"] == "file_input":
        problems.note("file_input cannot dispatch actions", f"{path}/dispatch_action")


def _even_rows(value: Json, path: str, problems: Problems) -> None:
    widths = {len(row) for row in value["rows"]}
    if len(widths) > 1:
        problems.note("all rows must have the same number of cells", f"{path}/rows")


_CELL = typed(
    {
        "raw_text": record({"type": TYPE, "text": string(limits.TEXT_OBJECT)}, ("text",)),
        "raw_number": record({"type": TYPE, "text": string(limits.TEXT_OBJECT), "value": number}, ("text", "value")),
        "rich_text": RICH_TEXT,
    }
)
_COLUMN = record({"align": choice("left", "center", "right"), "is_wrapped": boolean})
_CARD = _block(
    (),
    title=text(limits.CARD_TITLE, mrkdwn_only=True),
    subtitle=text(limits.CARD_TITLE, mrkdwn_only=True),
    body=text(limits.CARD_BODY, mrkdwn_only=True),
    hero_image=IMAGE,
    icon=IMAGE,
    actions=many(BUTTON, limits.CARD_ACTIONS),
)
_TASK = _block(
    ("task_id", "title", "status"),
    task_id=string(255, 1),
    title=string(limits.TEXT_OBJECT, 1),
    status=choice("pending", "in_progress", "complete", "error"),
    details=RICH_TEXT,
    output=RICH_TEXT,
    sources=many(
        record(
            {"type": choice("url"), "url": string(limits.BUTTON_URL, 1), "text": string(300)}, ("type", "url", "text")
        ),
        100,
    ),
)
_CONTEXT_PARTS = typed({"image": IMAGE, "plain_text": text(), "mrkdwn": text()})

BLOCKS: dict[str, Check] = {
    "actions": _block(("elements",), elements=many(element(ACTIONS), limits.ACTIONS_ELEMENTS, 1)),
    "alert": _block(("text",), text=text(), level=choice("default", "info", "warning", "error", "success")),
    "card": _CARD,
    "carousel": _block(("elements",), elements=many(typed({"card": _CARD}), limits.CAROUSEL_ELEMENTS, 1)),
    "context": _block(("elements",), elements=many(_CONTEXT_PARTS, limits.CONTEXT_ELEMENTS, 1)),
    "context_actions": _block(
        ("elements",),
        elements=many(element({"feedback_buttons", "icon_button"}), limits.CONTEXT_ACTIONS_ELEMENTS, 1),
    ),
    "data_table": _block(
        ("caption", "rows"),
        _even_rows,
        caption=string(limits.TEXT_OBJECT, 1),
        rows=many(many(_CELL, limits.DATA_TABLE_COLUMNS, 1), limits.DATA_TABLE_ROWS, limits.DATA_TABLE_MIN_ROWS),
        page_size=integer(1, 100),
        row_header_column_index=integer(0, limits.DATA_TABLE_COLUMNS - 1),
    ),
    "divider": _block(()),
    "file": _block(("external_id", "source"), external_id=string(255, 1), source=choice("remote")),
    "header": _block(("text",), text=text(limits.HEADER_TEXT, plain_only=True), level=integer(1, 4)),
    "image": record(
        {**IMAGE_FIELDS, **_BLOCK, "title": text(limits.IMAGE_TITLE, plain_only=True)}, ("alt_text",), _image_source
    ),
    "input": _block(
        ("label", "element"),
        _dispatchable,
        label=text(limits.INPUT_LABEL, plain_only=True),
        hint=text(limits.INPUT_HINT, plain_only=True),
        element=element(INPUTS),
        optional=boolean,
        dispatch_action=boolean,
    ),
    "markdown": _block(("text",), text=string(limits.MARKDOWN_TEXT, 1)),
    "plan": _block(("title",), title=string(limits.TEXT_OBJECT, 1), tasks=many(typed({"task_card": _TASK}), 100)),
    "rich_text": RICH_TEXT,
    "section": _block(
        (),
        _section_says_something,
        text=text(limits.SECTION_TEXT),
        fields=many(text(limits.SECTION_FIELD), limits.SECTION_FIELDS, 1),
        accessory=element(ACCESSORIES),
        expand=boolean,
    ),
    "table": _block(
        ("rows",),
        rows=many(many(_CELL, limits.TABLE_COLUMNS), limits.TABLE_ROWS, 1),
        column_settings=many(_COLUMN, limits.TABLE_COLUMNS),
    ),
    "task_card": _TASK,
    "video": _block(
        ("alt_text", "title", "thumbnail_url", "video_url"),
        alt_text=string(limits.IMAGE_ALT_TEXT, 1),
        title=text(limits.VIDEO_TITLE - 1, plain_only=True),
        title_url=string(limits.BUTTON_URL),
        thumbnail_url=string(limits.IMAGE_URL, 1),
        video_url=string(limits.IMAGE_URL, 1),
        author_name=string(limits.VIDEO_AUTHOR - 1),
        description=text(200, plain_only=True),
        provider_icon_url=string(limits.IMAGE_URL),
        provider_name=string(200),
    ),
}
_NESTED = {kind: BLOCKS[kind] for kind in ("section", "context", "divider", "image", "actions", "rich_text", "header")}
BLOCKS["container"] = _block(
    ("child_blocks",),
    title=text(limits.CONTAINER_TITLE, plain_only=True),
    rich_text_title=RICH_TEXT,
    subtitle=text(limits.CONTAINER_TITLE),
    icon=IMAGE,
    child_blocks=many(typed(_NESTED), limits.CONTAINER_BLOCKS, 1),
    default_collapsed=boolean,
    has_header_divider=boolean,
    is_collapsible=boolean,
    width=string(40),
)
_VIEW_KINDS = ("actions", "alert", "context", "divider", "header", "image", "input", "rich_text", "section", "video")
_SURFACES: dict[Surface, Check] = {
    "message": typed({kind: check for kind, check in BLOCKS.items() if kind != "input"}),
    "modal": typed({kind: BLOCKS[kind] for kind in _VIEW_KINDS}),
    "home": typed({kind: BLOCKS[kind] for kind in _VIEW_KINDS}),
}


def check_blocks(blocks: Any, files: FileStore, at: str = "/blocks") -> None:
    """Refuse message blocks that Slack would refuse."""
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    problems = Problems(files)
    note_block_problems(blocks, at, problems, "message", limits.MESSAGE_BLOCKS)
    if problems.messages:
        raise SlackError("invalid_blocks", *problems.messages, errors=_errors(problems))


def note_block_problems(blocks: Any, path: str, problems: Problems, surface: Surface, most: int) -> None:
    """Everything that is wrong with the blocks of one surface."""
    many(_SURFACES[surface], most)(blocks, path, problems)
    if problems.messages:
        return
    _note_repeated_ids(blocks, path, problems)
    kinds = Counter(block["type"] for block in blocks)
    if kinds["table"] > limits.MESSAGE_TABLES:
        problems.note("only_one_table_allowed", path)
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > limits.MESSAGE_MARKDOWN:
        problems.note(f"markdown blocks must be less than {limits.MESSAGE_MARKDOWN + 1} characters in total", path)
    for index, block in enumerate(blocks):
        if surface == "home" and block.get("element", {}).get("type") == "file_input":
            problems.note("unsupported type: file_input", f"{path}/{index}/element/type")


def check_options(answer: Json) -> None:
    """Refuse an answer to a block_suggestion that Slack's client could not show."""
    problems = Problems(FileStore())
    fields = {
        "options": many(OPTION, limits.OPTIONS_RETURNED),
        "option_groups": many(GROUP, limits.OPTIONS_RETURNED),
    }
    record(fields, (), one_of("options", "option_groups"))(answer, "", problems)
    if problems.messages:
        raise SlackError("invalid_options", *problems.messages, detail=" ".join(problems.messages))


def _note_repeated_ids(blocks: list[Json], path: str, problems: Problems) -> None:
    block_ids = Counter(block["block_id"] for block in blocks if block.get("block_id"))
    focused = 0
    for index, block in enumerate(blocks):
        if block_ids[block.get("block_id", "")] > 1:
            problems.note(f"block_id already exists: {block['block_id']}", f"{path}/{index}/block_id")
        elements = [each for each in block.get("elements", ()) if isinstance(each, dict)]
        action_ids = Counter(each["action_id"] for each in elements if each.get("action_id"))
        for number_, each in enumerate(elements):
            if action_ids[each.get("action_id", "")] > 1:
                where = f"{path}/{index}/elements/{number_}/action_id"
                problems.note(f"action_id already exists: {each['action_id']}", where)
        inner = [*elements, block.get("element") or {}, block.get("accessory") or {}]
        focused += sum(1 for each in inner if each.get("focus_on_load") is True)
    if focused > 1:
        problems.note("only one element may have focus_on_load", path)


def _errors(problems: Problems) -> list[str]:
    return [each.removeprefix("[ERROR] ") for each in problems.messages]
