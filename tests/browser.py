"""A real Chromium for tests: found on this machine, started once per test session."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, Playwright, async_playwright, expect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What is to be seen is mostly there at once; on a busy machine a browser may take many seconds.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
MISSING = (
    "NO CHROMIUM OR CHROME WAS FOUND, SO THE PAGE IS NOT TESTED. "
    "Get one with `apt-get install chromium` (or `playwright install chromium`) and run again."
)


def find_chromium(playwright: Playwright) -> str | None:
    """The path of a Chromium or Chrome: the system's, else Playwright's own."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    own = playwright.chromium.executable_path
    return own if own and Path(own).exists() else None


def give_up() -> NoReturn:
    """Say how to get a browser: a failure where CI=true, elsewhere a skip."""
    if os.environ.get("CI") == "true":
        pytest.fail(MISSING, pytrace=False)
    pytest.skip(MISSING)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One headless browser for the session; without one the tests skip, and fail where CI=true."""
    async with async_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            give_up()
        started = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        await started.close()


@asynccontextmanager
async def open_page(browser: Browser, url: str, **context: Any) -> AsyncIterator[Page]:
    """A page in a context of its own; an error in its scripts fails the test."""
    options = {"viewport": {"width": 1280, "height": 860}, "timezone_id": "Asia/Tokyo", "locale": "en-US", **context}
    problems: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "WebSocket" not in message.text:
            problems.append(message.text)

    opened = await browser.new_context(**options)
    try:
        page = await opened.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", hear)
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(url)
        yield page
    finally:
        await opened.close()
    assert problems == []
