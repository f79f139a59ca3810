"""`khlang init`, `check` and `reindex`."""

import sys
from pathlib import Path

import click
from sqlalchemy import Engine, text

from media_pipeline.coding import AV1_ENCODER
from media_pipeline.errors import ToolsMissing
from media_pipeline.tools import has_encoder
from server.commands.wired import installed_or_exit, wired_or_exit
from server.jobs.index_changes import reindex as rebuild
from server.migrations import is_current, upgrade
from server.services.consistency import find_faults
from server.services.good_copies import put_back_copies
from server.services.health import check_health
from server.services.repair import repair_faults
from server.wiring import Wiring

MUST_BE_ON = ("fsync", "synchronous_commit", "full_page_writes")


@click.command()
def init() -> None:
    """Make or update the database; nothing happens if all is up to date."""
    wiring = wired_or_exit()
    upgrade(wiring.engine)


@click.command()
def reindex() -> None:
    """Make the search index anew from the database, beside the one in use."""
    wiring = installed_or_exit()
    count = rebuild(wiring.sessions, wiring.index, wiring.clock)
    click.echo(f"The index holds {count} entries.")


@click.command()
@click.option("--repair", is_flag=True, help="Make again what is lost; keep what cannot be made.")
@click.option("--deep", is_flag=True, help="Read every object and compare its hash: slow.")
@click.option(
    "--copies",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder in which to look for lost or damaged sent files, by their hash: a backup's.",
)
def check(*, repair: bool, deep: bool, copies: Path | None) -> None:
    """Report health and consistency; exit code 1 if anything is wrong."""
    wiring = installed_or_exit()
    if copies is not None:
        with wiring.sessions() as session:
            names = put_back_copies(session, wiring.clock, wiring.store, copies)
        click.echo(f"{len(names)} sent files were put back. {' '.join(names)}".strip(), err=True)
    click.echo(f"{_office_note(wiring)}\n{_av1_note(wiring)}", err=True)
    troubles = [*_health(wiring), *_faults(wiring, repair=repair, is_deep=deep)]
    for trouble in troubles:
        click.echo(trouble)
    if troubles:
        sys.exit(1)
    click.echo("All is well.")


def _office_note(wiring: Wiring) -> str:
    """Say whether office files can be opened: no trouble if not, but worth knowing."""
    soffice = wiring.tools.soffice
    if soffice is None:
        return "LibreOffice is not here: office files are refused, PDF is asked for."
    return f"LibreOffice is {soffice}: office files can be opened."


def _av1_note(wiring: Wiring) -> str:
    """Say whether AV1 can be made: all plays without it, in more bytes."""
    if not wiring.settings.av1_pictures:
        return "AV1_PICTURES says that nothing is made in AV1."
    try:
        has_av1 = has_encoder(wiring.tools, AV1_ENCODER)
    except ToolsMissing:
        has_av1 = False
    if not has_av1:
        return f"ffmpeg has no {AV1_ENCODER}: filmed lessons are not made in AV1 as well."
    return f"ffmpeg has {AV1_ENCODER}: filmed lessons are made in AV1 as well."


def _health(wiring: Wiring) -> list[str]:
    with wiring.sessions() as session:
        health = check_health(
            session,
            wiring.clock,
            store=wiring.store,
            tools=wiring.tools,
            room=wiring.room,
        )
    outdated = [] if is_current(wiring.engine) else ["the database is out of date: khlang init"]
    return [*health.troubles, *outdated, *_careless(wiring.engine), *wiring.index.check()]


def _careless(engine: Engine) -> list[str]:
    """Name settings of PostgreSQL with which a power cut takes what was acknowledged."""
    if engine.dialect.name != "postgresql":
        return []
    with engine.connect() as connection:
        values = {name: connection.scalar(text(f"SHOW {name}")) for name in MUST_BE_ON}
    return [
        f"PostgreSQL's {name} is off: a power cut takes what people were told is kept"
        for name, value in values.items()
        if value == "off"
    ]


def _faults(wiring: Wiring, *, repair: bool, is_deep: bool) -> list[str]:
    with wiring.sessions() as session:
        faults = find_faults(
            session, wiring.clock, store=wiring.store, index=wiring.index, is_deep=is_deep
        )
        if not repair:
            return [fault.text for fault in faults]
        repairs = repair_faults(session, wiring.clock, store=wiring.store, faults=faults)
    return [repair.text for repair in repairs]
