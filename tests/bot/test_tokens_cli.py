"""`bunsen tokens`: the secret is printed once and kept nowhere; roles count as they do in Slack."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import logs
from bot.cli import app
from tests.databases import Place

HERE = ("--workspace", "T0SANDBOX")
SECRET = re.compile(r"bun_[A-Za-z0-9_-]{43}")
BY_ADA, BY_BO = (*HERE, "--as", "U0ADA"), (*HERE, "--as", "U0BO")


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, sqlite_place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUNSEN_DATABASE_URL", sqlite_place.url)
    monkeypatch.setenv("BUNSEN_ADMINS", "U0ADA")
    monkeypatch.setattr(logs, "set_up_logs", lambda level: None)


def bunsen(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ("tokens", *arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_issued_listed_and_revoked(tmp_path: Path) -> None:
    made = bunsen("issue", "shop backend", "--project", "checkout", "--may", "evaluate", *BY_ADA)
    assert made.exit_code == 0
    secret = made.stdout.strip()
    assert SECRET.fullmatch(secret)
    assert f"issued the token “shop backend” (…{secret[-4:]}) for checkout: evaluate" in made.stderr
    listed = bunsen("list", *HERE).stdout
    assert re.search(rf"^\w{{12}}  checkout  shop backend  …{re.escape(secret[-4:])}  evaluate  by U0ADA  ends", listed)
    assert not [each for each in tmp_path.iterdir() if secret.encode() in each.read_bytes()]
    [known] = json.loads(bunsen("list", *HERE, "--json").stdout)
    assert known["in_use"] is True
    assert "digest" not in known
    assert bunsen("list", *HERE, "--project", "search").stdout == "There is no token yet.\n"
    gone = bunsen("revoke", known["id"], *BY_ADA)
    assert f"revoked the token “shop backend” (…{secret[-4:]}) of checkout" in gone.stdout
    assert "revoked 20" in bunsen("list", *HERE).stdout
    assert bunsen("revoke", known["id"], *BY_ADA).exit_code == 5


def test_for_programs_it_is_one_document() -> None:
    made = json.loads(bunsen("issue", "importer", "--days", "0", "--json", *BY_ADA).stdout)
    [known] = json.loads(bunsen("list", *HERE, "--json").stdout)
    assert SECRET.fullmatch(made["secret"])
    assert (known["id"], known["expires_at"]) == (made["id"], None)
    assert known["scopes"] == ["evaluate", "events"]


def test_who_may_not_gets_no_secret() -> None:
    refused = bunsen("issue", "mine", *BY_BO)
    assert refused.exit_code == 3
    assert "bun_" not in refused.output
    assert bunsen("revoke", "nobodyknows", *BY_ADA).exit_code == 4


def test_what_is_wrong_is_named() -> None:
    refused = bunsen("issue", " ", *BY_ADA)
    assert refused.exit_code == 2
    assert "name: fill this in" in refused.output


def test_a_database_without_tables_is_said_with_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNSEN_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    for refused in (bunsen("list", *HERE), bunsen("issue", "shop backend", *BY_ADA)):
        assert refused.exit_code == 1
        assert "Run bunsen migrate." in refused.output
        assert "bun_" not in refused.output
