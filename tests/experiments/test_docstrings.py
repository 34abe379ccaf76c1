"""Every example in a docstring of `experiments` is run, and the statistics have one wherever the public can call."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest

import experiments

SHOWN_BY_EXAMPLE = ("experiments.stats", "experiments.checks", "experiments.analysis")
TOGETHER = tuple(
    f"knowledge.{name}" for name in ("patterns", "winners_curse", "calibration", "learning", "leaderboard")
)
MODULES = sorted(found.name for found in pkgutil.walk_packages(experiments.__path__, "experiments.") if not found.ispkg)


def public(module: ModuleType) -> Iterator[tuple[str, object]]:
    """The functions a module defines for others and the public methods of its classes. Plain results are shown by the
    functions that make them."""
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(thing):
            yield name, thing
        elif inspect.isclass(thing):
            for inner, method in vars(thing).items():
                if not inner.startswith("_") and isinstance(method, classmethod | staticmethod):
                    yield f"{name}.{inner}", method.__func__
                elif not inner.startswith("_") and inspect.isfunction(method):
                    yield f"{name}.{inner}", method


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_print_what_they_say(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name), raise_on_error=False).failed == 0


@pytest.mark.parametrize(
    "name", [name for name in MODULES if name.startswith(SHOWN_BY_EXAMPLE) or name.endswith(TOGETHER)]
)
def test_what_is_public_has_an_example(name: str) -> None:
    bare = [
        f"{called}: {'no example' if thing.__doc__ else 'no docstring'}"
        for called, thing in public(importlib.import_module(name))
        if ">>>" not in (thing.__doc__ or "")
    ]
    assert not bare
