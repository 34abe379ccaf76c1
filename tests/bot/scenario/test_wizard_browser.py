"""The steps of a draft in a real browser: numbers come while one types, and what was typed stays where it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests import browser as browsers
from tests.bot.scenario.browser_hands import BrowserHands
from tests.bot.scenario.lab import Lab, lab_at
from tests.browser import open_page

browser = browsers.browser
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_at(tmp_path) as lab:
        yield lab


async def test_numbers_come_while_one_types_and_nothing_typed_is_lost(
    lab: Lab, browser: Browser, tmp_path: Path
) -> None:
    async with open_page(browser, f"{lab.sandbox.url}/?as=U0ADA&at=C0EXPERIMENTS") as page:
        ada = BrowserHands(page)
        await ada.types("/experiment create feature")
        what = await ada.modal("Step 1 of 3: what, why")
        await expect(ada.field("Hypothesis")).to_have_value("If … then more people …, because …")
        await ada.fills(Title="Bigger button")
        await page.screenshot(path=tmp_path / "what.png")
        await ada.presses("Save and go on", what)
        design = await ada.modal("Step 2 of 3: design")
        rate = ada.field("Rate today, in percent")
        await rate.press_sequentially("12.5", delay=120)
        await ada.field("How many users come a day").press_sequentially("4000", delay=120)
        await expect(design).to_contain_text("find a change of 2.0 % with 80 % power")
        await expect(rate).to_have_value("12.5")
        await expect(ada.field("How many users come a day")).to_be_focused()
        await page.screenshot(path=tmp_path / "design.png")
        await ada.fills(Primary_metric="orders")
        await ada.presses("Back", design)
        await ada.modal("Step 1 of 3: what, why")
        await ada.fills(Tags="checkout")
        await ada.presses("Save and return")
        design = await ada.modal("Step 2 of 3: design")
        await expect(ada.field("Primary metric")).to_have_value("orders")
        await expect(rate).to_have_value("12.5")
        await ada.presses("Save and go on", design)
        safety = await ada.modal("Step 3 of 3: safety")
        await ada.field("Planned days").fill("10")
        await expect(safety).to_contain_text("10 days are not whole weeks")
        await ada.field("Planned days").fill("28")
        await expect(safety).to_contain_text("It runs 4 whole weeks")
        await expect(ada.field("Planned days")).to_have_value("28")
        await page.screenshot(path=tmp_path / "safety.png", full_page=True)
        await ada.presses("Save the draft", safety)
        await ada.no_modal()
    draft = await lab.experiment("bigger-button")
    assert (draft.tags, draft.design.planned_days) == (("checkout",), 28)
    assert draft.design.expectation is not None
    assert draft.design.expectation.baseline == 0.125
