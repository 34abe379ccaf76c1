"""A real Prometheus answers: rates, gaps, names of every kind, and errors in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.connectors.outward import AddressRefused, Outward
from bot.connectors.prometheus import MOST_POINTS, Prometheus, samples_of
from experiments.design import Metric, MetricRole, Variant
from experiments.errors import BadInput
from experiments.policy import Policies, Project
from experiments.sources import DataSource
from tests.bot.connectors.prometheus.server import prometheus
from tests.storage.samples import draft
from tests.worlds import MemoryWorld

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = START + timedelta(hours=1)
SCRAPED = 15
HARMLESS = "control treatment a.c abc a|b .* ^$ {variant} {window} } '\"` é🔥 عربى \u202e".split()
BREAKING = [
    '"} or vector(99) #',
    "' or vector(99) or '",
    "new\nline",
    "back\\slash",
    "\\",
    '\\"',
    " ",
    "tab\there",
    "a\0b",
]
NAMES = [*HARMLESS, *BREAKING]
ERRORS = 'rate(errors_total{variant="{variant}"}[{window}])'
LATENCY = 'latency_seconds{variant="{variant}"}'


def label(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def moments(until: timedelta = timedelta(hours=1)) -> list[int]:
    first = int(START.timestamp())
    return list(range(first, first + int(until.total_seconds()) + 1, SCRAPED))


def made() -> str:
    """An hour: errors at 0.2 and 0.4 a second, a value for every name, one that ends, and some that are no numbers."""
    lines = ["# TYPE errors counter"]
    for variant, each in (("control", 3), ("treatment", 6)):
        lines += [f'errors_total{{variant="{variant}"}} {n * each} {at}' for n, at in enumerate(moments())]
    lines.append("# TYPE latency_seconds gauge")
    for value, variant in enumerate(NAMES):
        lines += [f'latency_seconds{{variant="{label(variant)}"}} {value} {at}' for at in moments()]
    lines.append("# TYPE ending gauge")
    lines += [f'ending{{variant="control"}} 1 {at}' for at in moments(timedelta(minutes=20, seconds=-SCRAPED))]
    lines += [f'ending{{variant="treatment"}} 2 {at}' for at in moments(timedelta(minutes=30, seconds=-SCRAPED))]
    lines.append("# TYPE odd gauge")
    odd = ("1", "NaN", "+Inf", "-Inf", "0")
    lines += [f'odd{{variant="control"}} {odd[n % 5]} {at}' for n, at in enumerate(moments())]
    lines.append("# TYPE pods gauge")
    lines += [f'pods{{variant="control",pod="{pod}"}} 1 {at}' for pod in "ab" for at in moments()]
    return "\n".join([*lines, "# EOF\n"])


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with prometheus(tmp_path_factory.mktemp("prometheus"), openmetrics=made()) as url:
        yield url


@pytest.fixture
def source(address: str) -> Prometheus:
    return Prometheus(f"{address}/", Outward(lambda: ("127.0.0.1",)))


async def test_each_window_has_the_rate_of_its_variant(source: Prometheus) -> None:
    points = await source.series(ERRORS, "treatment", START, HOUR, 120)
    assert [at for at, _ in points] == [START + timedelta(seconds=120 * n) for n in range(1, 31)]
    assert [value for _, value in points] == pytest.approx([0.4] * 30)


async def test_a_window_that_is_not_over_is_left_out(source: Prometheus) -> None:
    points = await source.series(ERRORS, "control", START, START + timedelta(seconds=359), 120)
    assert [at for at, _ in points] == [START + timedelta(seconds=120), START + timedelta(seconds=240)]
    assert await source.series(ERRORS, "control", START, START, 120) == ()


async def test_one_window_has_one_value(source: Prometheus) -> None:
    at = START + timedelta(minutes=30)
    assert await source.value(ERRORS, "control", at, 300) == (at, pytest.approx(0.2))
    assert await source.value(ERRORS, "nobody", at, 300) is None


@pytest.mark.parametrize("query", [LATENCY, "latency_seconds{variant='{variant}'}", LATENCY.replace("=", "=~")])
async def test_every_name_gets_its_own_value(query: str, source: Prometheus) -> None:
    found = [await source.value(query, name, START + timedelta(minutes=5), 60) for name in NAMES]
    assert [point and point[1] for point in found] == list(range(len(NAMES)))


async def test_what_nobody_measured_is_missing_and_no_error(source: Prometheus) -> None:
    assert await source.series(ERRORS, "nobody", START, HOUR, 120) == ()
    assert await source.series(LATENCY, "control", HOUR + timedelta(days=1), HOUR + timedelta(days=2), 120) == ()


async def test_a_value_older_than_its_window_is_missing(source: Prometheus) -> None:
    """By itself Prometheus repeats the last value for five minutes."""
    points = await source.series('ending{variant="{variant}"}', "control", START, HOUR, 60)
    assert points[-1][0] == START + timedelta(minutes=20)
    late = START + timedelta(minutes=21)
    assert await source.value('ending{variant="{variant}"}', "control", late, 60) is None
    assert await source.value('ending{variant="{variant}"}', "control", late, 300) == (late, 1.0)


async def test_what_is_no_number_is_missing_and_never_zero(source: Prometheus) -> None:
    points = await source.series('odd{variant="{variant}"}', "control", START, HOUR, SCRAPED)
    assert len(points) == 96
    assert [value for _, value in points[:4]] == [0, 1, 0, 1]
    assert await source.series(f"0 * {ERRORS} / 0", "control", START, HOUR, 120) == ()


async def test_a_constant_is_a_number_too(source: Prometheus) -> None:
    assert await source.value('scalar(latency_seconds{variant="{variant}"})', "treatment", HOUR, 60) == (HOUR, 1.0)


async def test_samples_are_window_by_window_and_say_which_is_missing(source: Prometheus) -> None:
    queries = {"errors": ERRORS, "ending": 'ending{variant="{variant}"}', "odd": 'odd{variant="{variant}"}'}
    samples = await source.samples(queries, ["control", "treatment"], START, HOUR, 60)
    known = {
        metric: {name: [v for v in found if v == v] for name, found in of.items()} for metric, of in samples.items()
    }
    assert {len(found) for of in samples.values() for found in of.values()} == {60}
    assert {metric: {name: len(found) for name, found in of.items()} for metric, of in known.items()} == {
        "errors": {"control": 60, "treatment": 60},
        "ending": {"control": 20, "treatment": 30},
        "odd": {"control": 24, "treatment": 0},
    }
    assert set(known["ending"]["treatment"]) == {2.0}
    assert [v == v for v in samples["ending"]["control"]] == [True] * 20 + [False] * 40


async def test_an_experiment_is_measured_by_the_prometheus_of_its_project(address: str) -> None:
    made = await draft(MemoryWorld().world)
    metrics = (Metric(key="errors", role=MetricRole.PRIMARY, query=ERRORS), Metric(key="conversion"))
    variants = (Variant(key="control", weight=5_000, is_control=True), Variant(key="treatment", weight=5_000))
    design = made.design.model_copy(update={"metrics": metrics, "variants": variants})
    experiment = made.model_copy(update={"project": "shop", "design": design})
    shop = Project(name="shop", source=DataSource(prometheus=address))
    policies = Policies(projects=(shop,), allowed_hosts=("127.0.0.0/8",))
    samples = await samples_of(experiment, policies, {}, START, HOUR, 120)
    assert samples == {"errors": {"control": pytest.approx((0.2,) * 30), "treatment": pytest.approx((0.4,) * 30)}}
    with pytest.raises(AddressRefused):
        await samples_of(experiment, Policies(projects=(shop,)), {}, START, HOUR, 120)
    assert await samples_of(experiment, Policies(), {}, START, HOUR, 120) == {}
    assert await samples_of(made.model_copy(update={"project": "shop"}), policies, {}, START, HOUR, 120) == {}


async def test_more_windows_than_one_answer_holds_come_in_several(source: Prometheus) -> None:
    query = 'label_replace(vector(time()), "v", "{variant}", "", "")'
    windows = 2 * MOST_POINTS + 5
    points = await source.series(query, "a", START, START + timedelta(seconds=windows), 1)
    first = int(START.timestamp())
    assert [int(value) for _, value in points] == list(range(first + 1, first + windows + 1))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ('pods{variant="{variant}"}', "2 series for the variant control, and one number is wanted. Put sum"),
        ('{__name__=~".+",variant="{variant}"}', "series for the variant control"),
        ('rate(errors_total{variant="{variant}"}[{window}]', "Prometheus cannot answer the query: "),
        ('nosuch(errors_total{variant="{variant}"})', "unknown function"),
        ('errors_total{variant="{variant}"}[{window}]', "Prometheus cannot answer the query: "),
        ('errors_total{variant="{variant}"} + on() pods', "Prometheus cannot answer the query: "),
        ("'{variant}'", "Prometheus cannot answer the query: "),
    ],
)
async def test_a_query_that_gives_no_one_number_is_said_in_words(query: str, words: str, source: Prometheus) -> None:
    with pytest.raises(BadInput) as caught:
        await source.series(query, "control", START, HOUR, 120)
    assert words in caught.value.words
    assert caught.value.field == "query"


async def test_text_is_no_number(source: Prometheus) -> None:
    with pytest.raises(BadInput, match="text or a histogram"):
        await source.value("'{variant}'", "control", START, 60)


async def test_too_many_windows_are_refused_before_anything_is_asked(source: Prometheus) -> None:
    with pytest.raises(BadInput, match="is the most"):
        await source.series(ERRORS, "control", START, START + timedelta(days=30), 1)


async def test_one_inside_the_network_waits_for_an_administrator(address: str) -> None:
    with pytest.raises(AddressRefused, match="an admin can allow it"):
        await Prometheus(address, Outward()).value(ERRORS, "control", HOUR, 60)
