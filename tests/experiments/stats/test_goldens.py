"""Independent golden values, selected by id: the methods of the always-valid path must meet every one listed here."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special

from experiments.stats import always_valid
from experiments.stats.fieller import relative_lift
from experiments.stats.holm import holm
from experiments.stats.moments import Moments
from experiments.stats.sample_ratio import chi_square, sample_ratio
from experiments.stats.welch import welch

FILE = Path(__file__).parents[2] / "stats-goldens.json"
CASES = {case["id"]: case for case in json.loads(FILE.read_text())["cases"]}
Z_95 = 1.9599639845400543

Given = dict[str, Any]


def arms(given: Given) -> tuple[Moments, Moments]:
    def arm(of: Given) -> Moments:
        if "x" in of:
            share = of["x"] / of["n"]
            return Moments.given(of["n"], share, share * (1 - share) * of["n"] / (of["n"] - 1))
        return Moments.given(of["n"], of["mean"], of["sd"] ** 2 if "sd" in of else of["var"])

    return arm(given["control"]), arm(given["treatment"])


def a_welch(given: Given) -> Given:
    found = welch(*arms(given), given["alpha"], given["alternative"])
    return {
        "diff": found.difference,
        "t": found.t,
        "df": found.df,
        "p": found.p,
        "ci": [found.lower, found.upper],
        "ci_lower": found.lower,
        "ci_upper": found.upper,
    }


def a_sum_of_squares(given: Given) -> Given:
    whole = Moments.of(1e9 + np.tile([0.0, 1.0, 2.0, 3.0], 250))
    halves = Moments.of(1e9 + np.tile([0.0, 1.0], 250)).merge(Moments.of(1e9 + np.tile([2.0, 3.0], 250)))
    assert float(halves.variance) == pytest.approx(float(whole.variance), rel=1e-9)
    return {"mean": whole.mean, "var": whole.variance}


def a_fieller(given: Given) -> Given:
    found = relative_lift(given["mean_c"], given["var_mean_c"], given["mean_t"], given["var_mean_t"], given["z"])
    assert found.bounded
    return {"ci": [found.lower, found.upper]}


def a_naive_lift(given: Given) -> Given:
    control, treatment = arms(given)
    found = relative_lift(control.mean, control.of_mean, treatment.mean, treatment.of_mean, Z_95)
    return {"ci": [found.lower, found.upper]}


def a_chi_square(given: Given) -> Given:
    statistic, df, p = chi_square(given["observed"], given["weights"])
    test = sample_ratio(given["observed"], given["weights"], 5_000)
    assert (test.chi_square, test.df, test.chi_square_p) == (statistic, df, p)
    assert test.p >= p, "the safe p may not be smaller than that of one planned look"
    return {"chisq": statistic, "df": df, "p": p}


def a_mixing(given: Given) -> Given:
    rho2 = always_valid.mixing(given["alpha"], given["N_star"])
    return {"rho": math.sqrt(rho2), "r": 1 / rho2}


def a_relative_sequence(given: Given) -> Given:
    """GrowthBook's convention: the same kernel around the delta-method lift."""
    control, treatment = arms(given)
    exact = 1.0 if given["variance"] == "sample" else 1 - 1 / control.n
    lift = treatment.mean / control.mean - 1
    se = np.sqrt(exact * (treatment.of_mean + np.square(1 + lift) * control.of_mean)) / control.mean
    k = (control.n + treatment.n) * always_valid.mixing(given["alpha"], given["N_star"])
    reach = always_valid.multiplier(k, given["alpha"]) * se
    return {
        "estimate": lift,
        "se": se,
        "p": always_valid.p_value(lift / se, k),
        "ci": [lift - reach, lift + reach],
    }


def a_boundary(given: Given) -> Given:
    k = given["v"] * always_valid.mixing(given["alpha"], given["v_opt"])
    multiplier = always_valid.multiplier(k, given["alpha"])
    return {"multiplier": multiplier, "bound": multiplier * math.sqrt(given["v"])}


def a_log_mixture(given: Given) -> Given:
    z = given["s"] / math.sqrt(given["v"])
    k = given["v"] * always_valid.mixing(given["alpha_opt"], given["v_opt"])
    return {"log_e_value": always_valid.log_evidence(z, k), "p": always_valid.p_value(z, k)}


