"""The main job as a person lives it: the whole story through the page, in a real browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from experiments.model import Outcome, Status, StopReason
from tests import browser as browsers
from tests.bot.scenario.browser_hands import BrowserHands, pictures
from tests.bot.scenario.lab import BO, Lab, lab_at
from tests.browser import open_page

browser = browsers.browser
pytestmark = pytest.mark.asyncio(loop_scope="session")

KEY = "bigger-button"
TITLE = "Bigger button"
HYPOTHESIS = "If the button grows, then more people press it because they see it sooner."
REASONING = "Conversion rose and nothing else moved."


@pytest_asyncio.fixture(loop_scope="session")
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_at(tmp_path) as lab:
        yield lab


async def test_a_person_walks_from_the_idea_to_the_digest(lab: Lab, browser: Browser, tmp_path: Path) -> None:
    async with open_page(browser, f"{lab.sandbox.url}/?as=U0ADA&at=C0EXPERIMENTS") as page:
        ada = BrowserHands(page)
        await writes_the_draft(ada)
        await has_it_approved(ada, lab)
        await starts_it(ada, lab)
        await page.screenshot(path=tmp_path / "running.png")
        await watches_it(ada, lab)
        await page.screenshot(path=tmp_path / "results.png")
        await stops_and_decides(ada, lab)
        await finds_it_in_the_digest(ada, lab)
        await page.screenshot(path=tmp_path / "digest.png")


async def writes_the_draft(ada: BrowserHands) -> None:
    """Three steps, one wrong value on the way, and the card."""
    await ada.picks_command("/experiment cre", "/experiment create")
    await ada.modal("Step 1 of 3: what, why")
    await ada.fills(Title=TITLE, Hypothesis=HYPOTHESIS, Tags="checkout")
    await ada.presses("Save and go on")
    design = await ada.modal("Step 2 of 3: design")
    await ada.fills(Variants_and_their_weights="control 60, treatment 50", Primary_metric="conversion")
    await ada.presses("Save and go on")
    wrong = design.locator('.block[data-block-id="variants"] .field-error')
    await expect(wrong).to_have_text("The weights sum to 110 %; make them sum to 100 %.")
    await expect(design.locator(".field-error")).to_have_count(1)
    await expect(ada.field("Variants and their weights")).to_have_value("control 60, treatment 50")
    await expect(ada.field("Primary metric")).to_have_value("conversion")
    await ada.fills(Variants_and_their_weights="control 50, treatment 50")
    await ada.presses("Save and go on")
    await ada.modal("Step 3 of 3: safety")
    await ada.presses("Save the draft")
    await ada.no_modal()
    card = await ada.sees("control 50 % · treatment 50 %")
    await expect(card).to_contain_text(HYPOTHESIS)
    await expect(card).to_contain_text("Draft")


async def has_it_approved(ada: BrowserHands, lab: Lab) -> None:
    """Ada asks Bo, who approves with the button; his Home tab told him that it waits for him."""
    await ada.presses("Request review", ada.message("Draft"))
    await ada.modal("Request a review")
    await ada.selects("Reviewers", "Bo Lindqvist")
    await ada.presses("Request review")
    await ada.no_modal()
    await ada.sees("please review")
    bo = ada
    await bo.acts_as("Bo Lindqvist")
    home = await bo.opens_home()
    await expect(home).to_contain_text("waits for your review")
    await bo.goes_to("experiments")
    await bo.presses("Approve", await bo.sees("please review"))
    await bo.sees("approved the design")
    approval = (await lab.experiment(KEY)).approval
    assert approval is not None
    assert approval.by == BO
    await bo.acts_as("Ada Meyer")


async def starts_it(ada: BrowserHands, lab: Lab) -> None:
    """The button opens the checklist; the card then says that it runs."""
    card = ada.page.locator("#main .message").filter(has_text=HYPOTHESIS).first
    await ada.presses("Start", card)
    checklist = await ada.modal("Start the experiment")
    await expect(checklist).to_contain_text("Approved by @Bo Lindqvist")
    await ada.presses("Start now")
    await ada.no_modal()
    await expect(card).to_contain_text("Running")
    assert (await lab.experiment(KEY)).status is Status.RUNNING


async def watches_it(ada: BrowserHands, lab: Lab) -> None:
    """The channel wants daily updates; data arrive, the update brings its picture, and the results bring both."""
    await lab.types("subscribe")
    await lab.submits(events=["change", "decision", "digest", "significance"])
    await ada.presses("Close")
    await lab.days_pass(KEY, 12)
    update = await ada.sees("Significance update")
    assert (await pictures(update, 1))[0]["width"] >= 1200
    await ada.types(f"/experiment results {KEY}")
    results = await ada.sees("Health of the data")
    assert len([size for size in await pictures(results, 2) if size["width"] >= 1200]) == 2
    await expect(results).to_contain_text("always-valid p")
    alt = await results.locator(".picture img").first.get_attribute("alt")
    assert "conversion" in (alt or "")


async def stops_and_decides(ada: BrowserHands, lab: Lab) -> None:
    """A reason to stop, then the decision with a summary from the template."""
    card = ada.page.locator("#main .message").filter(has_text=HYPOTHESIS).first
    await ada.presses("Stop", card)
    await ada.modal("Stop the experiment")
    await ada.selects("Why?", StopReason.COMPLETED.words.capitalize())
    await ada.presses("Stop now")
    await ada.no_modal()
    await ada.presses("Log decision", card)
    decide = await ada.modal("Log the decision")
    await ada.ticks("Ship")
    await ada.fills(**{"Why?": REASONING})
    await ada.presses("Draft it for me")
    await expect(ada.field("Summary")).to_have_value(re.compile("conversion.*Written from a template", re.DOTALL))
    await expect(decide).to_contain_text("no language model is set up")
    await expect(ada.field("Why?")).to_have_value(REASONING)
    await ada.presses("Log decision")
    await ada.no_modal()
    await ada.sees("decided to ship")
    decided = await lab.experiment(KEY)
    assert decided.stop_reason is StopReason.COMPLETED
    assert decided.decision is not None
    assert decided.decision.outcome is Outcome.SHIP


async def finds_it_in_the_digest(ada: BrowserHands, lab: Lab) -> None:
    """Next Monday's digest and Ada's Home tab know the decision."""
    await lab.days_pass(KEY, 7)
    digest = await ada.sees("The week in experiments")
    await expect(digest).to_contain_text(TITLE)
    await expect(digest).to_contain_text(REASONING)
    home = await ada.opens_home()
    await expect(home).to_contain_text(TITLE)
    await expect(home).to_contain_text("ship")
