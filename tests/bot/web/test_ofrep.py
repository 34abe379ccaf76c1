"""OFREP as its contract has it: values, reasons, errors, the bulk answer and its ETag, and who was exposed."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.exposures import Exposures
from bot.traffic import Snapshot
from bot.web.ofrep import Ofrep
from experiments.commands import (
    AdvanceRollout,
    ConfigureTraffic,
    CreateExperiment,
    PauseExperiment,
    ResumeExperiment,
    RollBack,
    SetTesters,
)
from experiments.execute import change_policies, execute
from experiments.policy import Project, SetProject
from experiments.ports import World
from experiments.targeting import Condition, Exclusion, Operator
from tests.bot.web.applications import (
    BOSS,
    FLAG,
    Application,
    Counter,
    approve,
    arms,
    asked,
    begin,
    end,
    issue,
    people,
    plane_of,
    roll_out,
)
from tests.worlds import ADA, MONDAY

CONTRACT = Path(__file__).resolve().parents[3].parent / "shared" / "contracts" / "ofrep-openapi.yaml"
IN_GERMANY = (Condition(attribute="country", operator=Operator.IS, values=("DE",)),)


class Desk:
    """The data plane of a world as it is now, and an application of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.counter = Counter()
        self.snapshot = Snapshot()
        self.plane = plane_of(self.snapshot, world, self.counter)
        self.app = Application(self.plane)

    async def told(self, key: str, targeting_key: str | None = "ann", **attributes: Any) -> dict[str, Any]:
        """The answer about a flag after the newest change."""
        await self.snapshot.refresh(self.world)
        answer = await self.app.asks(key, targeting_key, **attributes)
        conforms(answer)
        said: dict[str, Any] = answer.json()
        return said

    async def why(self, key: str, targeting_key: str | None = "ann", **attributes: Any) -> tuple[str, str, str, bool]:
        said = await self.told(key, targeting_key, **attributes)
        return said["variant"], said["reason"], said["metadata"]["why"], said["metadata"]["exposed"]


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


@cache
def schema(name: str) -> Draft202012Validator:
    """What holds an answer against a schema of the contract.

    Where the contract offers kinds of values as alternatives it says that exactly one fits, but every value fits its
    `codeDefaultFlag` too, and every whole number is a float: read it as that one fits at least.
    """
    text = CONTRACT.read_text().replace("oneOf:", "anyOf:")
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", **yaml.safe_load(text)})


def conforms(answer: httpx.Response, *, bulk: bool = False) -> None:
    """The answer is what the contract promises for its status."""
    assert answer.headers["content-type"] == "application/json"
    if not CONTRACT.exists():
        pytest.skip("OFREP's contract is not beside this checkout (shared/contracts/ofrep-openapi.yaml)")
    single = {200: "serverEvaluationSuccess", 400: "evaluationFailure", 404: "flagNotFound"}
    name = {200: "bulkEvaluationSuccess", 400: "bulkEvaluationFailure"}[answer.status_code] if bulk else None
    schema(name or single[answer.status_code]).validate(answer.json())


@pytest.mark.parametrize(
    ("control", "treatment", "sent"),
    [
        (False, True, b'"value":true'),
        ("small", "große 🐘", '"value":"große 🐘"'.encode()),
        (1, 2, b'"value":2'),
        (1.0, 2.0, b'"value":2.0'),
        (1, 2.5, b'"value":2.5'),
    ],
)
async def test_a_value_keeps_its_type(control: Any, treatment: Any, sent: bytes, desk: Desk) -> None:
    await begin(desk.world, "price", variants=arms(control, treatment, weight=10_000))
    said = await desk.told("price")
    assert said["value"] == treatment
    assert type(said["value"]) is type(treatment)
    assert sent in (await desk.app.asks("price")).content


async def test_other_configuration_is_an_object_and_none_is_the_name(desk: Desk) -> None:
    plain, (control, treatment) = arms(weight=10_000), arms(weight=10_000)
    model = treatment.model_copy(update={"config": {"model": "gpt", "temperature": 1.0}})
    await begin(desk.world, "which-model", variants=(control, model))
    await begin(desk.world, "which-name", variants=plain)
    assert (await desk.told("which-model"))["value"] == {"model": "gpt", "temperature": 1.0}
    assert (await desk.told("which-name"))["value"] == "treatment"


