"""Where the page tests get their browser from, and what they say when there is none."""

import shutil
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.browser import find_chromium, give_up


def _playwright(path: str) -> Any:
    return cast(Any, SimpleNamespace(chromium=SimpleNamespace(executable_path=path)))


def test_the_systems_browser_comes_before_playwrights_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    own = tmp_path / "chrome"
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/google-chrome" if name == "google-chrome" else None)
    assert find_chromium(_playwright(str(own))) == "/usr/bin/google-chrome"
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert find_chromium(_playwright(str(own))) is None
    own.touch()
    assert find_chromium(_playwright(str(own))) == str(own)


def test_without_a_browser_ci_fails_and_a_person_is_told_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        give_up()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="NO CHROMIUM OR CHROME WAS FOUND"):
        give_up()
