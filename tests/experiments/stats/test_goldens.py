"""Independent golden values: every case of the file must come out, by the methods of the engine."""

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
from experiments.stats.comparison import Comparisons, compare
from experiments.stats.estimates import Estimates, adjust, of_means, of_quantiles, of_ratios
from experiments.stats.fieller import relative_lift
from experiments.stats.moments import Joint, Moments
from experiments.stats.risk_ratio import delta_lift
from experiments.stats.sample_ratio import chi_square, sample_ratio
from tests.experiments.stats import goldens_families, goldens_proportions, goldens_sequential, goldens_together

FILE = Path(__file__).parents[2] / "stats-goldens.json"
CASES = {case["id"]: case for case in json.loads(FILE.read_text())["cases"]}
Z_95 = 1.9599639845400543

Given = dict[str, Any]


def arms(given: Given) -> tuple[Estimates, Estimates]:
    def arm(of: Given) -> Estimates:
        if "x" in of:
            share = of["x"] / of["n"]
            return Estimates.given(of["n"], share, share * (1 - share) / (of["n"] - 1))
        return of_means(Moments.given(of["n"], of["mean"], of["sd"] ** 2 if "sd" in of else of["var"]))

    return arm(given["control"]), arm(given["treatment"])


def the_numbers(found: Comparisons) -> Given:
    return {
        "diff": found.effect,
        "se": found.se,
        "t": found.statistic,
        "z": found.statistic,
        "df": found.df,
        "p": found.p,
        "ci": [found.lower[0], found.upper[0]],
        "ci_lower": found.lower,
        "ci_upper": found.upper,
    }


TESTS = {"welch-t": "welch", "pooled-t": "pooled", "z-unequal-var": "z"}


def a_mean_test(given: Given) -> Given:
    alpha, test = given.get("alpha", 0.05), TESTS[given["test"]]
    return the_numbers(compare(*arms(given), alpha=alpha, alternative=given["alternative"], test=test))


def a_ratio(given: Given) -> Given:
    joints = [of_ratios(joint(given[arm], "yz")) for arm in ("control", "treatment")]
    return the_numbers(compare(*joints)) | {
        "control": joints[0].value,
        "treatment": joints[1].value,
        "ratio_var_control": joints[0].variance * joints[0].n,
        "ratio_var_treatment": joints[1].variance * joints[1].n,
    }


def joint(of: Given, names: str) -> Joint:
    first, second = names
    covariance = [[of[f"var_{first}"], of["cov"]], [of["cov"], of[f"var_{second}"]]]
    return Joint.given(of["n"], [of[f"mean_{first}"], of[f"mean_{second}"]], covariance)


def an_adjusted_mean(given: Given) -> Given:
    done = adjust(joint(given["control"], "yx"), joint(given["treatment"], "yx"))
    return the_numbers(compare(done.control, done.treatment)) | {"theta": done.theta}


def a_quantile(given: Given) -> Given:
    """GrowthBook's convention: the variance for n* independent units out of n, with n in the denominator."""
    pair = []
    for of in (given["control"], given["treatment"]):
        arm = of_quantiles(of["n"], of["q"], of["lo"], of["hi"])
        shrunk = arm.variance * of["n_star"] / of["n"] * (1 - 1 / of["n"])
        pair.append(Estimates.given(of["n"], arm.value, shrunk))
    found = compare(*pair)
    critical = (found.upper - found.lower) / 2 / found.se
    lift = delta_lift(pair[0].value, pair[0].variance, pair[1].value, pair[1].variance, critical)
    return the_numbers(found) | {"lift": lift.lift, "lift_ci": [lift.lower[0], lift.upper[0]]}


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
    found = compare(*arms(given), test="z").lift
    return {"ci": [found.lower[0], found.upper[0]]}


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
    lift = treatment.value / control.value - 1
    se = np.sqrt(exact * (treatment.variance + np.square(1 + lift) * control.variance)) / control.value
    k = (control.n + treatment.n) * always_valid.mixing(given["alpha"], given["N_star"])
    reach = always_valid.multiplier(k, given["alpha"]) * se
    return {
        "estimate": lift,
        "se": se,
        "p": always_valid.p_value(lift / se, k),
        "ci": [(lift - reach)[0], (lift + reach)[0]],
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


def a_tiny_p(given: Given) -> Given:
    """A z is a t with endless degrees of freedom: Welch's tail must not be cut off at 1 − cdf."""
    n = 10**15
    control, treatment = Estimates.given(n, 0.0, 1 / n), Estimates.given(n, given["z"] * math.sqrt(2 / n), 1 / n)
    return {"p": compare(control, treatment).p}


COVERED: dict[str, Callable[[Given], Given]] = {
    "welch-sleep": a_mean_test,
    "welch-mtcars-greater": a_mean_test,
    "z-mtcars": a_mean_test,
    "pooled-scipy-doc": a_mean_test,
    "tiny-p": a_tiny_p,
    "sumsq-cancellation": a_sum_of_squares,
    "fieller-wide": a_fieller,
    "ratio-delta-abs": a_ratio,
    "cuped-pooled-theta": an_adjusted_mean,
    "cuped-ancova": an_adjusted_mean,
    "quantile-p90": a_quantile,
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
    **goldens_families.COVERED,
    **goldens_proportions.COVERED,
    **goldens_sequential.COVERED,
    **goldens_together.COVERED,
}
MUST_NOT_COME_OUT = {"spotify-naive-lift-DONT": a_naive_lift}


def test_every_case_is_covered() -> None:
    assert set(CASES) == {*COVERED, *MUST_NOT_COME_OUT}


def agrees(found: Any, expected: Any, tolerance: dict[str, Any]) -> bool:
    if isinstance(expected, dict):
        return all(agrees(found[name], each, tolerance) for name, each in expected.items())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(agrees, found, expected, [tolerance] * len(expected)))
    if isinstance(expected, str):
        return bool(found == expected)
    number = np.asarray(found).item()
    return math.isinf(number) if expected is None else bool(number == pytest.approx(expected, **tolerance))


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
