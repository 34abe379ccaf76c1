"""What 30 days at full traffic would bring with a treatment: money saved, the worth of its lift, and the return."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from experiments.design import Metric, MetricKind
from experiments.model import Experiment
from experiments.policy import Project
from experiments.readout import Comparison, Interval, Readout
from experiments.texts import Frozen

PER_UNIT = (MetricKind.MEAN, MetricKind.PROPORTION)
CURRENCIES = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "zł": "PLN"}
CODES = frozenset({*CURRENCIES.values(), "CHF", "CNY", "SEK", "NOK", "DKK", "CZK", "AUD", "CAD", "BRL", "SGD", "MXN"})


class Return(Frozen):
    """Of one treatment, each as a range (None: an open end; no range: it cannot be said).

    `savings` are in the cost metric's own unit or, where that is money of the project or its worth is stated, in money,
    as `worth`, the value of the lift, and `together` are. `ratio` is (together − spent) ÷ spent.
    """

    variant: str
    savings: Interval | None = None
    worth: Interval | None = None
    together: Interval | None = None
    ratio: Interval | None = None


class Returned(NamedTuple):
    """All of them, what savings are counted in and whether that is the project's money, what was spent on the
    experiment, and what is missing."""

    returns: tuple[Return, ...]
    saved_in: str
    in_money: bool
    spent: float | None
    missing: tuple[str, ...]


def currency_of(unit: str) -> str:
    """The currency a unit is in, by its code; "" where it is none.

    >>> currency_of("€ per user"), currency_of("USD"), currency_of("ms"), currency_of("tokens per answer")
    ('EUR', 'USD', '', '')
    """
    found = re.match(r"\s*([^\W\d_]+|[^\w\s/]+)", unit)
    word = found.group(1) if found else ""
    return CURRENCIES.get(word, word.upper() if word.upper() in CODES else "")


def returns_of(
    experiment: Experiment,
    readout: Readout,
    project: Project,
    cost: Metric,
    treatments: Sequence[str],
    units: float | None,
    differences: Mapping[str, Interval] | None,
) -> Returned:
    """The ranges of these treatments over so many units; `differences` in cost per unit where the readout has none.

    Two intervals are added end by end: whatever the correlation of the two, the sum is covered as they are.
    """
    prices = _prices(project, cost, experiment.design.primary)
    days = experiment.data_day if experiment.data_day is not None else readout.day
    spent = project.day_cost * days if project.day_cost is not None else None
    found = []
    for key in treatments:
        spared = differences.get(key) if differences is not None else _interval(readout, cost.key, key)
        savings = _times(spared, units, prices.cost if prices.cost is not None else -1.0)
        worth = together = None
        if prices.cost is not None:
            worth = _times(_interval(readout, prices.primary, key), units, prices.success)
            together = _added(savings, worth) if prices.primary else savings
        found.append(Return(variant=key, savings=savings, worth=worth, together=together, ratio=_over(together, spent)))
    own = cost.unit.partition(" per ")[0]
    saved_in = own if prices.cost is None else project.currency
    return Returned(tuple(found), saved_in, prices.cost is not None, spent, _missing(experiment, project, cost, units))


class _Prices(NamedTuple):
    """What one more of the cost metric and of the `primary` metric ("" where it is no other) bring in money."""

    cost: float | None
    primary: str
    success: float | None


def _prices(project: Project, cost: Metric, primary: Metric | None) -> _Prices:
    currency = currency_of(project.currency) or project.currency
    same = bool(currency) and currency == (currency_of(cost.unit) or cost.unit)
    price = project.worth.get(cost.key, -1.0 if same else None)
    if primary is None or primary.key == cost.key:
        return _Prices(price, "", None)
    return _Prices(price, primary.key, project.worth.get(primary.key) if primary.kind in PER_UNIT else None)


def _missing(experiment: Experiment, project: Project, cost: Metric, units: float | None) -> tuple[str, ...]:
    """What somebody would have to state, or wait for, before the return can be said."""
    if units is None:
        return ("Nobody knows yet how many units come in 30 days.",)
    prices, primary, gaps = _prices(project, cost, experiment.design.primary), experiment.design.primary, []
    if prices.primary and primary and primary.kind not in PER_UNIT:
        return (f"The lift of {primary.key} has no price: it is no mean per unit.",)
    if prices.primary and prices.success is None:
        gaps.append(f"what one more of {prices.primary} is worth")
    if prices.cost is None:
        gaps.append(f"its currency, and what one more of {cost.key} is worth if that is no money")
    if project.day_cost is None:
        gaps.append("what a day of an experiment costs")
    return (f"For the return, state in the settings of project {project.name}: {'; '.join(gaps)}.",) if gaps else ()


def _interval(readout: Readout, metric: str, treatment: str) -> Interval | None:
    compared: Comparison | None = next(
        (each for each in readout.comparisons if (each.metric, each.treatment.variant) == (metric, treatment)), None
    )
    return compared.interval if compared and not compared.refused else None


def _times(interval: Interval | None, units: float | None, price: float | None) -> Interval | None:
    if interval is None or units is None or price is None:
        return None
    ends = [None if end is None else end * units * price for end in (interval.lower, interval.upper)]
    return Interval(lower=ends[0], upper=ends[1]) if price >= 0 else Interval(lower=ends[1], upper=ends[0])


def _added(one: Interval | None, other: Interval | None) -> Interval | None:
    if one is None or other is None:
        return None
    return Interval(
        lower=None if one.lower is None or other.lower is None else one.lower + other.lower,
        upper=None if one.upper is None or other.upper is None else one.upper + other.upper,
    )


def _over(together: Interval | None, spent: float | None) -> Interval | None:
    if together is None or not spent:
        return None
    ends = [None if end is None else end / spent - 1 for end in (together.lower, together.upper)]
    return Interval(lower=ends[0], upper=ends[1])
