"""The page draws every block safely and sends what a person does with its elements."""

import struct
import zlib
from datetime import UTC, datetime

import pytest
from playwright.async_api import Page, expect

from tests.bot.sandbox import page_bench
from tests.bot.sandbox.page_bench import Bench, Json, mrkdwn, option, plain
from tests.bot.scenario.lab import eventually

bench = page_bench.bench
pytestmark = pytest.mark.asyncio(loop_scope="session")

MOMENT = 1_763_690_000  # 2025-11-21 01:53:20 UTC
ATTACK = "<script>window.pwned=1</script> <img src=x onerror=window.pwned=1> <a href='javascript:window.pwned=1'>x</a>"


def png(width: int = 40, height: int = 20) -> bytes:
    """A plain grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    pixels = zlib.compress((b"\0" + b"\x99" * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def rich(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


EVERY_BLOCK: list[Json] = [
    {"type": "header", "block_id": "header", "text": plain("Checkout :rocket:")},
    {"type": "section", "block_id": "section", "text": mrkdwn(f"*bold* {ATTACK}")},
    {"type": "section", "block_id": "fields", "fields": [mrkdwn("*Lift*\n+2 %"), plain("n 12 &amp; more")]},
    {"type": "divider", "block_id": "divider"},
    {"type": "context", "block_id": "context", "elements": [mrkdwn("as of `now`")]},
    {"type": "markdown", "block_id": "markdown", "text": f"# Title\n- one **two**\n\n|a|b|\n|-|-|\n|1|2|\n\n{ATTACK}"},
    {
        "type": "rich_text",
        "block_id": "rich",
        "elements": [
            rich(
                {"type": "text", "text": "strong ", "style": {"bold": True}},
                {"type": "user", "user_id": "U0BO"},
                {"type": "text", "text": ATTACK},
                {"type": "emoji", "name": "tada"},
                {"type": "link", "url": "https://example.com/", "text": "there"},
            ),
            {"type": "rich_text_list", "style": "ordered", "elements": [rich({"type": "text", "text": "first"})]},
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x = 1"}]},
        ],
    },
    {
        "type": "table",
        "block_id": "table",
        "rows": [
            [{"type": "raw_text", "text": "Metric"}, {"type": "raw_text", "text": "Lift"}],
            [{"type": "raw_text", "text": ATTACK}, {"type": "raw_text", "text": "+2"}],
        ],
    },
]


async def test_every_block_is_drawn_and_markup_in_texts_stays_text(bench: Bench) -> None:
    await bench.post(*EVERY_BLOCK)
    page = await bench.page()
    message = page.locator(".message").last
    for block in EVERY_BLOCK:
        await expect(message.locator(f"[data-block-id={block['block_id']}]")).to_have_count(1)
    await expect(message.get_by_role("heading", name="Checkout")).to_contain_text("🚀")
    await expect(message.locator("[data-block-id=section] strong")).to_have_text("bold")
    await expect(message.locator("[data-block-id=fields]")).to_contain_text("n 12 & more")
    await expect(message.locator("[data-block-id=context] code")).to_have_text("now")
    await expect(message.locator("[data-block-id=markdown] td").last).to_have_text("2")
    await expect(message.locator("[data-block-id=rich] .mention")).to_have_text("@Bo Lindqvist")
    await expect(message.locator("[data-block-id=rich] ol li")).to_have_text("first")
    await expect(message.locator("[data-block-id=rich] blockquote")).to_have_text("quoted")
    await expect(message.locator("[data-block-id=table] th").first).to_have_text("Metric")
    for name in ("section", "markdown", "rich", "table"):
        block_node = message.locator(f"[data-block-id={name}]")
        await expect(block_node).to_contain_text("<script>window.pwned=1</script> <img src=x onerror=window.pwned=1>")
        await expect(block_node.locator("script, img, a[href^=javascript]")).to_have_count(0)
    assert await page.evaluate("window.pwned") is None


MRKDWN = [
    ("*bold* _it_ ~no~ `co*de*`", "<strong>bold</strong> <em>it</em> <s>no</s> <code>co*de*</code>"),
    ("a*b*c 2 * 3 * 4 snake_case_name", "a*b*c 2 * 3 * 4 snake_case_name"),
    ("*bold _both_*", "<strong>bold <em>both</em></strong>"),
    ("&lt;b&gt; &amp;amp;", "&lt;b&gt; &amp;amp;"),
    ("```a\n*b*```", "<pre>a\n*b*</pre>"),
    ("&gt; said\nthen", "<blockquote>said</blockquote>then"),
    (">>> all\nof it", "<blockquote>all<br>of it</blockquote>"),
    ("<!here> <!subteam^S1|@team>", '<span class="mention me">@here</span> <span class="mention">@team</span>'),
    ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
    ("10:30:45 :unknown_thing:", "10:30:45 :unknown_thing:"),
    (
        "<https://example.com/?a=1&amp;b=2|the *plan*>",
        '<a href="https://example.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">the *plan*</a>',
    ),
]


async def html_of(page: Page, text: str) -> str:
    drawn: str = await page.evaluate(
        """async (text) => {
            const { mrkdwn } = await import("/page/mrkdwn.js");
            const holder = document.createElement("div");
            holder.append(...mrkdwn(text));
            return holder.innerHTML;
        }""",
        text,
    )
    return drawn


async def test_mrkdwn_reads_as_in_slack(bench: Bench) -> None:
    page = await bench.page()
    assert [(text, await html_of(page, text)) for text, _ in MRKDWN] == MRKDWN


async def test_times_are_in_the_zone_of_the_person_not_of_the_browser(bench: Bench) -> None:
    form = "{date_num}, {date_slash}, {date}, {date_short}, {date_long}, {time}, {time_secs}"
    expected = {
        "U0DEE": "2025-11-20, 11/20/2025, November 20th, 2025, Nov 20, 2025, Thursday, November 20th, 2025, "
        "8:53 PM, 8:53:20 PM",
        "U0CHEN": "2025-11-21, 11/21/2025, November 21st, 2025, Nov 21, 2025, Friday, November 21st, 2025, "
        "9:53 AM, 9:53:20 AM",
    }
    for person, words in expected.items():
        page = await bench.page(person)
        assert words in (await html_of(page, f"<!date^{MOMENT}^{form}|late>")).replace("\u202f", " ")
        assert "late" in await html_of(page, "<!date^soon^{date}|late>")


async def test_relative_dates_follow_the_sandbox_clock(bench: Bench) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    await bench.lab.control("clock", now=noon.isoformat(), rate=0)
    page, now = await bench.page(), int(noon.timestamp())
    assert ">today</time>" in await html_of(page, f"<!date^{now}^{{date_short_pretty}}|x>")
    await bench.lab.control("clock", advance=86_400)
    await expect(page.locator("#clock time")).to_be_visible()
    moved = "async (before) => (await import('/page/store.js')).store.now() > before"
    await eventually(lambda: page.evaluate(moved, (now + 80_000) * 1000))
    assert ">yesterday</time>" in await html_of(page, f"<!date^{now}^{{date_short_pretty}}|x>")
    assert ">1 day ago</time>" in await html_of(page, f"<!date^{now}^{{ago}}|x>")


async def test_a_confirmation_stands_between_a_click_and_the_app(bench: Bench) -> None:
    confirm = {
        "title": plain("Stop it?"),
        "text": mrkdwn("Back to *control*."),
        "confirm": plain("Stop now"),
        "deny": plain("No"),
    }
    button = {"type": "button", "action_id": "stop", "text": plain("Stop"), "value": "e1", "confirm": confirm}
    await bench.post({"type": "actions", "block_id": "row", "elements": [button]})
    page = await bench.page()
    await page.locator("[data-action-id=stop]").click()
    dialog = page.get_by_role("dialog", name="Stop it?")
    await expect(dialog.locator("strong")).to_have_text("control")
    await dialog.get_by_role("button", name="No", exact=True).click()
    await expect(dialog).to_have_count(0)
    assert bench.heard["action"] == []
    await page.locator("[data-action-id=stop]").click()
    async with page.expect_response("**/_sandbox/action"):
        await dialog.get_by_role("button", name="Stop now").click()
    (action,) = bench.heard["action"][0]["actions"]
    assert (action["block_id"], action["action_id"], action["type"], action["value"]) == ("row", "stop", "button", "e1")


async def test_menus_in_a_message_send_their_choice_and_the_state(bench: Bench) -> None:
    choices = [option("Last week", "7"), option("Last month", "30")]
    await bench.post(
        {
            "type": "actions",
            "block_id": "row",
            "elements": [
                {"type": "static_select", "action_id": "range", "placeholder": plain("Range"), "options": choices},
                {"type": "overflow", "action_id": "more", "options": choices},
                {"type": "checkboxes", "action_id": "boxes", "options": choices},
                {"type": "datepicker", "action_id": "day", "initial_date": "2026-01-02"},
                {"type": "users_select", "action_id": "who"},
            ],
        }
    )
    page = await bench.page()
    async with page.expect_response("**/_sandbox/action"):
        await page.get_by_role("combobox", name="Range").click()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
    async with page.expect_response("**/_sandbox/action"):
        await page.locator("[data-action-id=more]").click()
        await page.get_by_role("menuitem", name="Last week").click()
    async with page.expect_response("**/_sandbox/action"):
        await page.get_by_role("checkbox", name="Last month").check()
    async with page.expect_response("**/_sandbox/action"):
        await page.locator("[data-action-id=day]").fill("2026-03-04")
    async with page.expect_response("**/_sandbox/action"):
        await page.locator("[data-action-id=who]").fill("chen")
        await page.get_by_role("option", name="Chen Wei").click()
    picked = [body["actions"][0] for body in bench.heard["action"]]
    assert picked[0]["selected_option"] == choices[1]
    assert picked[1]["selected_option"] == choices[0]
    assert picked[2]["selected_options"] == [choices[1]]
    assert picked[3]["selected_date"] == "2026-03-04"
    assert picked[4]["selected_user"] == "U0CHEN"
    state = bench.heard["action"][-1]["state"]["values"]["row"]
    assert state["range"] == {"type": "static_select", "selected_option": choices[1]}
    assert state["day"] == {"type": "datepicker", "selected_date": "2026-03-04"}


async def test_an_updated_message_changes_in_place_and_says_so_by_its_text(bench: Bench) -> None:
    ts = await bench.post({"type": "section", "text": mrkdwn("before")})
    page = await bench.page()
    message = page.locator(f"[data-ts='{ts}']")
    await expect(message).to_contain_text("before")
    after: Json = {"type": "section", "text": mrkdwn("after")}
    await bench.client.chat_update(channel="C0EXPERIMENTS", ts=ts, text="x", blocks=[after])
    await expect(message).to_contain_text("after")
    await expect(page.locator(".message")).to_have_count(1)
    await bench.client.chat_delete(channel="C0EXPERIMENTS", ts=ts)
    await expect(page.locator(".message")).to_have_count(0)


async def test_a_picture_from_a_slack_file_is_shown_and_opens_large(bench: Bench) -> None:
    uploaded = await bench.client.files_upload_v2(content=png(), filename="chart.png")
    picture_block = {"type": "image", "slack_file": {"id": uploaded["files"][0]["id"]}, "alt_text": "p over time"}
    await bench.post(picture_block)
    page = await bench.page()
    picture = page.get_by_role("img", name="p over time")
    await expect(picture).to_be_visible()
    await expect(picture).to_have_js_property("naturalWidth", 40)
    await page.get_by_role("button", name="Enlarge: p over time").click()
    await expect(page.get_by_role("dialog", name="p over time")).to_be_visible()
    await page.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_nothing_is_fetched_from_outside(bench: Bench) -> None:
    await bench.post(
        {"type": "image", "image_url": "https://example.com/chart.png", "alt_text": "outside"},
        {
            "type": "context",
            "elements": [{"type": "image", "image_url": "https://example.com/i.png", "alt_text": "icon"}, mrkdwn("x")],
        },
    )
    page = await bench.page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.reload()
    await expect(page.locator(".message")).to_contain_text("a picture from outside, not loaded")
    assert asked
    assert [url for url in asked if not url.startswith(bench.lab.sandbox.url)] == []


async def test_attachments_keep_their_colour_bar_and_blocks(bench: Bench) -> None:
    await bench.post(attachments=[{"color": "#112233", "blocks": [{"type": "section", "text": mrkdwn("*inside*")}]}])
    page = await bench.page()
    await expect(page.locator(".attachment strong")).to_have_text("inside")
    await expect(page.locator(".attachment")).to_have_css("border-left-color", "rgb(17, 34, 51)")
