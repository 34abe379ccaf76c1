"""Logs: one line each, and no secret in any of them, whoever writes it and wherever it stands."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import MASK, set_up_logs

HUSH = "hUsh"
CORES = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", max_size=30).map(
    lambda text: f"{HUSH}{text}{HUSH}"
)
AROUND = st.text(max_size=20).map(lambda text: f"{text} ")
SHAPES = (
    "xoxb-{}", "xoxe.xoxp-1-{}", "xapp-1-A0-{}", "bun_{}", "sk-{}", "Bearer {}", "bearer {}", "Basic {}=",
    "postgresql://ada:{}@db.local/bunsen", "postgresql+psycopg://ada:a/b?c#d@{}@db.local/bunsen", "trino://{}@trino.local",
    "snowflake://ada:{}@account/db", "https://ada:{}@example.com/x", "https://{}@example.com/x", "ws://a:{}@b",
    "Authorization: Basic {}=", "authorization: Token {}", "{{'Authorization': 'Basic {}'}}",
    "(b'authorization', b'{}')", '{{"client_secret":"{}"}}',
    "X-API-Key: {}", "Cookie: session={}", "host=db password={} user=ada", "https://example.com/hook?token={}&a=b",
    "https://example.com/hook?X-Amz-Signature={}",
)  # fmt: skip
SECRETS = (
    "xoxb-1234-hush",
    "xapp-1-A0-hush",
    "xoxe.xoxp-1-hush",
    "sk-hush12345678",
    "Bearer hush123",
    *(shape.format("hush1234-hush") for shape in SHAPES),
)


@contextmanager
def writing() -> Iterator[io.StringIO]:
    """What is written on standard error while inside."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_up_logs("info")
    [handler] = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    stream = io.StringIO()
    handler.setStream(stream)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    with writing() as stream:
        yield stream


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


class Holder:
    """Something whose text alone tells what it holds."""

    def __init__(self, inner: object) -> None:
        self.inner = inner

    def __repr__(self) -> str:
        return f"<Holder of {self.inner!r}>"


def raised(words: str) -> BaseException:
    """An error that came of another one, with its traceback."""
    try:
        try:
            raise ValueError(words)
        except ValueError as error:
            raise RuntimeError("It went wrong.") from error
    except RuntimeError as error:
        return error


@st.composite
def secrets(draw: st.DrawFn) -> object:
    """A value that holds what must not be seen: by its shape, or by the name it has."""
    core = draw(CORES)
    shaped = f"{draw(AROUND)}{draw(st.sampled_from(SHAPES)).format(core)}"
    name = draw(st.sampled_from(["token", "Authorization", "X-Api-Key", "db_password", "signing-secret", "cookie"]))
    named: list[object] = [{name: core}, {name.encode(): [core]}, (name, core), [name.encode(), core.encode()]]
    plain: list[object] = [shaped, shaped.encode(), ValueError(shaped), raised(shaped), Holder(shaped), {shaped: 1}]
    value = draw(st.sampled_from(named + plain))
    if isinstance(value, RuntimeError):
        return value  # within something else only its own words are seen, and they hold nothing
    for wrap in draw(st.lists(st.sampled_from([list, tuple, dict, Holder]), max_size=4)):
        value = (
            {"inner": value} if wrap is dict else Holder(value) if wrap is Holder and value in plain else wrap([value])
        )
    return value


@given(st.lists(secrets(), min_size=1, max_size=3), st.text(max_size=30))
def test_no_secret_is_seen_wherever_it_stands(held: list[object], event: str) -> None:
    with writing() as written:
        for value in held:
            log = structlog.get_logger("bunsen")
            log.info(event, value=value, more=[value, {"deep": value}])
            logging.getLogger("library").warning("got %s", value)
            if isinstance(value, BaseException):
                log.error("failed", exc_info=value)
                logging.getLogger("library").error("failed", exc_info=value)
        lines = written.getvalue()
    assert MASK in lines
    assert HUSH not in lines


@pytest.mark.parametrize(
    "words",
    [
        "Basic statistics of 12 experiments", "https://example.com/a@b?c=d", "ada@example.com wrote", "task-management",
        "bun_ny", "postgresql://db.local/bunsen", "10:30 @channel", "a token bucket is empty", "Bearing 12",
    ],
)  # fmt: skip
def test_what_is_no_secret_is_left_alone(words: str, written: io.StringIO) -> None:
    structlog.get_logger("bunsen").info(words, where=[words], count={"of": 3})
    assert written.getvalue().count(words) == 2
    assert MASK not in written.getvalue()


def test_what_contains_itself_has_an_end(written: io.StringIO) -> None:
    endless: dict[str, object] = {}
    endless["again"] = endless
    structlog.get_logger("bunsen").info("event", endless=endless)
    assert "…" in written.getvalue()


def test_a_long_text_is_looked_through_in_no_time(written: io.StringIO) -> None:
    """Patterns that go back and forth would never come to an end here."""
    for piece in ("a://", "token=", "Basic A", "https://", "cookie:", "@", "xoxb"):
        structlog.get_logger("bunsen").info(piece * 20_000)
    assert written.getvalue().count("event=") == 7


def test_a_line_says_when_how_grave_and_what(written: io.StringIO) -> None:
    structlog.get_logger("bunsen").warning("delivery put off", outbox_id=7)
    [line] = written.getvalue().splitlines()
    assert line.startswith("timestamp=")
    assert "level='warning'" in line
    assert "event='delivery put off'" in line
    assert "outbox_id=7" in line


def test_chatty_libraries_say_only_what_matters(written: io.StringIO) -> None:
    for name in ("slack_sdk", "httpx"):
        logging.getLogger(name).info("chatter")
        logging.getLogger(name).warning("trouble")
    logging.getLogger("apscheduler.scheduler").warning("chatter")
    logging.getLogger("apscheduler.executors").error("trouble")
    assert "chatter" not in written.getvalue()
    assert written.getvalue().count("trouble") == 3


def test_what_only_libraries_care_for_stays_out(written: io.StringIO) -> None:
    for library in ("fontTools.subset", "apscheduler.executors", "httpx"):
        logging.getLogger(library).info("Glyph names: ['.notdef']")
    assert written.getvalue() == ""
