"""The page on guardrails says what its simulation promises, and what came out keeps these promises."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import numpy as np
import pytest

from experiments.stats.estimates import Estimates
from simulations import guardrails
from simulations.guardrails import PROMISES, Setting, ever_stopped
from simulations.guardrails_page import BEGIN, END, PAGE, promised, written
from simulations.promise import Obtained, Promise, Tried

TEXT = PAGE.read_text("utf-8")
MEASURED = TEXT.partition(BEGIN)[2].partition(END)[0]


def number(words: str) -> float:
    """A share, or a time in hours, as the page writes it."""
    if share := re.fullmatch(r"([\d.]+)%", words):
        return float(share[1]) / 100
    time = re.fullmatch(r"(?:(\d+) h )?(\d+) min", words)
    assert time, words
    return int(time[1] or 0) + int(time[2]) / 60


@pytest.mark.parametrize("promise", PROMISES, ids=lambda each: f"{each.name}, {each.data}")
def test_the_page_has_what_is_promised_and_that_it_was_kept(promise: Promise) -> None:
    table = MEASURED.partition(f"**{promise.name[0].upper()}{promise.name[1:]}**")[2].partition("**")[0]
    row = next(line for line in table.splitlines() if line.startswith(f"| {promise.data} |"))
    _, said, measured, runs = (cell.strip() for cell in row.strip("|").split("|"))
    assert said == promised(promise)
    assert runs == f"{promise.runs:,}"
    value, band = (number(part) for part in measured.split(" ± "))
    assert Tried(promise, Obtained(value, band / 3)).kept


def test_the_table_is_written_by_the_simulation() -> None:
    share = Promise("ever a false stop", "one guardrail", "at most", 0.05, ever_stopped, runs=200)
    time = Promise("hours until stopped", "2 % → 4 %", "within", 2.43, ever_stopped, 0.1)
    assert written([Tried(share, Obtained(0.026, 0.002)), Tried(time, Obtained(3.0, 0.05))]).splitlines() == [
        "**Ever a false stop**",
        "",
        "| what | promised or predicted | measured ± 3 standard errors | runs |",
        "|---|---|---|---|",
        "| one guardrail | at most 5.00% | 2.60% ± 0.60% | 200 |",
        "",
        "**Hours until stopped**",
        "",
        "| what | promised or predicted | measured ± 3 standard errors | runs |",
        "|---|---|---|---|",
        "| 2 % → 4 % | 2 h 26 min | 3 h 00 min ± 9 min ✗ | 10,000 |",
    ]


def test_every_example_of_the_page_prints_what_it_says() -> None:
    block = "".join(re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
    example = doctest.DocTestParser().get_doctest(block, {}, PAGE.name, str(PAGE), 0)
    said: list[str] = []
    assert example.examples
    assert not doctest.DocTestRunner(verbose=False).run(example, out=said.append).failed, "".join(said)


def test_every_link_of_the_page_leads_somewhere() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for page in (PAGE, PAGE.parent / "statistics.md")
        for heading in re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXT):
        path, _, fragment = target.partition("#")
        assert Path(PAGE.parent / path).exists()
        assert not fragment or fragment in headings


def test_taking_a_small_arm_at_its_word_breaks_the_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    def as_they_are(control: Estimates, treatment: Estimates, **_: object) -> tuple[Estimates, Estimates]:
        return control, treatment

    small = Setting(good=1.0, share=0.05)
    assert ever_stopped(np.random.default_rng(2), 300, small, looks=5_000).value <= guardrails.ALPHA
    monkeypatch.setattr(guardrails, "steadied", as_they_are)
    careless = ever_stopped(np.random.default_rng(2), 300, small, looks=5_000)
    assert careless.value - careless.band > guardrails.ALPHA
