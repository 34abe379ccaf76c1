"""The command line: words and exit codes instead of tracebacks."""

from __future__ import annotations

import json
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import logs
from bot.cli import app
from bot.manifest import manifest
from tests.databases import Place

HEADER = "experiment,variant,metric,time,n,mean,variance"
GOOD = "\n".join(
    (HEADER, "shop,control,conversion,1,1000,0.1,0.09", "shop,treatment,conversion,1,1000,0.12,0.1056", "")
)
WHO = ("--workspace", "T0SANDBOX", "--user", "U0ADA")


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, sqlite_place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, an empty database, no tokens, and logs left as they are."""
    monkeypatch.chdir(tmp_path)
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "BUNSEN_TIMEZONE", "BUNSEN_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BUNSEN_DATABASE_URL", sqlite_place.url)
    monkeypatch.setattr(logs, "set_up_logs", lambda level: None)


def bunsen(*arguments: str) -> Result:
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def write(tmp_path: Path, content: str) -> str:
    (tmp_path / "shop.csv").write_text(content)
    return str(tmp_path / "shop.csv")


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (("serve", "--socket"), "SLACK_BOT_TOKEN and SLACK_APP_TOKEN"),
        (("serve", "--http"), "SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET"),
    ],
)
def test_serve_without_tokens_says_which(arguments: tuple[str, ...], missing: str) -> None:
    result = bunsen(*arguments)
    assert result.exit_code == 2
    assert f"Set {missing}" in result.output


def test_serve_names_only_the_token_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-hush")
    result = bunsen("serve", "--socket")
    assert "Set SLACK_APP_TOKEN (" in result.output
    assert "hush" not in result.output


@pytest.mark.parametrize("ways", [(), ("--socket", "--http")])
def test_serve_wants_one_way_in(ways: tuple[str, ...]) -> None:
    result = bunsen("serve", *ways)
    assert result.exit_code == 2
    assert "Choose one" in result.output


def test_serve_while_slack_is_down_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        monkeypatch.setenv(name, "xoxb-hush")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    monkeypatch.setattr("bot.connectors.slack._patient", list)
    result = bunsen("serve", "--socket")
    assert result.exit_code == 1
    assert "Slack did not answer" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BUNSEN_TIMEZONE", "Mars/Phobos", "BUNSEN_TIMEZONE: Mars/Phobos is no time zone"),
        ("BUNSEN_PORT", "eighty", "BUNSEN_PORT: write a whole number"),
    ],
)
def test_a_setting_that_cannot_be_is_named(name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    result = bunsen("serve", "--socket")
    assert result.exit_code == 2
    assert words in result.output


def test_demo_on_a_taken_port_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = bunsen("demo", "--port", str(port))
    assert result.exit_code == 1
    assert f"Port {port} cannot be used (Address already in use)" in result.output
    assert "--port 0" in result.output


def test_manifest_is_the_one_that_is_tested() -> None:
    assert json.loads(bunsen("manifest").stdout) == manifest()


def test_import_takes_a_file_in_and_audit_verifies_it(tmp_path: Path) -> None:
    result = bunsen("import", write(tmp_path, GOOD), *WHO, "--create")
    assert result.exit_code == 0
    assert "Imported 2 aggregates of 1 experiment" in result.output
    verified = bunsen("audit", "verify", "--workspace", "T0SANDBOX")
    assert (verified.exit_code, verified.stdout) == (0, "✓ 1 records, the chain holds.\n")


def test_an_edited_record_is_found(tmp_path: Path, sqlite_place: Place) -> None:
    bunsen("import", write(tmp_path, GOOD), *WHO, "--create")
    with closing(sqlite3.connect(sqlite_place.url.removeprefix("sqlite:///"))) as database, database:
        changed = database.execute("UPDATE audit SET actor = 'U0EVE' WHERE actor = 'U0ADA'")
        assert changed.rowcount == 1
    result = bunsen("audit", "verify", "--workspace", "T0SANDBOX")
    assert result.exit_code == 1
    assert "✗" in result.stdout


def test_import_of_an_unknown_experiment_is_refused(tmp_path: Path) -> None:
    result = bunsen("import", write(tmp_path, GOOD), *WHO)
    assert result.exit_code == 1
    assert "no experiment “shop”" in result.output


def test_import_with_a_bad_row_keeps_nothing_unless_told_to(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD + "shop,control,conversion,2,2000,NaN,0.09\n")
    refused = bunsen("import", file, *WHO, "--create")
    assert refused.exit_code == 1
    assert "line 4" in refused.output
    assert "✓ 0 records" in bunsen("audit", "verify", "--workspace", "T0SANDBOX").stdout
    taken = bunsen("import", file, *WHO, "--create", "--skip-bad-rows")
    assert taken.exit_code == 0
    assert "line 4" in taken.output


def test_import_of_no_file_says_so(tmp_path: Path) -> None:
    result = bunsen("import", str(tmp_path / "nothing.csv"), *WHO)
    assert result.exit_code == 2
    assert "does not exist" in result.output


@pytest.mark.parametrize("arguments", [("audit", "verify", "--workspace", "T0"), ("migrate",)])
def test_a_database_out_of_reach_is_said_without_its_password(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUNSEN_DATABASE_URL", "postgresql://bunsen:hush@127.0.0.1:9/bunsen")
    result = bunsen(*arguments)
    assert result.exit_code == 1
    assert "cannot reach its database" in result.output
    assert "hush" not in result.output


def test_migrate_makes_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNSEN_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    assert bunsen("migrate").stdout == "The database is up to date.\n"
    assert "✓ 0 records" in bunsen("audit", "verify", "--workspace", "T0").stdout
