"""`khlang backup` and `restore`."""

import sys
from pathlib import Path

import click

from server.commands.wired import wired_or_exit
from server.errors import AppError
from server.jobs.index_changes import reindex as rebuild
from server.migrations import upgrade
from server.services.backup import back_up
from server.services.backup import restore as restore_all

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", type=FOLDER)
def backup(folder: Path) -> None:
    """Copy everything to FOLDER; what is there from earlier is not copied again."""
    wiring = wired_or_exit()
    copied_count = back_up(wiring.engine, wiring.clock, wiring.store, folder)
    click.echo(f"Backed up to {folder}; {copied_count} objects were new.")


@click.command()
@click.argument("folder", type=FOLDER)
def restore(folder: Path) -> None:
    """Bring back everything from FOLDER into a new installation, then index it."""
    wiring = wired_or_exit()
    upgrade(wiring.engine)
    try:
        restore_all(wiring.engine, wiring.store, folder)
    except AppError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    rebuild(wiring.sessions, wiring.index, wiring.clock)
    click.echo("Everything is back.")
