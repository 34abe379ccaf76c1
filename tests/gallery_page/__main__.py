"""Serve the gallery on this machine and print its address."""

from __future__ import annotations

import argparse
import socket

import typer
import uvicorn

from tests.gallery_page.app import create


def main() -> None:
    parser = argparse.ArgumentParser(prog="dev gallery", description=__doc__)
    parser.add_argument("--port", type=int, default=8322, help="port of the page; 0 chooses a free one (default 8322)")
    wanted = parser.parse_args().port
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", wanted))
    except OSError as error:
        parser.exit(
            1, f"Port {wanted} cannot be used ({error.strerror}). Choose another one with --port, or --port 0.\n"
        )
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    typer.echo(f"\nEvery surface in every state: {address}\nCtrl+C ends it.\n")
    server = uvicorn.Server(uvicorn.Config(create(), log_level="warning", access_log=False, lifespan="off"))
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
