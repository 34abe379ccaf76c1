"""How the cases about calibration, the Pareto front and the canary's score are put to the methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from experiments.knowledge.calibration import brier, spiegelhalter
from experiments.knowledge.leaderboard import pareto_front
from experiments.stats.canary import Label, score

Given = dict[str, Any]


def a_brier(given: Given) -> Given:
    found = brier(given["p"], given["y"])
    return {
        "brier": found.score,
        "reliability": found.reliability,
        "resolution": found.resolution,
        "uncertainty": found.uncertainty,
        "skill": found.skill,
    }


def a_spiegelhalter(given: Given) -> Given:
    found = spiegelhalter(given["p"], given["y"])
    return {"z": found.z, "p": found.p}


def a_front(given: Given) -> Given:
    return {"on_frontier": pareto_front(given["rows"], given["sense"], distinct=given.get("distinct", True))}


def a_score(given: Given) -> Given:
    labels = {name: [Label(label) for label in members] for name, members in given["groups"].items()}
    found = score(labels, given.get("weights"))
    return {"group_scores": {name: each or 0.0 for name, each in found.groups.items()}, "summary": found.summary}


COVERED: dict[str, Callable[[Given], Given]] = {
    "brier-20": a_brier,
    "spiegelhalter-z": a_spiegelhalter,
    "pareto-cost-quality-latency": a_front,
    "kayenta-score": a_score,
}
