"""`python -m bot` and the command `bunsen`."""

from __future__ import annotations

import gc


def main() -> None:
    """Start; nothing that loading modules makes is garbage, so the collector waits until the work begins."""
    gc.disable()
    from bot.cli import app

    app()


if __name__ == "__main__":
    main()
