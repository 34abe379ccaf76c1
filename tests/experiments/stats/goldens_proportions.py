"""Adapters of the golden cases of proportions, ratios, rates, ranks and Bayes: inputs in, named numbers out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from experiments.stats import bayes, exact, proportions, rates, risk_ratio
from experiments.stats.proportions import Method
from experiments.stats.ranks import mann_whitney
from experiments.stats.score import score_test

Given = dict[str, Any]
INTERVALS: dict[str, Method] = {
    "wald": "wald",
    "agresti-caffo": "agresti-caffo",
    "mee score": "score",
    "newcombe": "newcombe",
    "miettinen-nurminen": "miettinen-nurminen",
}
TESTS = {
    "z-pooled": lambda *counts: proportions.pooled_z(*counts),
    "z-pooled, yates": lambda *counts: proportions.pooled_z(*counts, corrected=True),
    "z-unpooled": lambda *counts: proportions.unpooled_z(*counts),
}


def counts(given: Given) -> tuple[int, int, int, int]:
    control, treatment = given["control"], given["treatment"]
    return control["x"], control["n"], treatment["x"], treatment["n"]


def a_test(given: Given) -> Given:
    if given["test"] == "fisher-exact":
        return {"p": exact.fisher(*counts(given))}
    found = TESTS[given["test"]](*counts(given))
    wald = proportions.interval(*counts(given), alpha=given.get("alpha", 0.05), method="wald")
    return {
        "diff": found.difference,
        "z": found.z,
        "chisq": found.chi_square,
        "p": found.p,
        "ci": [wald.lower, wald.upper],
    }


def an_interval(given: Given) -> Given:
    found = proportions.interval(*counts(given), given.get("alpha", 0.05), INTERVALS[given["ci"]])
    return {"diff": found.estimate, "ci": [found.lower, found.upper]}


def a_risk_ratio(given: Given) -> Given:
    found = risk_ratio.katz(*counts(given), alpha=given.get("alpha", 0.05))
    return {"ratio": found.estimate, "ci": [found.lower, found.upper]}


def a_log_lift(given: Given) -> Given:
    """tea-tasting's convention: t with Welch's degrees of freedom of the relative variances."""
    arms = [mean_and_variance(given[arm]) for arm in ("control", "treatment")]
    relative = [variance / mean**2 for mean, variance, _ in arms]
    df = sum(relative) ** 2 / sum(each**2 / (n - 1) for each, (_, _, n) in zip(relative, arms, strict=True))
    critical = special.stdtrit(df, 1 - given.get("alpha", 0.05) / 2)
    (mean_c, var_c, _), (mean_t, var_t, _) = arms
    found = risk_ratio.log_delta(mean_c, var_c, mean_t, var_t, critical)
    return {"lift": found.estimate, "ci": [found.lower, found.upper]}


def mean_and_variance(arm: Given) -> tuple[float, float, int]:
    if "mean" in arm:
        return arm["mean"], arm["var"] / arm["n"], arm["n"]
    ratio = arm["mean_y"] / arm["mean_z"]
    spread = arm["var_y"] - 2 * ratio * arm["cov"] + ratio**2 * arm["var_z"]
    return ratio, spread / arm["mean_z"] ** 2 / arm["n"], arm["n"]


def a_delta_lift(given: Given) -> Given:
    x_c, n_c, x_t, n_t = counts(given)
    ours, theirs = x_c / n_c, x_t / n_t
    variances = ours * (1 - ours) / n_c, theirs * (1 - theirs) / n_t
    found = risk_ratio.delta_lift(ours, variances[0], theirs, variances[1], -special.ndtri(0.025))
    return {"lift": found.lift, "se": found.se, "ci": [found.lower, found.upper]}


def a_relative_margin(given: Given) -> Given:
    found = proportions.non_inferiority(
        *counts(given),
        margin=given["margin_relative"],
        direction=given["preference"],
        alpha=given["alpha"],
        method="wald",
        relative=True,
    )
    return {
        "null": found.null,
        "p": found.p,
        "ci_lower": found.lower,
        "ci_upper": found.upper,
        "pass_": found.passes,
    }


def an_absolute_margin(given: Given) -> Given:
    sides = {"larger": "greater", "smaller": "less", "two-sided": "two-sided"}
    found = score_test(*counts(given), null=given["margin_abs"], alternative=sides[given["alternative"]])  # type: ignore[arg-type]
    return {
        "z": found.z,
        "p": found.p,
        "p_treatment_null": found.null_treatment,
        "p_control_null": found.null_control,
    }


def a_rate_ratio(given: Given) -> Given:
    (x_t, x_c), (time_t, time_c) = given["x"], given["exposure"]
    found = rates.rate_ratio(x_c, time_c, x_t, time_t, alternative=given.get("alternative", "two-sided"))
    return {"ratio": found.estimate, "p": found.p, "ci": [found.lower, found.upper]}


def ranks(given: Given) -> Given:
    exactly = given["method"].startswith("exact")
    arms = given["y"], given["x"]
    found = mann_whitney(*arms, method="exact" if exactly else "asymptotic")
    greater = mann_whitney(*arms, alternative="greater", method="exact" if exactly else "asymptotic")
    return {
        "U": found.u,
        "p_two_sided": found.p,
        "p_greater": greater.p,
        "hodges_lehmann": found.shift,
        "ci95": [found.lower, found.upper],
    }


def kayenta_ranks(given: Given) -> Given:
    experiment, control = given["arrays"]
    found = mann_whitney(control, experiment, alpha=1 - float(given["confidence"]), method="asymptotic")
    return {"ci": [found.lower, found.upper], "estimate": found.shift}


def a_beta_chance(given: Given) -> Given:
    found = bayes.beta(*counts(given))
    return {"p_treatment_better": found.chance}


def a_normal_posterior(given: Given) -> Given:
    """GrowthBook's: p(1 − p) / n per arm, and a prior on the lift carried to the scale of the effect."""
    x_c, n_c, x_t, n_t = counts(given)
    ours, theirs = x_c / n_c, x_t / n_t
    variances = ours * (1 - ours) / n_c, theirs * (1 - theirs) / n_t
    if given["scale"] == "relative":
        lift = risk_ratio.delta_lift(ours, variances[0], theirs, variances[1], 1.0)
        effect, se, unit = float(lift.lift), float(lift.se), 1.0
    else:
        effect, se, unit = theirs - ours, math.sqrt(sum(variances)), ours
    prior_sd = np.inf if given["prior"] == "improper flat" else 0.3 * unit
    found = bayes.normal(effect, se, prior_sd=prior_sd)
    return {
        "chance_to_win": found.chance,
        "posterior_mean": found.mean,
        "posterior_sd": found.sd,
        "ci95": [found.lower, found.upper],
        "risk": [found.loss_of_control, found.loss_of_treatment],
    }


COVERED: dict[str, Callable[[Given], Given]] = {
    "prop-newcombe-z-pooled": a_test,
    "prop-newcombe-fisher": a_test,
    "prop-200-250-unpooled": a_test,
    "prop-newcombe-ci-wald": an_interval,
    "prop-newcombe-ci-agresti-caffo": an_interval,
    "prop-newcombe-ci-mee": an_interval,
    "prop-newcombe-ratio-log": a_risk_ratio,
    "ratio-rel-log": a_log_lift,
    "lift-big-log": a_log_lift,
    "nim-spotify": a_relative_margin,
    "nim-farrington-manning": an_absolute_margin,
    "poisson-rate-ratio": a_rate_ratio,
    "mw-hollander": ranks,
    "mw-airquality": ranks,
    "kayenta-mw-small": kayenta_ranks,
    "chance-to-beat-beta-small": a_beta_chance,
    "chance-to-beat-beta-big": a_beta_chance,
    "growthbook-bayes-flat-absolute": a_normal_posterior,
    "growthbook-bayes-n0_03-absolute": a_normal_posterior,
}
MUST_NOT_COME_OUT: dict[str, Callable[[Given], Given]] = {"spotify-naive-lift-DONT": a_delta_lift}
