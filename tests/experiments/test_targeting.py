"""Conditions on attributes and places in exclusion groups: what they mean, how they are written and read."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from experiments.errors import BadInput
from experiments.targeting import LONE, SINGLE, Condition, Exclusion, Operator, targets
from experiments.targeting_lines import MOST_CONDITIONS, audience_from

IS, IS_NOT = Operator.IS, Operator.IS_NOT
TEXTUAL = (Operator.CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH)
NUMERIC = (Operator.GREATER, Operator.LESS)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
ANYTHING = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner))
TEXTS = st.text(min_size=1, max_size=30).filter(lambda text: bool(text.strip()))
NUMBERS = st.floats(-(10**14), 10**14).filter(lambda number: number == 0 or abs(number) > 1e-9)
VERSIONS = st.lists(st.integers(0, 10**6), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
ATTRIBUTES = st.from_regex(r"[a-z_]{1,12}|in|not|is|missing", fullmatch=True)


def condition(operator: Operator, *values: object, attribute: str = "a") -> Condition:
    return Condition.model_validate({"attribute": attribute, "operator": operator, "values": values})


def usable(attribute: str, operator: Operator, values: list[Any]) -> Condition | None:
    try:
        return condition(operator, *values, attribute=attribute)
    except ValidationError:
        return None


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    operator = draw(st.sampled_from(Operator))
    value: st.SearchStrategy[Any] = TEXTS | NUMBERS | st.booleans() if operator in (IS, IS_NOT) else TEXTS
    value = NUMBERS if operator in NUMERIC else VERSIONS if operator is Operator.AT_LEAST_VERSION else value
    most = 0 if operator in LONE else 1 if operator in SINGLE else 4
    values = draw(st.lists(value, min_size=min(most, 1), max_size=most))
    made = usable(draw(ATTRIBUTES), operator, values)
    return made or draw(st.nothing())


def holds(operator: Operator, given: object, *values: object) -> bool:
    return condition(operator, *values).holds({"a": given})


@pytest.mark.parametrize(
    ("line", "attribute", "operator", "values"),
    [
        ("country is DE, FR", "country", IS, ("DE", "FR")),
        ("country is one of DE,FR,", "country", IS, ("DE", "FR")),
        ("country = DE", "country", IS, ("DE",)),
        ("country=DE", "country", IS, ("DE",)),
        ("plan is not free", "plan", IS_NOT, ("free",)),
        ("plan != free, trial", "plan", IS_NOT, ("free", "trial")),
        ("Plan IS NOT Free", "Plan", IS_NOT, ("Free",)),
        ("app_version at least 2.10.0", "app_version", Operator.AT_LEAST_VERSION, ("2.10.0",)),
        ("app_version at least version v2", "app_version", Operator.AT_LEAST_VERSION, ("v2",)),
        ("age greater than 17", "age", Operator.GREATER, (17.0,)),
        ("age>17.50", "age", Operator.GREATER, (17.5,)),
        ("age >= 18", "age", Operator.AT_LEAST_VERSION, ("18",)),
        ("temperature less than −3", "temperature", Operator.LESS, (-3.0,)),
        ("email ends with @example.com", "email", Operator.ENDS_WITH, ("@example.com",)),
        ("path starts with /a b/", "path", Operator.STARTS_WITH, ("/a b/",)),
        ("name contains 17", "name", Operator.CONTAINS, ("17",)),
        ("beta is true", "beta", IS, (True,)),
        ("zip is 01234", "zip", IS, ("01234",)),
        ("build is 17, 2.10", "build", IS, (17.0, "2.10")),
        ("account is 12345678901234567890", "account", IS, ("12345678901234567890",)),
        ("plan exists", "plan", Operator.EXISTS, ()),
        ("plan is missing", "plan", Operator.MISSING, ()),
        ("plan missing", "plan", Operator.MISSING, ()),
        ("plan is missing parts", "plan", IS, ("missing parts",)),
        ('plan is "missing"', "plan", IS, ("missing",)),
        ('city is "Paris, TX", “Rome, GA”', "city", IS, ("Paris, TX", "Rome, GA")),
        ('says contains "a ""quoted"" word"', "says", Operator.CONTAINS, ('a "quoted" word',)),
        ("is is is", "is", IS, ("is",)),
    ],
)
def test_a_line_is_read_as_people_mean_it(
    line: str, attribute: str, operator: Operator, values: tuple[object, ...]
) -> None:
    (found,) = audience_from(line)
    assert (found.attribute, found.operator, found.values) == (attribute, operator, values)
    assert [type(value) for value in found.values] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "country",
            "Line 2: “country” is no condition. After the attribute, in one word, can come is, is not, contains",
        ),
        ("my country is DE", "Line 2: “my country is DE” is no condition."),
        ("age older 17", "or is missing. Write it like country is DE, FR, or plan is not free"),
        ("age greater than 1,000", "Line 2: “greater than” has one value; write a number without commas"),
        ("age greater than old", "Line 2: “old” is no number; write one like 17 or 0.5."),
        ("age less than", "Line 2: say which value after “less than”."),
        ("app at least 2.x", "Line 2: “2.x” is no version; write one like 2.10.0."),
        ("app at least 2.0-beta", "Line 2: “2.0-beta” is no version"),
        ("plan exists now", "Line 2: “plan exists now” is no condition."),
        ("plan is", "Line 2: say which value after “is”."),
        ('plan is "free', 'Line 2: in "free a quotation mark is not closed'),
        ('plan is ""', "Line 2: a value has 1 to 200 characters."),
        (f"plan is {'x' * 201}", "Line 2: a value has 1 to 200 characters."),
        (f"plan is {','.join('abc' * 40)}", "Line 2: these are too many; 100 is the most."),
        (f"{'x' * 61} is 1", "Line 2: “xxx"),
        ("= 3", "Line 2: “= 3” is no condition."),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        audience_from(f"country is DE\n{line}\nplan is free")
    assert words in refused.value.words
    assert refused.value.field == "audience"


def test_empty_lines_count_but_say_nothing() -> None:
    assert audience_from(" \n\n") == ()
    with pytest.raises(BadInput, match="Line 3"):
        audience_from("plan is free\n\nwhat")


def test_there_is_an_end_to_conditions() -> None:
    line = "plan is free\n"
    assert len(audience_from(line * MOST_CONDITIONS)) == MOST_CONDITIONS
    with pytest.raises(BadInput, match=f"Line {MOST_CONDITIONS + 1}: {MOST_CONDITIONS} conditions are the most"):
        audience_from(line * (MOST_CONDITIONS + 1))


@settings(deadline=None)
@given(conditions())
def test_what_it_says_is_read_as_the_same(made: Condition) -> None:
    (again,) = audience_from(made.words)
    assert again == made
    assert [type(value) for value in again.values] == [type(value) for value in made.values]


@settings(deadline=None)
@given(conditions())
def test_it_survives_being_kept(made: Condition) -> None:
    again = Condition.model_validate_json(made.model_dump_json())
    assert again == made
    assert [type(value) for value in again.values] == [type(value) for value in made.values]


@settings(deadline=None)
@given(conditions(), st.dictionaries(st.text(max_size=3) | ATTRIBUTES, ANYTHING, max_size=4), ANYTHING)
def test_nothing_that_json_carries_makes_it_raise(made: Condition, others: dict[str, object], own: object) -> None:
    assert made.holds({**others, made.attribute: own}) in (True, False)
    assert made.holds(others) in (True, False)


@settings(deadline=None)
@given(conditions(), ANYTHING)
def test_opposites(made: Condition, own: object) -> None:
    attributes = {made.attribute: own}
    exists, missing = (made.model_copy(update={"operator": each, "values": ()}) for each in sorted(LONE))
    assert exists.holds(attributes) != missing.holds(attributes)
    if made.operator in (IS, IS_NOT):
        other = made.model_copy(update={"operator": IS if made.operator is IS_NOT else IS_NOT})
        assert made.holds(attributes) != other.holds(attributes)


@settings(deadline=None)
@given(conditions(), st.sampled_from([None, [], ["x"], {}, {"a": "x"}, math.nan, math.inf, -math.inf, 10**400]))
def test_what_is_missing_matches_nothing_else(made: Condition, nothing: object) -> None:
    wanted = made.operator in (Operator.MISSING, IS_NOT)
    assert made.holds({}) is wanted
    assert made.holds({made.attribute: nothing}) is wanted


@settings(deadline=None)
@given(st.sampled_from([IS, IS_NOT, *TEXTUAL]), st.lists(TEXTS, min_size=1, max_size=4), TEXTS)
def test_any_value_may_match(operator: Operator, values: list[str], own: str) -> None:
    together = usable("a", operator, values)
    if together:
        each = [condition(operator, value).holds({"a": own}) for value in values]
        assert together.holds({"a": own}) is (all(each) if operator is IS_NOT else any(each))


@settings(deadline=None)
@given(st.lists(conditions(), max_size=4), st.dictionaries(ATTRIBUTES, LEAVES))
def test_all_conditions_hold_in_whatever_order(audience: list[Condition], attributes: dict[str, object]) -> None:
    every = all(each.holds(attributes) for each in audience)
    assert targets(audience, attributes) is targets(audience[::-1], attributes) is every


@settings(deadline=None)
@given(VERSIONS, VERSIONS)
def test_versions_have_an_order(one: str, other: str) -> None:
    least = Operator.AT_LEAST_VERSION
    assert holds(least, one, one)
    assert holds(least, one, other) or holds(least, other, one)
    assert holds(least, f"{one}.0", one)
    assert holds(least, f"{one}.0.1", one)
    assert not holds(least, f"{one}-rc.1", one)


@pytest.mark.parametrize(
    ("operator", "own", "value", "expected"),
    [
        (IS, True, 1, False),
        (IS, 1, True, False),
        (IS, 1, "true", False),
        (IS, True, "true", True),
        (IS, "true", True, True),
        (IS, "True", True, False),
        (IS, 17, "17", True),
        (IS, 17.0, 17, True),
        (IS, "17", 17, True),
        (IS, "17.0", 17, False),
        (IS, "017", 17, False),
        (IS, "2.1", "2.10", False),
        (IS, 0.5, "0.5", True),
        (IS, -0.0, 0, True),
        (IS, "٣", 3, False),
        (IS, "de", "DE", False),
        (IS, "", "x", False),
        (IS, "9007199254740993", "9007199254740992", False),
        (IS_NOT, True, 1, True),
        (Operator.GREATER, True, 0, False),
        (Operator.GREATER, "18", 17, True),
        (Operator.GREATER, "x18", 17, False),
        (Operator.GREATER, 17, 17, False),
        (Operator.LESS, False, 1, False),
        (Operator.LESS, -(10**30), 17, True),
        (Operator.LESS, "", 17, False),
        (Operator.CONTAINS, 1234, "23", False),
        (Operator.CONTAINS, "a\nb", "b", True),
        (Operator.STARTS_WITH, "DE-BY", "DE", True),
        (Operator.ENDS_WITH, "DE-BY", "DE", False),
        (Operator.AT_LEAST_VERSION, "2.9.9", "2.10.0", False),
        (Operator.AT_LEAST_VERSION, "2.10", "2.10.0", True),
        (Operator.AT_LEAST_VERSION, "v2.11.0+build.5", "2.10.0", True),
        (Operator.AT_LEAST_VERSION, "2.11.0-rc.1", "2.10.0", True),
        (Operator.AT_LEAST_VERSION, "2.10.0-rc.1", "2.10.0", False),
        (Operator.AT_LEAST_VERSION, "9" * 5000, "2.10.0", False),
        (Operator.AT_LEAST_VERSION, "latest", "2.10.0", False),
        (Operator.AT_LEAST_VERSION, 4.25, "4.5", False),
        (Operator.AT_LEAST_VERSION, 18, "18", True),
        (Operator.AT_LEAST_VERSION, 3, "2.10.0", False),
        (Operator.AT_LEAST_VERSION, True, "1", False),
        (Operator.EXISTS, "", (), True),
        (Operator.EXISTS, False, (), True),
        (Operator.EXISTS, None, (), False),
    ],
)
def test_types_are_told_apart(operator: Operator, own: object, value: object, *, expected: bool) -> None:
    assert holds(operator, own, *(() if value == () else (value,))) is expected


def test_infinite_values_are_refused() -> None:
    for value in (math.inf, math.nan, 1e15):
        with pytest.raises(ValidationError):
            condition(Operator.GREATER, value)
    json.dumps(condition(IS, 1e14).model_dump(mode="json"), allow_nan=False)


PLACES = st.builds(
    lambda first, size: Exclusion(group="checkout", first=first, share=min(size, 10_000 - first)),
    st.integers(0, 9_999),
    st.integers(1, 10_000),
)


@settings(deadline=None)
@given(PLACES, PLACES)
def test_places_overlap_exactly_when_somebody_is_in_both(one: Exclusion, other: Exclusion) -> None:
    edges = {place for each in (one, other) for place in (each.first, each.end - 1)}
    together = any(one.holds(place) and other.holds(place) for place in edges)
    assert one.overlaps(other) is other.overlaps(one) is together
    assert not one.overlaps(other.model_copy(update={"group": "search"}))


def test_a_place_says_where_it_is_and_stays_within_its_group() -> None:
    assert Exclusion(group="checkout", first=2000, share=3000).words == "30 % of checkout, from 20 % to 50 %"
    with pytest.raises(ValidationError, match="from 80 % on, 20 % are left"):
        Exclusion(group="checkout", first=8000, share=3000)
