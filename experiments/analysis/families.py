"""Families: p adjusted for the other comparisons it was read with, and the level at which its interval agrees."""

from __future__ import annotations

import numpy as np

from experiments.analysis.panel import Ints, Panel, Role, Settings
from experiments.design import Correction
from experiments.stats.moments import Floats
from experiments.stats.multiplicity import Method, adjust, levels
from experiments.stats.over_time import places

METHODS: dict[Correction, Method] = {
    Correction.HOLM: "holm",
    Correction.BONFERRONI: "bonferroni",
    Correction.BENJAMINI_HOCHBERG: "bh",
    Correction.NONE: "none",
}


def adjusted(panel: Panel, p: Floats, settings: Settings) -> tuple[Floats, Floats]:
    """Per comparison the adjusted p and its own level: p ≤ level exactly when the adjusted p ≤ α.

    Primary metrics follow the design's correction over their treatments, the others Benjamini–Hochberg over the
    experiment's secondary and cost metrics, and over the segments of one metric and treatment. Guardrails share out α
    where they are judged.

    >>> from experiments.stats.estimates import Estimates
    >>> arm = Estimates.given([5000, 5000, 5000], 2.0, 0.0001)
    >>> two_treatments_and_another = Panel.of(arm, arm, family=[0, 0, 1])
    >>> p, level = adjusted(two_treatments_and_another, np.array([0.01, 0.04, 0.04]), Settings())
    >>> p.tolist(), level.tolist()
    ([0.02, 0.04, 0.04], [0.025, 0.05, 0.05])
    """
    result, level = p.copy(), np.full(p.size, settings.alpha)
    others: Method = "bh"
    primary = panel.role == Role.PRIMARY
    for members, method in (
        (primary, METHODS[settings.correction]),
        (~primary & (panel.role != Role.GUARDRAIL), others),
    ):
        rows = np.flatnonzero(members)
        if not rows.size:
            continue
        family, place, width = _padded(panel.family[rows])
        table = np.ones((int(family.max()) + 1, width))
        present = np.zeros(table.shape, dtype=np.bool_)
        table[family, place], present[family, place] = p[rows], True
        result[rows] = adjust(table, method, present)[family, place]
        level[rows] = levels(table, settings.alpha, method, present)[family, place]
    return result, level


def _padded(family: Ints) -> tuple[Ints, Ints, int]:
    """For every comparison the row and column of a table with one row per family, and how wide that table is.

    >>> row, column, width = _padded(np.array([7, 3, 7]))
    >>> row.tolist(), column.tolist(), width
    ([1, 0, 1], [0, 0, 1], 2)
    """
    _, row = np.unique(family, return_inverse=True)
    order = np.argsort(row, kind="stable")
    ordered = row[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    column = np.empty_like(row)
    column[order] = places(starts, row.size)
    return row, column, int(column.max(initial=-1)) + 1
