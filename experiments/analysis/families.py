"""Families: p adjusted for the other comparisons it was read with, and the level at which its interval agrees."""

from __future__ import annotations

import numpy as np

from experiments.analysis.panel import Panel, Procedure, Settings, padded
from experiments.design import Correction
from experiments.stats.moments import Floats
from experiments.stats.multiplicity import Method, adjust, levels

METHODS: dict[Correction, Method] = {
    Correction.HOLM: "holm",
    Correction.BONFERRONI: "bonferroni",
    Correction.BENJAMINI_HOCHBERG: "bh",
    Correction.NONE: "none",
}


def adjusted(panel: Panel, p: Floats, settings: Settings) -> tuple[Floats, Floats]:
    """Per comparison the adjusted p and its own level: p ≤ level exactly when the adjusted p ≤ α.

    Primary metrics follow the design's correction over their treatments, the others Benjamini–Hochberg over the
    experiment's secondary and cost metrics, and over the segments of one metric and treatment.

    >>> from experiments.stats.estimates import Estimates
    >>> arm = Estimates.given([5000, 5000, 5000], 2.0, 0.0001)
    >>> two_treatments_and_another = Panel.of(arm, arm, family=[0, 0, 1])
    >>> p, level = adjusted(two_treatments_and_another, np.array([0.01, 0.04, 0.04]), Settings())
    >>> p.tolist(), level.tolist()
    ([0.02, 0.04, 0.04], [0.025, 0.05, 0.05])
    """
    result, level = p.copy(), np.full(p.size, settings.alpha)
    methods: dict[Procedure, Method] = {
        Procedure.PRIMARY: METHODS[settings.correction],
        Procedure.BENJAMINI_HOCHBERG: "bh",
    }
    for procedure, method in methods.items():
        rows = np.flatnonzero(panel.procedure == procedure)
        if not rows.size:
            continue
        family, place, width = padded(panel.family[rows])
        table = np.ones((int(family.max()) + 1, width))
        present = np.zeros(table.shape, dtype=np.bool_)
        table[family, place], present[family, place] = p[rows], True
        result[rows] = adjust(table, method, present)[family, place]
        level[rows] = levels(table, settings.alpha, method, present)[family, place]
    return result, level
