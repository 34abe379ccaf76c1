"""The page's people and places: who is who, writing to each other, the app brought in and out, steps, zones."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.bot.sandbox import page_bench
from tests.bot.sandbox.page_bench import HERE, Bench, field, modal, option, plain, send

bench = page_bench.bench
pytestmark = pytest.mark.asyncio(loop_scope="session")

TYPED_AT_ONCE = """(box, words) => [...words].forEach((_, last) => {
  box.value = words.slice(0, last + 1);
  box.dispatchEvent(new Event("input", { bubbles: true }));
})"""
"""Letter by letter, with no time between them in which the page could ask."""


async def test_people_write_to_each_other_and_add_the_app(bench: Bench) -> None:
    ada, bo = await bench.page(), await bench.page("U0BO")
    await ada.get_by_role("button", name="Write to someone").click()
    dialog = ada.get_by_role("dialog", name="Write to")
    await dialog.get_by_role("button", name="Open").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("complete this required field")
    people = dialog.get_by_role("combobox", name="People")
    await people.fill("gus")
    await expect(ada.get_by_text("Nothing found")).to_be_visible()
    for name in ("Bo Lindqvist", "Chen Wei"):
        await people.fill(name)
        await ada.get_by_role("option", name=name).click()
    await ada.keyboard.press("Escape")
    await dialog.get_by_role("button", name="Open").click()
    await expect(ada.get_by_role("heading", name="Bo, Chen", exact=True)).to_be_visible()
    await send(ada, "only us three")
    row = bo.get_by_role("navigation").get_by_role("button", name="Ada, Chen")
    await expect(row.locator(".pill")).to_have_text("1")
    await row.click()
    await expect(bo.locator(".message").last).to_contain_text("only us three")
    await bo.get_by_role("button", name="Add Bunsen").click()
    await expect(bo.get_by_role("button", name="Add Bunsen")).to_have_count(0)


async def test_a_list_that_is_closed_while_one_types_stays_closed(bench: Bench) -> None:
    page = await bench.page()
    await page.get_by_role("button", name="Write to someone").click()
    people = page.get_by_role("dialog", name="Write to").get_by_role("combobox", name="People")
    await people.click()
    await expect(page.get_by_role("option", name="Bo Lindqvist")).to_be_visible()
    await page.clock.install()
    await people.fill("bo")
    await people.press("Escape")
    await page.clock.run_for(1_000)
    await expect(people).to_have_attribute("aria-expanded", "false")
    await expect(page.get_by_role("option")).to_have_count(0)


async def test_a_channel_is_left_archived_and_opened_from_its_menu(bench: Bench) -> None:
    ada, chen = await bench.page(), await bench.page("U0CHEN")
    menu = ada.get_by_role("button", name="Channel actions")
    await menu.click()
    await ada.get_by_role("menuitem", name="Remove Bunsen").click()
    await expect(ada.get_by_role("button", name="Add Bunsen")).to_be_visible()
    assert "U0BUNSEN" not in bench.workspace.channels[HERE].members
    await menu.click()
    await ada.get_by_role("menuitem", name="Archive this channel").click()
    await expect(chen.get_by_text("is archived")).to_be_visible()
    await ada.get_by_role("button", name="Unarchive").click()
    await expect(chen.get_by_label("Message", exact=True)).to_be_visible()
    ts = bench.workspace.post(bench.workspace.channels[HERE], "U0BO", {"text": "away with it"})["ts"]
    message = chen.locator(f"[data-ts='{ts}']")
    await message.hover()
    await message.get_by_role("button", name="More actions").click()
    await expect(chen.get_by_role("menuitem", name="Copy text")).to_be_visible()
    await expect(chen.get_by_role("menuitem", name="Delete message")).to_have_count(0)
    hers = ada.locator(f"[data-ts='{ts}']")
    await hers.hover()
    await hers.get_by_role("button", name="More actions").click()
    await ada.get_by_role("menuitem", name="Delete message").click()
    await expect(message).to_have_count(0)


async def test_who_is_taken_out_of_their_only_channel_is_told(bench: Bench) -> None:
    finn = await bench.page("U0FINN")
    await expect(finn.get_by_role("navigation").get_by_role("button", name="general")).to_have_count(0)
    await expect(finn.get_by_role("button", name="Shortcuts")).to_have_count(0)
    await finn.get_by_label("Message", exact=True).press_sequentially("/exp")
    await expect(finn.get_by_role("option")).to_have_count(0)
    await bench.lab.do("remove", user="U0FINN", channel=HERE)
    await expect(finn.get_by_text("You are no longer in that channel.")).to_be_visible()


async def test_times_and_groups_are_shown_as_the_reader_knows_them(bench: Bench) -> None:
    await bench.lab.control("clock", now="2026-03-01T10:00:00+00:00", rate=0)
    await bench.post(text="<!subteam^S0REVIEWERS> due <!date^1772359200^{date_pretty} at {time}|later>")
    for person, words in (("U0ESHA", "today at 3:30 PM"), ("U0FINN", "today at 8:30 PM")):
        page = await bench.page(person)
        await expect(page.locator(".message").last).to_contain_text(f"@experiment-reviewers due {words}")
        await expect(page.get_by_role("group", name="Sandbox clock").locator("time")).to_contain_text(words[9:])


async def test_someone_new_appears_and_someone_deactivated_goes(bench: Bench) -> None:
    page = await bench.page()
    await bench.lab.control("person", id="U0NEW", real_name="Nora New")
    await page.get_by_role("button", name="Act as").click()
    await expect(page.get_by_role("menuitemradio", name="Nora New")).to_be_visible()
    await expect(page.get_by_role("menuitemradio", name="Gus Novak")).to_have_count(0)
    await page.keyboard.press("Escape")
    await bench.lab.control("person", id="U0ADA", deleted=True)
    await expect(page.get_by_role("button", name="Act as: Bo Lindqvist")).to_be_visible()


async def test_a_step_asks_for_its_inputs_and_shows_what_came_out(bench: Bench) -> None:
    given: list[dict[str, Any]] = []

    @bench.lab.app.function("create")
    async def create(inputs: dict[str, Any], complete: Any, fail: Any) -> None:
        given.append(inputs)
        if inputs["title"] == "taken":
            await fail(error="That title is taken.")
        else:
            await complete(outputs={"key": "ranking"})

    page = await bench.page("U0DEE")

    async def run(title: str) -> None:
        await page.get_by_role("button", name="Shortcuts").click()
        await page.get_by_role("menuitem", name="Create experiment").click()
        dialog = page.get_by_role("dialog", name="Create experiment")
        await dialog.get_by_label("Title").fill(title)
        await dialog.get_by_label("Days").fill("14")
        await dialog.get_by_role("combobox", name="Owner").fill("bo")
        await page.get_by_role("option", name="Bo Lindqvist").click()
        await dialog.get_by_role("button", name="Run").click()
        await expect(dialog).to_have_count(0)

    await run("Ranking")
    line = page.locator(".message.system")
    await expect(line).to_contain_text("ran the step Create experimentkey: ranking")
    assert given == [{"title": "Ranking", "owner": "U0BO", "days": 14, "where": HERE}]
    await run("taken")
    await expect(line.last).to_contain_text("which failed: That title is taken.")


async def test_choices_of_the_app_are_grouped_begin_chosen_and_may_fail(bench: Bench) -> None:
    page = await bench.page()
    chosen = option("Chosen before", "old")
    form = await bench.open_modal(
        page, modal(field("grouped", "external_select", min_query_length=0, initial_option=chosen))
    )
    box = form.get_by_role("combobox", name="Grouped")
    await expect(box).to_have_value("Chosen before")
    bench.offered = [{"option_groups": [{"label": plain("Running"), "options": [option("Ranking", "ranking")]}]}]
    await box.click()
    await expect(page.locator(".listbox .group")).to_have_text("Running")
    asked = len(bench.heard["options"])
    bench.offered = [{"options": [option("x" * 76, "1")]}]
    await box.evaluate(TYPED_AT_ONCE, "ran")
    await expect(page.get_by_text("The app did not answer")).to_be_visible()
    assert [each["value"] for each in bench.heard["options"][asked:]] == ["ran"]
    await box.fill("more")
    await page.get_by_role("option", name="more 0").click()
    await form.get_by_role("button", name="Go").click()
    await expect(form).to_have_count(0)
    assert bench.values()["grouped"]["grouped"]["selected_option"] == option("more 0", "0")


async def test_filters_of_the_home_tab_carry_their_choices(bench: Bench) -> None:
    status = {"type": "static_select", "action_id": "status", "options": [option("Running", "running")]}
    find = {"type": "external_select", "action_id": "find", "min_query_length": 1}
    filters = {"type": "actions", "block_id": "filters", "elements": [status, find]}
    bench.home = {"type": "home", "private_metadata": "page=2", "blocks": [filters]}
    page = await bench.page(at="D0ADA&tab=home")
    tab = page.get_by_role("tabpanel")
    await tab.locator("[data-action-id=status]").click()
    async with page.expect_response("**/_sandbox/action"):
        await page.get_by_role("option", name="Running").click()
    await tab.locator("[data-action-id=find]").fill("ra")
    async with page.expect_response("**/_sandbox/action"):
        await page.get_by_role("option", name="ra 1").click()
    view = bench.heard["action"][-1]["view"]
    chosen = {name: each["selected_option"]["value"] for name, each in view["state"]["values"]["filters"].items()}
    assert (chosen, view["private_metadata"]) == ({"status": "running", "find": "1"}, "page=2")
