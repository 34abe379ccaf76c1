"""A scenario is read from a file, and what contradicts itself is refused in words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.visitors.presets import PRESETS
from bot.visitors.scenario import Effect, Scenario, TrueKind, TrueMetric, read_scenario
from experiments.errors import BadInput

CLICKS: dict[str, Any] = {"metric": "clicks", "kind": "mean", "baseline": 4}


def refusal(**changes: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        Scenario.model_validate({"metrics": [CLICKS], **changes})
    return str(refused.value)


def test_effects_belong_to_a_variant_or_to_all_treatments() -> None:
    metric = TrueMetric.model_validate({**CLICKS, "effects": {"*": 0.1, "b": {"relative": -0.2, "fades_days": 3}}})
    assert metric.effect_of("control", "control") is None
    assert metric.effect_of("a", "control") == Effect(relative=0.1)
    assert metric.effect_of("b", "control") == Effect(relative=-0.2, fades_days=3)
    assert metric.effect_of("control", "old") == Effect(relative=0.1)


def test_what_contradicts_itself_is_refused() -> None:
    assert "clicks is named twice" in refusal(metrics=[CLICKS, CLICKS])
    assert "clicks is a share" in refusal(metrics=[{**CLICKS, "kind": "proportion"}])
    assert "names the metric of its denominator" in refusal(metrics=[{**CLICKS, "kind": "ratio", "baseline": 0.5}])
    assert "names the metric of its denominator" in refusal(metrics=[{**CLICKS, "denominator": "visits"}])
    assert "value from before" in refusal(metrics=[{**CLICKS, "kind": "latency", "history_days": 3}])
    assert "do not sum to 1" in refusal(segments=[{"attribute": "plan", "levels": [{"name": "free", "share": 0.5}]}])
    assert 'exposures = "events"' in refusal(losses=[{"share": 0.1}])
    assert "extra_forbidden" in refusal(poeple_per_day=3)
    assert "metrics" in refusal(metrics=[])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.toml", "metrics = [", "is neither TOML nor JSON"),
        ("a.json", "{", "is neither TOML nor JSON"),
        ("a.toml", "\udcff", "is neither TOML nor JSON"),
        ("a.toml", "people_per_day = -1", "people_per_day: write a number above 0; metrics: fill this in"),
        ("a.json", "[]", "is no scenario. scenario:"),
    ],
)
def test_a_file_that_is_no_scenario(name: str, content: str, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadInput) as refused:
        read_scenario(tmp_path / name)
    assert words in refused.value.words


def test_the_page_shows_a_scenario_that_can_be_read_and_every_preset(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "simulate.md").read_text()
    shown = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert shown is not None
    (tmp_path / "shown.toml").write_text(shown[1])
    scenario = read_scenario(tmp_path / "shown.toml")
    assert {metric.kind for metric in scenario.metrics} == {TrueKind.PROPORTION, TrueKind.MEAN, TrueKind.RATIO}
    assert re.findall(r"^\| `([a-z-]+)` \| [a-z]", page, re.MULTILINE)[: len(PRESETS)] == list(PRESETS)
