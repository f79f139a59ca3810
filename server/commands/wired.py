"""Settings and wiring for commands; faults are printed, all at once."""

import logging
import sys

import click

from server.settings import Settings, SettingsFault
from server.wiring import Wiring, wire

SETTINGS_FAULT_CODE = 2


def settings_or_exit() -> Settings:
    """Return the settings; print every fault and end with 2 if there are any."""
    try:
        settings = Settings.from_env()
    except SettingsFault as faults:
        click.echo(str(faults), err=True)
        sys.exit(SETTINGS_FAULT_CODE)
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for chatty in ("alembic", "fontTools"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return settings


def wired_or_exit() -> Wiring:
    """Return everything outside the process, ready to use."""
    return wire(settings_or_exit())
