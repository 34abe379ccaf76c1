"""`manifest.yml` is what Slack takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT.parent / "shared" / "slack" / "manifest.schema.json"


@pytest.fixture
def manifest() -> dict[str, Any]:
    read = yaml.safe_load((ROOT / "manifest.yml").read_text())
    assert isinstance(read, dict)
    return read


@pytest.fixture
def slack() -> Draft7Validator:
    if not SCHEMA.exists():
        pytest.skip("Slack's manifest schema is not beside this checkout (shared/slack/manifest.schema.json)")
    return Draft7Validator(json.loads(SCHEMA.read_text()))


def test_it_fits_the_schema(manifest: dict[str, Any], slack: Draft7Validator) -> None:
    assert [f"{error.json_path}: {error.message}" for error in slack.iter_errors(manifest)] == []


@pytest.mark.parametrize(
    ("part", "value"),
    [("display_information", {}), ("settings", {"socket_mode": True}), ("features", {"slash_commands": []})],
)
def test_the_schema_would_notice(manifest: dict[str, Any], slack: Draft7Validator, part: str, value: Any) -> None:
    assert list(slack.iter_errors({**manifest, part: value}))


def test_people_find_bunsen_where_they_look(manifest: dict[str, Any]) -> None:
    features = manifest["features"]
    (command,) = features["slash_commands"]
    assert command["command"] == "/experiment"
    assert command["usage_hint"].startswith("[create|")
    assert command["usage_hint"].endswith("|help]")
    assert {(each["type"], each["callback_id"]) for each in features["shortcuts"]} == {
        ("global", "new_experiment"),
        ("message", "add_to_experiment"),
    }
    assert features["app_home"]["home_tab_enabled"]
    assert features["app_home"]["messages_tab_enabled"]
    assert manifest["settings"]["interactivity"]["is_enabled"]


def test_it_asks_for_each_scope_once_and_in_order(manifest: dict[str, Any]) -> None:
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    assert scopes == sorted(set(scopes))
    assert (
        "app_mentions:read" in scopes or "app_mention" not in manifest["settings"]["event_subscriptions"]["bot_events"]
    )
