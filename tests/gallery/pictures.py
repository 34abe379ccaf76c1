"""Every picture with its words, filters and ways on; and the menus of pictures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from charts import NAMES, describe
from experiments.model import Experiment, Status
from handlers.pictures.asked import Down, Found, Option
from handlers.pictures.shelf import SHELF
from handlers.surfaces.chart import Chart, chart, pictures_menu
from handlers.surfaces.kit import Message, Picture, View
from tests.charts.pictures import EXAMPLES
from tests.handlers.surfaces.situations import bait, experiment, hostile

METRIC = Option("metric", "Metric", (("conversion", "conversion"), ("revenue", "revenue")), "revenue")
MANY = Option(
    "variant", "Variant", tuple((f"variant-{place}", f"variant {place}") for place in range(140)), "variant-130"
)


def shown(name: str, example: str, subject: Experiment | None, *options: Option) -> Message:
    """The picture as it is posted."""
    data = EXAMPLES[name][example]()
    of_one = bool(SHELF[name].statuses)
    others = [(each, source.words) for each, source in SHELF.items() if bool(source.statuses) is of_one]
    target = f"{subject.key}@1" if subject else ""
    down = (Down("Results", "results", target), Down("Segments", "chart", f"segments:{subject.key}")) if subject else ()
    picture = Picture(name, data, describe(name, data))
    return chart(Chart(name, Found(data, options, down), picture, timedelta(minutes=10), others, subject))


def messages() -> Iterator[tuple[str, Message]]:
    running = experiment(Status.RUNNING)
    for name in NAMES:
        subject = running if SHELF[name].statuses else None
        yield f"chart {name}", shown(name, next(iter(EXAMPLES[name])), subject, METRIC)
        for example in EXAMPLES[name]:
            if example in ("hostile", "extreme"):
                nasty = Option("tag", "Tag", (("one", bait(75)), ("two", "x" * 300), ("y" * 200, "too long")), "two")
                yield (
                    f"chart {name} {example}",
                    shown(name, example, hostile(Status.RUNNING) if subject else None, nasty, MANY),
                )
    of_one = [(name, each.words) for name, each in SHELF.items() if each.statuses]
    of_all = [(name, each.words) for name, each in SHELF.items() if not each.statuses]
    yield "pictures menu", pictures_menu(of_one, of_all)
    yield (
        "pictures of an experiment",
        pictures_menu([(f"{name}:{running.key}", words) for name, words in of_one], of_all, running),
    )
    yield "pictures of a hostile one", pictures_menu(of_one, of_all, hostile(Status.RUNNING))


def views() -> Iterator[tuple[str, View]]:
    yield from ()
