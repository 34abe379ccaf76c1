"""The page as something to read: pictures in their frames, messages apart, answers in sight, steps from their top."""

import pytest
from playwright.async_api import expect

from tests.bot.sandbox import page_bench
from tests.bot.sandbox.page_bench import HERE, Bench, field, modal, mrkdwn, plain, send

bench = page_bench.bench
pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDE = b'<svg xmlns="http://www.w3.org/2000/svg" width="1400" height="700"><rect width="1400" height="700"/></svg>'


def part(text: str) -> dict[str, object]:
    """A section."""
    return {"type": "section", "text": mrkdwn(text)}


async def test_the_frame_of_a_picture_is_as_wide_as_the_picture(bench: Bench) -> None:
    await bench.client.files_upload_v2(content=WIDE, filename="wide.svg", channel=HERE)
    page = await bench.page()
    picture = page.locator(".picture-button img").last
    await picture.evaluate("image => image.decode()")
    frame, image = await page.locator(".picture-button").last.bounding_box(), await picture.bounding_box()
    assert frame is not None
    assert image is not None
    assert image["width"] > 600
    assert frame["width"] - image["width"] < 4


async def test_messages_of_many_blocks_each_have_a_head(bench: Bench) -> None:
    page = await bench.page()
    await bench.post(part("one"))
    await bench.post(part("two"))
    await bench.post({"type": "header", "text": plain("A card")}, part("its words"))
    await expect(page.locator(".message .author")).to_have_count(2)


async def test_an_answer_to_me_comes_into_sight_and_other_news_wait_below(bench: Bench) -> None:
    page = await bench.page()
    for number in range(40):
        await bench.post(part(f"message {number}"), part("more"))
    await expect(page.get_by_text("message 39")).to_be_in_viewport()
    log = page.get_by_role("log")
    await log.evaluate("node => { node.scrollTop = 0; }")
    await bench.post(part("later"))
    news = page.get_by_role("button", name="New messages")
    await expect(news).to_be_visible()
    await expect(page.get_by_text("later")).not_to_be_in_viewport()
    await news.click()
    await expect(page.get_by_text("later")).to_be_in_viewport()
    await expect(news).to_be_hidden()
    await log.evaluate("node => { node.scrollTop = 0; }")
    await send(page, "/experiment list")
    await expect(page.get_by_text("You wrote")).to_be_in_viewport()


async def test_an_answer_in_messages_is_announced_on_the_home_tab(bench: Bench) -> None:
    bench.home = {"type": "home", "blocks": [part("Welcome")]}
    page = await bench.page()
    await page.locator("#sidebar").get_by_role("button", name="Bunsen").click()
    await expect(page.get_by_text("Welcome")).to_be_visible()
    await bench.client.chat_postMessage(channel="U0ADA", text="Here it is")
    await expect(page.get_by_role("status").filter(has_text="see Messages")).to_be_visible()


async def test_the_next_step_of_a_form_begins_at_its_top(bench: Bench) -> None:
    page = await bench.page()
    many = [field(f"field{number}", "plain_text_input", optional=True) for number in range(20)]
    form = await bench.open_modal(page, modal(*many, callback_id="first"))
    await form.locator(".modal-body").evaluate("body => { body.scrollTop = body.scrollHeight; }")
    step = modal(*many, callback_id="second", title="Second step")
    bench.answers.append({"response_action": "update", "view": step})
    await form.get_by_role("button", name="Go").click()
    await expect(form.get_by_role("heading", name="Second step")).to_be_visible()
    assert await form.locator(".modal-body").evaluate("body => body.scrollTop") == 0


async def test_a_moment_is_told_anew_on_another_day(bench: Bench) -> None:
    await bench.lab.control("clock", now="2026-03-02T12:00:00+00:00", rate=0)
    page = await bench.page()
    now = int(bench.workspace.clock.now().timestamp())
    await bench.post(part(f"as of <!date^{now}^{{date_short_pretty}}|then>"))
    await expect(page.get_by_text("as of today")).to_be_visible()
    await page.request.post(f"{bench.lab.sandbox.url}/_sandbox/clock", data={"advance": 2 * 86_400})
    await bench.post(part("news"))
    await expect(page.get_by_text("as of today")).to_have_count(0)
