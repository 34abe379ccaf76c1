"""The card: literal text that fits, and pictures that depend on nothing outside."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib as mpl
import pytest

from charts import CHARTS, NAMES, canvas, describe
from tests.charts import samples

ROOT = Path(__file__).parents[2]


def test_text_fits_its_width() -> None:
    for width in (40, 120, 400):
        assert canvas.text_width(canvas.fit("wide words " * 30, width, 22), 22) <= width
    assert canvas.fit("short", 400, 22) == "short"


def test_what_the_font_lacks_is_a_box_and_what_is_invisible_is_nothing() -> None:
    assert canvas.drawable("a\u202e\u200b中\nb $x_1$") == "a□ b $x_1$"


def test_wrapping_keeps_words_and_ends_in_dots() -> None:
    lines = canvas.wrap("one two three four five six seven", 120, 22, most=2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert canvas.wrap("up by 33 %", 10_000, 22) == ["up by 33\u00a0%"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sample", ["readout", "several", "broken", "empty", "hostile", "extreme", "one_look"])
def test_every_picture_of_every_sample_can_be_drawn_and_described(name: str, sample: str) -> None:
    readout = getattr(samples, sample)()
    png = CHARTS[name](readout)
    assert png.startswith(b"\x89PNG")
    assert len(png) <= 150_000
    assert describe(name, readout)


def test_an_unknown_chart_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        describe("pie", samples.readout())


@pytest.mark.parametrize("name", NAMES)
def test_somebody_elses_settings_change_nothing_and_are_not_changed(name: str) -> None:
    plain = CHARTS[name](samples.several())
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
        assert CHARTS[name](samples.several()) == plain
        assert dict(mpl.rcParams) == before


def test_threads_draw_the_same_pictures() -> None:
    jobs = [(name, made) for name in NAMES for made in (samples.readout(), samples.several(), samples.broken())]
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
        "import sys; import charts; from tests.charts import samples; "
        "[charts.describe(name, samples.several()) for name in charts.NAMES]; "
        "assert not {'numpy', 'matplotlib', 'PIL'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_scale_of_one_point_has_one_tick() -> None:
    assert canvas.round_ticks(2.0, 2.0) == [2.0]
