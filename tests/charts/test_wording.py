"""Numbers as people read them, and sentences."""

from __future__ import annotations

import doctest
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import wording
from charts.wording import MOST_ALT, MOST_SENTENCES, SENTENCE
from experiments.design import Limit, MetricKind, Scale
from experiments.pictures.read import method_of
from experiments.readout import Interval, Standing
from tests.charts import samples


def test_the_examples_hold() -> None:
    assert doctest.testmod(wording).failed == 0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0"), (4.1, "4.1"), (0.0041, "0.0041"), (1234.5, "1,234.5"), (-0.021, "−0.021"), (3.2e12, "3.20e+12"),
        (-2.5e-11, "−2.50e−11"), (math.inf, "unbounded"), (100.0, "100"),
    ],
)  # fmt: skip
def test_numbers(value: float, words: str) -> None:
    assert wording.number(value) == words


@pytest.mark.parametrize(
    ("fraction", "words"),
    [(0.041, "+4.1 %"), (-0.0004, "−0.040 %"), (2.5, "+250.0 %"), (0.0, "0 %"), (48.0, "+4,800.0 %"),
     (1e9, "+1.0e+11 %"),
     (math.inf, "unbounded"), (-0.999, "−99.9 %")],
)  # fmt: skip
def test_percent(fraction: float, words: str) -> None:
    assert wording.percent(fraction, signed=True) == words


@pytest.mark.parametrize(
    ("p", "words"), [(0.0, "p < 0.001"), (1e-310, "p < 0.001"), (0.0123, "p = 0.012"), (1.0, "p = 1")]
)
def test_p(p: float, words: str) -> None:
    assert wording.p_value(p) == words


def test_open_ranges_are_named() -> None:
    assert wording.percent_range(Interval(lower=None, upper=0.07)) == "at most 7.0 %"
    assert wording.short_percent_range(Interval(lower=-0.01, upper=0.07)) == "−1.0 to 7.0 %"


def test_many_variants_are_summed_up_by_the_one_farthest_off() -> None:
    words = wording.sample_ratio(samples.crowded())
    assert words.startswith("Sample ratio as planned: 9 variants, 45,000 units; farthest from its plan is control")


@pytest.mark.parametrize(
    ("kind", "change", "interval", "mean"),
    [
        (MetricKind.PROPORTION, "+0.41 points", "0.12 to 0.70 points", "10.1 %"),
        (MetricKind.MEAN, "+0.0041", "0.0012 to 0.0070", "0.101"),
        (MetricKind.RATIO, "+0.0041", "0.0012 to 0.0070", "0.101"),
    ],
)
def test_only_proportions_change_by_points(kind: MetricKind, change: str, interval: str, mean: str) -> None:
    assert wording.change(0.0041, kind) == change
    assert wording.change_range(Interval(lower=0.0012, upper=0.0070), kind) == interval
    assert wording.mean(0.1010, kind) == mean


def test_an_endless_change_is_said_to_be_one() -> None:
    assert wording.change(math.inf, MetricKind.PROPORTION) == wording.change(-math.inf, MetricKind.MEAN) == "unbounded"


def test_methods_have_names_for_people() -> None:
    names = {each: method_of(samples.readout(method=each)) for each in ("always-valid", "fixed", "welch")}
    assert names == {"always-valid": "always-valid", "fixed": "fixed-horizon", "welch": "Welch"}


def test_a_refusal_follows_a_colon() -> None:
    refused = samples.compared(standing=Standing.REFUSED, refused="Only 80 units in control so far.")
    assert wording.refusal(refused) == "only 80 units in control so far."
    assert wording.refusal(samples.compared(difference=None)) == "too little data"


def test_the_evidence_of_a_guardrail_is_that_of_harm() -> None:
    assert wording.evidence(samples.compared(harm_p=0.2)) == "harm p = 0.200"
    assert wording.evidence(samples.compared()) == "p = 0.012"
    assert wording.evidence(samples.compared(p=None)) == ""


@pytest.mark.parametrize(
    ("limit", "words"),
    [(None, ""), (Limit(harm=0.02), "2.0 %"), (Limit(harm=3.0, scale=Scale.ABSOLUTE), "3 ms")],
)
def test_the_limit_of_a_guardrail(limit: Limit | None, words: str) -> None:
    assert wording.limit(samples.compared(unit="ms", limit=limit)) == words


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("By luck once in 4. Then more. p95 is 0.5 ms.", ["By luck once in 4.", "Then more.", "p95 is 0.5 ms."]),
        ("Cost for “Is it so? We see. On”, day 2. No data.", ["Cost for “Is it so? We see. On”, day 2.", "No data."]),
        ("On day 9 of 14. latency, ms: 4.", ["On day 9 of 14.", "latency, ms: 4."]),
        ("A name that goes on… and on", ["A name that goes on… and on"]),
    ],
)  # fmt: skip
def test_a_sentence_ends_at_its_full_stop_and_not_in_a_name_or_a_number(text: str, sentences: list[str]) -> None:
    assert SENTENCE.split(text) == sentences


@given(st.lists(st.text(alphabet="aB9 .!?“”…;\n", min_size=1, max_size=40), max_size=9))
def test_whatever_is_said_takes_at_most_four_sentences_and_loses_no_word(texts: list[str]) -> None:
    words = wording.alt(texts)
    assert len(SENTENCE.split(words)) <= MOST_SENTENCES
    assert [each.lower() for each in words if each.isalnum()] == [each.lower() for text in texts for each in text
                                                                  if each.isalnum()]  # fmt: skip


def test_a_description_that_is_too_long_ends_in_dots() -> None:
    words = wording.alt(["One.", "word " * 900])
    assert len(words) <= MOST_ALT
    assert words.endswith("…")
