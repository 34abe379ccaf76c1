"""Composition objects: text, confirmation, options, option groups, files."""

from typing import Any

from bot.sandbox import limits
from bot.sandbox.app import Json
from bot.sandbox.validation.schema import Check, Problems, boolean, choice, many, one_of, record, string

TYPE: Check = string(60)


def text(most: int = limits.TEXT_OBJECT, *, plain_only: bool = False, mrkdwn_only: bool = False) -> Check:
    """A text object of at least one character."""
    kinds = ("plain_text",) if plain_only else ("mrkdwn",) if mrkdwn_only else ("plain_text", "mrkdwn")

    def matching(value: Json, path: str, problems: Problems) -> None:
        if value["type"] == "plain_text" and "verbatim" in value:
            problems.note("invalid additional property: verbatim", path)
        if value["type"] == "mrkdwn" and "emoji" in value:
            problems.note("invalid additional property: emoji", path)

    fields = {"type": choice(*kinds), "text": string(most, 1), "emoji": boolean, "verbatim": boolean}
    return record(fields, ("type", "text"), matching)


PLACEHOLDER = text(limits.PLACEHOLDER, plain_only=True)

CONFIRM = record(
    {
        "title": text(limits.CONFIRM_TITLE, plain_only=True),
        "text": text(limits.CONFIRM_TEXT),
        "confirm": text(limits.CONFIRM_BUTTON, plain_only=True),
        "deny": text(limits.CONFIRM_BUTTON, plain_only=True),
        "style": choice("primary", "danger"),
    },
    ("text",),
)


def option(*, mrkdwn: bool = False, url: bool = False) -> Check:
    """A choice; only checkboxes and radio buttons may format it, only overflow menus may link."""
    plain = not mrkdwn
    fields = {
        "text": text(limits.OPTION_TEXT, plain_only=plain),
        "value": string(limits.OPTION_VALUE),
        "description": text(limits.OPTION_DESCRIPTION, plain_only=plain),
    }
    if url:
        fields["url"] = string(limits.OPTION_URL)
    return record(fields, ("text", "value"))


OPTION = option()
GROUP = record(
    {
        "label": text(limits.OPTION_GROUP_LABEL, plain_only=True),
        "options": many(OPTION, limits.SELECT_OPTIONS, 1),
    },
    ("label", "options"),
)


def _known_image(value: Json, path: str, problems: Problems) -> None:
    if problems.files.image(value) is None:
        problems.note("invalid slack file", path)


def slack_file(value: Any, path: str, problems: Problems) -> None:
    """An uploaded image, by id or by its private URL."""

    def exactly_one(whole: Json, at: str, found: Problems) -> None:
        one_of("id", "url")(whole, at, found)
        _known_image(whole, at, found)

    record({"id": string(255, 1), "url": string(limits.IMAGE_URL, 1)}, (), exactly_one)(value, path, problems)


def has_initial(value: Json, path: str, problems: Problems) -> None:
    """Initial options are among the options, and no value occurs twice in an option list."""
    offered = list(value.get("options", ()))
    for group in value.get("option_groups", ()):
        offered += group["options"]
    chosen = [*value.get("initial_options", ()), *([value["initial_option"]] if value.get("initial_option") else [])]
    if offered and any(each not in offered for each in chosen):
        name = "initial_option" if value.get("initial_option") else "initial_options"
        problems.note("initial options must match the provided options", f"{path}/{name}")
    values = [each["value"] for each in offered]
    if value["type"] in ("checkboxes", "radio_buttons") and len(values) != len(set(values)):
        problems.note("options must have unique values", f"{path}/options")
