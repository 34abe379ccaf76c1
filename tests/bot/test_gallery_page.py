"""The gallery shows every surface whole: no error in the console, nothing wider than its frame, no label cut."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.web.server import listening
from tests import gallery
from tests.browser import open_page
from tests.gallery_page.app import Exhibition, create

in_the_session = pytest.mark.asyncio(loop_scope="session")

WIDER = """[...document.querySelectorAll(".frame")].filter((each) => each.scrollWidth > each.clientWidth)
  .map((each) => each.closest(".exhibit").dataset.name)"""
CUT = """[...document.querySelectorAll("article.exhibit .frame button:not(.toolbar *)")].filter((each) => {
  const inner = each.getBoundingClientRect(), outer = each.closest(".frame").getBoundingClientRect();
  return each.offsetParent && (each.scrollWidth > each.clientWidth + 1 || inner.right > outer.right + 1);
}).map((each) => `${each.closest(".exhibit").dataset.name}: ${each.textContent}`)"""
EMPTY = """[...document.querySelectorAll(".frame")].filter((each) => !each.textContent.trim())
  .map((each) => each.closest(".exhibit").dataset.name)"""
ASTRAY = """all => all.map((each) => each.getAttribute("href"))
  .filter((each) => document.querySelectorAll(each).length != 1)"""
UNKNOWN = """[...document.querySelectorAll(".unknown")].map((each) => each.textContent)"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def address() -> AsyncIterator[str]:
    async with listening(create(), "127.0.0.1", 0) as address:
        yield address


async def ready(page: Page) -> None:
    """Drawn whole. Some hundred surfaces stand on the page, so that whoever presses something there has patience."""
    page.set_default_timeout(60_000)
    await page.wait_for_selector("body[data-ready]")


@in_the_session
async def test_every_surface_is_drawn_whole_in_every_look(browser: Browser, address: str) -> None:
    names = sorted([*gallery.all_messages(), *gallery.all_views()])
    async with open_page(browser, address) as page:
        await ready(page)
        shown = await page.locator(".exhibit").evaluate_all("all => all.map((each) => each.dataset.name)")
        assert sorted(shown) == names
        assert await page.locator("details.harsh[open]").count() == 0
        await page.get_by_role("button", name="Open harsh content").click()
        await expect(page.locator(".frame:empty")).to_have_count(0, timeout=60_000)
        for look in ("Light", "420 px", "Dark", "Wide"):
            await page.get_by_role("button", name=look, exact=True).click()
            assert await page.evaluate(WIDER) == []
            assert await page.evaluate(CUT) == []
        assert await page.evaluate(EMPTY) == []
        assert await page.evaluate(UNKNOWN) == []


@in_the_session
async def test_the_index_leads_to_its_exhibits_and_colours_can_be_chosen(browser: Browser, address: str) -> None:
    async with open_page(browser, f"{address}/?scheme=dark&width=narrow") as page:
        await ready(page)
        paper = "getComputedStyle(document.querySelector('.frame')).backgroundColor"
        assert await page.evaluate(paper) == "rgb(23, 28, 27)"
        await page.get_by_role("button", name="Light", exact=True).click()
        assert await page.evaluate(paper) == "rgb(255, 255, 255)"
        links = page.get_by_role("navigation").get_by_role("link")
        assert await links.count() > len(gallery.AREAS)
        assert await links.evaluate_all(ASTRAY) == []
        await links.last.click()
        await expect(page.locator(".cell:target")).to_be_in_viewport()
        widths = await page.locator(".frame").evaluate_all(
            "all => all.map((each) => each.getBoundingClientRect().width)"
        )
        assert max(widths) <= 420


@in_the_session
async def test_buttons_only_say_what_they_would_send(browser: Browser, address: str) -> None:
    async with open_page(browser, address) as page:
        await ready(page)
        await page.locator("article.exhibit .frame button[data-type=button]").first.click()
        await expect(page.get_by_role("status").first).to_contain_text("to the app")


@in_the_session
async def test_pictures_are_really_drawn(address: str) -> None:
    messages = {name: each for name, each in gallery.all_messages().items() if each.pictures}
    assert messages
    exhibition = Exhibition()
    assert len(exhibition.pictures) == sum(len(each.pictures) for each in messages.values())
    first = next(iter(exhibition.pictures))
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=60) as reader:
        drawn = await reader.get(f"/files/{first}/image?page=1")
        uploaded = await reader.get("/files/F1/image?page=1")
    assert drawn.content.startswith(b"\x89PNG")
    assert uploaded.headers["content-type"] == "image/svg+xml"


def test_a_taken_port_is_said_and_a_free_one_is_printed() -> None:
    root = Path(__file__).parents[2]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "tests.gallery_page", "--port", port]
        told = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 1
    assert told.stderr.startswith(f"Port {port} cannot be used")
