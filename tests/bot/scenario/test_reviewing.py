"""Reviews over the wire: groups, two approvals, points to tick, the diff on top, withdrawn, expired."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from experiments.execute import change_policies
from experiments.model import Experiment, Status
from experiments.permissions import Actor, Role
from experiments.policy import Project, SetProject
from tests.bot.scenario.form_hands import presses_in_modal
from tests.bot.scenario.lab import ADA, BO, CHEN, DEE, Lab, eventually

ADMIN = Actor(workspace="T0SANDBOX", user=ADA, role=Role.ADMIN)


async def policy(lab: Lab, **fields: Any) -> None:
    await change_policies(SetProject(project=Project(name="general", **fields)), ADMIN, lab.world)


async def asks(lab: Lab, **answers: Any) -> Experiment:
    """Ada writes a draft and asks for its review."""
    draft = await lab.drafts()
    await lab.types(f"review {draft.key}")
    answer = await lab.submits(**answers)
    assert answer.get("ok"), answer
    await lab.settled()
    return await lab.experiment(draft.key)


async def told(lab: Lab, text: str, user: str = ADA) -> bool:
    """Wait until the person sees this, in the channel or in a direct message."""

    async def said() -> bool:
        direct = (each for place in lab.workspace.channels.values() if place.is_im for each in place.messages)
        return any(text in str(each) for each in (*await lab.messages(user), *direct))

    return bool(await eventually(said))


async def test_a_group_is_asked_and_two_of_it_approve(lab: Lab) -> None:
    await policy(lab, required_approvals=2)
    lab.workspace.usergroups["S0REVIEWERS"].users.append(ADA)
    asked = await asks(lab, reviewers=[], groups=["S0REVIEWERS"])
    assert asked.review is not None
    assert asked.review.reviewers == (BO, DEE)
    assert await told(lab, "wrote the design, so is not asked")
    request = await lab.message_with("please review")
    assert "*0 of 2 approvals*" in str(request)
    await lab.presses("approve", request, user=BO)
    await lab.settled()
    request = await lab.message_with("please review")
    assert "*1 of 2 approvals*" in str(request)
    await lab.presses("approve", request, user=BO)
    assert await told(lab, "You have approved this already", BO)
    await lab.presses("approve", request, user=CHEN)
    assert await told(lab, "asks particular people", CHEN)
    await lab.presses("approve", request, user=DEE)
    await lab.settled()
    assert (await lab.experiment(asked.key)).status is Status.APPROVED
    assert "Review of *Bigger button* is over" in str(await lab.message_with("is over"))


async def test_the_projects_points_are_ticked_with_the_design_in_sight(lab: Lab) -> None:
    await policy(lab, checklist=("Legal has seen it", "On-call knows the date"))
    asked = await asks(lab)
    await lab.presses("approve", await lab.message_with("please review"), user=BO)
    await lab.modal_titled("Approve the design", user=BO)
    await presses_in_modal(lab, "review_diff", user=BO)
    await lab.modal_titled("The whole design", user=BO)
    await lab.control("close", user=BO, view_id=lab.modal(BO)["id"])
    answer = await lab.submits(user=BO, ticked=["0"])
    assert "On-call knows the date" in str(answer["errors"])
    await lab.submits(user=BO, ticked=["0", "1"], comment="Looks sound.")
    approval = (await lab.experiment(asked.key)).approval
    assert approval is not None
    assert approval.comment == "Looks sound."
    assert lab.modals(BO) == []


async def test_an_edit_voids_the_request_and_the_next_one_says_what_is_new(lab: Lab) -> None:
    asked = await asks(lab)
    old = await lab.message_with("please review")
    await lab.types(f"edit {asked.key}")
    await lab.submits()
    await lab.submits(variants="control 80, treatment 20")
    await lab.submits()
    await lab.settled()
    assert "voids the request" in str(await lab.message_with("is over"))
    await lab.presses("approve", old, user=BO)
    assert (await lab.experiment(asked.key)).approval is None
    await lab.types(f"review {asked.key}")
    await lab.submits()
    await lab.settled()
    assert "*Weight of control* 50 % → 80 %" in str(await lab.message_with("Since last time"))


async def test_a_request_is_withdrawn_and_its_buttons_explain_themselves(lab: Lab) -> None:
    asked = await asks(lab)
    request = await lab.message_with("please review")
    await lab.presses("withdraw", request)
    await lab.modal_titled("Withdraw the request")
    await lab.submits()
    await lab.settled()
    assert (await lab.experiment(asked.key)).status is Status.DRAFT
    await lab.presses("request_changes", request, user=BO)
    await lab.modal_titled("Not now", user=BO)


async def test_a_review_is_reminded_of_and_ends(lab: Lab) -> None:
    asked = await asks(lab)
    review = asked.review
    assert review is not None
    assert review.expires_at is not None
    lab.clock.set(review.due_at)
    assert await told(lab, "was needed by")
    lab.clock.set(review.expires_at + timedelta(minutes=1))
    assert await told(lab, "nobody answered your request")
    await lab.settled()
    assert (await lab.experiment(asked.key)).status is Status.DRAFT


async def test_versions_are_compared_and_history_is_told(lab: Lab) -> None:
    asked = await asks(lab)
    await lab.types(f"diff {asked.key} 1 3")
    view = await lab.modal_titled("Compare versions")
    assert "conversion" in str(view)
    action = {
        "action_id": "compare__newer",
        "type": "static_select",
        "block_id": next(b["block_id"] for b in view["blocks"] if "compare__newer" in str(b)),
        "selected_option": {"text": {"type": "plain_text", "text": "1"}, "value": "newer:1"},
    }
    await lab.control("action", user=ADA, container={"type": "view", "view_id": view["id"]}, action=action)

    async def same() -> bool:
        return "same version twice" in str(lab.modal())

    assert await eventually(same)
    await lab.control("close", user=ADA, view_id=view["id"])
    await lab.types(f"history {asked.key}")
    assert "asked for a review · draft → in review" in str(await lab.modal_titled("History"))
