"""`bunsen simulate`: what it sends, what it says at the end, and with which exit code."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import Result
from starlette.responses import JSONResponse

from bot.visitors.presets import PRESETS
from tests.bot.shell import bunsen
from tests.bot.visitors.counter import TOKEN, Counter, served

SHORT = ("--experiment", "checkout", "--hours", "0", "--past", "0.25", "--people", "1200")


async def simulated(counter: Counter, *arguments: str, token: str = TOKEN) -> Result:
    async with served(counter) as address:
        return await asyncio.to_thread(bunsen, "simulate", *arguments, "--url", address, "--token", token)


async def test_a_past_stretch_is_sent_and_summed_up() -> None:
    counter = Counter()
    done = await simulated(counter, "healthy", *SHORT)
    assert done.exit_code == 0, done.output
    people = len({event["unit"] for event in counter.of("exposure")} | set(counter.evaluated["checkout"]))
    assert 150 < people < 450
    assert f"checkout: {people} people" in done.stdout
    assert {"control", "treatment"} < set(done.stdout.split())
    assert f"{len(counter.events):,} events kept" in done.stdout


async def test_the_summary_is_one_document() -> None:
    counter = Counter()
    done = await simulated(counter, "bad-split", *SHORT, "--people", "4000", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["kept"] == len(counter.events)
    assert told["variants"]["control"]["people"] == told["variants"]["control"]["exposures"]
    assert 0 < told["lost"]["exposures that were never reported"] < told["variants"]["treatment"]["people"] / 4
    assert told["problem"] == ""


@pytest.mark.parametrize("name", PRESETS)
async def test_every_preset_can_be_shown_changed_and_lived(name: str, tmp_path: Path) -> None:
    shown = bunsen("simulate", name, "--show", "--experiment", "checkout", "--people", "800")
    assert shown.exit_code == 0, shown.output
    file = tmp_path / "mine.json"
    file.write_text(shown.stdout)
    counter = Counter()
    done = await simulated(counter, str(file), "--hours", "0", "--past", "0.5")
    assert done.exit_code == 0, done.output
    assert {event["metric"] for event in counter.of("observation")} >= {
        metric.denominator or metric.metric for metric in PRESETS[name].metrics
    }


async def test_a_file_of_toml(tmp_path: Path) -> None:
    file = tmp_path / "clicks.toml"
    file.write_text(
        'experiment = "checkout"\npeople_per_day = 1000\n[[metrics]]\nmetric = "clicks"\nkind = "mean"\nbaseline = 4\n'
        'effects."*" = 1.0\n'
    )
    counter = Counter()
    done = await simulated(counter, str(file), "--hours", "0", "--past", "0.2")
    assert done.exit_code == 0, done.output
    assert {event["value"] for event in counter.of("observation")} == {4, 8}


async def test_a_refusal_is_the_end_and_no_success() -> None:
    counter = Counter(troubles=[JSONResponse({"errorDetails": "This token may not evaluate."}, 403)])
    done = await simulated(counter, "healthy", *SHORT)
    assert done.exit_code == 1
    assert "Ended early" in done.stdout
    assert "may not evaluate" in done.stdout


async def test_a_wrong_token_and_an_unknown_experiment() -> None:
    wrong = await simulated(Counter(), "healthy", *SHORT, token="bun_wrong")
    assert (wrong.exit_code, "not known" in wrong.stdout) == (1, True)
    unknown = await simulated(Counter(flags=()), "healthy", *SHORT)
    assert (unknown.exit_code, "knows no flag checkout" in unknown.stdout) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sunny",), "There is no scenario sunny. Choose healthy"),
        (("gone.toml",), "gone.toml cannot be read"),
        (("healthy", "--people", "0"), "--people_per_day: write a number above 0."),
        (("healthy", "--experiment", "Not A Key"), "--experiment: a key has lower-case letters"),
        (("healthy",), "Set BUNSEN_TOKEN"),
        (("healthy", "--url", "nowhere", "--token", "bun_x"), "nowhere is no address"),
    ],
)
def test_what_cannot_be_meant_is_said(arguments: tuple[str, ...], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BUNSEN_TOKEN", raising=False)
    done = bunsen("simulate", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr
