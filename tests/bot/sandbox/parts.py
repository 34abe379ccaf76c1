"""Small parts of Block Kit, as short as a table of cases wants them."""

from typing import Any


def plain(words: str = "Words") -> dict[str, Any]:
    return {"type": "plain_text", "text": words}


def mrkdwn(words: str = "*Words*") -> dict[str, Any]:
    return {"type": "mrkdwn", "text": words}


def option(value: str = "a") -> dict[str, Any]:
    return {"text": plain(value), "value": value}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(), **more}


def section(**more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(), **more}


def field(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "label": plain(), "element": element, **more}


def text_input(**more: Any) -> dict[str, Any]:
    return {"type": "plain_text_input", **more}


def rich(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": list(parts)}


RICH = rich(
    {"type": "rich_text_section", "elements": [{"type": "text", "text": "bold", "style": {"bold": True}}]},
    {
        "type": "rich_text_list",
        "style": "bullet",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U0ADA"}]}],
    },
    {"type": "rich_text_quote", "elements": [{"type": "link", "url": "https://example.com"}]},
    {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "code"}]},
)
CONFIRM = {"title": plain(), "text": mrkdwn(), "confirm": plain(), "deny": plain(), "style": "danger"}
