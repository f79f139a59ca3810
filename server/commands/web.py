"""`khlang web`."""

import click

from server.app import create_app
from server.commands.wired import wired_or_exit
from server.delivery.asgi import create_asgi
from server.delivery.serve import run_server


@click.command()
def web() -> None:
    """Answer browsers, until SIGTERM or Ctrl-C."""
    wiring = wired_or_exit()
    run_server(create_asgi(create_app(wiring), wiring), wiring.settings)
