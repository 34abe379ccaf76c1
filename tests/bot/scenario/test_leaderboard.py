"""The leaderboard from the first form on: variants say what they run with, and are ranked by what came of it."""

from __future__ import annotations

from tests.bot.scenario.form_hands import goes_on
from tests.bot.scenario.lab import BO, DESIGN, Lab
from tests.bot.scenario.test_pictures import asked, image

ON_VERSION = "control: the one in use, model=sonata-large, {0}\ntreatment: model=sonata-small, {0}"


async def runs_over(lab: Lab, title: str, version: int) -> str:
    """Ada writes down two evaluation runs over a version of a dataset and starts them; Bo approves."""
    await lab.types("create")
    await lab.submits(title=title, kind="model_comparison", hypothesis="If it is smaller, then nobody notices.")
    wrong = await goes_on(lab, **DESIGN, details="control: model=sonata-large\nhuge: model=sonata-xl")
    assert wrong["errors"]["details"] == "Line 2: no variant is called huge; there are control and treatment."
    await goes_on(lab, details=ON_VERSION.format(f"dataset=support-qa, dataset_version={version}"))
    await lab.submits(reviewers=[BO])
    await lab.settled()
    key = title.lower().replace(" ", "-")
    await lab.types(f"review {key}")
    await lab.submits()
    await lab.presses("approve", await lab.message_with(f"please review *{title}"), user=BO)
    await lab.types(f"start {key}")
    await lab.submits()
    await lab.settled()
    return key


async def test_what_variants_run_with_is_written_in_the_form_and_ranked(lab: Lab) -> None:
    older = await runs_over(lab, "Small model once", 2)
    newer = await runs_over(lab, "Small model again", 3)
    assert (await lab.experiment(newer)).design.variants[1].config == {
        "model": "sonata-small", "dataset": "support-qa", "dataset_version": 3
    }  # fmt: skip
    await lab.days_pass(older, 4)
    await lab.days_pass(newer, 4)
    words = image(await asked(lab, "leaderboard", "Models and prompts"))["alt_text"]
    assert "sonata-small" in words
    assert "Not compared: support-qa version" in words