def a_msprt(given: Given) -> Given:
    se, k = math.sqrt(given["var_diff"]), given["tau2"] / given["var_diff"]
    z = given["diff"] / se
    return {
        "likelihood_ratio": np.exp(always_valid.log_evidence(z, k)),
        "p": always_valid.p_value(z, k),
        "ci_halfwidth": always_valid.multiplier(k, given["alpha"]) * se,
    }


def an_eppo_bound(given: Given) -> Given:
    alpha = 1 - given["confidence"]
    rho2 = always_valid.mixing(alpha, given["N_tune"])
    return {"B": always_valid.multiplier(given["n_total"] * rho2, alpha), "rho": 1 / rho2}


def a_statsig_bound(given: Given) -> Given:
    """Statsig's convention: the same kernel at α / 2 with its own, data-dependent mixing variance."""
    variance = given["var_t"] / given["n_t"] + given["var_c"] / given["n_c"]
    z = special.ndtri(1 - given["alpha"] / 2)
    tau2 = z**2 * (given["var_t"] + given["var_c"]) / (given["n_t"] + given["n_c"])
    return {"z_star": always_valid.multiplier(tau2 / variance, given["alpha"] / 2)}


def a_holm(given: Given) -> Given:
    return {"p_adj": holm(given["p"])}


def a_tiny_p(given: Given) -> Given:
    """A z is a t with endless degrees of freedom: Welch's tail must not be cut off at 1 − cdf."""
    n = 10**15
    arm = Moments.given(n, 0.0, 1.0), Moments.given(n, given["z"] * math.sqrt(2 / n), 1.0)
    return {"p": welch(*arm).p}


COVERED: dict[str, Callable[[Given], Given]] = {
    "welch-sleep": a_welch,
    "welch-mtcars-greater": a_welch,
    "tiny-p": a_tiny_p,
    "sumsq-cancellation": a_sum_of_squares,
    "fieller-wide": a_fieller,
    "srm-kohavi": a_chi_square,
    "srm-statsig": a_chi_square,
    "srm-zero-weight-arm": a_chi_square,
    "acs-rho": a_mixing,
    "acs-prop-relative-5000": a_relative_sequence,
    "acs-prop-relative-10000": a_relative_sequence,
    "acs-mean-relative-5000": a_relative_sequence,
    "acs-mean-relative-10000": a_relative_sequence,
    "cs-normal-mixture-100": a_boundary,
    "cs-normal-mixture-5000": a_boundary,
    "cs-log-mixture-70.0-1000.0": a_log_mixture,
    "msprt-johari": a_msprt,
    "eppo-sequential-B": an_eppo_bound,
    "statsig-unequal": a_statsig_bound,
    "padj-bh95-holm": a_holm,
}
MUST_NOT_COME_OUT = {"spotify-naive-lift-DONT": a_naive_lift}


def agrees(found: Any, expected: Any, tolerance: dict[str, Any]) -> bool:
    if expected is None:
        return bool(np.isinf(found))
    return bool(np.all(np.asarray(found) == pytest.approx(np.asarray(expected, dtype=float), **tolerance)))


@pytest.mark.parametrize("case", COVERED)
def test_the_golden_value_comes_out(case: str) -> None:
    golden = CASES[case]
    found = COVERED[case](golden["inputs"])
    for name, expected in golden["expected"].items():
        assert agrees(found[name], expected, golden["tolerance"]), (name, found[name], expected)


@pytest.mark.parametrize("case", MUST_NOT_COME_OUT)
def test_the_naive_value_does_not_come_out(case: str) -> None:
    golden = CASES[case]
    found = MUST_NOT_COME_OUT[case](golden["inputs"])
    for name, naive in golden["expected"].items():
        for ours, theirs in zip(np.atleast_1d(found[name]), np.atleast_1d(naive), strict=True):
            assert abs(float(ours) - theirs) > 0.003


def test_the_copy_is_the_shared_file() -> None:
    shared = FILE.parents[2] / "shared" / "stats-goldens.json"
    if not shared.exists():
        pytest.skip("the shared goldens are not beside this checkout")
    assert shared.read_bytes() == FILE.read_bytes()
