"""The page as a workspace: people, channels, threads, commands, files, Home, shortcuts, the clock, the live socket."""

import re

import pytest
from playwright.async_api import Browser, WebSocketRoute, expect

from tests.bot.sandbox import page_bench
from tests.bot.sandbox.page_bench import HERE, ROWS, Bench, mrkdwn, plain, send
from tests.browser import open_page

bench = page_bench.bench
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_acting_as_someone_else_shows_what_they_see(bench: Bench) -> None:
    await bench.client.chat_postEphemeral(channel=HERE, user="U0ADA", text="for *Ada*")
    page = await bench.page()
    only = page.locator(".message.ephemeral")
    await expect(only).to_contain_text("Only visible to you")
    await expect(only.locator("strong")).to_have_text("Ada")
    sidebar = page.get_by_role("navigation")
    await expect(sidebar.get_by_role("button", name="search-team")).to_be_visible()
    await page.get_by_role("button", name="Act as").click()
    await page.get_by_role("menuitemradio", name="Chen Wei").click()
    await expect(page.get_by_role("button", name="Act as: Chen Wei")).to_be_visible()
    await expect(sidebar.get_by_role("button", name="search-team")).to_have_count(0)
    await expect(only).to_have_count(0)
    await expect(page).to_have_url(re.compile("as=U0CHEN"))
    await page.reload()
    await expect(page.get_by_role("button", name="Act as: Chen Wei")).to_be_visible()


async def test_commands_are_suggested_with_their_words_and_run(bench: Bench) -> None:
    page = await bench.page()
    box = page.get_by_label("Message", exact=True)
    await box.press_sequentially("/exp")
    suggested = page.get_by_role("option")
    await expect(suggested).to_have_count(1)
    await expect(suggested).to_contain_text("Run experiments from idea to decision")
    await expect(suggested).to_contain_text("[create|edit|review|stop] [key]")
    await box.press("Enter")
    await expect(suggested).to_have_text(
        ["/experiment create", "/experiment edit", "/experiment review", "/experiment stop"]
    )
    await box.press_sequentially("re")
    await box.press("Tab")
    await expect(box).to_have_value("/experiment review ")
    await box.press("Enter")
    answer = page.locator(".message.ephemeral")
    await expect(answer.locator("strong")).to_have_text("review")
    await expect(box).to_have_value("")


async def test_a_command_nobody_answers_says_so_and_can_be_sent_again(bench: Bench) -> None:
    page = await bench.page()
    patience, bench.workspace.ack_seconds = bench.workspace.ack_seconds, 0.2
    await send(page, "/silent please")
    await expect(page.get_by_role("alert")).to_contain_text('/silent failed with the error "operation_timeout"')
    await expect(page.get_by_label("Message", exact=True)).to_have_value("/silent please")
    bench.workspace.ack_seconds = patience
    await bench.open_modal(page, page_bench.modal(page_bench.field("title", "plain_text_input")))
    await expect(page.get_by_role("dialog").locator(".toast")).to_contain_text("operation_timeout")


async def test_messages_mentions_and_unread_marks_reach_the_other_person(bench: Bench) -> None:
    ada, bo = await bench.page(), await bench.page("U0BO", at="C0GENERAL")
    box = ada.get_by_label("Message", exact=True)
    await box.press_sequentially("Look <b>here</b> @bo")
    await ada.get_by_role("option", name="Bo Lindqvist").click()
    await box.press_sequentially("*now*")
    async with ada.expect_response("**/_sandbox/message"):
        await box.press("Enter")
    assert bench.workspace.channels[HERE].messages[-1]["text"] == "Look &lt;b&gt;here&lt;/b&gt; <@U0BO> *now*"
    row = bo.get_by_role("navigation").get_by_role("button", name="experiments")
    await expect(row).to_contain_text("1")
    await row.click()
    message = bo.locator(".message").last
    await expect(message).to_contain_text("Look <b>here</b> @Bo Lindqvist now")
    await expect(message.locator(".mention.me")).to_have_text("@Bo Lindqvist")
    await expect(message.locator(".author")).to_have_text("Ada Meyer")
    await expect(row.locator(".pill, .dot")).to_have_count(0)


