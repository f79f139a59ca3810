"""Settings and wiring for commands; faults are printed, all at once."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from server.errors import AppError
from server.migrations import current_revision
from server.settings import Settings, SettingsFault
from server.wiring import Wiring, open_database, wire
from storage.store import StoreError, StoreFull

REFUSED_CODE = 1
SETTINGS_FAULT_CODE = 2


def settings_or_exit(read: Callable[[], Settings] = Settings.from_env) -> Settings:
    """Return the settings; print every fault and end with 2 if there are any."""
    try:
        settings = read()
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


def installed_or_exit() -> Wiring:
    """Do so for an installation that is there already; where none is, make nothing and say so."""
    settings = settings_or_exit(Settings.as_given)
    with told_in_words():
        if not _is_installed(settings):
            refuse(f"There is no installation in {settings.data_path}. {_how_to_name(settings)}")
    return wire(settings)


@contextmanager
def told_in_words() -> Iterator[None]:
    """End with 1 and a sentence where something outside fails: no trace of the program."""
    try:
        yield
    except AppError as error:
        refuse(str(error))
    except DBAPIError as error:
        refuse(f"The database does not do it: {error.orig}")
    except StoreFull as error:
        refuse(f"No room is left where the objects are kept: {error}")
    except StoreError as error:
        refuse(f"Where the objects are kept, something is wrong: {error}")
    except PermissionError as error:
        refuse(f"{error}. Run this as the user of the service, or as root")
    except OSError as error:
        refuse(f"The system does not do it: {error}")


def refuse(message: str) -> NoReturn:
    """Say why not, and end."""
    click.echo(message, err=True)
    sys.exit(REFUSED_CODE)


def _is_installed(settings: Settings) -> bool:
    """Return whether the database has tables; SQLite is not asked to make a file for that."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return False
    engine = open_database(settings.database_url)
    try:
        with engine.connect() as connection:
            return current_revision(connection) is not None
    finally:
        engine.dispose()


def _how_to_name(settings: Settings) -> str:
    if "data_path" in settings.model_fields_set:
        return "DATA_PATH names another folder than the service uses, or nothing was set up yet."
    return (
        "DATA_PATH is not set: say which installation is meant, such as "
        "DATA_PATH=/var/lib/khlang khlang …"
    )
