"""Adapters of the golden values of many comparisons, heterogeneity, factorial designs and pooled effects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import optimize, special

from experiments.stats.factorial import Cell, anova
from experiments.stats.heterogeneity import heterogeneity, interaction
from experiments.stats.meta import Pooled, pooled
from experiments.stats.moments import Moments
from experiments.stats.multiplicity import adjust, levels, preferential
from experiments.stats.tau2 import Studies

Given = dict[str, Any]
AGGREGATE = ("n", "mean", "var")


def an_adjustment(given: Given) -> Given:
    return {"p_adj": adjust(given["p"], given["method"].lower())}


def rejections(given: Given) -> Given:
    """By adjusted p, and by the levels of the intervals: both must say the same."""
    names = ("none", "bonferroni", "sidak", "holm", "hochberg", "hommel", "BH", "BY")
    clear = {name: int((adjust(given["p"], name.lower()) <= given["alpha"]).sum()) for name in names}
    by_level = {name: int((given["p"] <= levels(given["p"], given["alpha"], name.lower())).sum()) for name in names}
    assert clear == by_level
    return {"reject": clear}


def a_split(given: Given) -> Given:
    found = preferential(given["alpha"], given["gamma"], given["treatments"], given["metrics"])
    return {"alpha_primary": found.primary, "alpha_other": found.other}


def _summary(found: Pooled) -> Given:
    return {
        "est": found.estimate,
        "se": found.se,
        "ci": [found.lower, found.upper],
        "z": found.statistic,
        "t": found.statistic,
        "p": found.p,
        "k": found.studies,
        "tau2": found.tau2,
        "tau": found.tau2**0.5,
        "I2": found.i2,
        "H2": found.h2,
        "Q": found.q,
        "df": found.q_df,
        "Q_p": found.q_p,
    }


def a_meta_analysis(given: Given) -> Given:
    """The method of R's metafor, whose tests are z unless it is told another."""
    test, method = given.get("test", "z"), given["method"]
    own = pooled(given["y"], given["v"], method=method, test=test, prediction="test")
    higgins = pooled(given["y"], given["v"], method=method, test=test)
    z = pooled(given["y"], given["v"], method=method, test="z", prediction="test")
    return _summary(own) | {
        "prediction_interval": [own.prediction_lower, own.prediction_upper],
        "prediction_interval_z": [z.prediction_lower, z.prediction_upper],
        "prediction_interval_t": [higgins.prediction_lower, higgins.prediction_upper],
    }


def a_segment_reading(given: Given) -> Given:
    effects, variances = given["effect"], np.square(given["se"])
    one = pooled(effects, variances, method="FE", test="z")
    alone = heterogeneity(effects, variances)
    assert alone.q == pytest.approx(one.q, rel=1e-12)
    assert (alone.df, alone.p) == (one.q_df, pytest.approx(one.q_p, rel=1e-12))
    found = _summary(pooled(effects, variances, method=given["method"], test="z"))
    unfinished = _as_metafor_stops(effects, variances) if given["method"] == "PM" else {}
    return found | unfinished | {"fe": one.estimate}


def _as_metafor_stops(effects: list[float], variances: Any) -> Given:
    """Paule–Mandel as R's metafor gives it: the same equation, its search in 0 to 100 ended at an error of 1.2e-4.

    That is coarse where τ² is 0.009: ours is the root itself (0.0089413 in `test_meta.py`, theirs 0.0089316).
    """
    studies = Studies(np.asarray(effects), np.asarray(variances))
    tau2 = optimize.brentq(lambda t: studies.weighed(t).q - studies.df, 0, 100, xtol=np.finfo(float).eps ** 0.25)
    weighed, alike = studies.weighed(tau2), studies.weighed(0.0)
    estimate, se = weighed.share @ studies.y, weighed.total**-0.5
    reach = special.ndtri(0.975) * se
    return {
        "est": estimate,
        "se": se,
        "ci": [estimate - reach, estimate + reach],
        "z": estimate / se,
        "p": 2 * special.ndtr(-abs(estimate / se)),
        "tau2": tau2,
        "tau": tau2**0.5,
        "I2": tau2 / (tau2 + studies.df / alike.curvature),
        "H2": tau2 / (studies.df / alike.curvature) + 1,
    }


def an_interaction(given: Given) -> Given:
    cells = [[given["cells"][first + "_" + second] for second in "ct"] for first in "ct"]
    n, mean, variance = ([[cell[name] for cell in row] for row in cells] for name in ("n", "mean", "var"))
    found = interaction(Moments.given(n, mean, variance))
    return {
        "interaction": found.estimate,
        "se": found.se,
        "z": found.z,
        "p": found.p,
        "ci": [found.lower, found.upper],
    }


def a_table(given: Given) -> Given:
    """Of the type that the case names (alike in a balanced design), in R's order of terms."""
    cells = [
        Cell({name: level for name, level in row.items() if name not in AGGREGATE}, *(row[name] for name in AGGREGATE))
        for row in given["cells"]
    ]
    kind = given.get("type", "I").split()[0]
    found = anova(cells, kind)
    return {
        "terms": [*(term.name for term in found.terms), "residual"],
        "SS": [*(term.ss for term in found.terms), found.residual_ss],
        "df": [*(term.df for term in found.terms), found.residual_df],
        "F": [term.f for term in found.terms],
        "p": [term.p for term in found.terms],
    }


COVERED: dict[str, Callable[[Given], Given]] = {
    **dict.fromkeys(("padj-bh95-holm", "padj-bh95-BH", "padj-bh95-hommel", "padj-7-ties-BH"), an_adjustment),
    "padj-bh95-rejections": rejections,
    "eppo-preferential-bonferroni": a_split,
    **dict.fromkeys(("meta-bcg-FE", "meta-bcg-REML", "meta-bcg-DL-knapp-hartung"), a_meta_analysis),
    **dict.fromkeys(("segments-4-DL", "segments-4-PM"), a_segment_reading),
    "interaction-2x2-z": an_interaction,
    **dict.fromkeys(("anova2-toothgrowth", "anova2-mtcars-typeI", "anova-2x2x2-npk"), a_table),
}
