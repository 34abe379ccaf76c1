"""Readouts made by hand: the situations a picture must survive."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from experiments.design import Direction, MetricKind, MetricRole
from experiments.readout import (
    Arm,
    Comparison,
    Finding,
    Interval,
    Look,
    Readout,
    Severity,
    Standing,
    Trail,
    Verdict,
    VerdictStatus,
)


def compared(metric: str = "conversion", treatment: str = "bigger-button", **changes: Any) -> Comparison:
    """A clear win of the primary metric, unless changed."""
    made = {
        "metric": metric, "role": MetricRole.PRIMARY, "kind": MetricKind.PROPORTION, "direction": Direction.UP,
        "unit": "per user", "control": Arm(variant="control", n=5_012, mean=0.1010),
        "treatment": Arm(variant=treatment, n=4_988, mean=0.1051), "difference": 0.0041,
        "interval": Interval(lower=0.0012, upper=0.0070), "relative": 0.041,
        "relative_interval": Interval(lower=0.012, upper=0.070), "p": 0.0123, "fixed_p": 0.0011,
        "standing": Standing.BETTER,
    }  # fmt: skip
    return Comparison.model_validate({**made, **changes})


def trail(
    metric: str = "conversion", treatment: str = "bigger-button", *, looks: int = 24, days: float = 6.0,
    effect: float = 0.0041, se: float = 0.0010, wobble: float = 0.6,
) -> Trail:  # fmt: skip
    """Looks whose difference settles at `effect` and whose band narrows to about 3 se."""
    made, p = [], 1.0
    for each in range(1, looks + 1):
        part = each / looks
        now_se = se / math.sqrt(part)
        difference = effect + wobble * now_se * math.sin(each * 1.7)
        z = difference / now_se
        k = 2.0 * part
        p = min(p, math.sqrt(1 + k) * math.exp(-k * z * z / (2 * (1 + k))))
        half = 3.04 * now_se
        made.append(
            Look(day=days * part, n=int(10_000 * part), difference=difference, lower=difference - half,
                 upper=difference + half, p=p)
        )  # fmt: skip
    return Trail(metric=metric, treatment=treatment, looks=tuple(made))


def readout(**changes: Any) -> Readout:
    """Day 6 of 14: primary better, a secondary unclear, cost better, one guardrail unclear and one worse."""
    made = {
        "workspace": "T1", "key": "checkout-button", "title": "Bigger checkout button", "number": 24,
        "as_of": datetime(2026, 3, 9, 9, 0, tzinfo=UTC), "day": 6.0, "planned_days": 14,
        "design_hash": "1a2b3c4d5e6f" + "0" * 52, "method": "always-valid", "alpha": 0.05,
        "units": {"control": 5_012, "bigger-button": 4_988}, "weights": {"control": 5_000, "bigger-button": 5_000},
        "comparisons": (
            compared(),
            compared("revenue", role=MetricRole.SECONDARY, kind=MetricKind.MEAN, unit="€ per user", difference=0.12,
                     interval=Interval(lower=-0.31, upper=0.55), relative=0.010,
                     relative_interval=Interval(lower=-0.026, upper=0.046), p=0.62, standing=Standing.UNCLEAR),
            compared("latency-p95", role=MetricRole.GUARDRAIL, kind=MetricKind.MEAN, direction=Direction.DOWN,
                     unit="ms", difference=12.4, interval=Interval(lower=4.1, upper=20.7), relative=0.031,
                     relative_interval=Interval(lower=0.010, upper=0.052), p=0.0004, standing=Standing.WORSE),
            compared("error-rate", role=MetricRole.GUARDRAIL, direction=Direction.DOWN, difference=-0.0001,
                     interval=Interval(lower=-0.0009, upper=0.0007), relative=-0.012,
                     relative_interval=Interval(lower=-0.11, upper=0.085), p=1.0, standing=Standing.UNCLEAR),
            compared("cost-per-order", role=MetricRole.COST, kind=MetricKind.MEAN, direction=Direction.DOWN,
                     unit="€", difference=-0.021, interval=Interval(lower=-0.034, upper=-0.008), relative=-0.047,
                     relative_interval=Interval(lower=-0.076, upper=-0.018), p=0.0021, standing=Standing.BETTER),
        ),
        "trails": (trail(), trail("revenue", effect=0.12, se=0.14)),
        "findings": (), "verdict": Verdict(status=VerdictStatus.DAYS_LEFT, sentence="About 8 days left.", days_left=8),
    }  # fmt: skip
    return Readout.model_validate({**made, **changes})


def several() -> Readout:
    """Two treatments, three metrics, a wild interval and an open one, a warning."""
    arms = ("small", "large")
    rows = []
    for name, shift in zip(arms, (0.0, 0.03), strict=True):
        rows += [
            compared(treatment=name, relative=-0.02 + shift, difference=-0.002 + shift / 10,
                     relative_interval=Interval(lower=-0.05 + shift, upper=0.01 + shift), p=0.4,
                     interval=Interval(lower=-0.005, upper=0.001), standing=Standing.UNCLEAR),
            compared("refunds", name, role=MetricRole.SECONDARY, kind=MetricKind.MEAN, direction=Direction.DOWN,
                     difference=0.5,
                     interval=Interval(lower=-3.0, upper=4.0), relative=2.5,
                     relative_interval=Interval(lower=-8.0, upper=None), p=0.9, standing=Standing.UNCLEAR),
            compared("credit", name, role=MetricRole.GUARDRAIL, difference=0.004, relative=None,
                     relative_interval=None, interval=Interval(lower=-0.01, upper=0.018), p=0.7,
                     standing=Standing.UNCLEAR),
        ]  # fmt: skip
    rows.append(
        compared("chat-time", "large", role=MetricRole.SECONDARY, difference=None, interval=None, relative=None,
                 relative_interval=None, p=None, fixed_p=None, standing=Standing.REFUSED,
                 refused="only 1 unit in large so far")
    )  # fmt: skip
    return readout(
        title="Button size", comparisons=tuple(rows), units={"control": 3_400, "small": 3_310, "large": 3_290},
        weights={"control": 3_400, "small": 3_300, "large": 3_300},
        trails=(trail(treatment="small", effect=-0.002), trail(treatment="large", effect=0.001, wobble=-0.8)),
        findings=(Finding(code="minimum_units", severity=Severity.WARNING,
                          words="refunds has fewer than 100 units in large; wait before you read it."),),
    )  # fmt: skip


def broken() -> Readout:
    """A broken sample ratio: no lift anywhere."""
    words = (
        "The split is off: control has 5,412 units and bigger-button 4,588 where 50 : 50 was planned (p < 0.001). "
        "People are lost or counted twice on one side, so no lift is shown. Look at where exposures are written."
    )
    return readout(
        units={"control": 5_412, "bigger-button": 4_588},
        comparisons=tuple(
            compared(each.metric, role=each.role, difference=None, interval=None, relative=None,
                     relative_interval=None, p=None, fixed_p=None, standing=Standing.REFUSED, refused="sample ratio")
            for each in readout().comparisons
        ),
        trails=(),
        findings=(Finding(code="sample_ratio", severity=Severity.BLOCKS_LIFT, words=words),),
        verdict=Verdict(status=VerdictStatus.UNHEALTHY, sentence="The split is off."),
    )  # fmt: skip


def empty() -> Readout:
    """Started, nothing has arrived."""
    return readout(
        number=0, day=0.0, units={}, comparisons=(), trails=(),
        verdict=Verdict(status=VerdictStatus.NO_DATA, sentence="No data have arrived yet."),
    )  # fmt: skip


def one_look() -> Readout:
    """Half a day of data."""
    return readout(day=0.5, number=1, trails=(trail(looks=1, days=0.5),))


def crowded() -> Readout:
    """Eight treatments with 300 looks each, past the planned end, and more comparisons than fit."""
    names = [f"variant-{letter}" for letter in "abcdefgh"]
    roles = list(MetricRole)
    return readout(
        day=15.0, comparisons=tuple(
            compared(f"metric-{metric}", name, role=roles[metric]) for metric in range(4) for name in names
        ),
        units=dict.fromkeys(("control", *names), 5000),
        weights={"control": 1_104, **dict.fromkeys(names, 1112)},
        trails=tuple(trail("metric-0", name, looks=300, days=15.0, effect=0.002 * place - 0.005, wobble=0.2)
                     for place, name in enumerate(names)),
    )  # fmt: skip


HOSTILE = "$x_1$ \\frac{1}{2} <!channel> `a` *b* שלום \u202e中文 😀 " + "very-long-name-" * 12


def hostile() -> Readout:
    """Names with mathtext, mentions, right-to-left text, emoji and no end."""
    return readout(
        title=("$\\alpha$_x <!channel> שלום 😀 中 " * 5)[:120],
        units={"control": 5_000, HOSTILE: 5_000}, weights={"control": 5_000, HOSTILE: 5_000},
        comparisons=(compared(HOSTILE, HOSTILE, unit="$/user_$" * 7),),
        trails=(trail(HOSTILE, HOSTILE),),
    )  # fmt: skip


def extreme() -> Readout:
    """Huge and tiny numbers, p of exactly zero, thousands of percent."""
    return readout(
        day=20.0,
        units={"control": 10**15, "bigger-button": 10**15},
        comparisons=(
            compared(kind=MetricKind.MEAN, difference=3.2e12, interval=Interval(lower=3.1e12, upper=3.3e12),
                     relative=48.0, relative_interval=Interval(lower=40.0, upper=56.0), p=0.0,
                     control=Arm(variant="control", n=10**15, mean=1e11)),
            compared("drift", role=MetricRole.SECONDARY, kind=MetricKind.MEAN, difference=-2.5e-11,
                     interval=Interval(lower=-3e-11, upper=-2e-11), relative=-1e-7,
                     relative_interval=Interval(lower=-1.2e-7, upper=-0.8e-7), p=1e-310, standing=Standing.WORSE),
        ),
        trails=(Trail(metric="conversion", treatment="bigger-button", looks=tuple(
            Look(day=20 * part / 10, n=part * 2 * 10**14, difference=3.2e12, lower=3.2e12 - 4e12 / part**0.5,
                 upper=3.2e12 + 4e12 / part**0.5, p=0.0 if part > 6 else 10.0 ** (-60 * part))
            for part in range(1, 11))),),
    )  # fmt: skip
