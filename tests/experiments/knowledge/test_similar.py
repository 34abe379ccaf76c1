"""Similar experiments: the right ones, for reasons that can be read, in an order nobody can shuffle."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.design import Design, Kind, Metric, MetricRole
from experiments.knowledge.similar import THRESHOLD, Known, known, similar
from experiments.model import Experiment

BUTTON = Known(
    "bigger-button",
    "Bigger checkout button",
    "If the checkout button is bigger then more people buy, because they see it",
    ("checkout", "ui"),
    "conversion",
    "feature",
    "shop",
)
IDEA = Known(
    "",
    "Green buttons in the checkout",
    "If buttons are green then more people buy because green means go",
    ("checkout",),
    "conversion",
    "feature",
    "shop",
)
PROMPT = Known(
    "short-prompt",
    "Shorter system prompt",
    "If the prompt is shorter then answers cost less because they have fewer tokens",
    ("prompt",),
    "cost-per-request",
    "prompt A/B",
    "assistant",
)
TAGS = ("checkout", "ui", "prompt", "pricing")


def texts(most: int) -> st.SearchStrategy[str]:
    word = st.sampled_from(["checkout", "button", "buttons", "green", "prompt", "price", "if", "then", "faster"])
    return st.lists(word, max_size=most).map(" ".join)


def ideas(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Known]:
    return st.builds(
        Known,
        keys,
        texts(4),
        texts(6),
        st.lists(st.sampled_from(TAGS), unique=True, max_size=3).map(tuple),
        st.sampled_from(["", "conversion", "latency"]),
        st.sampled_from(["", "feature", "prompt A/B"]),
        st.sampled_from(["", "shop"]),
    )


pasts = st.lists(ideas(st.sampled_from("abcdefgh")), unique_by=lambda each: each.key, max_size=8)


def test_what_is_alike_is_found_with_the_reason() -> None:
    (match,) = similar(IDEA, [PROMPT, BUTTON])
    assert (match.key, match.title) == ("bigger-button", "Bigger checkout button")
    assert match.why == (
        "same metric conversion, tag checkout, words buttons, buy, checkout and people, same kind feature, "
        "same project shop"
    )


def test_the_same_project_metric_and_kind_alone_are_not_alike() -> None:
    stranger = IDEA._replace(key="other", title="Free shipping", hypothesis="Nobody pays for parcels", tags=())
    assert similar(IDEA, [stranger]) == ()


def test_one_shared_word_among_others_is_chance() -> None:
    assert similar(Known("", "Faster model"), [Known("a", "Faster delivery"), Known("b", "Weekly letter")]) == ()
    assert [each.key for each in similar(Known("", "Checkout"), [Known("a", "Checkout"), Known("b", "Letter")])] == [
        "a"
    ]


def test_words_that_stand_in_every_hypothesis_do_not_count() -> None:
    empty = "If then because users will have more with this test"
    assert similar(Known("", "A1", empty), [Known("b", "B2", empty)]) == ()


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    past = [Known(f"c{number}", "checkout letter", tags=("x", "y")) for number in range(20)]
    found = similar(
        Known("", "checkout voucher", tags=("x", "y")), [*past, Known("v", "voucher letter", tags=("x", "y"))]
    )
    assert found[0].key == "v"
    assert found[0].score > found[1].score


@given(ideas(st.just("")), pasts)
def test_the_order_of_the_candidates_does_not_matter(idea: Known, past: list[Known]) -> None:
    assert similar(idea, past) == similar(idea, past[::-1]) == similar(idea, sorted(past))


@given(ideas(st.just("")), pasts.filter(bool), st.sampled_from(TAGS))
def test_a_shared_tag_never_lowers_the_rank(idea: Known, past: list[Known], tag: str) -> None:
    def rank(of: Known, among: list[Known]) -> float:
        keys = [match.key for match in similar(of, among, most=99)]
        return keys.index("a1") if "a1" in keys else float("inf")

    first, *rest = past
    chosen = first._replace(key="a1")
    tagged = chosen._replace(tags=(*chosen.tags, tag))
    wanted = idea._replace(tags=tuple({*idea.tags, tag}))
    assert rank(wanted, [tagged, *rest]) <= rank(wanted, [chosen, *rest])
    assert rank(wanted, [tagged, *rest]) <= rank(idea, [tagged, *rest])


@given(ideas(st.just("")), pasts)
def test_nothing_is_more_alike_than_the_same_again(idea: Known, past: list[Known]) -> None:
    found = similar(idea, [*past, idea._replace(key="same")], most=99)
    scores = {match.key: match.score for match in found}
    assert scores.get("same", 0) >= max(scores.values(), default=0) - 1e-9


@given(ideas(st.sampled_from("abc")), pasts, st.integers(0, 5))
def test_only_good_matches_best_first_and_never_the_idea_itself(idea: Known, past: list[Known], most: int) -> None:
    found = similar(idea, past, most)
    assert len(found) <= most
    assert all(match.score >= THRESHOLD and match.why and match.key != idea.key for match in found)
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)
    assert {match.key for match in found} <= {each.key for each in past}


@pytest.mark.parametrize("words", ["", "🚀", "a b c", "\u202e<!channel>", "x" * 10_000])
def test_any_text_can_be_compared(words: str) -> None:
    similar(Known("", words, words), [Known("a", words, words), BUTTON])


def test_an_experiment_is_known_by_what_it_says() -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    design = Design(hypothesis=PROMPT.hypothesis, kind=Kind.PROMPT_AB)
    stated = {"workspace": "T1", "key": PROMPT.key, "title": PROMPT.title, "owner": "U1", "created_at": at}
    experiment = Experiment.model_validate(
        {**stated, "updated_at": at, "design": design, "tags": PROMPT.tags, "project": PROMPT.project}
    )
    assert known(experiment) == PROMPT._replace(metric="")
    primary = Metric(key=PROMPT.metric, role=MetricRole.PRIMARY)
    assert known(experiment.evolve(design=Design(**{**dict(design), "metrics": (primary,)}))) == PROMPT
