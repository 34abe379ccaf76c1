"""Block elements: every button, select, picker and input, and where each may stand."""

from decimal import Decimal, InvalidOperation
from typing import Any

from bot.sandbox import limits
from bot.sandbox.app import Json
from bot.sandbox.validation.composition import (
    CONFIRM,
    GROUP,
    OPTION,
    PLACEHOLDER,
    TYPE,
    has_initial,
    option,
    slack_file,
    text,
)
from bot.sandbox.validation.rich_text import RICH_TEXT
from bot.sandbox.validation.schema import (
    Check,
    Problems,
    anything,
    boolean,
    choice,
    integer,
    many,
    one_of,
    pattern,
    record,
    string,
)

_DATE = pattern(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "must be a valid date YYYY-MM-DD")
_TIME = pattern(r"([01]\d|2[0-3]):[0-5]\d", "must be a valid time HH:mm")
_NUMBER = pattern(r"-?\d+(\.\d+)?", "must be a valid number in a string")
_EPOCH = integer(1_000_000_000, 9_999_999_999)
_ID = string(255, 1)
_IDS = many(_ID, 100)

_ACTS: dict[str, Check] = {"type": TYPE, "action_id": string(limits.ACTION_ID, 1)}
_CONFIRMS = {**_ACTS, "confirm": CONFIRM}
_PICKS = {**_CONFIRMS, "placeholder": PLACEHOLDER, "focus_on_load": boolean}
_SEVERAL = {**_PICKS, "max_selected_items": integer(1, 100)}
_OPTIONS = {
    "options": many(OPTION, limits.SELECT_OPTIONS, 1),
    "option_groups": many(GROUP, limits.SELECT_GROUPS, 1),
}
_QUERY = {"min_query_length": integer(0, 100)}
_TYPES = {
    **_ACTS,
    "placeholder": PLACEHOLDER,
    "focus_on_load": boolean,
    "dispatch_action_config": record(
        {"trigger_actions_on": many(choice("on_enter_pressed", "on_character_entered"), 2, 1)}
    ),
}
_FILTER = record(
    {
        "include": many(choice("im", "mpim", "private", "public"), 4, 1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    }
)


def _options_given(value: Json, path: str, problems: Problems) -> None:
    one_of("options", "option_groups")(value, path, problems)
    has_initial(value, path, problems)


def _length_order(value: Json, path: str, problems: Problems) -> None:
    if value.get("min_length", 0) > value.get("max_length", limits.TEXT_INPUT_LENGTH):
        problems.note("min_length must not exceed max_length", path)
    if len(value.get("initial_value", "")) > value.get("max_length", limits.TEXT_INPUT_LENGTH):
        problems.note("initial_value must not exceed max_length", f"{path}/initial_value")


def _number_order(value: Json, path: str, problems: Problems) -> None:
    try:
        low, high = Decimal(value.get("min_value", "-Infinity")), Decimal(value.get("max_value", "Infinity"))
        initial = Decimal(value.get("initial_value", low if low.is_finite() else "0"))
    except InvalidOperation:
        return
    if low > high:
        problems.note("min_value must not exceed max_value", path)
    elif "initial_value" in value and not low <= initial <= high:
        problems.note("initial_value must lie between min_value and max_value", f"{path}/initial_value")


def _image_source(value: Json, path: str, problems: Problems) -> None:
    one_of("image_url", "slack_file")(value, path, problems)


IMAGE_FIELDS: dict[str, Check] = {
    "type": TYPE,
    "image_url": string(limits.IMAGE_URL, 1),
    "slack_file": slack_file,
    "alt_text": string(limits.IMAGE_ALT_TEXT, 1),
}
IMAGE = record(IMAGE_FIELDS, ("alt_text",), _image_source)
BUTTON = record(
    {
        **_CONFIRMS,
        "text": text(limits.BUTTON_TEXT, plain_only=True),
        "url": string(limits.BUTTON_URL),
        "value": string(limits.BUTTON_VALUE),
        "style": choice("primary", "danger"),
        "accessibility_label": string(limits.BUTTON_LABEL),
    },
    ("text",),
)
_CHOICES = many(option(mrkdwn=True), limits.CHOICE_OPTIONS, 1)
_INPUT_FEEDBACK = record(
    {
        "text": text(limits.BUTTON_TEXT, plain_only=True),
        "value": string(limits.BUTTON_VALUE),
        "accessibility_label": string(limits.BUTTON_LABEL),
    },
    ("text", "value"),
)


def _choices(**initial: Check) -> Check:
    fields = {**_CONFIRMS, "focus_on_load": boolean, "options": _CHOICES, **initial}
    return record(fields, ("options",), has_initial)


ELEMENTS: dict[str, Check] = {
    "button": BUTTON,
    "workflow_button": record(
        {
            **_CONFIRMS,
            "text": text(limits.BUTTON_TEXT, plain_only=True),
            "workflow": anything,
            "style": choice("primary", "danger"),
            "accessibility_label": string(limits.BUTTON_LABEL),
        },
        ("text", "workflow"),
    ),
    "overflow": record(
        {**_CONFIRMS, "options": many(option(url=True), limits.OVERFLOW_OPTIONS, 1)}, ("options",), has_initial
    ),
    "checkboxes": _choices(initial_options=many(option(mrkdwn=True), limits.CHOICE_OPTIONS, 1)),
    "radio_buttons": _choices(initial_option=option(mrkdwn=True)),
    "static_select": record({**_PICKS, **_OPTIONS, "initial_option": OPTION}, (), _options_given),
    "multi_static_select": record(
        {**_SEVERAL, **_OPTIONS, "initial_options": many(OPTION, limits.SELECT_OPTIONS, 1)}, (), _options_given
    ),
    "external_select": record({**_PICKS, **_QUERY, "initial_option": OPTION}),
    "multi_external_select": record({**_SEVERAL, **_QUERY, "initial_options": many(OPTION, limits.SELECT_OPTIONS, 1)}),
    "users_select": record({**_PICKS, "initial_user": _ID}),
    "multi_users_select": record({**_SEVERAL, "initial_users": _IDS}),
    "channels_select": record({**_PICKS, "initial_channel": _ID, "response_url_enabled": boolean}),
    "multi_channels_select": record({**_SEVERAL, "initial_channels": _IDS}),
    "conversations_select": record(
        {
            **_PICKS,
            "initial_conversation": _ID,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": _FILTER,
        }
    ),
    "multi_conversations_select": record(
        {**_SEVERAL, "initial_conversations": _IDS, "default_to_current_conversation": boolean, "filter": _FILTER}
    ),
    "datepicker": record({**_PICKS, "initial_date": _DATE}),
    "timepicker": record({**_PICKS, "initial_time": _TIME, "timezone": string(100)}),
    "datetimepicker": record({**_CONFIRMS, "focus_on_load": boolean, "initial_date_time": _EPOCH}),
    "plain_text_input": record(
        {
            **_TYPES,
            "multiline": boolean,
            "initial_value": string(limits.TEXT_INPUT_LENGTH),
            "min_length": integer(0, limits.TEXT_INPUT_LENGTH),
            "max_length": integer(1, limits.TEXT_INPUT_LENGTH),
        },
        (),
        _length_order,
    ),
    "number_input": record(
        {**_TYPES, "is_decimal_allowed": boolean, "initial_value": _NUMBER, "min_value": _NUMBER, "max_value": _NUMBER},
        ("is_decimal_allowed",),
        _number_order,
    ),
    "email_text_input": record({**_TYPES, "initial_value": string(limits.TEXT_INPUT_LENGTH)}),
    "url_text_input": record({**_TYPES, "initial_value": string(limits.TEXT_INPUT_LENGTH)}),
    "rich_text_input": record(
        {**_TYPES, "initial_value": RICH_TEXT, "min_lines": integer(1, 100), "max_lines": integer(1, 100)}
    ),
    "file_input": record(
        {**_ACTS, "filetypes": many(string(50, 1), 100, 1), "max_files": integer(1, limits.FILE_INPUT_FILES)}
    ),
    "feedback_buttons": record(
        {**_ACTS, "positive_button": _INPUT_FEEDBACK, "negative_button": _INPUT_FEEDBACK},
        ("positive_button", "negative_button"),
    ),
    "icon_button": record(
        {
            **_CONFIRMS,
            "icon": choice("trash"),
            "text": text(limits.BUTTON_TEXT, plain_only=True),
            "value": string(limits.BUTTON_VALUE),
            "visible_to_user_ids": _IDS,
            "accessibility_label": string(limits.BUTTON_LABEL),
        },
        ("icon", "text"),
    ),
    "image": IMAGE,
}

_SELECTS = frozenset(kind for kind in ELEMENTS if kind.endswith("_select"))
_PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
_CHOOSERS = _SELECTS | _PICKERS | {"checkboxes", "radio_buttons"}
ACTIONS = _CHOOSERS | {"button", "workflow_button", "overflow", "rich_text_input"}
ACCESSORIES = (_CHOOSERS - {"datetimepicker"}) | {"button", "workflow_button", "overflow", "image"}
INPUTS = _CHOOSERS | {kind for kind in ELEMENTS if kind.endswith("_input")}


def element(kinds: frozenset[str] | set[str]) -> Check:
    """An element of one of these kinds."""

    def check(value: Any, path: str, problems: Problems) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(value, dict):
            problems.note("must provide an object", path)
        elif not isinstance(kind, str) or kind not in kinds:
            problems.note(f"unsupported type: {kind}", f"{path}/type")
        else:
            ELEMENTS[kind](value, path, problems)

    return check
