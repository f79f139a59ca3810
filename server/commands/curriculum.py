"""`khlang curriculum import`."""

import sys
from pathlib import Path

import click

from server.commands.wired import wired_or_exit
from server.services.curriculum import import_curriculum


@click.group()
def curriculum() -> None:
    """Curriculum frameworks."""


@curriculum.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(file: Path) -> None:
    """Import a framework from a CSV file (docs/curriculum.md tells its columns)."""
    wiring = wired_or_exit()
    with wiring.sessions() as session:
        found = import_curriculum(session, wiring.clock, raw=file.read_bytes(), by=None)
    for fault in found.faults:
        click.echo(f"line {fault.line}: {fault.rule} {fault.value}".rstrip(), err=True)
    if found.faults:
        click.echo("Nothing was imported.", err=True)
        sys.exit(1)
    for each in found.frameworks:
        click.echo(f"{each.title} ({each.code} {each.version}): {len(each.nodes)} rows imported.")
