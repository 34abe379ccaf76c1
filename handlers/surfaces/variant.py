"""The level below an experiment: its variants, one of them, the checks of its data, its segments."""

from __future__ import annotations

import json

from charts import wording
from experiments.checks import CHECKS, EFFECT_CHECKS
from experiments.design import Variant
from experiments.model import Experiment
from experiments.numerals import share
from experiments.readout import Comparison, Readout
from handlers.surfaces import kit
from handlers.surfaces.breadcrumbs import trail, ways_up
from handlers.surfaces.kit import Block, Group, Message
from handlers.surfaces.readings import SEVERITIES, comparison_lines, segment_lines
from handlers.surfaces.state import target_of
from handlers.surfaces.words import moment, said

CHECKED = {
    "sample_ratio": "The units fall on the variants as planned",
    "multiple_exposure": "No unit was in two variants",
    "no_data": "Every metric arrives from every variant",
    "stale_data": "The data are fresh",
    "unexpected_units": "Only variants with traffic have units",
    "pre_exposure_bias": "The groups were alike beforehand",
    "skew": "No metric is too lopsided for its intervals",
    "outliers": "No single unit makes up a large part of a metric",
    "minimum_run_time": "It has run long enough for a verdict",
    "minimum_units": "There are enough units for a verdict",
    "partial_period": "Whole days and all variants are reported",
    "changed_effect": "The effect stayed the same",
    "novelty": "The effect does not wear off",
}
MOST_CONFIG = 1200


def variants(experiment: Experiment, readout: Readout) -> Message:
    """Every variant with its sample and split; a button leads to each."""
    words = f"Variants of {said(experiment.title, 200)}"
    around = [trail(experiment, "variants"), kit.actions(*_across(readout, "variants"), *ways_up(experiment, "x"))]
    groups = [
        Group([kit.section(*_sample(each, readout), accessory=_look(experiment, each))])
        for each in experiment.design.variants
    ]
    return kit.message(words, around[0], *kit.fit(groups, "variant", around=around), around[1], _footer(readout))


def variant(experiment: Experiment, readout: Readout, key: str) -> Message:
    """Its sample and split, what it is, each metric against control, and what the checks say of it."""
    [chosen] = [each for each in experiment.design.variants if each.key == key]
    words = f"{said(key, 80)} of {said(experiment.title, 200)}"
    head: list[Block] = [trail(experiment, key), kit.section(*_sample(chosen, readout))]
    if chosen.config:
        head.append(kit.prose("Configuration", json.dumps(chosen.config, ensure_ascii=False, indent=1), MOST_CONFIG))
    tail = [
        kit.section("*Anomalies and checks*", *_findings(readout, key)),
        kit.actions(*ways_up(experiment, key)),
        _footer(readout),
    ]
    groups = [Group([kit.section(*lines)]) for lines in _metrics(chosen, readout)]
    return kit.message(words, *head, *kit.fit(groups, "metric", around=[*head, *tail]), *tail)


def health(experiment: Experiment, readout: Readout) -> Message:
    """Every check with what it found; what it could not look at is not called sound."""
    found = {finding.code: finding for finding in readout.findings}
    bad = [f"{SEVERITIES[each.severity]}: {said(each.words, 600)}" for each in readout.findings]
    has_data = sum(readout.units.values()) > 0
    looked = [each.__name__ for each in (*CHECKS, *(() if readout.blocked or readout.is_early else EFFECT_CHECKS))]
    good = [f"✅ {CHECKED[code]}" for code in looked if has_data and code not in found and code in CHECKED]
    clean = "Nothing was found that speaks against them." if has_data else "There are no data to look at yet."
    return kit.message(
        f"Health of the data of {said(experiment.title, 200)}",
        trail(experiment, "health"),
        kit.section("*Health of the data*", *(bad or [clean])),
        *([kit.section("*Looked at, nothing found*", *good)] if good else []),
        kit.actions(*_across(readout, "health"), *ways_up(experiment, "x")),
        _footer(readout),
    )


