"""The statistics page keeps its word: its examples print what they say, and what it points at is there."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "statistics.md"
PACKAGES = ("experiments", "experiments.stats", "experiments.analysis", "experiments.checks", "experiments.knowledge")


def blocks() -> Iterator[tuple[int, str]]:
    """The line at which each Python block begins, and its text."""
    text = PAGE.read_text("utf-8")
    for block in re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, block.start(1)) + 1, block[1]


def pointers() -> list[str]:
    """Everything the page names as `module.function`, once each."""
    return sorted(set(re.findall(r"`([a-z_0-9]+\.[A-Za-z_]+(?:\.[a-z_]+)?)`", PAGE.read_text("utf-8"))))


def anchor(heading: str) -> str:
    """The fragment that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)}


def finds(name: str) -> bool:
    """Whether one of the packages has this module with this attribute."""
    module, *attributes = name.split(".")
    for package in PACKAGES:
        try:
            found: object = import_module(f"{package}.{module}")
        except ModuleNotFoundError:
            continue
        for attribute in attributes:
            found = getattr(found, attribute, None)
        if found is not None:
            return True
    return False


def test_there_are_examples() -> None:
    assert len(list(blocks())) >= 12


@pytest.mark.parametrize(("line", "block"), list(blocks()), ids=lambda value: str(value).partition("\n")[0][:40])
def test_every_example_prints_what_the_page_says(line: int, block: str) -> None:
    """Each block stands alone, so that it can be pasted into a fresh interpreter."""
    example = doctest.DocTestParser().get_doctest(block, {}, f"{PAGE.name}:{line}", str(PAGE), line)
    assert example.examples, f"line {line} shows no result"
    said: list[str] = []
    outcome = doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert not outcome.failed, "".join(said)


@pytest.mark.parametrize("name", pointers())
def test_every_function_the_page_names_exists(name: str) -> None:
    assert finds(name)


@pytest.mark.parametrize("page", [PAGE, DOCS / "README.md", *sorted((DOCS / "decisions").glob("*.md"))], ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        path, _, fragment = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), target
        if fragment:
            assert fragment in anchors(place), target


def test_every_decision_is_listed() -> None:
    listed = set(re.findall(r"decisions/(\d{4}-[\w-]+\.md)", (DOCS / "README.md").read_text("utf-8")))
    assert listed == {page.name for page in (DOCS / "decisions").glob("*.md")}
