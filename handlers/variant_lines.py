"""What each variant is, as people write it: a line of `small: the cheaper one, model=small, prompt_version=3`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from experiments.design import Variant
from experiments.errors import BadInput
from experiments.faults import first_fault
from experiments.numerals import listed
from experiments.texts import Line

FIELD = "details"
HEAD = re.compile(r"\s*(?P<key>[^\s:,=]+)\s*:\s*")
NAME = re.compile(r'(?P<name>[^\s,="]+)\s*=\s*')
PART = re.compile(r'(?P<words>[^,"=][^,=]*)')
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
BETWEEN = re.compile(r"\s*(?:,\s*|$)")
NESTED = '"[{'
EXAMPLE = "small: the cheaper one, model=small, prompt_version=3"
MOST_NAMED = 8
DESCRIPTION: TypeAdapter[str] = TypeAdapter(Line)


class Details(NamedTuple):
    """A variant in a few words, and what it runs with."""

    description: str = ""
    config: dict[str, Any] = {}


def details_from(text: str, variants: Sequence[str]) -> dict[str, Details]:
    """Details by variant, of those that a line tells something of. A value is a number, true, false, null, or anything
    else that is JSON, else the words that stand there.

    >>> details_from("small: cheaper, faster, model=tiny-2, temperature=0.2", ["control", "small"])
    {'small': Details(description='cheaper, faster', config={'model': 'tiny-2', 'temperature': 0.2})}
    """
    found: dict[str, Details] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        head = HEAD.match(line)
        if not head:
            raise _problem(number, f"write a variant, a colon and what it is, like {EXAMPLE}")
        key = head["key"]
        if key not in variants:
            known = listed(list(variants), MOST_NAMED) or "none yet"
            raise _problem(number, f"no variant is called {key[:60]}; there are {known}")
        if key in found:
            raise _problem(number, f"{key} has two lines; one is enough")
        found[key] = _details(line[head.end() :], number)
    return found


def details_text(variants: Sequence[Variant]) -> str:
    """The lines that a form begins with, the control's first.

    >>> details_text([Variant(key="small", weight=10_000, description="cheaper", config={"model": "tiny-2", "n": 3})])
    'small: cheaper, model=tiny-2, n=3'
    """
    ordered = sorted(variants, key=lambda variant: not variant.is_control)
    return "\n".join(f"{each.key}: {', '.join(_parts(each))}" for each in ordered if each.description or each.config)


def _parts(variant: Variant) -> Iterator[str]:
    if variant.description:
        plain = [found["words"] for found in PART.finditer(variant.description)]
        is_plain = ", ".join(each.strip() for each in plain) == variant.description
        yield variant.description if is_plain else _json(variant.description)
    for name, value in variant.config.items():
        plain_name = NAME.match(f"{name}=")
        yield f"{name if plain_name and plain_name['name'] == name else _json(name)}={_written(value)}"


def _written(value: Any) -> str:
    """A word as it stands, if that is what it is read as again; anything else as JSON."""
    is_word = isinstance(value, str) and value.isprintable() and value == value.strip() and "," not in value
    return value if is_word and value[:1] not in ("", *NESTED) and isinstance(_value(value), str) else _json(value)


def _details(words: str, number: int) -> Details:
    said: list[str] = []
    config: dict[str, Any] = {}
    at = 0
    while at < len(words):
        quoted, named = QUOTED.match(words, at), NAME.match(words, at)
        if quoted and (equals := re.compile(r"\s*=\s*").match(words, quoted.end())):
            name, at = _value(quoted[0]), equals.end()
        elif named:
            name, at = named["name"], named.end()
        else:
            text, at = _words(words, at, number)
            said.append(text)
            continue
        if name in config:
            raise _problem(number, f"{name[:60]} is named twice")
        config[name], at = _read(words, at, number)
    return Details(_description(", ".join(said), number), config)


def _words(words: str, at: int, number: int) -> tuple[str, int]:
    """A part of the description and where the next part begins."""
    quoted, plain = QUOTED.match(words, at), PART.match(words, at)
    found = quoted or plain
    if not found:
        raise _problem(number, f"“{words[at : at + 40]}” cannot be read; write it like {EXAMPLE}")
    text = str(_value(quoted[0])) if quoted else found[0].strip()
    return text, _after(words, found.end(), number)


def _read(words: str, at: int, number: int) -> tuple[Any, int]:
    """A value and where the next part begins."""
    if words[at : at + 1] in tuple(NESTED):
        try:
            value, end = json.JSONDecoder(parse_constant=_no_number).raw_decode(words, at)
        except ValueError:
            raise _problem(number, f"“{words[at : at + 40]}” is no JSON; close its quotes and brackets") from None
        return value, _after(words, end, number)
    end = words.find(",", at)
    end = len(words) if end < 0 else end
    return _value(words[at:end].strip()), _after(words, end, number)


def _after(words: str, end: int, number: int) -> int:
    between = BETWEEN.match(words, end)
    if not between:
        raise _problem(number, f"a comma is missing before “{words[end : end + 40].strip()}”")
    return between.end()


def _value(words: str) -> Any:
    try:
        return json.loads(words, parse_constant=_no_number)
    except ValueError:
        return words


def _no_number(words: str) -> None:
    """JSON as Python reads it knows NaN and infinities; as values of a configuration they are words."""
    raise ValueError(words)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _description(words: str, number: int) -> str:
    try:
        return DESCRIPTION.validate_python(words)
    except ValidationError as error:
        raise _problem(number, first_fault(error)) from None


def _problem(number: int, words: str) -> BadInput:
    return BadInput(f"Line {number}: {words}.", field=FIELD)
