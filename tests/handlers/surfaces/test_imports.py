"""Surfaces are quick to import: nothing that computes or draws comes along."""

import subprocess
import sys
from pathlib import Path

HEAVY = ("numpy", "scipy", "matplotlib", "openai", "pandas")
LOOK = f"""
import importlib, pkgutil, sys
import handlers.forms, handlers.surfaces
for module in pkgutil.iter_modules(handlers.surfaces.__path__):
    importlib.import_module(f"handlers.surfaces.{{module.name}}")
print([name for name in {HEAVY} if name in sys.modules])
"""


def test_surfaces_bring_nothing_heavy() -> None:
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", LOOK], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
