"""Templates: one for each kind, ready to be reviewed once their gaps are filled in."""

from __future__ import annotations

import pytest

from experiments.checklist import State, checklist
from experiments.design import DecisionRule, Kind
from experiments.templates import TEMPLATES, Template, nearest

ALL = list(TEMPLATES.values())


def test_there_is_one_for_each_kind() -> None:
    assert sorted(each.design.kind for each in ALL) == sorted(Kind)
    assert [each.name for each in ALL] == list(TEMPLATES)


@pytest.mark.parametrize("template", ALL, ids=lambda each: each.name)
def test_only_the_gaps_of_the_hypothesis_are_left_to_fill_in(template: Template) -> None:
    assert template.design.missing() == {}
    assert {each.code: each.words for each in checklist(template.design) if each.state is State.FAILED} == {
        "hypothesis": "The hypothesis still has gaps (…). Fill them in."
    }
    filled = template.design.model_copy(update={"hypothesis": template.design.hypothesis.replace("…", "x")})
    assert not any(each.state is State.FAILED for each in checklist(filled))


@pytest.mark.parametrize("template", ALL, ids=lambda each: each.name)
def test_every_guardrail_has_a_limit(template: Template) -> None:
    assert template.design.guardrails
    assert all(metric.limit is not None and metric.limit.harm > 0 for metric in template.design.guardrails)


def test_what_must_only_do_no_harm_says_so() -> None:
    careful = {each.name for each in ALL if each.design.rule is DecisionRule.DO_NO_HARM}
    assert careful == {"canary", "cost-optimization"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_name_is_found_however_it_is_written(name: str) -> None:
    template = TEMPLATES[name]
    for written in (name, name.upper(), name.replace("-", " "), name.replace("-", "_"), name[:-1], name[1:], name[:4]):
        assert nearest(written) is template
    assert nearest(template.title) is template
    assert nearest(template.design.kind.value) is template


@pytest.mark.parametrize("word", ["", "  ", "zzzz", "🚀", "experiment"])
def test_a_word_that_is_like_none_of_them_finds_none(word: str) -> None:
    assert nearest(word) is None