async def test_a_thread_opens_beside_the_channel_and_counts_its_replies(bench: Bench) -> None:
    ts = await bench.post(text="root")
    page = await bench.page()
    root = page.locator(f"#main [data-ts='{ts}']")
    await expect(root.locator(".badge")).to_have_text("APP")
    await root.hover()
    await root.get_by_role("button", name="Reply in thread").click()
    thread = page.get_by_role("complementary", name="Thread")
    await thread.get_by_label("Thread reply").fill("I agree")
    await thread.get_by_role("button", name="Post reply").click()
    await expect(thread.locator(".message")).to_have_count(2)
    await expect(page.locator("#main .message")).to_have_count(1)
    await expect(root.get_by_role("button", name="1 reply")).to_be_visible()
    await thread.get_by_label("Thread reply").fill("/experiment stop")
    await thread.get_by_label("Thread reply").press("Enter")
    await expect(thread.locator(".message.ephemeral")).to_contain_text("You wrote stop")
    await thread.get_by_role("button", name="Leave thread").click()
    await expect(thread).to_be_hidden()


async def test_files_are_chosen_or_dropped_and_sent_with_a_message(bench: Bench) -> None:
    page = await bench.page()
    await page.get_by_label("Files to attach").set_input_files(ROWS)
    dropped = await page.evaluate_handle(
        """() => { const data = new DataTransfer(); data.items.add(new File(["x"], "drop.txt")); return data; }"""
    )
    await page.dispatch_event(".composer", "drop", {"dataTransfer": dropped})
    await expect(page.locator(".attached .chip")).to_have_count(2)
    await send(page, "the data")
    message = page.locator(".message").last
    await expect(message).to_contain_text("the data")
    async with page.expect_download() as download:
        await message.get_by_role("link", name="rows.csv").click()
    saved = await (await download.value).path()
    assert saved.read_bytes() == ROWS["buffer"]
    await expect(message.get_by_role("link", name="drop.txt")).to_be_visible()
    await expect(page.locator(".attached .chip")).to_have_count(0)


async def test_the_home_tab_shows_what_the_app_publishes_and_its_buttons_work(bench: Bench) -> None:
    button = {"type": "button", "action_id": "show", "text": plain("Show"), "value": "e1"}
    row = {"type": "actions", "block_id": "row", "elements": [button]}
    bench.home = {"type": "home", "blocks": [{"type": "section", "text": mrkdwn("*Needs you*")}, row]}
    page = await bench.page()
    await page.get_by_role("navigation").get_by_role("button", name="Bunsen").click()
    await expect(page.get_by_role("tab", name="Home")).to_have_attribute("aria-selected", "true")
    await expect(page.get_by_role("tabpanel")).to_contain_text("Needs you")
    async with page.expect_response("**/_sandbox/action"):
        await page.get_by_role("tabpanel").get_by_role("button", name="Show").click()
    assert bench.heard["action"][0]["container"]["type"] == "view"
    await bench.client.views_publish(user_id="U0ADA", view={"type": "home", "blocks": [row]})
    await expect(page.get_by_role("tabpanel")).not_to_contain_text("Needs you")
    await page.get_by_role("tab", name="Messages").click()
    await send(page, "hello")
    await expect(page.locator(".message").last).to_contain_text("hello")


async def test_shortcuts_are_in_the_menus_of_composer_and_message(bench: Bench) -> None:
    ts = await bench.post(text="remember this")
    page = await bench.page()
    async with page.expect_response("**/_sandbox/shortcut"):
        await page.get_by_role("button", name="Shortcuts").click()
        await page.get_by_role("menuitem", name="New experiment").click()
    message = page.locator(f"[data-ts='{ts}']")
    await message.hover()
    async with page.expect_response("**/_sandbox/shortcut"):
        await message.get_by_role("button", name="More actions").click()
        await message.get_by_role("menuitem", name="Add to experiment").click()
    first, second = bench.heard["shortcut"]
    assert first["callback_id"] == "new_experiment"
    assert (second["callback_id"], second["message"]["ts"]) == ("add_to", ts)


