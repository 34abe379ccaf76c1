"""Step 1 of a draft: what is tried and why, from a template or from nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.design import Kind
from experiments.model import EDITABLE, Experiment, SourceKind
from experiments.templates import TEMPLATES, Template
from handlers.surfaces import kit
from handlers.surfaces.deliveries import where
from handlers.surfaces.fields import select_field, text_field, words_of
from handlers.surfaces.kit import Block, Message, View
from handlers.surfaces.problem import refusal
from handlers.surfaces.state import name
from handlers.surfaces.wizard import Below, about_step, submit_words, warning
from handlers.surfaces.words import said

BLANK = "blank"
FILLED = ("hypothesis", "kind", "tags")
"""The fields that a template fills in."""


@dataclass(frozen=True, slots=True)
class What:
    """The fields of step 1 as they begin, and the block id of each that differs from its name."""

    title: str = ""
    hypothesis: str = ""
    kind: str = Kind.FEATURE.value
    project: str = "general"
    source_kind: str = SourceKind.HYPOTHESIS.value
    source_reference: str = ""
    tags: str = ""
    template: str = BLANK
    ids: Mapping[str, str] = field(default_factory=dict)

    def id_of(self, field: str) -> str:
        return self.ids.get(field, field)


def proposed(template: Template | None) -> What:
    """What a template fills in; without one, what an empty form begins with."""
    if template is None:
        return What()
    return What(
        hypothesis=template.design.hypothesis,
        kind=template.design.kind.value,
        tags=", ".join(template.tags),
        template=template.name,
    )


def written(draft: Experiment) -> What:
    """What is written down about a draft."""
    return What(
        title=draft.title,
        hypothesis=draft.design.hypothesis,
        kind=draft.design.kind.value,
        project=draft.project,
        source_kind=draft.source.kind.value,
        source_reference=draft.source.reference,
        tags=", ".join(draft.tags),
    )


def new_modal(what: What, about: dict[str, Any]) -> View:
    """Step 1 of an idea that is not written down yet."""
    words = "Write down the idea; it is kept as a draft that you can finish later."
    if about.get("connected"):
        words += f" Its card will stand in {where(about['channel'])}, the channel you connected."
    return _modal(what, [kit.section(words), _template_field(what)], [_key_field()], about, "Save and go on")


def what_modal(draft: Experiment, below: Below = (), cloned: bool = False) -> View:
    """Step 1 of a draft that is there already; `cloned` when it was made just now."""
    if refused := refusal(draft, "edited", EDITABLE):
        return refused
    if cloned:
        intro = f"*{name(draft)}* ({draft.key}) is a new draft with the design of {draft.derived_from}. What differs?"
    else:
        intro = f"You are editing *{name(draft)}* ({draft.key})."
    start: list[Block] = [kit.section(intro), *warning(draft)]
    if cloned:
        start.append(kit.context(f"Not needed after all? /experiment delete {draft.key}"))
    return _modal(written(draft), start, [], about_step(draft, below), submit_words(below))


def _modal(what: What, start: list[Block], extra: list[Block], about: dict[str, Any], submit: str) -> View:
    return kit.modal(
        "create_what",
        "Step 1 of 3: what, why",
        *start,
        text_field("title", "Title", what.title, placeholder="Bigger checkout button", most=120),
        *extra,
        text_field(
            what.id_of("hypothesis"),
            "Hypothesis",
            what.hypothesis,
            multiline=True,
            optional=True,
            placeholder="If … then … because …",
            hint="What do you expect, and why? It can wait, but a review needs it.",
        ),
        select_field(what.id_of("kind"), "Kind", words_of(Kind), what.kind),
        text_field(
            "project",
            "Project",
            what.project,
            hint="What it is grouped by, for example a team or a product.",
            most=60,
        ),
        select_field("source_kind", "Where the idea comes from", words_of(SourceKind), what.source_kind),
        text_field(
            "source_reference",
            "Reference",
            what.source_reference,
            optional=True,
            placeholder="A link, a title, a ticket",
            most=200,
        ),
        text_field(
            what.id_of("tags"),
            "Tags",
            what.tags,
            optional=True,
            placeholder="checkout, copy",
            hint="With commas between. Experiments that share a tag are later read together.",
        ),
        submit=submit,
        about=about,
    )


def _template_field(what: What) -> Block:
    choices = [(BLANK, "Blank: I write everything myself"), *((each.name, each.title) for each in TEMPLATES.values())]
    template = TEMPLATES.get(what.template)
    hint = template.about if template else "A template fills in hypothesis, variants, metrics and guardrails."
    return select_field("template", "Begin with", choices, what.template, hint=hint, live=True)


def _key_field() -> Block:
    return text_field(
        "key",
        "Key",
        optional=True,
        placeholder="bigger-checkout-button",
        hint="A short name for commands: lower-case letters, digits and hyphens. Made from the title when left empty.",
        most=60,
    )


def unknown_template(word: str, near: Template | None) -> Message:
    """The nearest template for a word that names none, and all there are."""
    known = ", ".join(TEMPLATES)
    meant = f" Did you mean {near.name}?" if near else ""
    words = f"There is no template “{said(word, 100)}”.{meant} These are there: {known}."
    choose = [kit.button(f"Begin with {near.name}", "create", near.name, style="primary", scope="near")] if near else []
    return kit.message(
        words, kit.section(words), kit.actions(*choose, kit.button("Begin without one", "create", scope="blank"))
    )
