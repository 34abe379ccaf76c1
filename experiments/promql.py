"""PromQL with `{variant}` and `{window}` in it: where these stand, and what is put there so that it stays a value."""

from __future__ import annotations

import re

VARIANT, WINDOW = "{variant}", "{window}"
MOST_QUERY = 1_000
TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<pattern>[=!]~\s*)?(?:"(?P<double>(?:\\.|[^"\\])*)"|'(?:\\.|[^'\\])*'|(?P<raw>`[^`]*`))
    |(?P<open>["'`])
    |(?P<hole>\{variant\}|\{window\})
    |[^"'`\#{}=!]+|.""",
    re.VERBOSE | re.DOTALL,
)
SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$])")
NAME = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*\s*\Z")
GOES_ON = re.compile(r"\s*(\[|@|offset\b)", re.IGNORECASE)
WORDS = frozenset("and or unless by without on ignoring group_left group_right bool offset atan2".split())


def checked_query(query: str) -> str:
    """The query without blanks around it; `ValueError` where it cannot be asked once for each variant."""
    query = query.strip()
    if len(query) > MOST_QUERY:
        raise ValueError(f"the query is too long; {MOST_QUERY:,} characters fit")
    if filled(query, "a", 60) == filled(query, "b", 60):
        raise ValueError(
            "say in the query whose value is meant: put {variant} into a label, as in "
            'rate(errors_total{variant="{variant}"}[{window}])'
        )
    return query


def filled(query: str, variant: str, window_seconds: int) -> str:
    """The query for one variant and a window of time; all other braces stay as they are.

    The name of the variant is only ever the content of a string, and after =~ and !~ it means itself; comments are left
    alone. A selector of the variant that names no time is asked for its newest value within the window, because
    Prometheus by itself repeats the last one for five minutes.
    """
    written: list[str] = []
    begun = held = None
    for token in TOKEN.finditer(query):
        text = _filled(token, variant, window_seconds)
        written.append(text)
        if text == "{":
            begun, held = len(written) - 1, False
        elif text == "}" and begun is not None:
            if held and not GOES_ON.match(query, token.end()):
                named = NAME.search(written[begun - 1]) if begun else None
                if named and named.group().strip() not in WORDS:
                    written[begun - 1] = written[begun - 1][: named.start()]
                    written[begun] = f"{named.group()}{{"
                written[begun] = f"last_over_time({written[begun]}"
                written.append(f"[{window_seconds}s])")
            begun = None
        elif VARIANT in token.group() and not token["comment"]:
            held = True
    return "".join(written)


def _filled(token: re.Match[str], variant: str, window_seconds: int) -> str:
    text = token.group()
    if token["open"]:
        raise ValueError("a quotation mark in the query is never closed")
    if token["hole"]:
        if text == VARIANT:
            raise ValueError('put {variant} into quotation marks, as in {variant="{variant}"}')
        return f"{window_seconds}s"
    if VARIANT not in text or token["comment"]:
        return text if token["comment"] else text.replace(WINDOW, f"{window_seconds}s")
    if token["raw"]:
        raise ValueError("put {variant} into double quotation marks; between backticks it cannot be told from the rest")
    value = SPECIAL.sub(r"\\\1", variant) if token["pattern"] else variant
    content = _content(value, "'" if token["double"] is None else '"')
    return content.join(part.replace(WINDOW, f"{window_seconds}s") for part in text.split(VARIANT))


def _content(value: str, quote: str) -> str:
    """The value as the inside of a string, spelt as Go spells strings."""
    return "".join(
        f"\\{sign}" if sign in ("\\", quote) else sign if sign.isprintable() else f"\\U{ord(sign):08x}"
        for sign in value
    )
