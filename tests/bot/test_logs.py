"""Logs: one line each, and no secret in any of them, whoever writes it and wherever it stands."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import set_up_logs

SECRETS = ("xoxb-1234-hush", "xapp-1-A0-hush", "xoxe.xoxp-1-hush", "sk-hush12345678", "Bearer hush123")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is written on standard error from here on."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_up_logs("info")
    [handler] = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    stream = io.StringIO()
    handler.setStream(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_hidden_wherever_it_stands(secret: str, written: io.StringIO) -> None:
    log = structlog.get_logger("bunsen")
    log.info("sent %s on its way", secret)
    log.info("event", nested={"headers": [secret]}, where=secret)
    logging.getLogger("library").warning("got %s", secret)
    logging.getLogger("library").warning("got %s", {"auth": secret})
    try:
        raise RuntimeError(secret)
    except RuntimeError as error:
        log.error("failed", exc_info=error)
        logging.getLogger("library").exception("failed")
    assert written.getvalue().count("RuntimeError") >= 2
    assert "hush" not in written.getvalue()
    assert "•••" in written.getvalue()


@pytest.mark.parametrize("name", ["token", "slack_bot_token", "signing_secret", "password", "Authorization", "api_key"])
def test_what_is_called_a_secret_is_one(name: str, written: io.StringIO) -> None:
    structlog.get_logger("bunsen").info("event", **{name: "anything"})
    assert "anything" not in written.getvalue()


def test_the_password_of_a_database_is_hidden_and_its_place_is_not(written: io.StringIO) -> None:
    structlog.get_logger("bunsen").info("at postgresql://bunsen:hush@db.local/bunsen")
    assert "hush" not in written.getvalue()
    assert "db.local" in written.getvalue()


def test_a_line_says_when_how_grave_and_what(written: io.StringIO) -> None:
    structlog.get_logger("bunsen").warning("delivery put off", outbox_id=7)
    [line] = written.getvalue().splitlines()
    assert line.startswith("timestamp=")
    assert "level='warning'" in line
    assert "event='delivery put off'" in line
    assert "outbox_id=7" in line


def test_chatty_libraries_say_only_what_matters(written: io.StringIO) -> None:
    for name in ("apscheduler", "slack_sdk", "httpx"):
        logging.getLogger(name).info("chatter")
        logging.getLogger(name).warning("trouble")
    assert "chatter" not in written.getvalue()
    assert written.getvalue().count("trouble") == 3


def test_what_only_libraries_care_for_stays_out(written: io.StringIO) -> None:
    for library in ("fontTools.subset", "apscheduler.executors", "httpx"):
        logging.getLogger(library).info("Glyph names: ['.notdef']")
    assert written.getvalue() == ""
