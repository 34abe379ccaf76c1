"""Settings: from the environment and `.env`, with words for what cannot be, and secrets kept to themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bot.settings import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
NAMES = (
    "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL", "BUNSEN_DATABASE_URL",
    "BUNSEN_TIMEZONE", "BUNSEN_PORT", "BUNSEN_ADMINS", "BUNSEN_LOG_LEVEL", "BUNSEN_LLM_API_KEY",
)  # fmt: skip


@pytest.fixture(autouse=True)
def empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without `.env`, and none of the variables set."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_without_anything_set_there_are_defaults() -> None:
    settings = Settings()
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.database_url.get_secret_value() == "sqlite:///bunsen.db"
    assert (settings.timezone, settings.admins, settings.log_level) == ("UTC", (), "INFO")


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("BUNSEN_ADMINS", " U0ADA, ,U0BO ")
    monkeypatch.setenv("BUNSEN_LOG_LEVEL", "debug")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:1/api")
    settings = Settings()
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1"
    assert settings.admins == ("U0ADA", "U0BO")
    assert settings.log_level == "DEBUG"
    assert settings.slack_api_url == "http://127.0.0.1:1/api/"


def test_dot_env_is_read_and_the_environment_wins(empty_place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ("# tokens", "SLACK_BOT_TOKEN=xoxb-file", 'BUNSEN_TIMEZONE="Asia/Kolkata"', "BUNSEN_PORT=9", "OTHER=1")
    (empty_place / ".env").write_text("\n".join(lines))
    monkeypatch.setenv("BUNSEN_PORT", "10")
    settings = Settings()
    assert settings.slack_bot_token.get_secret_value() == "xoxb-file"
    assert (settings.timezone, settings.port) == ("Asia/Kolkata", 10)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BUNSEN_TIMEZONE", "Mars/Phobos", "Mars/Phobos is no time zone; use a name like Europe/Berlin"),
        ("BUNSEN_TIMEZONE", "../../etc/passwd", "is no time zone"),
        ("BUNSEN_PORT", "eighty", "valid integer"),
        ("BUNSEN_PORT", "70000", "less than or equal to 65535"),
        ("BUNSEN_LOG_LEVEL", "loud", "'DEBUG', 'INFO'"),
        ("BUNSEN_LLM_DAILY_TOKENS", "-1", "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_is_refused(name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as refusal:
        Settings()
    assert words in str(refusal.value)


def test_secrets_are_in_no_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "SLACK_BOT_TOKEN": "xoxb-hush-1",
        "SLACK_APP_TOKEN": "xapp-hush-2",
        "SLACK_SIGNING_SECRET": "hush-3",
        "BUNSEN_DATABASE_URL": "postgresql://bunsen:hush-4@localhost/bunsen",
        "BUNSEN_LLM_API_KEY": "sk-hush-5",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    for shown in (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json()):
        assert "hush" not in shown


def test_the_example_names_only_settings_there_are() -> None:
    example = Path(__file__).parents[2] / ".env.example"
    named = {line.split("=")[0].strip("# ") for line in example.read_text().splitlines() if "=" in line}
    known = {field.alias or f"BUNSEN_{name}".upper() for name, field in Settings.model_fields.items()}
    assert named <= known
    assert {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"} <= named


@pytest.mark.parametrize("url", ["bunsen.example.com", "ftp://bunsen.example.com", "https://"])
def test_a_public_address_leads_somewhere(url: str) -> None:
    with pytest.raises(ValidationError, match="no address"):
        Settings(_env_file=None, public_url=url)
    assert Settings(_env_file=None, public_url="https://bunsen.example.com/tools/").public_url.endswith("/tools")


def test_the_example_names_every_setting_with_its_default() -> None:
    lines = re.findall(r"^(# )?([A-Z][A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE)
    shown = {name: value for _, name, value in lines}
    known = {field.alias or f"BUNSEN_{name}".upper(): field for name, field in Settings.model_fields.items()}
    assert shown.keys() == known.keys()
    for name, field in known.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        assert shown[name] == ("" if default == () else str(default)), name


def test_what_a_prometheus_is_sent_is_a_secret_of_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    headers = '{"https://prometheus.example.com": {"Authorization": "Bearer hush"}}'
    monkeypatch.setenv("BUNSEN_PROMETHEUS_HEADERS", headers)
    settings = Settings()
    assert "hush" not in repr(settings)
    [sent] = settings.prometheus_headers.values()
    assert sent["Authorization"].get_secret_value() == "Bearer hush"


@pytest.mark.parametrize(
    "given",
    [
        "hush",
        "[]",
        "7",
        '{"a": {}}',
        '{"https://a": ["hush"]}',
        '{"https://a": {"b": 7}}',
        '{"https://a": "hush"}',
        '{"https://a": {"b": {"c": "hush"}}}',
    ],
)
def test_headers_that_cannot_be_read_are_not_repeated(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNSEN_PROMETHEUS_HEADERS", given)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert "hush" not in str(caught.value)


def test_a_warehouse_is_a_secret_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNSEN_WAREHOUSES", '{"analytics": "postgresql://reader:hush@db.example.com/company"}')
    settings = Settings()
    assert "hush" not in repr(settings)
    assert settings.warehouses["analytics"].get_secret_value().endswith("hush@db.example.com/company")


@pytest.mark.parametrize(
    "given", ["hush", "[]", '{"Big Lake": "duckdb:///hush"}', '{"lake": 7}', '{"lake": "hush"}', '{"lake": ["hush"]}']
)
def test_warehouses_that_cannot_be_read_are_not_repeated(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUNSEN_WAREHOUSES", given)
    with pytest.raises(ValidationError, match="write JSON of names and URLs") as caught:
        Settings()
    assert "hush" not in str(caught.value)
