"""The page's modals: answers in Slack's shape, errors at the field, updates that keep what was typed, the stack."""

import pytest
from playwright.async_api import expect

from tests.bot.sandbox import page_bench
from tests.bot.sandbox.page_bench import HERE, ROWS, Bench, field, modal, mrkdwn, option, plain

bench = page_bench.bench
pytestmark = pytest.mark.asyncio(loop_scope="session")

COLOURS = [option("Red", "red"), option("Green", "green"), option("Blue", "blue")]


async def test_every_input_answers_in_slacks_shape(bench: Bench) -> None:
    page = await bench.page("U0DEE")
    form = await bench.open_modal(
        page,
        modal(
            field("title", "plain_text_input"),
            field("why", "plain_text_input", multiline=True, initial_value="because"),
            field("mail", "email_text_input"),
            field("address", "url_text_input"),
            field("effect", "number_input", is_decimal_allowed=True),
            field("colour", "static_select", option_groups=[{"label": plain("All"), "options": COLOURS}]),
            field("colours", "multi_static_select", options=COLOURS),
            field("person", "users_select", initial_user="U0BO"),
            field("people", "multi_users_select"),
            field("place", "conversations_select", default_to_current_conversation=True),
            field("channel", "channels_select"),
            field("boxes", "checkboxes", options=COLOURS, initial_options=COLOURS[:1]),
            field("one", "radio_buttons", options=COLOURS),
            field("day", "datepicker", initial_date="2026-05-06"),
            field("hour", "timepicker"),
            field("moment", "datetimepicker"),
            field("rich", "rich_text_input"),
            field("empty", "plain_text_input", optional=True),
        ),
    )
    texts = {"title": "T", "mail": "a@example.com", "address": "https://example.com", "effect": "0.5", "rich": "hello"}
    for name, words in texts.items():
        await form.get_by_label(name.capitalize(), exact=True).fill(words)
    await form.get_by_role("combobox", name="Colour", exact=True).click()
    await page.get_by_role("option", name="Green").click()
    colours = form.get_by_role("combobox", name="Colours")
    await colours.click()
    await page.get_by_role("option", name="Red").click()
    await page.get_by_role("option", name="Blue").click()
    await page.keyboard.press("Escape")
    await form.get_by_role("combobox", name="People").fill("dee")
    await page.get_by_role("option", name="Dee Okafor").click()
    await page.keyboard.press("Escape")
    await form.get_by_role("combobox", name="Channel").fill("gen")
    await page.keyboard.press("ArrowDown")
    await page.get_by_role("option", name="#general").click()
    await form.get_by_role("group", name="Boxes").get_by_label("Blue").check()
    await form.get_by_role("radiogroup", name="One").get_by_label("Red").check()
    await form.get_by_label("Hour").fill("14:30")
    await form.get_by_label("Moment").fill("2026-07-01T09:00")
    await expect(form.get_by_role("heading", name="A form")).to_be_in_viewport(ratio=1)
    await form.get_by_role("button", name="Go").click()
    await expect(form).to_have_count(0)
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": "hello"}]}
    expected = {
        "title": {"type": "plain_text_input", "value": "T"},
        "why": {"type": "plain_text_input", "value": "because"},
        "mail": {"type": "email_text_input", "value": "a@example.com"},
        "address": {"type": "url_text_input", "value": "https://example.com"},
        "effect": {"type": "number_input", "value": "0.5"},
        "colour": {"type": "static_select", "selected_option": COLOURS[1]},
        "colours": {"type": "multi_static_select", "selected_options": [COLOURS[0], COLOURS[2]]},
        "person": {"type": "users_select", "selected_user": "U0BO"},
        "people": {"type": "multi_users_select", "selected_users": ["U0DEE"]},
        "place": {"type": "conversations_select", "selected_conversation": HERE},
        "channel": {"type": "channels_select", "selected_channel": "C0GENERAL"},
        "boxes": {"type": "checkboxes", "selected_options": [COLOURS[0], COLOURS[2]]},
        "one": {"type": "radio_buttons", "selected_option": COLOURS[0]},
        "day": {"type": "datepicker", "selected_date": "2026-05-06"},
        "hour": {"type": "timepicker", "selected_time": "14:30"},
        "moment": {"type": "datetimepicker", "selected_date_time": 1782910800},  # 09:00 in New York is 13:00 UTC
        "rich": {"type": "rich_text_input", "rich_text_value": {"type": "rich_text", "elements": [rich]}},
        "empty": {"type": "plain_text_input", "value": None},
    }
    assert bench.values() == {name: {name: answer} for name, answer in expected.items()}


