"""Structured logs on standard error; secrets are kept out by name and by shape."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog

SECRET_NAME = re.compile(r"token|secret|password|api_key|authorization", re.IGNORECASE)
SECRET_SHAPE = re.compile(r"(xox[a-z]|xapp)-[\w-]+|(?<=://)[^/@\s]+:[^/@\s]+(?=@)|Bearer\s+\S+|\bsk-[\w-]{8,}")


def _without_secrets(logger: Any, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name, value in event.items():
        if SECRET_NAME.search(name):
            event[name] = "•••"
        elif isinstance(value, str):
            event[name] = SECRET_SHAPE.sub("•••", value)
    return event


def _shape_hidden(logger: Any, method: str, rendered: Any) -> Any:
    """What stands inside lists, dictionaries and objects is text only now."""
    return SECRET_SHAPE.sub("•••", rendered)


def set_up_logs(level: str) -> None:
    """Send everything, ours and the libraries', through one formatter to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_secrets,
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
                _shape_hidden,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("apscheduler", "slack_bolt", "slack_sdk", "httpx", "uvicorn.access", "fontTools", "fpdf"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
