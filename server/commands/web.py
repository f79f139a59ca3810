"""`khlang web`."""

import logging

import click

from server.app import create_app
from server.commands.wired import wired_or_exit
from server.delivery.asgi import create_asgi
from server.delivery.serve import run_server
from server.services.people import office_of
from server.services.setup_code import is_public, setup_code_of
from server.this_machine import is_this_machine
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
    is_open = is_public(wiring.settings) or not is_this_machine(wiring.settings.host)
    if is_fresh and is_open:
        log.warning("the first-run page asks for this code: %s", setup_code_of(wiring.settings))
