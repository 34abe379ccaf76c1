"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest

from charts import wording
from experiments.readout import Interval
from tests.charts import samples


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
    assert wording.number_range(Interval(lower=1.0, upper=None)) == "at least 1"
    assert wording.number_range(Interval(lower=None, upper=math.inf)) == "unbounded"
    assert wording.short_percent_range(Interval(lower=-0.01, upper=0.07)) == "−1.0 to 7.0 %"


def test_many_variants_are_summed_up_by_the_one_farthest_off() -> None:
    words = wording.sample_ratio(samples.crowded())
    assert words.startswith("Sample ratio as planned: 9 variants, 45,000 units; farthest from its plan is control")
