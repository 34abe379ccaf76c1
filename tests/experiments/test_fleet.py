"""Choices of a list: what people choose, keep and type becomes the filter they mean, whatever comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.design import Kind
from experiments.fleet import FILTERS, MOST_TEXT, Choices
from experiments.model import Outcome, Status
from experiments.policy import Policies, Project
from experiments.running import Significance
from tests.worlds import MONDAY

POLICIES = Policies(
    projects=(
        Project(name="shop", department="Growth"),
        Project(name="ads", department="Growth"),
        Project(name="search", department="Platform"),
    )
)


def test_the_usual_filters_are_what_is_active_and_of_a_month() -> None:
    which = Choices().filter(None, Policies(), MONDAY, 8)
    assert which.since == MONDAY - timedelta(days=30)
    assert {Status.DRAFT, Status.RUNNING, Status.PAUSED, Status.ROLLING_OUT} <= set(which.statuses)
    assert not {Status.STOPPED, Status.DECIDED, Status.ARCHIVED} & set(which.statuses)
    assert (which.limit, which.offset, which.projects, which.kinds) == (8, 0, None, ())


def test_each_filter_narrows() -> None:
    chosen = {
        "time": "7",
        "department": "Growth",
        "status": "Analysis",
        "kind": "prompt_ab",
        "significance": "significant",
        "outcome": "ship",
        "text": " checkout   button ",
        "page": "3",
    }
    which = Choices.given(chosen).filter(None, POLICIES, MONDAY, 10)
    assert which.since == MONDAY - timedelta(days=7)
    assert which.projects == ("ads", "shop")
    assert which.statuses == (Status.STOPPED,)
    assert which.kinds == (Kind.PROMPT_AB,)
    assert which.significance is Significance.SIGNIFICANT
    assert which.outcome is Outcome.SHIP
    assert (which.text, which.offset) == ("checkout button", 30)


def test_a_department_never_widens_what_may_be_read() -> None:
    growth, nowhere = Choices(department="Growth"), Choices(department="Unknown")
    assert growth.filter(("shop", "search"), POLICIES, MONDAY, 8).projects == ("shop",)
    assert growth.filter((), POLICIES, MONDAY, 8).projects == ()
    assert nowhere.filter(None, POLICIES, MONDAY, 8).projects == ()
    assert Choices().filter(("search",), POLICIES, MONDAY, 8).projects == ("search",)


@pytest.mark.parametrize(
    ("words", "time", "status", "text"),
    [
        (("all",), "any", "any", ""),
        (("running",), "any", "running", ""),
        (("In", "Review"), "any", "in_review", ""),
        (("in_review",), "any", "in_review", ""),
        (("stopped",), "any", "Stopped", ""),
        (("ROLLED-OUT",), "any", "Rolled out", ""),
        (("active",), "any", "Active", ""),
        (("checkout", "button"), "any", "any", "checkout button"),
    ],
)
def test_typed_words_are_a_status_or_text(words: tuple[str, ...], time: str, status: str, text: str) -> None:
    typed = Choices.typed(words)
    assert (typed.time, typed.status, typed.text) == (time, status, text)


@given(st.dictionaries(st.sampled_from((*FILTERS, "text", "page", "other")), st.text(max_size=400)))
def test_whatever_comes_back_becomes_a_filter(chosen: dict[str, str]) -> None:
    choices = Choices.given(chosen)
    which = choices.filter(None, POLICIES, MONDAY, 8)
    assert which.offset % 8 == 0
    assert len(choices.text) <= MOST_TEXT
    assert Choices.given(choices.all) == choices
    assert Choices.given(choices.kept).kept == choices.kept
