"""Rich text: sections, lists, quotes and preformatted text with their inline elements."""

from bot.sandbox.validation.composition import TYPE
from bot.sandbox.validation.schema import Check, boolean, choice, integer, many, number, record, string, typed

_STYLE = record(
    dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), boolean)
)
_TEXT = string(40_000)


def _inline(required: tuple[str, ...], **fields: Check) -> Check:
    return record({"type": TYPE, "style": _STYLE, **fields}, required)


_INLINE = typed(
    {
        "text": _inline(("text",), text=string(40_000, 1)),
        "link": _inline(("url",), url=string(3000, 1), text=_TEXT, unsafe=boolean),
        "emoji": _inline(
            ("name",), name=string(100, 1), unicode=string(100), skin_tone=integer(1, 6), url=string(3000)
        ),
        "user": _inline(("user_id",), user_id=string(40, 1)),
        "usergroup": _inline(("usergroup_id",), usergroup_id=string(40, 1)),
        "channel": _inline(("channel_id",), channel_id=string(40, 1)),
        "team": _inline(("team_id",), team_id=string(40, 1)),
        "broadcast": _inline(("range",), range=choice("here", "channel", "everyone")),
        "color": _inline(("value",), value=string(40, 1)),
        "date": _inline(
            ("timestamp", "format"), timestamp=number, format=string(500, 1), url=string(3000), fallback=_TEXT
        ),
    }
)
_INLINES = many(_INLINE, 1000)
_SECTION = record({"type": TYPE, "elements": _INLINES}, ("elements",))
_INDENTS: dict[str, Check] = {"indent": integer(0, 8), "offset": integer(0, 10_000), "border": integer(0, 1)}
_PARTS = {
    "rich_text_section": _SECTION,
    "rich_text_list": record(
        {
            "type": TYPE,
            "style": choice("bullet", "ordered"),
            "elements": many(typed({"rich_text_section": _SECTION}), 1000),
            **_INDENTS,
        },
        ("elements", "style"),
    ),
    "rich_text_quote": record({"type": TYPE, "elements": _INLINES, "border": integer(0, 1)}, ("elements",)),
    "rich_text_preformatted": record(
        {"type": TYPE, "elements": _INLINES, "border": integer(0, 1), "language": string(100)}, ("elements",)
    ),
}
RICH_TEXT: Check = record(
    {"type": choice("rich_text"), "block_id": string(255), "elements": many(typed(_PARTS), 1000)}, ("type", "elements")
)
