"""`bunsen analyze`: the same readout of every layout and format, words, exit codes, JSON and pictures."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_type_hints

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import analyze, cli
from bot.calculations import analyze_
from bot.pictured import PICTURES
from bot.reports.document import schema
from experiments.readout import VerdictStatus
from tests.bot.shell import bunsen
from tests.experiments.intake.files import DEFAULT, long_file, parquet_like, taken, two_arms_file

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "analyze.md").read_text()
EXAMPLE = PAGE.split("```csv\n")[1].split("```")[0]
HEADER = "variant,metric,n,mean,variance"
SHIP = f"{HEADER}\ncontrol,orders,50000,0.10,0.09\ntreatment,orders,50000,0.12,0.1056\n"
WORSE = f"{HEADER}\ncontrol,orders,50000,0.12,0.1056\ntreatment,orders,50000,0.10,0.09\n"
UNCLEAR = f"{HEADER}\ncontrol,orders,50000,0.10,0.09\ntreatment,orders,50000,0.1001,0.09\n"
BROKEN = f"{HEADER}\ncontrol,orders,50000,0.10,0.09\ntreatment,orders,40000,0.12,0.1056\n"


def on_day(day: int, content: str) -> str:
    header, *rows = content.strip().splitlines()
    return "\n".join([f"{header},time", *(f"{row},{day}" for row in rows)])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def file_of(content: str | bytes, name: str = "shop.csv") -> str:
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def document(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bunsen("analyze", *arguments, "--json").stdout, parse_constant=pytest.fail)
    jsonschema.validate(found, schema())
    return found


@pytest.mark.parametrize(
    ("content", "options", "code", "words"),
    [
        (SHIP, (), 0, "SHIP: Ship treatment: it raises orders by 20.0 %"),
        (SHIP, ("--control", "treatment"), 10, "ROLL BACK"),
        (SHIP, ("--direction", "orders=down"), 10, "ROLL BACK"),
        (WORSE, (), 10, "ROLL BACK: Roll back: treatment lowers orders by 16.7 %"),
        (UNCLEAR, (), 11, "REVIEW: The planned 14 days are over and the rule does not settle it"),
        (UNCLEAR, ("--rule", "do-no-harm"), 0, "nothing got worse"),
        (UNCLEAR + "control,errors,50000,1,1\ntreatment,errors,50000,2,1\n",
         ("--rule", "do-no-harm", "--guardrail", "errors", "--direction", "errors=down"), 11, "✕ breached"),
        (BROKEN, (), 12, "UNHEALTHY: No lift is shown"),
        (BROKEN, ("--weights", "50000,40000"), 0, "SHIP"),
        (BROKEN, ("--weights", "treatment=4,control=5"), 0, "SHIP"),
        (on_day(5, UNCLEAR), ("--planned-days", "14"), 13, "DAYS LEFT"),
        (on_day(5, SHIP), ("--planned-days", "14", "--method", "fixed"), 13, "Monitoring only"),
        (on_day(5, SHIP), ("--planned-days", "14"), 0, "day 5 of 14"),
        (SHIP, ("--method", "welch"), 0, "if this is the only look"),
        (SHIP, ("--method", "group-sequential", "--correction", "bh", "--alpha", "0.01"), 0, "99 % intervals"),
    ],
)  # fmt: skip
def test_the_verdict_is_the_exit_code(content: str, options: tuple[str, ...], code: int, words: str) -> None:
    result = bunsen("analyze", file_of(content), *options)
    assert result.exit_code == code, result.output
    assert words in " ".join(result.stdout.split())
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_one_variant_alone_is_no_data() -> None:
    result = bunsen("analyze", file_of(f"{HEADER}\ncontrol,orders,50000,0.10,0.09\n"))
    assert (result.exit_code, result.stdout) == (13, "")
    assert "shop has no variant but control, so there is nothing to compare." in result.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--control", "nobody"), "--control: there is no nobody; there is control and treatment."),
        (("--control", "!!"), "--control: the name “!!” cannot be a key"),
        (("--primary", "clicks"), "--primary: there is no clicks; there is orders."),
        (("--guardrail", "clicks=2%"), "--guardrail: there is no clicks"),
        (("--guardrail", "orders=much"), "--guardrail: “much” is not a number"),
        (("--guardrail", "orders=-2%"), "--guardrail: “-2%” is below 0"),
        (("--guardrail", "=2%"), "--guardrail: “=2%” is not of the form NAME=VALUE."),
        (("--direction", "clicks=down"), "--direction: there is no clicks"),
        (("--direction", "orders=left"), "--direction: “left” is neither up nor down."),
        (("--direction", "orders"), "--direction: “orders” is not of the form NAME=VALUE."),
        (("--direction", "orders=up", "--direction", "orders=down"), "--direction: orders is given twice."),
        (("--weights", "50"), "--weights: “50” is not a weight for each of at least two variants"),
        (("--weights", "50,x"), "--weights: “x” is not a number"),
        (("--weights", "1,1,1"), "--weights: shop has 2 variants: control and treatment."),
        (("--weights", "control=1,blue=1"), "The weights are those of control and blue"),
        (("--experiment", "cart"), "--experiment: there is no cart; there is shop."),
        (("--method", "guess"), "guess"),
        (("--alpha", "0.9"), "--alpha"),
        (("--planned-days", "0"), "--planned-days"),
    ],
)
def test_wrong_use_is_refused_in_words(options: tuple[str, ...], words: str) -> None:
    result = bunsen("analyze", file_of(SHIP), *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_a_control_nobody_can_guess_has_to_be_said() -> None:
    content = SHIP.replace("control", "blue").replace("treatment", "green")
    refused = bunsen("analyze", file_of(content))
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "Which variant is the control? Say one of blue and green." in refused.stderr
    assert bunsen("analyze", file_of(content), "--control", "blue").exit_code == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "shop.csv is empty."),
        (HEADER.encode(), "no rows below its first line"),
        (b"\x00\x01\x02" * 1000, "lacks the columns"),
        (b"PK\x03\x04....", "This is a spreadsheet or archive"),
        (b"\x1f\x8b....", "This file is compressed"),
        (b"\xff\xfeu\x00n\x00", "This text is UTF-16"),
        (b"PAR1garbage", "cannot be read as Parquet: it is damaged or cut off"),
        (b"x," * 40_000, "a line of more than 65,536 characters"),
        (b'"variant,metric\n', "The first line of shop.csv cannot be read"),
        (f"{HEADER},mean\n".encode(), "has the column mean twice"),
        (f"{SHIP}control,age,10,NaN,1\n".encode(), "line 4: mean “NaN” is not a finite number"),
        (f"{SHIP}control,age,10,1,-1\n".encode(), "line 4: variance -1 is negative"),
        (f'{SHIP}control,"age,10,1,1\n'.encode(), "line 4: a quotation mark is not closed"),
        (b"unit,variant,orders\nu1,control,1\nu1,control,1\n", "line 3: unit “u1” appears twice"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(content: bytes, words: str) -> None:
    result = bunsen("analyze", file_of(content))
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr


def test_a_gigabyte_is_refused_before_it_is_read() -> None:
    with Path("large.csv").open("wb") as file:
        file.truncate(1 << 30)
    result = bunsen("analyze", "large.csv")
    assert result.exit_code == 1
    assert "large.csv has 1 GB; at most 256 MB can be read at once." in result.stderr


def test_a_file_that_is_not_there_is_said_to_be_so() -> None:
    result = bunsen("analyze", "nowhere.csv")
    assert (result.exit_code, result.stderr) == (1, "nowhere.csv cannot be read: No such file or directory.\n")
    assert bunsen("analyze", ".").exit_code == 1


def test_bad_rows_can_be_left_out_and_are_listed() -> None:
    result = bunsen("analyze", file_of(f"{SHIP}control,age,10,NaN,1\n"), "--skip-bad-rows")
    assert result.exit_code == 0
    assert "left out: line 4: mean “NaN” is not a finite number" in result.stderr
    found = document(file_of(f"{SHIP}control,age,10,NaN,1\n"), "--skip-bad-rows")
    assert found["left_out"] == [
        {"place": "line", "number": 4, "column": "mean", "reason": "“NaN” is not a finite number"}
    ]


def test_standard_input_is_a_file() -> None:
    result = bunsen("analyze", "-", given=SHIP.encode())
    assert result.exit_code == 0
    assert result.stdout.startswith("experiment: day 14 of 14")


def several(*contents: str) -> str:
    lines = [f"experiment,{HEADER}"]
    for number, content in enumerate(contents):
        lines += [f"test-{number},{line}" for line in content.strip().splitlines()[1:]]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("contents", "code"),
    [
        ((SHIP, UNCLEAR, BROKEN, WORSE), 10),
        ((SHIP, UNCLEAR, BROKEN), 12),
        ((SHIP, UNCLEAR), 11),
        ((SHIP, f"{HEADER}\ncontrol,orders,50000,0.1,0.09"), 13),
        ((SHIP, SHIP), 0),
    ],
)
def test_of_several_experiments_the_worst_counts(contents: tuple[str, ...], code: int) -> None:
    assert bunsen("analyze", file_of(several(*contents))).exit_code == code


def test_many_experiments_have_a_line_each_and_a_summary() -> None:
    zero = f"{HEADER}\ncontrol,orders,50000,0,1\ntreatment,orders,50000,0.5,1\n"
    few = f"{HEADER}\ncontrol,orders,50,0,1\ntreatment,orders,50,0.5,1\n"
    name = file_of(several(SHIP, UNCLEAR, BROKEN, WORSE, zero, few))
    result = bunsen("analyze", name)
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["EXPERIMENT", "DAY", "UNITS", "VERDICT", "METRIC", "VARIANT", "LIFT", "INTERVAL"]
    assert [line.split()[0] for line in lines[1:7]] == [f"test-{number}" for number in range(6)]
    assert "+20.0 %" in lines[1]
    assert lines[3].split() == ["test-2", "14", "90,000", "unhealthy"]
    assert "+0.5" in lines[5]
    assert "Only 50 units in control so far" in lines[6]
    assert lines[8].startswith(
        "6 experiments, 490,100 units: 2 ship, 1 roll back, 2 review, 1 unhealthy; 1 with a lift"
    )
    assert bunsen("analyze", name, "--experiment", "Test_1").stdout.startswith("test-1: day 14 of 14")


def test_a_few_experiments_are_shown_whole() -> None:
    result = bunsen("analyze", file_of(several(SHIP, WORSE)))
    assert result.stdout.count("METRIC") == 2
    assert "2 experiments, 200,000 units: 1 ship, 1 roll back." in result.stdout


RAW = "\n".join(
    [
        "unit,variant,clicks,clicks_denominator,spent,spent_before,segment_country",
        *(
            f"u{place},{'AB'[place % 2]},{place % 3},{1 + place % 4},"
            f"{place % 7 + place % 2 + place * 31 % 11},{place % 7},{country}"
            for place, country in enumerate(["DE", "FR", "DE", "FR", "DE"] * 400)
        ),
    ]
)


def test_the_whole_table_of_single_units() -> None:
    result = bunsen("analyze", file_of(RAW), "--primary", "spent")
    assert result.exit_code == 0, result.output
    assert result.stdout == (Path(__file__).parent / "golden" / "analyze-raw.txt").read_text()


def test_the_whole_document_fits_its_schema() -> None:
    found = document(file_of(RAW), "--primary", "spent")
    assert found["schema"] == "bunsen/readout/1"
    assert (found["file"], found["rows"], found["exit_code"]) == ("shop.csv", 2000, 0)
    (experiment,) = found["experiments"]
    assert experiment["crossed"] == {"units": 0, "seen": 2000}
    assert experiment["weights"] == {"variant-a": 0.5, "variant-b": 0.5}
    assert [each["kind"] for each in experiment["comparisons"]] == ["mean", "ratio"]
    assert [each["dimension"] for each in experiment["segments"]] == ["country"]
    assert len(experiment["trails"]) == 2


@pytest.mark.parametrize("content", [BROKEN, f"{HEADER}\ncontrol,orders,1,0,0\ntreatment,orders,0,0,0\n", UNCLEAR])
@pytest.mark.parametrize("method", ["welch", "fixed", "always-valid", "group-sequential"])
def test_odd_experiments_fit_the_schema_too(content: str, method: str) -> None:
    document(file_of(content), "--method", method)


def test_units_in_two_variants_make_it_unhealthy() -> None:
    rows = [f"u{place},{arm},1" for place in range(300) for arm in ("A", "B")] + [
        f"w{place},A,2" for place in range(300)
    ]
    result = bunsen(
        "analyze", file_of("\n".join(["unit,variant,orders", *rows, *(f"x{place},B,2" for place in range(300))]))
    )
    assert result.exit_code == 12, result.output


def test_the_schema_in_the_documentation_is_the_one_that_is_kept() -> None:
    kept = json.loads((ROOT / "docs" / "readout-1.schema.json").read_text())
    assert kept == schema(), "write it anew: json.dumps(schema(), indent=2, ensure_ascii=False)"
    jsonschema.Draft202012Validator.check_schema(kept)


def test_the_examples_in_the_documentation_come_out_as_written() -> None:
    file_of(EXAMPLE, "checkout.csv")
    examples = re.findall(r"```console\n\$ bunsen ([^\n]*)\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) == 5
    for command, output in examples:
        result = bunsen(*command.split())
        assert result.exit_code == 0, result.output
        assert not output or result.stdout == output


@pytest.mark.parametrize("command", [cli.analyze_, cli.size_])
def test_every_option_is_documented(command: Callable[..., None]) -> None:
    names = {name.removeprefix("as_").replace("_", "-") for name in inspect.signature(command).parameters} - {"file"}
    assert len(names) > 10
    assert {name for name in names if f"`--{name}" not in PAGE} == set()


@pytest.mark.parametrize("correction", ["holm", "bonferroni", "bh", "none"])
def test_corrections_are_for_several_treatments(correction: str) -> None:
    rows = "control,orders,5000,0.1,1\nbold,orders,5000,0.16,1\ncalm,orders,5000,0.15,1\n"
    found = document(file_of(f"{HEADER}\n{rows}"), "--correction", correction, "--method", "welch")
    plain, adjusted = ([each[name] for each in found["experiments"][0]["comparisons"]] for name in ("fixed_p", "p"))
    factors = {"holm": (2, 1), "bonferroni": (2, 2), "bh": (2, 1), "none": (1, 1)}[correction]
    worst = max(plain)
    expected = [
        min(worst, 2 * p) if correction == "bh" else p * factor for p, factor in zip(plain, factors, strict=True)
    ]
    assert adjusted == pytest.approx(expected, rel=1e-6)


def test_a_picture_of_one_and_of_several() -> None:
    pictured = bunsen("analyze", file_of(SHIP), "--chart", "out.png")
    assert pictured.exit_code == 0
    assert pictured.stderr.endswith("wrote out.png\n")
    assert Path("out.png").read_bytes().startswith(b"\x89PNG")
    bunsen("analyze", file_of(several(SHIP, BROKEN)), "--chart", "both.png")
    assert sorted(path.name for path in Path().glob("both*")) == ["both-test-0.png", "both-test-1.png"]


@pytest.mark.parametrize("picture", sorted(PICTURES))
def test_every_picture_that_a_file_is_enough_for(picture: str) -> None:
    drawn = bunsen("analyze", file_of(SHIP), "--chart", "out.png", "--picture", picture)
    assert drawn.exit_code == 0
    assert Path("out.png").read_bytes().startswith(b"\x89PNG")


def test_the_pictures_on_offer_are_those_there_are() -> None:
    offered = get_args(get_args(get_type_hints(analyze_, include_extras=True)["picture"])[0])
    assert set(offered) == set(PICTURES)


def test_a_picture_that_cannot_be_written_is_said_to_be_so() -> None:
    result = bunsen("analyze", file_of(SHIP), "--chart", "nowhere/out.png")
    assert result.exit_code == 1
    assert "nowhere/out.png cannot be written: No such file or directory." in result.stderr


@st.composite
def single_units(draw: st.DrawFn) -> str:
    dice = np.random.default_rng(draw(st.integers(0, 2**32)))
    count, lift = draw(st.integers(400, 1200)), draw(st.floats(0, 2))
    lines = [
        f"u{place},{arm},{int(dice.random() < 0.5)},{dice.normal(10, 3) + lift * (arm == 'treatment')!r}"
        for place, arm in enumerate(dice.choice(["control", "treatment"], count))
    ]
    return "\n".join(["unit,variant,paid,spent", *lines])


@settings(max_examples=6, deadline=None)
@given(single_units())
def test_the_same_data_in_every_layout_and_format_give_the_same_readout(raw: str) -> None:
    rows = taken(raw).batches[DEFAULT.experiment]
    plain = [row._replace(shape=None) for row in rows]
    texts = {"raw.csv": raw, "long.csv": long_file(rows), "two.csv": two_arms_file(plain)}
    contents = {name: text.encode() for name, text in texts.items()}
    contents |= {name.replace("csv", "parquet"): parquet_like(text) for name, text in texts.items()}
    found = set()
    for name, content in contents.items():
        Path(name).write_bytes(content)
        read = document(name, "--primary", "paid", "--planned-days", "14")["experiments"][0]
        found.add(json.dumps({part: read[part] for part in read if part not in ("key", "crossed")}))
    assert len(found) == 1


def test_standard_error_says_what_was_assumed() -> None:
    result = bunsen("analyze", file_of(RAW.replace("segment_country", "browser")))
    assert "Passed over, as no metric: browser." in result.stderr
    assert "There is no time in the file, so its rows are read as those of day 14." in result.stderr


def test_every_status_has_an_exit_code_and_a_place_among_the_worst() -> None:
    assert set(analyze.WORST_FIRST) == set(analyze.EXIT_CODES) == set(VerdictStatus)


def test_long_names_are_cut_and_a_control_near_zero_has_no_lift() -> None:
    metric, treatment = "m" * 60, "t" * 60
    rows = f"control,{metric},5000,0.001,1\n{treatment},{metric},5000,0.5,1\n"
    rows += f"control,orders,1,1,0\n{treatment},orders,1,2,0\n"
    result = bunsen("analyze", file_of(f"{HEADER}\n{rows}"))
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert re.search(r"^m+…  t+… +5,000 +0\.5  \+0\.499 +none +<0\.001  ✓ better$", result.stdout, re.MULTILINE)
    assert "control near zero" in result.stdout
    assert "no number" in result.stdout
    assert "There are fewer than two units in an arm." in result.stdout
