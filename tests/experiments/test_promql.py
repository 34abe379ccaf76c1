"""Templates: only {variant} and {window} are filled in, and no name of a variant gets out of its string."""

from __future__ import annotations

import ast
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.promql import checked_query, filled

NAMES = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\"'`\\{}\n#$.*|)]")))


def test_what_is_asked_for_one_variant_and_window() -> None:
    query = 'sum by (job) (rate(errors_total{variant="{variant}",code=~"5.."}[{window}])) # {variant} of {window}'
    wanted = 'sum by (job) (rate(errors_total{variant="new",code=~"5.."}[120s])) # {variant} of {window}'
    assert filled(query, "new", 120) == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ('x{v="{variant}"}[1m]', r'x{v="a\"b\\c.d\U0000000a"}[1m]'),
        ("x{v='{variant}'}[1m]", r"""x{v='a"b\\c.d\U0000000a'}[1m]"""),
        ('x{v=~"{variant}|z"}[1m]', r'x{v=~"a\"b\\\\c\\.d\U0000000a|z"}[1m]'),
        ('x{v!~ "{variant}"}[1m]', r'x{v!~ "a\"b\\\\c\\.d\U0000000a"}[1m]'),
        ('x{v="\\"",w="{variant}"}[1m]', r'x{v="\"",w="a\"b\\c.d\U0000000a"}[1m]'),
        ('x{v=`"`,w="{variant}{window}"}[1m]', r'x{v=`"`,w="a\"b\\c.d\U0000000a60s"}[1m]'),
        ('x{v="{{variant}}",w="{vari}"}[1m]', r'x{v="{a\"b\\c.d\U0000000a}",w="{vari}"}[1m]'),
        ("x{} # it's {variant}", "x{} # it's {variant}"),
        ("x[{window}] offset {window}", "x[60s] offset 60s"),
        ("{}{a}", "{}{a}"),
    ],
)
def test_where_it_stands_says_how_it_is_written(query: str, wanted: str) -> None:
    assert filled(query, 'a"b\\c.d\n', 60) == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ('x{v="{variant}"}', 'last_over_time(x{v="a"}[60s])'),
        ('sum(a:x {v="{variant}"}) / y', 'sum(last_over_time(a:x {v="a"}[60s])) / y'),
        ('{__name__="x",v="{variant}"}', 'last_over_time({__name__="x",v="a"}[60s])'),
        ('y and {v="{variant}"}', 'y and last_over_time({v="a"}[60s])'),
        ('x{v="{variant}"}/y{v="{variant}"}', 'last_over_time(x{v="a"}[60s])/last_over_time(y{v="a"}[60s])'),
        ('x{v="{variant}"} [5m]', 'x{v="a"} [5m]'),
        ('x{v="{variant}"} offset 5m', 'x{v="a"} offset 5m'),
        ('x{v="{variant}"} @ 5', 'x{v="a"} @ 5'),
        ('x{w="{"} * y{}', 'x{w="{"} * y{}'),
        ('label_replace(y, "v", "{variant}", "", "")', 'label_replace(y, "v", "a", "", "")'),
    ],
)
def test_a_selector_without_a_time_is_asked_for_the_window(query: str, wanted: str) -> None:
    assert filled(query, "a", 60) == wanted


@given(NAMES, st.sampled_from("\"'"))
def test_a_name_is_the_content_of_its_string_and_nothing_more(name: str, quote: str) -> None:
    head, tail = f"x{{v={quote}", f"{quote}}}[1m] + 1"
    text = filled(f"{head}{{variant}}{tail}", name, 60)
    assert text.startswith(head)
    assert text.endswith(tail)
    assert ast.literal_eval(quote + text[len(head) : -len(tail)] + quote) == name


@given(NAMES, NAMES)
def test_in_a_pattern_a_name_matches_itself_alone(name: str, other: str) -> None:
    text = filled('x{v=~"{variant}"}[1m]', name, 60)
    pattern = re.compile(ast.literal_eval(text.removeprefix("x{v=~").removesuffix("}[1m]")))
    assert pattern.fullmatch(name)
    assert bool(pattern.fullmatch(other)) == (name == other)


@given(st.text(st.sampled_from("x{}[]()\"'`\\#\n =~!,1+")), NAMES)
def test_whatever_has_no_template_stays_as_it_is(query: str, name: str) -> None:
    with suppress(ValueError):
        assert filled(query, name, 60) == query


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "put {variant} into a label"),
        ("up", "put {variant} into a label"),
        ("up # {variant}", "put {variant} into a label"),
        ("rate(errors_total[{window}])", "put {variant} into a label"),
        ("errors_{variant}", "into quotation marks"),
        ("x{v={variant}}", "into quotation marks"),
        ("x{v=`{variant}`}", "double quotation marks"),
        ('x{v="{variant}}', "never closed"),
        ('x{v="\\', "never closed"),
        ("x" * 1_001, "too long"),
    ],
)
def test_a_query_that_cannot_be_asked_is_refused_in_words(query: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        checked_query(query)


def test_a_good_query_is_kept_without_blanks_around() -> None:
    assert checked_query(' x{v="{variant}"}\n') == 'x{v="{variant}"}'
