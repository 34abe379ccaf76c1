"""Where in the tables of a project the rows of its looks and their metrics are, by the numbers of these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.connectors.measuring.plan import Look
from experiments.design import MetricKind

Numbers = NDArray[np.int64]
NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Layout:
    """Arrays by the number of a look (`metrics`: how many it has, the `first` of them, `width`: how many cells a unit
    has, `arms`: the row of its first variant) or of a metric (`place` of its cell among those of a unit, `earlier` of
    the one from before exposure or −1, `group`: the row of its first variant, `binary` and `additive`)."""

    metrics: Numbers
    first: Numbers
    width: Numbers
    arms: Numbers
    place: Numbers
    earlier: Numbers
    group: Numbers
    binary: NDArray[np.bool_]
    additive: NDArray[np.bool_]

    @classmethod
    def of(cls, looks: Iterable[Look]) -> Layout:
        """The layout where the variants and the groups of these looks follow one another in this order."""
        by_look: list[tuple[int, ...]] = []
        by_metric: list[tuple[int, ...]] = []
        arms = groups = 0
        for look in looks:
            width = len(look.measures)
            first = look.measures[0].number if look.measures else 0
            for place, measure in enumerate(look.measures):
                looks_back = measure.metric.lookback_days > 0
                earlier = width if looks_back else NOWHERE
                binary = measure.metric.kind is MetricKind.PROPORTION
                by_metric.append((measure.number, place, earlier, groups, binary, measure.additive))
                width += looks_back
                groups += len(look.arms)
            by_look.append((look.number, len(look.measures), first, width, arms))
            arms += len(look.arms)
        metrics, firsts, widths, variants = _by_number(by_look, 4)
        places, earliest, rows, binaries, additives = _by_number(by_metric, 5)
        return cls(
            metrics, firsts, widths, variants, places, earliest, rows, binaries.astype(bool), additives.astype(bool)
        )


def _by_number(rows: Iterable[tuple[int, ...]], columns: int) -> Numbers:
    """The columns of rows that begin with their number, at these numbers; zeros between."""
    table = np.array(list(rows), np.int64).reshape(-1, columns + 1)
    found = np.zeros((columns, int(table[:, 0].max(initial=-1)) + 1), np.int64)
    found[:, table[:, 0]] = table[:, 1:].T
    return found
