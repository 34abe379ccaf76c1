"""Lines become columns, and each rule is told by line and field."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.connectors.events.intake import Reading, read
from bot.connectors.events.lines import Body
from bot.connectors.events.refusals import MOST_TOLD, Problem
from tests.bot.connectors.events.examples import NOW, exposure, lines, observation

RETENTION = timedelta(days=90)


def reading(body: bytes) -> Reading:
    return read(Body(body), NOW, RETENTION)


def told(*events: dict[str, Any] | str) -> list[tuple[int, str, str]]:
    """The problems of lines with these events."""
    return [tuple(each) for each in reading(lines(*events)).problems]


def test_an_event_of_each_kind_fills_its_columns() -> None:
    seen = exposure("é👩‍👧", phase=3, attributes={"plan": "pro", "age": 41, "new": True, "score": 1.0})
    measured = observation("u2", -0.25, time="2026-11-21T13:30:00.123456+02:00")
    table = reading(lines(seen, measured)).table.to_pylist()
    assert table == [
        {
            "experiment": "checkout-button",
            "phase": 3,
            "variant": "treatment",
            "metric": None,
            "value": None,
            "unit": "é👩‍👧",
            "time": datetime(2026, 11, 21, 11, tzinfo=UTC),
            "received": NOW,
            "attributes": '{"age":41,"new":true,"plan":"pro","score":1.0}',
        },
        {
            "experiment": None,
            "phase": None,
            "variant": None,
            "metric": "revenue",
            "value": -0.25,
            "unit": "u2",
            "time": datetime(2026, 11, 21, 11, 30, 0, 123456, tzinfo=UTC),
            "received": NOW,
            "attributes": None,
        },
    ]


WRONG: list[tuple[object, str, str]] = [
    (observation(value=True), "value", "is true or false; it must be a number"),
    (observation(value="3"), "value", "is a text; it must be a number"),
    (observation(value=None), "value", "is null; it must be a number"),
    (observation(value=float("nan")), "value", "is not a finite number"),
    (observation(value=float("-inf")), "value", "is not a finite number"),
    ('{"type":"observation","metric":"ab","value":1e999,"unit":"u","time":"2026-11-21T11:00:00Z"}', "value", "finite"),
    (observation(value=0).__repr__().replace("'", '"').replace(": 0", ": " + "9" * 5000), "value", "finite"),
    (observation(value=0).__repr__().replace("'", '"').replace(": 0", ": " + "9" * 350), "value", "finite"),
    (observation(unit=""), "unit", "is empty"),
    (observation(unit="x" * 201), "unit", "has 201 characters; at most 200 fit"),
    (observation(unit=7), "unit", "is a number; write the id as a text, in quotes"),  # type: ignore[arg-type]
    (observation(unit="a\0b"), "unit", "has a NUL character (\\u0000) in it"),
    (observation(unit="\ud83d"), "unit", "has half of a surrogate pair"),
    (observation(metric="Revenue"), "metric", "is no key"),
    (exposure(experiment="x"), "experiment", "is no key"),
    (exposure(variant="a_b"), "variant", "is no key"),
    (exposure(variant=["a"]), "variant", "is a list; it must be a text"),
    (exposure(time="2026-11-21T11:00:00"), "time", "says no offset from UTC"),
    (exposure(time="yesterday"), "time", "is no date and time"),
    (exposure(time="2026-11-21T11:00:60Z"), "time", "is no date and time"),
    (exposure(time=1763722800), "time", "is a number; write it as a text like"),
    (exposure(time="2026-11-21T12:05:01Z"), "time", "lies ahead; the newest that is taken now is 2026-11-21T12:05:00"),
    (exposure(time="2026-08-23T11:59:59Z"), "time", "is too old; the oldest that is taken now is 2026-08-23T12:00:00"),
    (exposure(time="0001-01-01T00:00:00+23:59"), "time", "is too old"),
    (exposure(time="9999-12-31T23:59:59-23:59"), "time", "lies ahead"),
    (exposure(phase=0), "phase", "is a whole number from 1 on"),
    (exposure(phase=True), "phase", "is a whole number from 1 on"),
    (exposure(phase=2**31), "phase", "is a whole number from 1 on"),
    (exposure(value=1), "value", "is no field of an exposure; those are type, experiment"),
    (observation(phase=1), "phase", "is no field of an observation"),
    (exposure(**{"a\u202e\nb": 1}), "a\ufffd\ufffdb", "is no field"),
    (exposure(type="click"), "type", "is exposure or observation"),
    (exposure(type=[]), "type", "is exposure or observation"),
    ('{"unit":"u"}', "type", "is missing"),
    (exposure(attributes=[]), "attributes", "is a list; it must be an object"),
    (exposure(attributes={"a": {"b": 1}}), "attributes.a", "is an object; attributes are texts, numbers"),
    (exposure(attributes={"a": None}), "attributes.a", "is null; attributes are"),
    (exposure(attributes={"a": float("inf")}), "attributes.a", "is not a finite number"),
    (exposure(attributes={"a": 2**64}), "attributes.a", "more than 64 bits"),
    (exposure(attributes={"a": "x" * 201}), "attributes.a", "has 201 characters"),
    (exposure(attributes={"a": "\0"}), "attributes.a", "has a NUL character"),
    (exposure(attributes={"a\0": 1}), "attributes.a\ufffd", "has a name that has a NUL character"),
    (exposure(attributes={"": 1}), "attributes.", "has a name of 0 characters"),
    (exposure(attributes={"x" * 61: 1}), "attributes." + "x" * 60, "has a name of 61 characters"),
    (exposure(attributes={f"a{n}": n for n in range(21)}), "attributes", "has 21 names; at most 20 fit"),
    ('{"type":"exposure","type":"exposure"}', "type", "is given twice"),
    (json.dumps(exposure())[:-1] + ', "unit" : "u2"}', "unit", "is given twice"),
    (json.dumps(exposure())[:-1] + ',"attributes":{"a":1,"a":2}}', "attributes.a", "is given twice"),
    ("[1]", "", "this is a list; each line is one JSON object"),
    ("null", "", "this is null; each line is one JSON object"),
    ("{", "", "the JSON object does not end on this line"),
    (json.dumps(exposure()) * 2, "", "there is more than one JSON object on this line"),
    ("{'type': 1}", "", "this is not JSON (expecting property name enclosed in double quotes, character 2)"),
    ('{"type":"a\tb"}', "", "there is a raw control character at character 11"),
    ("\ufeff{}", "", "this begins with a byte order mark"),
    ("[" * 100_000, "", "this is nested too deeply"),
]


@pytest.mark.parametrize(("event", "field", "words"), WRONG)
def test_what_is_wrong_is_told_by_line_and_field(event: Any, field: str, words: str) -> None:
    found = told(observation(), event, exposure())
    assert (2, field) in [(line, name) for line, name, _ in found]
    assert words in " ".join(problem for _, name, problem in found if name == field)
    assert {line for line, _, _ in found} == {2}


@pytest.mark.parametrize("body", [b'{"type":"\xff"}', b'{"type":"\xed\xa0\x80"}'])
def test_bytes_that_are_no_text_are_told(body: bytes) -> None:
    [problem] = reading(lines(observation()) + body).problems
    assert problem == (2, "", "this is not UTF-8 (byte 10 of the line)")


RIGHT: list[bytes] = [
    b"\xef\xbb\xbf" + lines(exposure()),
    lines(exposure()).replace(b"\n", b"\r\n"),
    lines("", exposure(), "   ", "\r"),
    lines(exposure())[:-1],
    lines(json.dumps(exposure(), indent=None, separators=(" , ", " : "))),
    lines(exposure('a "quoted": one')),
    lines(exposure('"' * 100 + ":" * 100)),
    lines(exposure(time="2026-11-21T12:05:00Z")),
    lines(exposure(time="2026-08-23T12:00:00Z")),
    lines(exposure(time="2026-11-21 11:00:00.123456789+0200")),
    lines(exposure("x" * 200, attributes={f"a{n}": "y" * 200 for n in range(20)})),
    lines(exposure(attributes={"a": 2**63 - 1, "b": -(2**63 - 1), "c": "\\u0000", "d": '":'})),
]


@pytest.mark.parametrize("body", RIGHT)
def test_what_is_unusual_but_right_is_taken(body: bytes) -> None:
    found = reading(body)
    assert (found.bad, found.problems, len(found.table)) == (0, (), 1)


def test_the_examples_of_the_page_are_right() -> None:
    page = (Path(__file__).parents[4] / "docs" / "events.md").read_text()
    examples = re.findall(r"^{\"type\".*$", page, re.MULTILINE)
    found = reading(lines(*examples))
    assert (found.bad, len(found.table)) == (0, 2)
    [refusal] = re.findall(r"^{\"errors\".*$", page, re.MULTILINE)
    [problem] = json.loads(refusal)["errors"]
    assert reading(lines("", "", observation(value=True))).problems == (Problem(**problem),)


def test_only_the_first_problems_are_told_and_all_bad_lines_counted() -> None:
    found = reading(lines(*([observation(value=None), exposure(), "{"] * 100)))
    assert (len(found.problems), found.bad) == (MOST_TOLD, 200)
    assert [each.line for each in found.problems[:4]] == [1, 3, 4, 6]
    assert len(found.table) == 100


def test_lines_are_numbered_through_a_body_of_many_pieces() -> None:
    events: list[dict[str, Any] | str] = [observation(f"user-{number}") for number in range(8_000)]
    events[7_500] = "{"
    found = reading(lines(*events))
    assert [each.line for each in found.problems] == [7_501]
    assert len(found.table) == 7_999


names = st.sampled_from(
    ["type", "experiment", "variant", "metric", "value", "unit", "time", "phase", "attributes", "x"]
)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.sampled_from(["exposure", "observation", "ab", "2026-11-21T11:00:00Z", "2026-11-21T11:00:00", "\ud800", '":']),
    st.dictionaries(st.text(max_size=2), st.one_of(st.none(), st.integers(), st.text(max_size=2)), max_size=3),
)
changes = st.lists(st.tuples(names, values), max_size=3)


@settings(deadline=None)
@given(st.sampled_from([exposure(), observation()]), changes, st.sampled_from([(",", ":"), (" ,", " : ")]))
def test_the_quick_way_and_the_slow_one_agree(event: dict[str, Any], pairs: Any, separators: tuple[str, str]) -> None:
    """A batch that is screened as a whole is judged like one with a line that makes each of them be read."""
    given_twice = (
        [*event.items(), *pairs] if pairs and separators == (",", ":") else [*{**event, **dict(pairs)}.items()]
    )
    comma, colon = separators
    line = "{" + comma.join(f"{json.dumps(name)}{colon}{json.dumps(value)}" for name, value in given_twice) + "}"
    alone, beside = reading(lines(line)), reading(lines(line, "{"))
    assert alone.bad == beside.bad - 1
    assert alone.problems == tuple(each for each in beside.problems if each.line == 1)
    assert len(alone.table) == len(beside.table) == 1 - alone.bad
