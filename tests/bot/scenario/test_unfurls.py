"""Links to experiments: below them stands what everybody who sees them may read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.web.links import experiment_page
from bot.web.server import site
from experiments.execute import change_policies
from experiments.permissions import Role
from experiments.policy import SetDefaultRole
from tests.bot.scenario.lab import ADA, BO, CHANNEL, DEE, Lab, eventually, lab_at
from tests.bot.scenario.test_shortcuts import posts

PUBLIC = "https://bunsen.example.com"
OPEN, PRIVATE = "C0GENERAL", "G0SEARCH"
HOSTILE = "<!channel> <@U1> <https://evil.example|Approve> `x` *b* :smile: \u202eabc"


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_at(tmp_path, public_url=PUBLIC) as lab:
        yield lab


async def below(lab: Lab, link: str, channel: str = CHANNEL, user: str = BO) -> str:
    """What stands below a link that somebody posts."""
    ts = await posts(lab, f"Look at {link} please", user, channel)

    async def unfurled() -> Any:
        message = lab.workspace.channels[channel].find(ts) or {}
        return message.get("attachments")

    return str(await eventually(unfurled))


async def test_in_its_own_channel_a_link_tells_the_state(lab: Lab) -> None:
    running = await lab.runs()
    shown = await below(lab, f"{PUBLIC}/e/{running.key}?from=mail")
    assert "Bigger button" in shown
    assert "Running" in shown


async def test_elsewhere_it_tells_where_everybody_may_read_it(lab: Lab) -> None:
    await lab.drafts()
    members = lab.workspace.channels[OPEN].members
    members[:] = [ADA, BO, DEE, lab.workspace.app.user_id]
    assert "Bigger button" in await below(lab, f"{PUBLIC}/e/bigger-button", OPEN)


@pytest.mark.parametrize("stranger", ["U0ESHA", "U0FINN"])
async def test_a_guest_or_an_outsider_who_sees_the_channel_closes_it(lab: Lab, stranger: str) -> None:
    await lab.drafts()
    lab.workspace.channels[OPEN].members[:] = [ADA, BO, stranger, lab.workspace.app.user_id]
    shown = await below(lab, f"{PUBLIC}/e/bigger-button", OPEN)
    assert "Bigger button" not in shown
    assert "/experiment show bigger-button" in shown


async def test_where_not_everybody_may_read_it_the_title_stays_out(lab: Lab) -> None:
    await lab.drafts()
    ada = await lab.world.people.actor(lab.world.workspace, ADA)
    await change_policies(SetDefaultRole(role=Role.OUTSIDER), ada, lab.world)
    lab.workspace.channels[OPEN].members[:] = [ADA, BO, lab.workspace.app.user_id]
    shown = await below(lab, f"{PUBLIC}/e/bigger-button", OPEN, ADA)
    assert "Bigger button" not in shown


async def test_a_link_that_leads_nowhere_says_no_more_than_one_nobody_may_read(lab: Lab) -> None:
    await lab.drafts()
    shown = await below(lab, f"{PUBLIC}/e/nothing-here")
    assert "/experiment show nothing-here" in shown


async def test_a_large_channel_gets_the_button_alone(lab: Lab) -> None:
    await lab.drafts()
    lab.workspace.channels[OPEN].members[:] = [ADA, BO, lab.workspace.app.user_id] * 20
    assert "Bigger button" not in await below(lab, f"{PUBLIC}/e/bigger-button", OPEN)


async def test_a_hostile_title_is_shown_literally(lab: Lab) -> None:
    await lab.drafts(title=f"T {HOSTILE}", key="bait")
    shown = await below(lab, f"{PUBLIC}/e/bait")
    assert "&lt;!channel&gt;" in shown
    for forbidden in ("<!channel>", "<@U1>", "<https://evil", "`x`", "*b*", ":smile:", "\u202e"):
        assert forbidden not in shown


async def test_other_pages_of_the_address_and_what_a_guest_posts_stay_bare(lab: Lab) -> None:
    await lab.drafts()
    await posts(lab, f"{PUBLIC}/healthz and {PUBLIC}/e/Not_A_Key")
    lab.workspace.channels[CHANNEL].members.append("U0ESHA")
    await posts(lab, f"{PUBLIC}/e/bigger-button", "U0ESHA")
    await lab.sandbox.courier.settled()
    await lab.settled()
    assert [call for call in lab.workspace.calls if call["method"] == "chat.unfurl"] == []


async def test_nothing_breaks_when_the_message_is_gone(lab: Lab) -> None:
    await lab.drafts()
    await lab.control("fault", kind="error", method="chat.unfurl", error="cannot_find_message")
    await posts(lab, f"{PUBLIC}/e/bigger-button")
    await lab.sandbox.courier.settled()
    await lab.settled()
    assert "Something went wrong" not in str([*await lab.messages(BO), *await lab.messages(BO, "D0BO")])


async def test_the_page_behind_a_link_leads_into_slack_and_tells_nothing() -> None:
    pages = site([experiment_page("slack://app?team=T1&id=A1&tab=home")])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=pages), base_url=PUBLIC) as browser:
        page = await browser.get("/e/bigger-button")
        assert page.status_code == 200
        assert "slack://app?team=T1&amp;id=A1&amp;tab=home" in page.text
        assert "/experiment show bigger-button" in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert (await browser.get("/e/nobody-knows")).text.replace("nobody-knows", "bigger-button") == page.text
        assert (await browser.get("/e/%3Cscript%3E")).status_code == 404
        assert (await browser.get("/healthz")).text == "ok"
