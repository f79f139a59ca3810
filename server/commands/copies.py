"""`khlang backup`, `restore` and `verify`."""

import os
import sys
from importlib.metadata import version
from pathlib import Path

import click

from server.commands.wired import (
    REFUSED_CODE,
    installed_or_exit,
    refuse,
    settings_or_exit,
    told_in_words,
)
from server.jobs.index_changes import reindex as rebuild
from server.services.backup import BackupReport, back_up
from server.services.backup_check import check_backup
from server.services.backup_format import OWNER_ONLY, Dump, owner_only
from server.services.backup_objects import GIGABYTE
from server.services.restore import RestoreReport, RestoreWishes, find_dump
from server.services.restore import restore as restore_all
from server.settings import Settings
from server.wiring import Wiring, wire

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", type=FOLDER)
def backup(folder: Path) -> None:
    """Copy everything to FOLDER; what is there from earlier is not copied again."""
    wiring = installed_or_exit()
    folder, data_path = folder.resolve(), wiring.settings.data_path
    if folder.is_relative_to(data_path):
        refuse(f"{folder} is inside {data_path}, and would be lost with it: name another disk")
    with told_in_words():
        report = back_up(
            wiring.engine,
            wiring.clock,
            wiring.store,
            folder,
            version=version("khlang"),
            reserved_bytes=wiring.room.reserve_beside(folder),
        )
        _say_backup(report)
        _warn_of_place(report.dump, data_path)
    if report.faults:
        sys.exit(REFUSED_CODE)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--keep-sign-ins", is_flag=True, help="For a move: nobody has to sign in again.")
@click.option("--revision", default="", help="Of the tables, for backups that do not say it.")
def restore(folder: Path, *, keep_sign_ins: bool, revision: str) -> None:
    """Bring back everything from FOLDER into a new installation, then index it.

    FOLDER is what `backup` was given, for its newest backup, or a folder rows-… in it.
    """
    given = settings_or_exit(Settings.as_given)
    if "data_path" not in given.model_fields_set:
        refuse(
            "DATA_PATH is not set: say where the installation shall be, as the service has it: "
            "DATA_PATH=/var/lib/khlang khlang restore … (for `make run` it is DATA_PATH=data)"
        )
    with told_in_words(), owner_only():
        dump = find_dump(folder)
        owners = _owners(given)
        wiring = wire(given.with_kept_secrets())
        try:
            wishes = RestoreWishes(revision=revision, keeps_sign_ins=keep_sign_ins)
            report = restore_all(wiring.engine, wiring.clock, wiring.store, dump, wishes)
            rebuild(wiring.sessions, wiring.index, wiring.clock)
        finally:
            _hand_over(owners)
    _say_restore(report, wiring, is_move=keep_sign_ins)
    if report.faults:
        sys.exit(REFUSED_CODE)


@click.command()
@click.argument("folder", type=FOLDER)
def verify(folder: Path) -> None:
    """Read the newest backup in FOLDER, or one of its folders rows-…, and compare every byte."""
    with told_in_words():
        dump = find_dump(folder)
        report = check_backup(dump)
    for line in report.faults:
        click.echo(line)
    if report.faults:
        refuse(f"{dump.path.name}: {len(report.faults)} of {report.object_count} objects are bad.")
    click.echo(f"{dump.path.name}: all rows and {report.object_count} objects are as written.")


def _say_backup(report: BackupReport) -> None:
    for line in (*report.notes, *report.faults):
        click.echo(line)
    click.echo(
        f"Backed up to {report.dump.path}: {report.row_count} rows, {report.object_count} "
        f"objects; {report.copied_count} objects were new ({_size(report.copied_bytes)})."
    )
    if report.faults:
        click.echo(
            f"{len(report.faults)} objects of this installation are not as they should be; all "
            "else is saved. Do not delete older backups. `khlang check --deep --repair` makes "
            "again what can be made; a lost sent file is sent again by its owner.",
            err=True,
        )


def _warn_of_place(dump: Dump, data_path: Path) -> None:
    facts = dump.path.stat()
    if facts.st_dev == data_path.stat().st_dev:
        click.echo(
            "Note: this backup is on the disk of the installation, and would be lost with it. "
            "Is the other disk connected? Copy the folder to it.",
            err=True,
        )
    if facts.st_mode & OWNER_ONLY:
        click.echo(
            "Note: this disk cannot keep files from others who use it: lock the disk away.",
            err=True,
        )


def _say_restore(report: RestoreReport, wiring: Wiring, *, is_move: bool) -> None:
    for line in report.faults:
        click.echo(line)
    if report.dump.is_old:
        click.echo(
            f"This backup wrote neither revision nor hashes: its tables were taken for revision "
            f"{report.revision}, and sent files whose hash is in no row could not be compared."
        )
    if report.upload_count:
        click.echo(f"{report.upload_count} unfinished uploads begin anew when they go on.")
    if not is_move:
        click.echo(
            "All people sign in again, and links that let people in are to be made anew: some had "
            "been ended after the backup. What else was changed since is as it was then."
        )
    where = f"{wiring.settings.data_path}, from {report.dump.path.name}"
    if report.faults:
        click.echo(
            f"All but {len(report.faults)} objects are back in {where}. The list above says which "
            "are not. `khlang check --repair` makes again what can be made; look for an earlier "
            "or another copy of the backup for sent files, or have them sent again.",
            err=True,
        )
    else:
        click.echo(f"Everything is back in {where}: {report.object_count} objects.")


def _owners(settings: Settings) -> dict[Path, tuple[int, int]]:
    """Return whose the folders of the installation are, as far as they are there."""
    urls = (settings.object_store_url, settings.search_url)
    places = [Path(url.partition(":")[2]) for url in urls if not url.startswith("s3:")]
    facts = {path: path.stat() for path in (*places, settings.data_path) if path.exists()}
    return {path: (each.st_uid, each.st_gid) for path, each in facts.items()}


def _hand_over(owners: dict[Path, tuple[int, int]]) -> None:
    """Give what root has made to the folders' owners: the service must be able to read it."""
    if os.geteuid() != 0:
        return
    for folder, owner in owners.items():
        for path in (folder, *folder.rglob("*")):
            os.chown(path, *owner, follow_symlinks=False)


def _size(size_bytes: int) -> str:
    if size_bytes < GIGABYTE:
        return f"{size_bytes / 10**6:.1f} MB"
    return f"{size_bytes / GIGABYTE:.1f} GB"