async def test_field_errors_stand_under_their_field_and_nothing_typed_is_lost(bench: Bench) -> None:
    page = await bench.page()
    form = await bench.open_modal(
        page,
        modal(
            field("title", "plain_text_input", min_length=3),
            field("colour", "static_select", options=COLOURS),
            field("note", "plain_text_input", optional=True, multiline=True),
        ),
    )
    title = form.get_by_label("Title")
    await title.fill("ab")
    await form.get_by_label("Note").fill("keep me")
    await form.get_by_role("button", name="Go").click()
    await expect(form.locator("[data-block-id=title] .field-error")).to_contain_text("at least 3")
    await expect(form.locator("[data-block-id=colour] .field-error")).to_contain_text("complete this required field")
    assert bench.heard["view"] == []
    await title.fill("abc")
    await form.get_by_role("combobox", name="Colour").click()
    await page.get_by_role("option", name="Blue").click()
    bench.answers = [{"response_action": "errors", "errors": {"title": "That title is taken."}}]
    await form.get_by_role("button", name="Go").click()
    await expect(form.get_by_role("alert")).to_have_text("That title is taken.")
    await expect(title).to_have_attribute("aria-invalid", "true")
    await expect(title).to_be_focused()
    await expect(title).to_have_value("abc")
    await expect(form.get_by_role("combobox", name="Colour")).to_have_value("Blue")
    await expect(form.get_by_label("Note")).to_have_value("keep me")
    await title.fill("another")
    await title.press("Enter")
    await expect(form).to_have_count(0)
    assert bench.values()["note"]["note"]["value"] == "keep me"


async def test_an_update_keeps_typed_values_and_the_focus_but_not_those_of_renamed_fields(bench: Bench) -> None:
    page = await bench.page()
    blocks = [
        field("title", "plain_text_input"),
        field("metric__a", "plain_text_input", optional=True),
        field("colour", "static_select", dispatch=True, options=COLOURS),
    ]
    form = await bench.open_modal(page, modal(*blocks))
    await form.get_by_label("Title").fill("typed")
    await form.get_by_label("Metric__a").fill("gone")
    sample = {"type": "section", "block_id": "sample", "text": mrkdwn("You need *12 000* units")}
    bench.update = modal(blocks[0], field("metric__b", "plain_text_input", optional=True), blocks[2], sample)
    await form.get_by_role("combobox", name="Colour").click()
    await page.get_by_role("option", name="Red").click()
    await expect(form.locator("[data-block-id=sample] strong")).to_have_text("12 000")
    await expect(form.get_by_label("Title")).to_have_value("typed")
    await expect(form.get_by_label("Metric__b")).to_have_value("")
    await expect(form.get_by_role("combobox", name="Colour")).to_have_value("Red")
    await expect(form.get_by_role("combobox", name="Colour")).to_be_focused()
    action = bench.heard["action"][0]
    assert action["actions"][0]["selected_option"] == COLOURS[0]
    assert action["view"]["state"]["values"]["title"]["title"]["value"] == "typed"


