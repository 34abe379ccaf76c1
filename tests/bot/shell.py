"""The command line as a test runs it."""

from __future__ import annotations

from typer.testing import CliRunner, Result

from bot.cli import app


def bunsen(*arguments: str, given: bytes | None = None) -> Result:
    """Run one command; `given` is its standard input. Whatever is not an exit code is raised."""
    result = CliRunner().invoke(app, arguments, input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