async def test_an_answer_tells_all_about_itself(desk: Desk) -> None:
    await begin(desk.world, "price", variants=arms(weight=10_000))
    assert await desk.told("price") == {
        "key": "price",
        "value": "treatment",
        "variant": "treatment",
        "reason": "SPLIT",
        "metadata": {"experiment": "price", "project": "general", "phase": 1, "exposed": True, "why": "assigned"},
    }


async def test_every_stage_serves_what_it_promises(desk: Desk) -> None:
    world, all_treatment = desk.world, arms(weight=10_000)
    nothing = {"key": "price", "errorCode": "FLAG_NOT_FOUND"}
    at_rest = ("control", "DISABLED", "not_serving", False)
    at_work = ("treatment", "SPLIT", "assigned", True)
    assert (await desk.told("price")).items() >= nothing.items()
    await execute(CreateExperiment(key="draft", title="Draft"), ADA, world)
    assert (await desk.told("draft"))["errorCode"] == "FLAG_NOT_FOUND"
    await approve(world, "other", variants=all_treatment)
    assert await desk.why("other") == at_rest
    await begin(world, "price", variants=all_treatment)
    assert await desk.why("price") == at_work
    await execute(PauseExperiment(key="price"), ADA, world)
    assert await desk.why("price") == at_rest
    await execute(ResumeExperiment(key="price"), ADA, world)
    assert await desk.why("price") == at_work
    await execute(ConfigureTraffic(key="price", weights={"control": 10_000, "treatment": 0}), ADA, world)
    assert await desk.why("price") == ("control", "SPLIT", "assigned", True)
    await roll_out(world, "price", (4_000, 10_000))
    shares = [await desk.why("price", who) for who, _ in zip(people(), range(400), strict=False)]
    assert 100 < sum(each == at_work for each in shares) < 220
    assert set(shares) == {at_work, ("control", "SPLIT", "assigned", True)}
    await execute(AdvanceRollout(key="price", stage=0), ADA, world)
    assert await desk.why("price") == at_work
    assert (await desk.told("price"))["metadata"]["phase"] == 4
    await execute(RollBack(key="price"), ADA, world)
    assert await desk.why("price") == at_rest