async def test_typing_goes_on_while_the_app_updates_the_view(bench: Bench) -> None:
    page = await bench.page()
    config = {"trigger_actions_on": ["on_character_entered"]}
    size = field("size", "plain_text_input", dispatch=True, dispatch_action_config=config)
    form = await bench.open_modal(page, modal(size))
    bench.update = modal(size, {"type": "section", "block_id": "said", "text": mrkdwn("heard")})
    box = form.get_by_label("Size")
    await box.press_sequentially("12")
    await expect(form.locator("[data-block-id=said]")).to_be_visible()
    await expect(box).to_be_focused()
    await box.press_sequentially("34")
    await expect(box).to_have_value("1234")


async def test_an_external_select_asks_the_app_for_what_is_typed(bench: Bench) -> None:
    page = await bench.page()
    form = await bench.open_modal(page, modal(field("similar", "external_select", min_query_length=2)))
    box = form.get_by_role("combobox", name="Similar")
    await box.fill("c")
    await expect(page.get_by_text("Type at least 2 characters")).to_be_visible()
    await box.fill("ch")
    await page.get_by_role("option", name="ch 1").click()
    await expect(box).to_have_value("ch 1")
    assert [asked["value"] for asked in bench.heard["options"]] == ["ch"]
    await form.get_by_role("button", name="Go").click()
    await expect(form).to_have_count(0)
    assert bench.values()["similar"]["similar"]["selected_option"] == option("ch 1", "1")


async def test_modals_are_pushed_walked_back_and_closed(bench: Bench) -> None:
    page = await bench.page()
    form = await bench.open_modal(page, modal(field("title", "plain_text_input"), title="First", notify_on_close=True))
    first_id = await form.get_attribute("data-view-id")
    await form.get_by_label("Title").fill("typed")
    bench.answers = [{"response_action": "push", "view": modal(field("more", "plain_text_input"), title="Second")}]
    await form.get_by_role("button", name="Go").click()
    await expect(page.get_by_role("heading", name="Second")).to_be_visible()
    assert await form.get_attribute("data-view-id") != first_id
    await form.get_by_role("button", name="Back").click()
    await expect(page.get_by_role("heading", name="First")).to_be_visible()
    await expect(form.get_by_label("Title")).to_have_value("typed")
    async with page.expect_response("**/_sandbox/close"):
        await page.keyboard.press("Escape")
    await expect(form).to_have_count(0)
    await expect(page.get_by_label("Message", exact=True)).to_be_focused()
    (closed,) = bench.heard["closed"]
    assert (closed["view"]["id"], closed["is_cleared"]) == (first_id, False)


async def test_a_submission_nobody_answers_says_so_in_the_modal_and_keeps_it_open(bench: Bench) -> None:
    page = await bench.page()
    form = await bench.open_modal(page, modal(field("title", "plain_text_input")))
    await form.get_by_label("Title").fill("typed")
    bench.answers = [{"silence": True}]
    patience, bench.workspace.ack_seconds = bench.workspace.ack_seconds, 0.3
    await form.get_by_role("button", name="Go").click()
    await expect(form.get_by_role("alert")).to_contain_text("We had some trouble connecting. Try again?")
    await expect(form.get_by_label("Title")).to_have_value("typed")
    bench.workspace.ack_seconds = patience
    await form.get_by_role("button", name="Go").click()
    await expect(form).to_have_count(0)


async def test_files_of_a_form_are_uploaded_and_named_in_its_state(bench: Bench) -> None:
    page = await bench.page()
    form = await bench.open_modal(page, modal(field("data", "file_input", filetypes=["csv"], max_files=1)))
    await form.locator("input[type=file]").set_input_files(ROWS)
    await expect(form.get_by_text("rows.csv")).to_be_visible()
    await form.get_by_role("button", name="Go").click()
    await expect(form).to_have_count(0)
    (file,) = bench.values()["data"]["data"]["files"]
    assert file["name"] == "rows.csv"
    assert file["id"].startswith("F")


async def test_an_open_modal_is_still_there_after_a_reload(bench: Bench) -> None:
    page = await bench.page()
    await bench.open_modal(page, modal(field("title", "plain_text_input"), title="Stays"))
    await page.reload()
    await expect(page.get_by_role("heading", name="Stays")).to_be_visible()
