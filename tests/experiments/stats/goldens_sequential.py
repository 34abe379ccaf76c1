"""The golden cases of power, duration and alpha spending, each met by the design kernels or a labelled convention."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from experiments.stats import power_conventions
from experiments.stats.design import minimum_effect, power, sample_size
from experiments.stats.group_sequential import GroupSequential, Rule, WangTsiatis
from experiments.stats.plan import Goal, Plan
from experiments.stats.population import Population
from experiments.stats.progress import progress
from experiments.stats.spending import OBRIEN_FLEMING, POCOCK, Spending

Given = dict[str, Any]


def goal(given: Given) -> Goal:
    sided = str(given.get("alternative", given.get("sides", "two-sided")))
    if sided in ("two-sided", "two.sided", "2"):
        return "two-sided"
    return "less" if sided in ("less", "smaller") else "greater"


def a_proportion(given: Given) -> Given:
    rate = given.get("baseline", given.get("p1"))
    effect = given.get("mde_abs", given.get("p2", 0) - rate)
    alpha, wanted = given.get("alpha", 0.05), given.get("power", 0.8)
    convention = given.get("convention", "unpooled").lower()
    if "evan" in convention:
        exact = float(power_conventions.evan_miller(rate, effect, alpha, wanted))
        return {"n_per_arm": round(exact), "n_exact": exact, "n_per_arm_exact": exact}
    if "arcsin" in convention or "cohen" in convention:
        exact = float(power_conventions.arcsine(rate, effect, alpha, wanted, 2 if goal(given) == "two-sided" else 1))
    else:
        test = "z" if "unpooled" in convention else "pooled"
        ratio = given.get("ratio_t_over_c", given.get("ratio", 1.0))
        plan = Plan(alpha, wanted, goal(given), shares=(1.0, ratio), test=test)
        exact = float(sample_size(Population.proportion(rate), effect, plan)) / (1 + ratio)
    return {"n_per_arm_exact": exact, "n_exact": exact, "n_control_exact": exact, "n_per_arm": int(np.ceil(exact))}


def a_standardised(given: Given) -> Given:
    """R's and statsmodels' power of Student's t or of z, for an effect in standard deviations."""
    ratio = given.get("ratio_t_over_c", given.get("ratio", 1.0))
    test = "z" if given.get("test", "t") == "z" else "student"
    effect = given.get("effect_sd", given.get("delta", 0) / given.get("sd", 1.0))
    both = "ratio_t_over_c" in given or test == "z"  # statsmodels counts both tails, R one
    plan = Plan(
        given.get("alpha", 0.05), given.get("power", 0.8), goal(given), shares=(1.0, ratio), test=test, both_tails=both
    )
    if "n_per_arm" in given:
        units = given["n_per_arm"] * (1 + ratio)
        if effect:
            return {"power": float(power(Population(0.0, 1.0), effect, units, plan))}
        found = float(minimum_effect(Population(0.0, 1.0), units, plan)) * given.get("sd", 1.0)
        return {"effect": found, "effect_sd": found, "delta": found, "mde": found}
    control = float(sample_size(Population(0.0, 1.0), effect, plan)) / (1 + ratio)
    return {
        "n_per_arm_exact": control,
        "n_control_exact": control,
        "n_treatment_exact": control * ratio,
        "n_per_arm": int(np.ceil(control)),
    }


def a_tea_tasting(given: Given) -> Given:
    """tea-tasting's solver: both tails count, units are rounded up."""
    population = Population(given["mean"], given["var"])
    if "correlation" in given:
        population = population.adjusted(given["correlation"])
    fixed, ratio = given["given"], given.get("ratio", 1.0)
    student = given.get("equal_var", False)
    plan = Plan(
        given.get("alpha", 0.05),
        fixed.get("power", given.get("power", 0.8)),
        goal(given),
        shares=(1.0, ratio),
        test="z" if given.get("test") == "z" else "student" if student else "welch",
        both_tails=True,
    )
    effect = next((fixed[name] for name in ("effect", "abs_effect", "effect_size") if name in fixed), None)
    relative = next((fixed[name] for name in ("rel_effect", "rel_effect_size") if name in fixed), None)
    if effect is None and relative is not None:
        effect = relative * given["mean"]
    units = fixed.get("n_total", fixed.get("n_obs"))
    reached = plan.power
    if effect is None:
        effect = float(minimum_effect(population, units, plan))
    elif units is None:
        units = float(np.ceil(sample_size(population, effect, plan)))
    else:
        reached = float(power(population, effect, units, plan))
    lift = effect / given["mean"]
    return {
        "n_total": units,
        "n_obs": units,
        "power": reached,
        "effect": effect,
        "abs_effect": effect,
        "effect_size": effect,
        "rel_effect": lift,
        "rel_effect_size": lift,
    }


def a_relative_minimum(given: Given) -> Given:
    population = Population(given["mean"], given["var"])
    found = power_conventions.growthbook_minimum_lift(population, given["n_per_arm"], given["alpha"], given["power"])
    return {"mde_relative": found}


def a_progress(given: Given) -> Given:
    return {"progress": progress(given["target_precision"], given["current_halfwidth"])}


def rule(name: str, given: Given) -> Rule:
    label = name.lower()
    stated = re.search(r"[=^] ?(-?[0-9.]+)", label)
    shape = float(stated.group(1)) if stated else given.get("gamma", given.get("rho", given.get("delta")))
    if "hwang" in label or "hsd" in label:
        return Spending("hwang-shih-decani", -4.0 if shape is None else shape)
    if "power family" in label or "kim" in label or label in ("askd", "kd"):
        return Spending("kim-demets", 2.0 if shape is None else shape)
    if "wang" in label or label == "wt":
        return WangTsiatis(0.25 if shape is None else shape)
    spending = "spending" in label or label.startswith("as") or "lan-demets" in label
    if "pocock" in label or label in ("p", "asp"):
        return POCOCK if spending else WangTsiatis(0.5)
    return OBRIEN_FLEMING if spending else WangTsiatis(0.0)


def a_boundary(given: Given) -> Given:
    fractions = given.get("info", (np.arange(given["looks"]) + 1) / given["looks"])
    design = GroupSequential(rule(given["boundary"], given), given["alpha"], given["sides"])
    if "power" in given:
        return {"inflation": design.inflation(fractions, given["power"])}
    found = design.boundary(fractions)
    return {"z": found.z, "alpha_spent": found.spent, "z_published": found.z.round(2)}


COVERED: dict[str, Callable[[Given], Given]] = {
    "n-evan-miller": a_proportion,
    "n-unpooled": a_proportion,
    "n-prop-5-5.5": a_proportion,
    "n-t-ratio": a_standardised,
    "n-t-90": a_standardised,
    "tea-power-rel_effect_size": a_tea_tasting,
    "mde-relative-growthbook": a_relative_minimum,
    "eppo-progress": a_progress,
    "gs-OF-3-2sided": a_boundary,
    "gs-asOF-3-2sided": a_boundary,
    "gs-OF-5-2sided": a_boundary,
    "gs-asOF-5-2sided": a_boundary,
    "gs-OF-4-deming": a_boundary,
    "gs-KD2-5-1s": a_boundary,
    "gs-HSD-5": a_boundary,
    "gs-inflation-P-3": a_boundary,
    "gs-inflation-P-5": a_boundary,
}
