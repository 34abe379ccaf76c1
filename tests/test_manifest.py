"""`manifest.yml` is what Slack takes, and names exactly what the code uses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from bot.app import COMMAND
from bot.manifest import LINK_SCOPES, scopes
from bot.manifest import manifest as made
from handlers import table

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT.parent / "shared" / "slack" / "manifest.schema.json"
METHODS = SCHEMA.with_name("web_api_methods.json")


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


def test_the_file_says_what_the_code_says(manifest: dict[str, Any]) -> None:
    assert manifest == made()


def test_it_names_the_commands_and_events_the_code_answers(manifest: dict[str, Any]) -> None:
    (command,) = manifest["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert set(command["usage_hint"].strip("[]").split("|")) == set(table.COMMANDS) - {""}
    events = {*table.EVENTS, *table.WHO_IS_WHO, "function_executed"}
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == sorted(events)
    assert {each["callback_id"] for each in manifest["features"]["shortcuts"]} == set(table.SHORTCUTS)
    assert set(manifest["functions"]) == set(table.STEPS)


def test_a_step_runs_in_the_name_of_a_person_whom_slack_vouches_for(manifest: dict[str, Any]) -> None:
    for step in manifest["functions"].values():
        person = step["input_parameters"]["person"]
        assert (person["type"], person["is_required"]) == ("slack#/types/user_context", True)


def test_links_are_told_of_only_where_they_have_an_address(manifest: dict[str, Any], slack: Draft7Validator) -> None:
    linked = made("https://bunsen.example.com:8443/tools")
    assert linked["features"]["unfurl_domains"] == ["bunsen.example.com"]
    assert "link_shared" in linked["settings"]["event_subscriptions"]["bot_events"]
    assert {"links:read", "links:write"} <= set(linked["oauth_config"]["scopes"]["bot"])
    assert list(slack.iter_errors(linked)) == []
    assert "unfurl_domains" not in manifest["features"]
    assert "link" not in str(manifest["settings"]["event_subscriptions"])


def test_it_asks_for_exactly_the_scopes_of_the_methods_in_use(manifest: dict[str, Any]) -> None:
    if not METHODS.exists():
        pytest.skip("Slack's list of methods is not beside this checkout (shared/slack/web_api_methods.json)")
    known = json.loads(METHODS.read_text())
    needed = {scope["name"] for method in methods_in_use() for scope in known[method]["scopes"].get("bot", ())}
    assert set(scopes("https://bunsen.example.com")) == needed | {"commands", "links:read"}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed - set(LINK_SCOPES) | {"commands"}


def methods_in_use() -> set[str]:
    """Every Web API method that is called by name, and the two behind an upload."""
    sources = [path.read_text() for folder in ("handlers", "bot") for path in (ROOT / folder).rglob("*.py")]
    named = {name for source in sources for name in re.findall(r"\.call\(\s*\"([a-z]+\.[a-zA-Z.]+)\"", source)}
    assert {"chat.postMessage", "users.info", "files.info"} <= named
    return named | {"files.getUploadURLExternal", "files.completeUploadExternal"}
