"""Leaderboards: runs over a dataset, online variants, one entry, none, many, hostile names, extreme numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from experiments.design import Kind
from experiments.pictures.leaderboard import Leaderboard
from tests.experiments.pictures.contests import ACCURACY, COST, Contest, Truth, board_of, contest
from tests.handlers.surfaces.situations import bait

QA = {"dataset": "support-qa", "dataset_version": 3}
CONFIGS: Mapping[str, Mapping[str, Any]] = {
    "large-long": {"model": "sonata-large", "prompt": "long", "prompt_version": 7, **QA},
    "large-short": {"model": "sonata-large", "prompt": "short", "prompt_version": 3, **QA},
    "medium-long": {"model": "sonata-medium", "prompt": "long", "prompt_version": 7, **QA},
    "small-short": {"model": "sonata-small", "prompt": "short", "prompt_version": 3, **QA},
    "open-70b": {"model": "quarry-70b", "prompt": "long", "prompt_version": 7, **QA},
}
TRUTHS = {
    "large-long": Truth(0.871, 9.40, 2_150),
    "large-short": Truth(0.868, 6.10, 1_480),
    "medium-long": Truth(0.842, 3.05, 1_020),
    "small-short": Truth(0.781, 0.62, 410),
    "open-70b": Truth(0.829, 3.90, 1_650),
}


def runs() -> list[Contest]:
    """Three runs over one version of a dataset, and one over the version before it."""
    older = {name: {**config, "dataset_version": 2} for name, config in CONFIGS.items()}
    some = {"large-short": CONFIGS["large-short"], "small-short": CONFIGS["small-short"]}
    return [
        contest("november-run", CONFIGS, TRUTHS, ago=2, seed=5, days=2, per_day=900),
        contest("october-run", some, {name: TRUTHS[name] for name in some}, ago=30, seed=9, days=2, per_day=900),
        contest("september-run", some, {name: TRUTHS[name] for name in some}, ago=60, seed=13, days=2, per_day=900),
        contest("summer-run", older, TRUTHS, ago=150, seed=17, days=2, per_day=900),
    ]


def dataset() -> Leaderboard:
    return board_of(runs())


def online() -> Leaderboard:
    """Prompts in one experiment with real traffic."""
    configs = {
        "control": {"model": "sonata-medium", "prompt": "long", "prompt_version": 7},
        "short": {"model": "sonata-medium", "prompt": "short", "prompt_version": 3},
        "no-examples": {"model": "sonata-medium", "prompt": "no-examples", "prompt_version": 1},
    }
    truths = {"control": Truth(0.61, 3.05, 1_020), "short": Truth(0.64, 2.1, 760), "no-examples": Truth(0.6, 1.4, 800)}
    return board_of([contest("shorter-prompts", configs, truths, kind=Kind.PROMPT_AB, days=11, per_day=600)])


def without_latency() -> Leaderboard:
    """Nothing but quality and cost, one of them without cost."""
    truths = {name: truth for name, truth in TRUTHS.items() if name != "open-70b"}
    configs = {name: CONFIGS[name] for name in truths}
    first = contest("first-run", configs, truths, metrics=(ACCURACY, COST), days=2, per_day=900)
    other = {"open-70b": CONFIGS["open-70b"], "tiny": {"model": "sonata-tiny", **QA}}
    rest = {"open-70b": TRUTHS["open-70b"], "tiny": Truth(0.6, 1, 1)}
    second = contest("second-run", other, rest, metrics=(ACCURACY,), days=2, per_day=900, seed=3)
    return board_of([first, second])


def one() -> Leaderboard:
    configs = {"control": {"model": "sonata-small"}, "other": {}}
    truths = {"control": TRUTHS["small-short"], "other": TRUTHS["large-long"]}
    return board_of([contest("alone", configs, truths)])


def empty() -> Leaderboard:
    return board_of([])


def nameless() -> Leaderboard:
    """Variants that say nothing of what they are."""
    return board_of([contest("silent", {"control": {}, "other": {"temperature": 1}},
                             {"control": TRUTHS["small-short"], "other": TRUTHS["large-long"]})])  # fmt: skip


def too_few() -> Leaderboard:
    """A run of which eleven examples are done."""
    configs = {name: CONFIGS[name] for name in ("large-long", "small-short")}
    return board_of([contest("begun", configs, {name: TRUTHS[name] for name in configs}, days=1, per_day=11)])


def crowded() -> Leaderboard:
    """Eighteen models."""
    configs = {f"model-{place}": {"model": f"candidate-{place:02d}", **QA} for place in range(18)}
    truths = {
        f"model-{place}": Truth(0.6 + 0.015 * place, 0.5 * 1.2**place, 3_000 - 120 * place) for place in range(18)
    }
    return board_of([contest("everything", configs, truths, days=2, per_day=700)])


def hostile() -> Leaderboard:
    """Names and datasets that pretend to be something else."""
    names = (bait(80), "שלום עולם " * 6, "$\\frac{1}{2}$ _a_ 100 %", "🚀" * 20, "a\u200bb\u202ec" * 12)
    configs = {f"arm-{place}": {"model": name, "prompt": [name, {"a": 1}], "dataset": bait(60)} for place, name in
               enumerate(names)}  # fmt: skip
    truths = {f"arm-{place}": Truth(0.5 + 0.04 * place, 1 + place, 100 * (place + 1)) for place in range(5)}
    return board_of([contest("hostile", configs, truths, title=bait(110))])


def extreme() -> Leaderboard:
    """Costs of next to nothing and of a million billions."""
    configs = {f"arm-{place}": {"model": f"model {place}"} for place in range(3)}
    truths = {f"arm-{place}": Truth(0.5, 1e15 * 10.0 ** (-12 * place), 1e-6 * 10**place) for place in range(3)}
    return board_of([contest("extreme", configs, truths)])


EXAMPLES: dict[str, Callable[[], Leaderboard]] = {
    "dataset": dataset,
    "online": online,
    "without-latency": without_latency,
    "one": one,
    "empty": empty,
    "nameless": nameless,
    "too-few": too_few,
    "crowded": crowded,
    "hostile": hostile,
    "extreme": extreme,
}
GOLDEN = ("dataset", "online", "hostile")
