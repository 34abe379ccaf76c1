"""What a person does with mouse and keys in the sandbox page, one method per thing."""

from __future__ import annotations

import re

from playwright.async_api import FilePayload, Locator, Page, expect


class BrowserHands:
    """One person before one page; `acts_as` makes them another person, as the page's own menu does."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def types(self, text: str) -> None:
        """Write into the composer, letter by letter where suggestions shall appear, and send it."""
        await self.page.get_by_label("Message", exact=True).fill(text)
        await self.page.get_by_role("button", name="Send", exact=True).click()

    async def picks_command(self, start: str, suggestion: str) -> None:
        """Begin a command, take the suggestion and send what stands there then."""
        box = self.page.get_by_label("Message", exact=True)
        await box.press_sequentially(start)
        await self.page.get_by_role("listbox", name="Suggestions").get_by_role("option", name=suggestion).click()
        await self.page.get_by_role("button", name="Send", exact=True).click()

    async def acts_as(self, name: str) -> None:
        """Become another person of the workspace."""
        await self.page.get_by_role("button", name=re.compile("^Act as")).click()
        await self.page.get_by_role("menuitemradio", name=name).click()
        await self.page.get_by_role("button", name=f"Act as: {name}").wait_for()

    async def goes_to(self, place: str) -> None:
        """Open a channel or a conversation of the sidebar."""
        await self.page.locator("#sidebar").get_by_role("button", name=place).click()

    async def opens_home(self) -> Locator:
        """Open Bunsen's Home tab."""
        await self.goes_to("Bunsen")
        await self.page.get_by_role("tab", name="Home").click()
        return self.page.get_by_role("tabpanel", name="Home")

    async def modal(self, title: str) -> Locator:
        """The open modal, as soon as it is the one with this title."""
        found = self.page.get_by_role("dialog", name=title)
        await found.wait_for()
        return found

    def field(self, label: str) -> Locator:
        """The input with this label in the open modal."""
        return self.page.get_by_role("dialog").get_by_label(label, exact=True)

    async def fills(self, **labelled: str) -> None:
        """Fill text fields; an underscore in a name stands for a space of the label."""
        for label, words in labelled.items():
            await self.field(label.replace("_", " ")).fill(words)

    async def selects(self, label: str, *choices: str) -> None:
        """Choose in a menu, searching by typing."""
        for choice in choices:
            await self.field(label).fill(choice)
            await self.page.get_by_role("option", name=choice).first.click()
        await self.page.keyboard.press("Tab")

    async def ticks(self, label: str) -> None:
        """Tick a box or a round choice."""
        await self.page.get_by_role("dialog").get_by_label(label).check()

    async def attaches(self, label: str, file: FilePayload | str) -> None:
        """Choose a file and wait until it is uploaded."""
        await self.field(label).set_input_files(file)
        await self.page.get_by_role("dialog").locator(".file-names li").first.wait_for()

    async def presses(self, label: str, within: Locator | None = None) -> None:
        """Press a button: of the open modal, or of the given message."""
        place = within or self.page.get_by_role("dialog")
        await place.get_by_role("button", name=label, exact=True).click()

    def message(self, text: str) -> Locator:
        """The newest message in the middle column in which this text stands."""
        return self.page.locator("#main .message").filter(has_text=text).last

    async def sees(self, text: str) -> Locator:
        """Wait for a message with this text."""
        found = self.message(text)
        await expect(found).to_be_visible()
        return found

    async def no_modal(self) -> None:
        """Wait until no modal is open."""
        await expect(self.page.get_by_role("dialog")).to_have_count(0)


async def pictures(place: Locator, count: int) -> list[dict[str, int]]:
    """Wait until so many pictures of the message are loaded; the true width and height of each."""
    found = place.locator(".picture img")
    await expect(found).to_have_count(count)
    sizes = []
    for image in await found.all():
        await image.scroll_into_view_if_needed()
        await image.evaluate("image => image.decode()")
        sizes.append(
            await image.evaluate("image => ({width: image.naturalWidth, height: image.naturalHeight})"),
        )
    return sizes
