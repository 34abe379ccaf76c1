"""`bunsen analyze --quantile`: quantiles of single units, and the picture of how these are spread."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from experiments.pictures.latency import Latency
from tests.bot.shell import bunsen


def test_quantiles_of_single_units_are_drawn_with_their_distribution(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Latency] = []

    def keep(data: Latency) -> bytes:
        drawn.append(data)
        return b""

    monkeypatch.setattr("charts.CHARTS", {"latency": keep})
    dice = np.random.default_rng(7)
    lines = [
        f"{variant}{place},{variant},{time!r}"
        for variant, median in (("control", 400), ("near", 350))
        for place, time in enumerate((median * np.exp(0.5 * dice.standard_normal(500))).tolist())
    ]
    asked = ("--quantile", "wait=0.95,0.5", "--direction", "wait-p50=down", "--direction", "wait-p95=down")
    name = tmp_path / "waits.csv"
    name.write_text("\n".join(["unit,variant,wait", *lines]))
    result = bunsen("analyze", str(name), *asked, "--chart", str(tmp_path / "out.png"), "--picture", "latency")
    assert result.exit_code in (0, 11), result.stderr
    (data,) = drawn
    assert [(each.metric, each.quantile) for each in data.quantiles] == [("wait-p50", 0.5), ("wait-p95", 0.95)]
    assert data.distribution
    assert [(shape.variant, shape.n) for shape in data.distribution.shapes] == [("control", 500), ("near", 500)]


@pytest.mark.parametrize("asked", ["wait", "wait=", "wait=1", "wait=0.5,x", "=0.5"])
def test_a_quantile_lies_between_0_and_1(asked: str) -> None:
    result = bunsen("analyze", "nowhere.csv", "--quantile", asked)
    assert result.exit_code == 2
    assert "--quantile" in result.stderr
