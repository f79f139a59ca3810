"""`khlang web`."""

import logging

import click

from server.app import create_app
from server.commands.wired import wired_or_exit
from server.delivery.asgi import create_asgi
from server.delivery.serve import run_server
from server.services.people import office_of
from server.services.setup_code import needs_setup_code, setup_code_of
from server.wiring import Wiring

log = logging.getLogger(__name__)


@click.command()
def web() -> None:
    """Answer browsers, until SIGTERM or Ctrl-C."""
    wiring = wired_or_exit()
    _tell_setup_code(wiring)
    run_server(create_asgi(create_app(wiring), wiring), wiring.settings)


def _tell_setup_code(wiring: Wiring) -> None:
    """Print what the first-run page asks for, while there is no office yet."""
    with wiring.sessions() as session:
        is_fresh = office_of(session) is None
    if is_fresh and needs_setup_code(wiring.settings):
        log.warning("the first-run page asks for this code: %s", setup_code_of(wiring.settings))
