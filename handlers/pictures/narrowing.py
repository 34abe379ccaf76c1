"""Below the pictures of one experiment: which metric, which of several treatments, and where it goes on."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.design import Metric, MetricRole
from handlers.pictures.asked import Asked, Down, Option
from handlers.surfaces.state import target_of

MOST_CHOICES = 100
EVERY = "all"


def metric_option(asked: Asked, metrics: Sequence[Metric]) -> Option:
    """One of these metrics: the primary one unless another is chosen."""
    choices = [(each.key, f"{each.key} ({each.role.words})") for each in metrics[:MOST_CHOICES]]
    primary = next((each.key for each in metrics if each.role is MetricRole.PRIMARY), "")
    return Option("metric", "Metric", choices, asked.pick("metric", choices, primary))


def variant_option(asked: Asked) -> Option:
    """All treatments, or one; there is nothing to choose while there is but one."""
    treatments = [(each.key, each.key) for each in asked.experiment.design.treatments[: MOST_CHOICES - 1]]
    if len(treatments) < 2:
        return Option("variant", "Variant", (), "")
    choices = [(EVERY, "all variants"), *treatments]
    return Option("variant", "Variant", choices, asked.pick("variant", choices, EVERY))


def chosen_variant(option: Option) -> str:
    """The treatment that is chosen, "" for all of them."""
    return "" if option.value == EVERY else option.value


def ways_on(asked: Asked, *charts: tuple[str, str]) -> tuple[Down, ...]:
    """To the results, to the variants, and to these other pictures (words and name) of the experiment."""
    target = target_of(asked.experiment)
    pictures = (Down(words, "chart", f"{name}:{asked.experiment.key}") for words, name in charts)
    return Down("Results", "results", target), Down("Variants", "variants", target), *pictures