async def test_the_clock_shows_the_persons_time_and_can_be_moved(bench: Bench) -> None:
    clock = bench.workspace.clock
    await bench.lab.control("clock", now="2026-03-01T10:00:00+00:00", rate=0)
    page = await bench.page()
    face = page.get_by_role("group", name="Sandbox clock")
    await expect(face.locator("time")).to_have_text("Sun 1 Mar, 11:00 AM")
    await face.locator("summary").click()
    await expect(face.get_by_role("button", name="Pause")).to_have_attribute("aria-pressed", "true")
    for words, shown in (
        ("+1 hour", "Sun 1 Mar, 12:00 PM"),
        ("+1 day", "Mon 2 Mar, 12:00 PM"),
        ("+1 week", "Mon 9 Mar, 12:00 PM"),
    ):
        await face.get_by_role("button", name=words).click()
        await expect(face.locator("time")).to_have_text(shown)
    assert clock.now().isoformat() == "2026-03-09T11:00:00+00:00"
    await face.get_by_role("button", name="Fast").click()
    await expect(face.get_by_role("button", name="Fast")).to_have_attribute("aria-pressed", "true")
    assert clock.rate > 1
    await face.get_by_role("button", name="1×").click()
    await expect(face.get_by_role("button", name="1×")).to_have_attribute("aria-pressed", "true")
    assert clock.rate == 1


async def test_a_dropped_connection_is_said_and_mended_with_what_was_missed(bench: Bench) -> None:
    page = await bench.page()
    sockets: list[WebSocketRoute] = []
    refusing = False

    async def route(socket: WebSocketRoute) -> None:
        if refusing:
            await socket.close()
            return
        sockets.append(socket)
        socket.connect_to_server()

    await page.route_web_socket("**/_sandbox/live?*", route)
    await page.reload()
    banner = page.locator("#banner")
    await page.wait_for_selector(".composer")
    await expect(banner).to_be_hidden()
    refusing = True
    await sockets[-1].close()
    await expect(banner).to_have_text("Connecting to the sandbox…")
    await bench.post(text="missed")
    refusing = False
    await expect(page.locator(".message").last).to_contain_text("missed")
    await expect(banner).to_be_hidden()
    await bench.post(text="live again")
    await expect(page.locator(".message").last).to_contain_text("live again")


async def test_an_archived_channel_can_be_read_only_and_a_lonely_one_invites_the_app(bench: Bench) -> None:
    page = await bench.page(at="C0ARCHIVE")
    await expect(page.get_by_text("is archived")).to_be_visible()
    await expect(page.get_by_label("Message", exact=True)).to_have_count(0)
    await page.get_by_role("navigation").get_by_role("button", name="general").click()
    await page.get_by_role("button", name="Add Bunsen").click()
    await expect(page.get_by_role("button", name="Add Bunsen")).to_have_count(0)
    assert "U0BUNSEN" in bench.workspace.channels["C0GENERAL"].members


async def test_a_permalink_leads_to_its_message(bench: Bench, browser: Browser) -> None:
    ts = await bench.post(text="find me")
    link = (await bench.client.chat_getPermalink(channel=HERE, message_ts=ts))["permalink"]
    async with open_page(browser, link) as page:
        await expect(page.locator(f"[data-ts='{ts}']")).to_have_class("message linked")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_narrow_window_hides_the_channels_behind_a_button(bench: Bench, scheme: str) -> None:
    page = await bench.page(viewport={"width": 390, "height": 760}, color_scheme=scheme)
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    general = page.get_by_role("navigation", include_hidden=True).get_by_role(
        "button", name="general", include_hidden=True
    )
    await expect(general).not_to_be_in_viewport()
    await page.get_by_role("button", name="Show channels").click()
    await general.click()
    await expect(page.get_by_role("heading", name="# general")).to_be_visible()
    await expect(general).not_to_be_in_viewport()
    paper = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(23, 28, 27)"}[scheme]