async def test_reasons_tell_why_somebody_does_not_take_part(desk: Desk) -> None:
    world, all_treatment = desk.world, arms(weight=10_000)
    await begin(world, "in-germany", variants=all_treatment, audience=IN_GERMANY)
    await begin(world, "a-few", variants=all_treatment, exposure=1)
    await begin(world, "grouped", variants=all_treatment, exclusion=Exclusion(group="shop", first=0, share=1))
    assert await desk.why("in-germany", country="DE") == ("treatment", "SPLIT", "assigned", True)
    assert await desk.why("in-germany", country="FR") == ("control", "STATIC", "not_targeted", False)
    assert await desk.why("in-germany") == ("control", "STATIC", "not_targeted", False)
    assert await desk.why("a-few") == ("control", "STATIC", "not_exposed", False)
    assert await desk.why("grouped") == ("control", "STATIC", "other_experiment", False)
    await execute(SetTesters(key="a-few", overrides={"ann": "treatment"}), ADA, world)
    assert await desk.why("a-few") == ("treatment", "TARGETING_MATCH", "tester", False)
    await change_policies(SetProject(project=Project(name="general", holdout=5_000)), BOSS, world)
    held = [await desk.why("in-germany", who, country="DE") for who, _ in zip(people(), range(100), strict=False)]
    assert 25 < held.count(("control", "STATIC", "holdout", False)) < 75


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "PARSE_ERROR"),
        (b"{", "PARSE_ERROR"),
        (b'{"context": {"targetingKey": "ann"}} x', "PARSE_ERROR"),
        (b'\xef\xbb\xbf{"context": {"targetingKey": "ann"}}', "PARSE_ERROR"),
        (b'{"context": {"targetingKey": "\xff"}}', "PARSE_ERROR"),
        (b'{"context": {"targetingKey": "\\ud800"}}', "PARSE_ERROR"),
        (b'{"context": {"targetingKey": "ann", "age": NaN}}', "PARSE_ERROR"),
        (b'{"context": {"targetingKey": "ann", "x": ' + b"[" * 50_000 + b"]" * 10_000, "PARSE_ERROR"),
        (b"[]", "INVALID_CONTEXT"),
        (b"{}", "INVALID_CONTEXT"),
        (b'{"context": null}', "INVALID_CONTEXT"),
        (b'{"context": "ann"}', "INVALID_CONTEXT"),
        (b'{"context": {"targetingKey": "ann", "age": 1e999}}', "INVALID_CONTEXT"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused_in_words(body: bytes, code: str, desk: Desk) -> None:
    await begin(desk.world, "price")
    await desk.snapshot.refresh(desk.world)
    for path, bulk in (("/price", False), ("", True)):
        answer = await desk.app.http.post(f"/ofrep/v1/evaluate/flags{path}", content=body)
        assert answer.status_code == 400
        assert answer.json()["errorCode"] == code
        assert "targetingKey" in answer.json()["errorDetails"]
        conforms(answer, bulk=bulk)
    assert desk.plane.errors == 2


@pytest.mark.parametrize(
    ("targeting_key", "code"),
    [
        (None, "TARGETING_KEY_MISSING"),
        ("", "TARGETING_KEY_MISSING"),
        (7, "INVALID_CONTEXT"),
        ({"id": "ann"}, "INVALID_CONTEXT"),
        ("a" * 201, "INVALID_CONTEXT"),
    ],
)
async def test_without_a_targeting_key_only_what_everybody_gets_is_answered(
    targeting_key: Any, code: str, desk: Desk
) -> None:
    await begin(desk.world, "running")
    await approve(desk.world, "waiting")
    assert (await desk.told("running", targeting_key)).items() >= {"key": "running", "errorCode": code}.items()
    assert (await desk.told("waiting", targeting_key))["reason"] == "DISABLED"
    answer = await desk.app.asks_all(targeting_key)
    assert answer.status_code == 200
    conforms(answer, bulk=True)
    running, waiting = answer.json()["flags"]
    assert running["errorCode"] == code
    assert waiting["value"] == "control"
    assert desk.counter.exposures == []


async def test_another_project_is_as_if_it_were_not_there(desk: Desk) -> None:
    await begin(desk.world, "price")
    await begin(desk.world, "theirs", project="payments")
    other = Application(desk.plane, "bun_" + "o" * 43)
    await issue(desk.world, "bun_" + "o" * 43, project="payments")
    there, nowhere = [await desk.told(key) for key in ("theirs", "nowhere")]
    assert there == {**nowhere, "key": "theirs"}
    assert (await other.asks("theirs")).status_code == 200
    assert (await other.asks("price")).status_code == 404
    assert [each["key"] for each in (await other.asks_all()).json()["flags"]] == ["theirs"]
    assert [each["key"] for each in (await desk.app.asks_all()).json()["flags"]] == ["price"]


async def test_all_flags_are_answered_as_single_ones_are(desk: Desk) -> None:
    for key in ("one", "two", "three"):
        await begin(desk.world, key)
    await approve(desk.world, "four")
    single = {key: await desk.told(key) for key in ("four", "one", "three", "two")}
    answer = await desk.app.asks_all()
    conforms(answer, bulk=True)
    assert answer.json() == {"flags": [single[key] for key in sorted(single)]}


async def test_what_somebody_has_already_is_not_sent_again(desk: Desk) -> None:
    await begin(desk.world, "one", variants=arms(weight=5_000), audience=IN_GERMANY)
    await begin(desk.world, "theirs", project="payments")
    await desk.snapshot.refresh(desk.world)
    etag = (await desk.app.asks_all(country="DE")).headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}'):
        again = await desk.app.asks_all(etag=known, country="DE")
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert (await desk.app.asks_all(etag=etag, country="FR")).status_code == 200
    assert (await desk.app.asks_all(etag='"other"', country="DE")).status_code == 200
    await end(desk.world, "theirs")
    await desk.snapshot.refresh(desk.world)
    assert (await desk.app.asks_all(etag=etag, country="DE")).status_code == 304
    await execute(RollBack(key="one"), ADA, desk.world)
    await desk.snapshot.refresh(desk.world)
    changed = await desk.app.asks_all(etag=etag, country="DE")
    assert changed.json()["flags"][0]["reason"] == "DISABLED"


