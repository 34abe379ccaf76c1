"""`bunsen source` against a company's PostgreSQL: tried with an account that only reads, saved, or refused by field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from bot import logs
from bot.cli import app
from tests.databases import Place

HERE = ("--workspace", "T0SANDBOX")
SOURCE = """
kind = "warehouse"
connection = "analytics"
exposures = "analytics.exposures"
observations = '''
SELECT 'purchase' AS metric, customer AS unit, 1 AS value, ordered_at AS time FROM analytics.orders
'''
refresh_minutes = 30
holdout_percent = 2.5
"""
COMPANY = """
CREATE SCHEMA analytics;
CREATE TABLE analytics.exposures (experiment text, variant text, unit bigint, time timestamptz);
CREATE TABLE analytics.orders (customer bigint, ordered_at timestamptz);
INSERT INTO analytics.exposures SELECT 'shop', CASE WHEN n % 2 = 0 THEN 'control' ELSE 'blue' END, n,
    timestamptz '2026-03-02 10:00Z' FROM generate_series(1, 100) n;
INSERT INTO analytics.orders SELECT n, timestamptz '2026-03-02 11:00Z' FROM generate_series(1, 100) n;
"""


@pytest.fixture(autouse=True)
def environment(
    tmp_path: Path, sqlite_place: Place, postgres_place: Place, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The company's tables, an account that only reads them, and its address in the environment."""
    reader = f"reader_{tmp_path.name}".replace("-", "_").lower()
    with psycopg.connect(postgres_place.url, autocommit=True) as company:
        company.execute(COMPANY)
        company.execute(f"CREATE ROLE {reader} LOGIN")
        company.execute(f"GRANT USAGE ON SCHEMA analytics TO {reader}")
        company.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO {reader}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUNSEN_DATABASE_URL", sqlite_place.url)
    monkeypatch.setenv("BUNSEN_ADMINS", "U0ADA")
    url = postgres_place.url.replace("//postgres:", f"//{reader}:", 1)
    assert reader in url
    monkeypatch.setenv("BUNSEN_WAREHOUSES", json.dumps({"analytics": url}))
    monkeypatch.setattr(logs, "set_up_logs", lambda level: None)
    yield
    with psycopg.connect(postgres_place.url, autocommit=True) as company:
        company.execute(f"DROP OWNED BY {reader}")
        company.execute(f"DROP ROLE {reader}")


def sets(text: str, *more: str) -> Result:
    Path("source.toml").write_text(text)
    arguments = ("source", "set", "checkout", "--file", "source.toml", *HERE, *more)
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def shown() -> dict[str, object]:
    result = CliRunner().invoke(app, ("source", "show", "checkout", *HERE, "--json"))
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_checked_saved_and_shown() -> None:
    checked = sets(SOURCE, "--check")
    assert checked.exit_code == 0
    assert "Units: shop: blue 50, control 50\n" in checked.stdout
    assert "newest 2026-03-02 11:00 UTC" in checked.stdout
    assert "Cost: One reading looks at about" in checked.stdout
    assert shown()["kind"] == "events"
    assert "Say --as too" in sets(SOURCE).stderr
    saved = sets(SOURCE, "--as", "U0ADA")
    assert "the warehouse analytics, read every 30 minutes" in saved.stdout
    assert (shown()["exposures"], shown()["holdout_percent"]) == ("analytics.exposures", 2.5)
    again = CliRunner().invoke(app, ("source", "show", "checkout", *HERE)).stdout
    assert sets(again, "--as", "U0ADA").exit_code == 5, "what is shown can be set, and nothing changes by it"
    assert sets(SOURCE.replace("30", "45"), "--as", "U0BO").exit_code == 3


@pytest.mark.parametrize(
    ("was", "now", "code", "words"),
    [
        ("analytics.orders\n", "analytics.orders; DROP TABLE analytics.orders\n", 1, "observations: "),
        (" AS value", "", 1, "observations: The observations have no column value"),
        ("analytics.exposures", "analytics.gone", 1, "There is no such table"),
        ("analytics.exposures", "pg_catalog.pg_authid", 1, ": "),
        ('"analytics"', '"lake"', 1, "connection: There is no warehouse called lake here; known here: analytics."),
        ("refresh_minutes = 30", "refresh_minutes = 0", 2, "refresh_minutes: "),
        ("refresh_minutes", "refresh", 2, "refresh: there is no such field"),
        ("holdout_percent = 2.5", "holdout_percent = 90", 2, "holdout: "),
        ('kind = "warehouse"', "kind = warehouse", 2, "is no TOML"),
    ],
)
def test_what_does_not_hold_is_named_and_not_saved(was: str, now: str, code: int, words: str) -> None:
    refused = sets(SOURCE.replace(was, now), "--as", "U0ADA")
    assert refused.exit_code == code
    assert words in refused.output
    assert "reader" not in refused.output, "what is said names no account"
    assert shown()["kind"] == "events"