def segments(experiment: Experiment, readout: Readout) -> Message:
    """The effect by segment, exploratory; or why there is none to show."""
    around = [trail(experiment, "segments"), kit.actions(*_across(readout, "segments"), *ways_up(experiment, "x"))]
    if readout.is_early or readout.blocked or not readout.segments:
        groups = [Group([kit.section(_why_none(readout))], 0)]
    else:
        groups = [Group([kit.section(*segment_lines(each))]) for each in readout.segments]
    return kit.message(
        f"Segments of {said(experiment.title, 200)}",
        around[0],
        *kit.fit(groups, "segment", around=around),
        around[1],
        _footer(readout),
    )


def levels(readout: Readout) -> Block:
    """The buttons below a readout that lead a level down."""
    return kit.actions(*_across(readout, ""))


def _across(readout: Readout, here: str) -> list[Block]:
    places = (("variants", "Variants"), ("health", "Health"), ("segments", "Segments"), ("pictures", "Pictures"))
    return [kit.button(label, verb, f"{readout.key}@") for verb, label in places if verb != here]


def _why_none(readout: Readout) -> str:
    if readout.is_early:
        return "It is too early to tell segments apart; nothing is said about effects before the minimum run time."
    if readout.blocked:
        return f"No lift is shown, so none by segment either: {said(readout.blocked.words, 600)}"
    return "No segments are measured. Rows of data may name one, like country=DE."


def _sample(each: Variant, readout: Readout) -> list[str]:
    """Its name, how many units it has, and which share of all, beside the planned one."""
    role = " (control)" if each.is_control and each.key != "control" else ""
    lines = [f"*{said(each.key, 80)}*{role}"]
    total, n = sum(readout.units.values()), readout.units.get(each.key, 0)
    planned = readout.weights.get(each.key, 0)
    if readout.weights and not planned:
        lines.append("gets no traffic now")
    elif not total:
        lines.append("no units yet")
    else:
        lines.append(f"{n:,} units · {wording.percent(n / total)} of all, {share(planned)} planned")
    return [*lines, said(each.description, 200)] if each.description else lines


def _look(experiment: Experiment, each: Variant) -> Block:
    return kit.button("Look", "variant", target_of(experiment, each.key))


def _metrics(chosen: Variant, readout: Readout) -> list[list[str]]:
    """Each metric of the variant: of a treatment against control, of control its own means."""
    if readout.blocked:
        return [[f"No metric is shown: {said(readout.blocked.words, 600)}"]]
    if chosen.is_control:
        firsts: dict[str, Comparison] = {}
        for each in readout.comparisons:
            firsts.setdefault(each.metric, each)
        return [[_own(each)] for each in firsts.values()] or [["No metric has arrived yet."]]
    mine = [each for each in readout.comparisons if each.treatment.variant == chosen.key]
    return [comparison_lines(each, readout) for each in mine] or [["No metric has arrived yet."]]


def _own(each: Comparison) -> str:
    mean = "no number" if each.control.mean is None else wording.mean(each.control.mean, each.kind)
    head = f"*{said(each.metric, 80)}* ({each.role.words})"
    return f"{head} · {mean} {said(each.unit, 80)} (n\u00a0=\u00a0{each.control.n:,})"


def _findings(readout: Readout, key: str) -> list[str]:
    """What the checks found of this variant first, then of the whole experiment."""
    about_it = [each for each in readout.findings if key in each.words]
    others = [each for each in readout.findings if each not in about_it]
    lines = [f"{SEVERITIES[each.severity]}: {said(each.words, 500)}" for each in about_it]
    if not sum(readout.units.values()):
        return lines or ["Nothing to check yet: there are no data."]
    lines += [f"Of the whole experiment: {said(each.words, 300)}" for each in others]
    return lines or ["✅ Nothing found that speaks against its data."]


def _footer(readout: Readout) -> Block:
    return kit.context(f"Readout {readout.number:,} of {readout.key} · as of {moment(readout.as_of)}")
