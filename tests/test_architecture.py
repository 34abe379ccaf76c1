"""The layers hold, light imports stay light, files stay small, and every dependency is pinned."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("bot", "handlers", "storage", "charts", "experiments")
TEXTS = {"", ".py", ".js", ".css", ".html", ".md", ".toml", ".yml", ".ini", ".mako", ".lock", ".example", ".txt"}
MOST_LINES = 400
HEAVY = ("scipy", "numpy", "matplotlib", "openai", "pandas")
INDEX_HOSTS = tuple(
    ".".join(parts)
    for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("debian", "org"))
)


def files(*names: str) -> Iterator[Path]:
    """The text files below these folders, or the files of these names."""
    for name in names:
        place = ROOT / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and path.suffix in TEXTS and not {"__pycache__", "node_modules"} & set(path.parts):
                yield path


def product_files() -> list[Path]:
    """All that is shipped or explains what is shipped."""
    top = [path.name for path in ROOT.iterdir() if path.is_file() and path.suffix in TEXTS and path.name[0] != "."]
    return list(files(*PACKAGES, "docs", "benchmarks", "simulations", ".ci", ".env.example", ".gitignore", *top))


def contracts_in(folder: Path) -> subprocess.CompletedProcess[str]:
    """What import-linter says of the packages in a folder."""
    command = "from importlinter.cli import lint_imports_command as lint; lint(['--no-cache', '--no-logo'])"
    return subprocess.run(
        [sys.executable, "-c", command], cwd=folder, check=False, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages and their contracts, to be damaged."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "page"))
    return tmp_path


def test_the_contracts_hold(copy: Path) -> None:
    done = contracts_in(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("module", "planted", "broken"),
    [
        ("experiments/model.py", "import storage", "Imports run in one direction"),
        ("storage/__init__.py", "import charts", "Imports run in one direction"),
        ("charts/__init__.py", "import storage", "Imports run in one direction"),
        ("handlers/stop.py", "import bot.settings", "Imports run in one direction"),
        ("experiments/stats/__init__.py", "import slack_sdk", "Experiments knows neither Slack, SQL nor pictures"),
        ("experiments/ports.py", "def f():\n    import sqlalchemy", "Experiments knows neither Slack, SQL"),
        ("handlers/stop.py", "from storage import Database", "Handlers reach the world only through World"),
        ("handlers/start.py", "from slack_bolt.async_app import AsyncApp", "Handlers reach the world only through"),
    ],
)
def test_a_planted_import_breaks_them(copy: Path, module: str, planted: str, broken: str) -> None:
    with (copy / module).open("a") as source:
        source.write(f"\n\n{planted}\n")
    done = contracts_in(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(rf"{re.escape(broken)}.* BROKEN", done.stdout)


@pytest.mark.parametrize(
    "modules",
    ["experiments.execute, experiments.commands, experiments.readout", "handlers.surfaces.kit", "bot.app", "bot.cli"],
)
def test_heavy_packages_wait_until_they_are_needed(modules: str) -> None:
    command = f"import sys, {modules}; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_no_file_outgrows_its_reader() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in files(*PACKAGES, "tests", "benchmarks", "simulations", "dev")
        if path.suffix in {"", ".py", ".js", ".css"} and (count := path.read_text().count("\n")) > MOST_LINES
    }
    assert long == {}


@pytest.mark.parametrize("word", ["../" + "shared", "/work/" + "main", *INDEX_HOSTS])
def test_no_product_file_names_a_neighbouring_folder_or_an_index(word: str) -> None:
    naming = [str(path.relative_to(ROOT)) for path in product_files() if word in path.read_text()]
    assert naming == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in files(*PACKAGES, "benchmarks")
        if path.suffix == ".py" and (text := path.read_text()).strip() and not text.startswith('"""')
    ]
    assert silent == []


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_dependency_is_pinned_with_its_hash() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    lock = (ROOT / "requirements.lock").read_text()
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==[^\s;]+(?: ;[^\n]*)? \\\n    --hash=sha256:", lock, re.MULTILINE)
    assert {normal(re.split(r"[\[<>=;~! ]", each, maxsplit=1)[0]) for each in wanted} <= set(map(normal, pinned))
    assert len(pinned) == len(re.findall(r"^[A-Za-z0-9]", lock, re.MULTILINE))
    assert "://" not in lock


def test_the_changelog_knows_the_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()


def test_ci_runs_the_one_task() -> None:
    lines = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line.strip()]
    assert lines[-1] == "./dev test"


def test_the_example_names_every_setting() -> None:
    fields = Settings.model_fields
    wanted = {field.alias or f"BUNSEN_{name.upper()}" for name, field in fields.items()}
    named = re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(wanted)


def test_every_decision_is_in_the_index_and_fits_a_page() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    index = (ROOT / "docs" / "README.md").read_text()
    assert records
    for record in records:
        text = record.read_text()
        assert f"(decisions/{record.name})" in index
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
        assert text.count("\n") <= 40


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{path.relative_to(ROOT)} → {target}"
        for path in product_files()
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text())
        if not (path.parent / target).exists()
    ]
    assert broken == []
