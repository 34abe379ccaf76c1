"""Project: its department, what its reviews ask, the points of its own checklist, and what its metrics are worth."""

from __future__ import annotations

from experiments.policy import MOST_MONEY, Policies, Project
from handlers.surfaces import kit
from handlers.surfaces.fields import number_field, people_field, text_field
from handlers.surfaces.kit import Block, View
from handlers.surfaces.words import said
from handlers.worth_lines import EXAMPLE, worth_text


def project_modal(policies: Policies, project: Project | None = None) -> View:
    """A project's settings; of a new one also its name."""
    known = project or Project(name="general")
    name: list[Block] = [
        kit.section(f"*{said(known.name, 100)}* · these count from the next request for review; open ones stay."),
    ]
    if project is None:
        name = [text_field("name", "Project", most=60, hint="As people write it in their experiments, like checkout.")]
    return kit.modal(
        "project_settings",
        "Project",
        *name,
        text_field("department", "Department", known.department, optional=True, most=60),
        number_field("required_approvals", "Approvals a design needs", known.required_approvals, least=1, most=5),
        people_field(
            "reviewers",
            "Reviewers by default",
            known.reviewers,
            hint="Asked unless others are chosen. Nobody approves what they wrote, whoever is named here.",
        ),
        text_field(
            "checklist",
            "Points that approvers tick",
            "\n".join(known.checklist),
            multiline=True,
            optional=True,
            placeholder="The legal team has seen the wording.",
            hint="One a line, ten at most; they come after those that Bunsen checks by itself.",
        ),
        number_field("review_days", "Days in which an answer is expected", known.review_days, least=1, most=30),
        number_field("expires_days", "Days after that until a request ends", known.expires_days, least=1, most=60),
        text_field(
            "worth",
            "What metrics are worth",
            worth_text(known.worth),
            multiline=True,
            optional=True,
            placeholder=EXAMPLE,
            hint="One a line: a metric, and what one more of it is worth in money. Of a proportion that is one more "
            "success. Put a minus where more of it costs you.",
        ),
        text_field("currency", "Currency", known.currency, optional=True, most=10, placeholder="EUR"),
        number_field(
            "day_cost",
            "Cost of a day of an experiment",
            known.day_cost,
            least=0,
            most=MOST_MONEY,
            decimal=True,
            optional=True,
            hint="People, tools and traffic together. Pictures of costs and benefits use it.",
        ),
        submit="Save",
        about={"version": policies.version, **({"name": known.name} if project else {})},
    )
