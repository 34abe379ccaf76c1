"""Data: where each project's data are, the form for it with what trying it found, and what may be asked inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.numerals import share
from experiments.permissions import Actor
from experiments.policy import MOST_HOSTS, Policies, Project
from experiments.sources import MOST_SQL, DataSource, Probe, SourceOfData
from handlers.surfaces import kit
from handlers.surfaces.fields import number_field, radio_field, select_field, text_field
from handlers.surfaces.kit import Block, Group, View
from handlers.surfaces.roles_modal import administers
from handlers.surfaces.words import said

KINDS = (
    (SourceOfData.EVENTS.value, "Bunsen: applications send events"),
    (SourceOfData.WAREHOUSE.value, "A warehouse: two tables that are there already"),
)
A_WEEK = 7 * 24 * 60
MOST_HOLDOUT = 50
MOST_NAMES = 40
COLUMNS = {
    "exposures": "A table or one SELECT with experiment, variant, unit and time; phase and segment_… if there are any.",
    "observations": "A table or one SELECT with metric, unit, value and time.",
}
TRYING = "⏳ Trying it: a few rows, a count and an estimate. This takes up to a minute; nothing is saved yet."


def data_modal(policies: Policies, actor: Actor, changed: str = "") -> View:
    """Every project with where its data are; admins of the whole workspace change it."""
    top: list[Block] = [kit.section(f"✅ {changed[:1].upper()}{changed[1:]}")] if changed else []
    may = administers(actor, "")
    if may:
        top.append(kit.actions(kit.button("Another project", "source")))
    names = sorted({each.name for each in policies.projects} | {"general"}, key=str.lower)
    groups = [Group([_entry(policies.project(name), may)]) for name in names if administers(actor, name)]
    who = "It is shown in every request for review." if may else "Admins of the whole workspace change it."
    bottom = [kit.context(f"A project that is not listed has its data in Bunsen's own events. {who}")]
    shown = kit.fit(groups, "project", around=[*top, *bottom], blocks=kit.VIEW_BLOCKS, characters=kit.VIEW_CHARACTERS)
    return kit.modal("data", "Data", *top, *shown, *bottom, about={}, close="Close")


def source_modal(
    project: Project | None,
    names: Sequence[str],
    about: dict[str, Any],
    probe: Probe | None = None,
    trying: bool = False,
) -> View:
    """The form, of a new project also with its name; then the same with what trying it found, to be saved or mended.
    While it is tried only that is said, because what was typed meanwhile would be lost.

    `names` are those of the warehouses there are; `about` comes back with the answers."""
    if trying:
        return kit.modal("source", "Where the data are", kit.section(TRYING), about=about)
    known = project or Project(name="general")
    source = known.source
    problems = dict(probe.problems) if probe else {}
    fields: list[Block] = [radio_field("kind", "The data are with", KINDS, source.kind.value)]
    if "name" in about:
        fields.insert(0, kit.section(f"*{said(known.name, 100)}*"))
    else:
        fields.insert(0, text_field("name", "Project", known.name if project else "", most=60))
    if names:
        choices = [(each, each) for each in names]
        fields.append(_optional(select_field("connection", "Warehouse", choices, source.connection)))
    else:
        told = "No warehouse is set up here. The operator names them in BUNSEN_WAREHOUSES; docs/warehouses.md says how."
        fields.append(kit.context(told))
    fields += [
        *(
            text_field(name, name.capitalize(), value, multiline=True, optional=True, most=MOST_SQL, hint=COLUMNS[name])
            for name, value in (("exposures", source.exposures), ("observations", source.observations))
        ),
        text_field(
            "prometheus",
            "Prometheus",
            source.prometheus,
            optional=True,
            most=300,
            placeholder="https://prometheus.example.com",
            hint="For metrics with a query of their own. Keys are set on the server, never here.",
        ),
        number_field("refresh_minutes", "Minutes between readouts", source.refresh_minutes, least=1, most=A_WEEK),
        number_field(
            "guardrail_minutes",
            "Minutes between looks at guardrails",
            source.guardrail_minutes,
            least=1,
            most=A_WEEK,
            hint="Counts for a warehouse; Bunsen's own events are looked at every two minutes.",
        ),
        number_field(
            "holdout__percent",
            "Percent of all people in no experiment",
            known.holdout / 100,
            least=0,
            most=MOST_HOLDOUT,
            decimal=True,
            hint="The same people in every project with such a share. Changing it moves people in what runs.",
        ),
    ]
    shown = [each for field in fields for each in (field, *_problem(field, problems))]
    left = [each for words in problems.values() for each in _said_of(words)]
    holds = bool(probe and probe.holds)
    return kit.modal(
        "source",
        "Where the data are",
        *_above(probe, left),
        *shown,
        submit="Save" if holds else "Try it",
        about=about,
    )


def hosts_modal(policies: Policies) -> View:
    """The addresses inside the own network that may be asked, one a line."""
    return kit.modal(
        "hosts",
        "Network",
        kit.section(
            "Bunsen asks addresses that people enter, such as a Prometheus. None that leads inside your network is "
            "asked unless it is named here: whoever may enter an address could otherwise look around inside."
        ),
        text_field(
            "hosts",
            "Addresses inside that may be asked",
            "\n".join(policies.allowed_hosts),
            multiline=True,
            optional=True,
            placeholder="prometheus.internal:9090",
            hint=f"One a line, {MOST_HOSTS} at most: a host, a host with its port, an IP address or a network like "
            "10.1.0.0/16.",
        ),
        submit="Save",
        about={"version": policies.version},
    )


def _entry(project: Project, may: bool) -> Block:
    holdout = f"\n{share(project.holdout)} of all people are in no experiment" if project.holdout else ""
    line = f"*{said(project.name, 100)}*\n{said(_where(project.source), 600)}{holdout}"
    return kit.section(line, accessory=kit.button("Change", "source", project.name) if may else None)


def _where(source: DataSource) -> str:
    words = source.words
    guardrails = (
        f"; guardrails every {source.guardrail_minutes} minutes" if source.kind is SourceOfData.WAREHOUSE else ""
    )
    return f"{words[:1].upper()}{words[1:]}{guardrails}"


def _above(probe: Probe | None, left: Sequence[Block]) -> list[Block]:
    """What stands over the fields: that it will be tried, what was found, or that something is wrong."""
    if probe is None:
        return [kit.context("It is tried before it is saved: you see what the tables hold and what asking them costs.")]
    if probe.problems:
        return [kit.section("⚠️ It does not hold yet, so nothing was saved."), *left]
    lines = [f"*{said(name, 100)}*: {said(words, 500)}" for name, words in probe.found.items()]
    return [kit.section("✅ It holds. Look whether this is what you expect, then save it.", *lines)]


def _problem(field: Block, problems: dict[str, str]) -> list[Block]:
    """What is wrong with this field, below it; what is left in `problems` belongs to no field here."""
    words = problems.pop(str(field.get("block_id", "")).partition("__")[0], "")
    return _said_of(words) if words else []


def _said_of(words: str) -> list[Block]:
    return [kit.context(f"⚠️ {said(words, 1_000)}")]


def _optional(field: Block) -> Block:
    return {**field, "optional": True}
