"""The card: literal text that fits, and pictures that depend on nothing outside."""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

from charts import CHARTS, NAMES, canvas, describe, letters
from charts.wording import MOST_SENTENCES, SENTENCE
from handlers.pictures.shelf import SHELF
from tests.charts import samples
from tests.charts.pictures import EXAMPLES
from tests.charts.plots import holds

ROOT = Path(__file__).parents[2]
MOST_WORDS = 65


def test_text_fits_its_width() -> None:
    for width in (40, 120, 400):
        assert letters.text_width(letters.fit("wide words " * 30, width, 22), 22) <= width
    assert letters.fit("short", 400, 22) == "short"


def test_what_the_font_lacks_is_a_box_and_what_is_invisible_is_nothing() -> None:
    assert letters.drawable("a\u202e\u200b中\nb $x_1$") == "a□ b $x_1$"


def test_letters_that_join_or_run_from_right_to_left_are_set_in_their_own_order() -> None:
    assert letters.is_shaped("מבחן 12")
    assert not letters.is_shaped("naïve café → 12 %")
    mask, baseline = letters.shaped("שלום", 22, False)
    assert 0 < baseline <= mask.height
    assert letters.text_width("שלום", 22) == mask.width


def test_wrapping_keeps_words_and_ends_in_dots() -> None:
    lines = letters.wrap("one two three four five six seven", 120, 22, most=2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert letters.wrap("up by 33 %", 10_000, 22) == ["up by 33\u00a0%"]


@pytest.mark.parametrize(("name", "example"), [(name, each) for name, some in EXAMPLES.items() for each in some])
def test_every_example_can_be_drawn_and_described(name: str, example: str) -> None:
    data = EXAMPLES[name][example]()
    holds(name, data, partial(describe, name))
    words = describe(name, data)
    assert len(words) >= 40
    assert 2 <= len(SENTENCE.split(words)) <= MOST_SENTENCES


@pytest.mark.parametrize("name", NAMES)
def test_no_sentence_of_an_ordinary_description_is_a_list_without_end(name: str) -> None:
    sentences = SENTENCE.split(describe(name, ordinary(name)))
    assert max(len(re.findall(r"\S*\w\S*", each)) for each in sentences) <= MOST_WORDS


def ordinary(name: str) -> Any:
    return next(iter(EXAMPLES[name].values()))()


def test_there_is_a_picture_for_every_name_and_a_page_about_it() -> None:
    page = (ROOT / "docs" / "charts.md").read_text()
    for name in NAMES:
        assert f"\n## {name}: " in page
        assert (ROOT / "docs" / "images" / "charts" / f"{name}.png").exists()
    assert set(SHELF) == set(NAMES)


def test_an_unknown_chart_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        describe("pie", samples.readout())


@pytest.mark.parametrize("name", NAMES)
def test_somebody_elses_settings_change_nothing_and_are_not_changed(name: str) -> None:
    data = ordinary(name)
    plain = CHARTS[name](data)
    loud = {
        "text.parse_math": True, "text.usetex": True, "axes.grid": True, "axes.facecolor": "red", "lines.marker": "x",
        "figure.autolayout": True, "figure.dpi": 40, "savefig.bbox": "tight", "font.size": 50, "axes.axisbelow": False,
        "axes.spines.top": True, "xtick.top": True, "xtick.minor.visible": True, "ytick.labelright": True,
        "lines.linestyle": ":", "axes.linewidth": 9, "font.family": "serif", "axes.xmargin": 0.4,
        "patch.force_edgecolor": True, "patch.linewidth": 9, "legend.fontsize": 3, "figure.facecolor": "black",
        "lines.dash_capstyle": "round", "lines.solid_joinstyle": "miter", "scatter.marker": "s", "grid.color": "red",
    }  # fmt: skip
    with mpl.rc_context():
        mpl.rcParams.update(loud)
        before = dict(mpl.rcParams)
        assert CHARTS[name](data) == plain
        assert dict(mpl.rcParams) == before


def test_threads_draw_the_same_pictures() -> None:
    jobs = [(name, ordinary(name)) for name in NAMES]
    alone = [CHARTS[name](made) for name, made in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: CHARTS[job[0]](job[1]), jobs))
    assert together == alone


def test_it_draws_without_a_display_and_a_writable_home(tmp_path: Path) -> None:
    code = (
        "import hashlib, sys; from charts import CHARTS; from tests.charts import samples; "
        "print(hashlib.sha256(CHARTS['comparison'](samples.readout())).hexdigest()); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == hashlib.sha256(CHARTS["comparison"](samples.readout())).hexdigest()


def test_describing_needs_no_numpy_and_no_matplotlib() -> None:
    code = (
        "import pickle, sys; import charts; "
        "[charts.describe(name, data) for name, data in pickle.load(sys.stdin.buffer).items()]; "
        "assert not {'numpy', 'matplotlib', 'PIL'} & set(sys.modules)"
    )
    known = pickle.dumps({name: ordinary(name) for name in NAMES})
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, input=known, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_a_scale_of_one_point_has_one_tick() -> None:
    assert canvas.round_ticks(2.0, 2.0) == [2.0]
