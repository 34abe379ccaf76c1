"""What can be set from outside, read from the environment and `.env` when `__main__` asks for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from experiments.sources import CONNECTION


class Settings(BaseSettings):
    """Every setting with its default; names in the environment are those of the aliases."""

    model_config = SettingsConfigDict(
        env_file=".env", env_prefix="BUNSEN_", extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    slack_bot_token: SecretStr = Field(default=SecretStr(""), alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr = Field(default=SecretStr(""), alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr = Field(default=SecretStr(""), alias="SLACK_SIGNING_SECRET")
    slack_api_url: str = Field(default="https://slack.com/api/", alias="SLACK_API_URL")

    database_url: SecretStr = SecretStr("sqlite:///bunsen.db")
    data_dir: Path = Path("bunsen-data")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    timezone: str = "UTC"
    admins: Annotated[tuple[str, ...], NoDecode] = ()

    llm_base_url: str = ""
    llm_api_key: SecretStr = SecretStr("")
    llm_model: str = "gpt-4o-mini"
    llm_daily_tokens: int = Field(default=200_000, ge=0)

    warehouses: Annotated[dict[str, SecretStr], NoDecode] = {}
    prometheus_headers: Annotated[dict[str, dict[str, SecretStr]], NoDecode] = {}

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("public_url")
    @classmethod
    def _leads_somewhere(cls, url: str) -> str:
        if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
            raise ValueError(f"{url} is no address; use one like https://bunsen.example.com")
        return url.rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name} is no time zone; use a name like Europe/Berlin")
        return str(ZoneInfo(name).key)

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, level: object) -> object:
        return level.upper() if isinstance(level, str) else level

    @field_validator("admins", mode="before")
    @classmethod
    def _by_commas(cls, given: object) -> object:
        return tuple(part.strip() for part in given.split(",") if part.strip()) if isinstance(given, str) else given

    @field_validator("warehouses", mode="before")
    @classmethod
    def _by_name(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        try:
            urls = dict(json.loads(given).items())
        except (ValueError, AttributeError):
            urls = {"": ""}
        urls_only = all(isinstance(url, str) and urlsplit(url).scheme for url in urls.values())
        if urls_only and all(CONNECTION.fullmatch(name) for name in urls):
            return urls
        raise ValueError('write JSON of names and URLs, like {"analytics": "postgresql://bunsen:…@host/database"}')

    @field_validator("prometheus_headers", mode="before")
    @classmethod
    def _by_server(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        try:
            servers = {url: dict(headers.items()) for url, headers in json.loads(given).items()}
        except (ValueError, AttributeError):
            servers = {"": {}}
        texts = all(isinstance(text, str) for headers in servers.values() for text in headers.values())
        if texts and all(urlsplit(url).hostname for url in servers):
            return servers
        raise ValueError('write JSON, like {"https://prometheus.example.com": {"Authorization": "Bearer …"}}')

    @field_validator("slack_api_url")
    @classmethod
    def _ends_in_slash(cls, url: str) -> str:
        return url if url.endswith("/") else f"{url}/"
