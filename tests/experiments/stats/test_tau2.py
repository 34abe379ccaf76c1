"""The variance of true effects by each of its estimators."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from experiments.stats import tau2 as estimators
from experiments.stats.meta import pooled
from experiments.stats.tau2 import Method, Studies
from tests.experiments.stats.test_meta import BCG_V, BCG_Y, columns, studies


@pytest.mark.parametrize(
    ("method", "tau2"),
    [
        ("FE", 0.0),
        ("HS", 0.2284),
        ("HE", 0.3286),
        ("DL", 0.3088),
        ("SJ", 0.3455),
        ("ML", 0.2800),
        ("REML", 0.3132),
        ("PM", 0.3181),
    ],
)
def test_the_spread_of_the_bcg_trials(method: Method, tau2: float) -> None:
    """Viechtbauer 2010, Journal of Statistical Software 36(3), on dat.bcg: metafor's estimates to four digits."""
    assert pooled(BCG_Y, BCG_V, method=method).tau2 == pytest.approx(tau2, abs=5.1e-5)


def test_paule_mandel_is_the_root_itself() -> None:
    """Metafor stops at 0.0089316, where Q is 3.0028: mpmath at 30 digits has the root at 0.00894133471193."""
    y, v = [0.1, -0.04, 0.03, 0.2], np.square([0.03, 0.025, 0.02, 0.05])
    assert pooled(y, v, method="PM").tau2 == pytest.approx(0.00894133471193, rel=1e-10)


@given(studies)
def test_paule_mandel_makes_q_its_expectation(found: list[tuple[float, float]]) -> None:
    y, v = columns(found)
    given_studies = Studies(y - y[0], v)
    tau2 = given_studies.tau2("PM")
    q = given_studies.weighed(tau2).q
    assert q == pytest.approx(given_studies.df, rel=1e-9) if tau2 > 0 else q <= given_studies.df * (1 + 1e-9)


def _loss(tau2: float, y: np.ndarray, v: np.ndarray, restricted: bool) -> float:  # type: ignore[type-arg]
    weight = 1 / (v + tau2)
    centre = (weight * y).sum() / weight.sum()
    loss = np.log(v + tau2).sum() + (weight * (y - centre) ** 2).sum()
    return float(loss + np.log(weight.sum()) if restricted else loss)


@pytest.mark.parametrize("restricted", [False, True])
@given(found=studies)
def test_nothing_on_a_fine_grid_is_likelier(restricted: bool, found: list[tuple[float, float]]) -> None:
    y, v = columns(found)
    tau2 = pooled(y, v, method="REML" if restricted else "ML", test="z").tau2
    grid = [0.0, *np.geomspace(1e-4, 1e4, 60)]
    assert _loss(tau2, y, v, restricted) <= min(_loss(each, y, v, restricted) for each in grid) + 1e-6


@pytest.mark.parametrize(
    ("y", "v"),
    [
        ([1.162, 2.714, 2.579, 3.55, 2.399, 2.353], [0.002, 0.956, 0.428, 3.302, 0.678, 0.828]),
        ([2.582, 3.703, -0.147], [0.076, 1.384, 1.208]),
    ],
)
def test_the_higher_of_two_peaks(y: list[float], v: list[float]) -> None:
    """Here climbing from Hedges' estimate alone, as is usual, ends on the lower one."""
    tau2 = pooled(y, v, method="ML").tau2
    grid = [0.0, *np.geomspace(1e-4, 10, 200)]
    assert _loss(tau2, np.array(y), np.array(v), False) <= min(
        _loss(each, np.array(y), np.array(v), False) for each in grid
    )


def test_a_search_ends_after_its_last_step(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pooled(BCG_Y, BCG_V, method="PM").tau2
    monkeypatch.setattr(estimators, "MOST_STEPS", 2)
    assert 0 < pooled(BCG_Y, BCG_V, method="PM").tau2 < whole, "it comes from below"