async def test_replicas_agree_on_the_etag(desk: Desk) -> None:
    for key in ("one", "two", "three"):
        await begin(desk.world, key)
        await desk.snapshot.refresh(desk.world)
    other = Desk(desk.world)
    await other.snapshot.refresh(desk.world)
    first, second = await desk.app.asks_all(), await other.app.asks_all()
    assert first.headers["etag"] == second.headers["etag"]


async def test_many_flags_are_all_answered(desk: Desk) -> None:
    await begin(desk.world, "one")
    await desk.snapshot.refresh(desk.world)
    flag = desk.snapshot.flags("general")[0].flag
    for number in range(600):
        desk.snapshot._put(replace(flag, key=f"flag-{number:03}"))
    keys = [each["key"] for each in (await desk.app.asks_all()).json()["flags"]]
    assert len(keys) == 601
    assert keys == sorted(keys)
    assert desk.plane.evaluations == 601


async def test_an_exposure_is_recorded_once_an_hour_where_one_happened(desk: Desk) -> None:
    await begin(desk.world, "price", variants=arms(weight=10_000))
    await begin(desk.world, "in-germany", audience=IN_GERMANY)
    await approve(desk.world, "waiting")
    for _ in range(3):
        await desk.told("price", "ann", country="FR", nested={"a": 1})
        await desk.told("in-germany", "ann", country="FR")
        await desk.told("waiting", "ann")
    await desk.told("price", "bo")
    await desk.app.asks_all("chen")
    first, second = desk.counter.exposures
    assert first == ("general", "price", 1, "treatment", "ann", {"country": "FR"}, MONDAY)
    assert second.unit == "bo"
    await execute(ConfigureTraffic(key="price", weights={"control": 5_000, "treatment": 5_000}), ADA, desk.world)
    await desk.told("price", "ann")
    assert desk.counter.exposures[-1].phase == 2


def test_exposures_are_remembered_for_an_hour_and_not_without_end() -> None:
    moment, counter = [0.0], Counter()
    exposures = Exposures(counter, lambda: MONDAY, clock=lambda: moment[0], most=2)

    def saw(unit: str) -> int:
        exposures.saw(FLAG, "treatment", unit, {})
        return len(counter.exposures)

    assert [saw("a"), saw("a"), saw("b"), saw("a")] == [1, 1, 2, 2]
    moment[0] = 3599
    assert saw("a") == 2
    moment[0] = 3600
    assert [saw("a"), saw("a")] == [3, 3]
    assert [saw("c"), saw("a"), saw("b")] == [4, 4, 5]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200) | JSON.map(lambda each: json.dumps(each).encode())
       | JSON.map(lambda each: json.dumps({"context": each}).encode())
       | st.dictionaries(st.text(), JSON).map(lambda each: json.dumps(asked("ann", each)).encode()))  # fmt: skip
async def test_whatever_is_sent_is_answered(body: bytes, answering: Ofrep) -> None:
    answer = answering.one("general", "price", body)
    told = json.loads(answer.content)
    assert answer.status in (200, 400)
    assert told["key"] == "price"
    assert (await answering.all("general", body)).status in (200, 400)


@pytest.fixture
async def answering(desk: Desk) -> Ofrep:
    await begin(desk.world, "price", audience=IN_GERMANY)
    await desk.snapshot.refresh(desk.world)
    return Ofrep(desk.snapshot, Exposures(Counter(), desk.world.now))
