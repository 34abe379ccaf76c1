"""Structured logs on standard error; secrets are kept out by name and by shape."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog

MASK = "•••"
DEEPEST = 8
NAMES = r"(?:token|secret|passw(?:or)?d|pwd|credential|cookie|signature|(?:api|private)[_-]?key|authorization)[\w-]*"
SECRET_NAME = re.compile(NAMES, re.IGNORECASE)
QUOTED = r"""b?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
SHAPES = (
    (re.compile(r"(https?|wss?)://[^/?#\s]{1,500}@", re.IGNORECASE), rf"\1://{MASK}@"),
    # Passwords of databases may hold what would end the authority of a web address.
    (re.compile(r"(?<![a-z])(?!https?:|wss?:)([a-z][a-z0-9+.-]{1,30})://\S{1,500}@", re.IGNORECASE), rf"\1://{MASK}@"),
    (re.compile(rf"({NAMES}['\"]\s?[:,]\s?[\[(]?){QUOTED}", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"((?:authorization|x-api-key|cookie):\s?)[^'\"\r\n]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"(bearer|digest|negotiate)\s+\S+", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"(Basic)\s+(?=\S*[A-Z0-9=])[A-Za-z0-9+/_-]{6,}={0,2}"), rf"\1 {MASK}"),
    (re.compile(rf"({NAMES}\s?=\s?['\"]?)[^&\s'\"]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"(?:xox[a-z]|xapp)-[\w.-]+|bun_[\w-]{8,}|\bsk-[\w-]{8,}"), MASK),
)


def without_secrets(logger: Any, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Hide what is called a secret and what looks like one, however deep it stands in the event."""
    return {_hidden(name): _kept(name, value, DEEPEST) for name, value in event.items()}


def _kept(name: object, value: object, depth: int) -> Any:
    if isinstance(name, bytes):
        name = name.decode("latin-1")
    return MASK if isinstance(name, str) and SECRET_NAME.search(name) else _within(value, depth)


def _within(value: object, depth: int) -> Any:
    """The value without secrets; what is neither text nor a collection is hidden when it has become text."""
    if isinstance(value, str):
        return _hidden(value)
    if isinstance(value, bytes | bytearray):
        text = bytes(value).decode("latin-1")
        return value if (hidden := _hidden(text)) == text else hidden
    if isinstance(value, BaseException):
        return _hidden(f"{type(value).__name__}: {value}")
    if not isinstance(value, Mapping | list | tuple | set | frozenset):
        return value
    if depth == 0:
        return "…"
    if isinstance(value, Mapping):
        return {_within(name, 1): _kept(name, inner, depth - 1) for name, inner in value.items()}
    if isinstance(value, tuple | list) and len(value) == 2 and isinstance(value[0], str | bytes):
        return [_within(value[0], 1), _kept(value[0], value[1], depth - 1)]
    return [_within(inner, depth - 1) for inner in value]


def _hidden(text: str) -> str:
    for shape, mask in SHAPES:
        text = shape.sub(mask, text)
    return text


def _rendered_without_secrets(logger: Any, method: str, rendered: Any) -> Any:
    """What stood inside objects is text only now."""
    return _hidden(rendered)


def set_up_logs(level: str) -> None:
    """Send everything, ours and the libraries', through one formatter to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
                _rendered_without_secrets,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("slack_bolt", "slack_sdk", "httpx", "uvicorn.access", "fontTools", "fpdf"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of each tick that finds the last one at work
