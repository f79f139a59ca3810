"""Of which revision the rows of a backup are: it says so, or its tables show it (format 1)."""

from collections.abc import Mapping
from functools import cache

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from server.migrations import migrating, revisions, upgrade_within
from server.services.backup_format import BackupRefused, Dump
from server.services.backup_rows import tables_of

Columns = Mapping[str, frozenset[str]]  # by table; none of a table whose rows are not known


def revision_of(dump: Dump, wished: str = "") -> str:
    """Return the revision; `wished` counts where the backup does not say. Raises BackupRefused."""
    if dump.is_old:
        return _known(wished) if wished else guess_revision(dump)
    manifest = dump.manifest()
    if manifest.revision not in revisions():
        raise BackupRefused(
            f"{dump.path.name} is of tables {manifest.revision}, made by Khlang "
            f"{manifest.product_version}; this version knows tables up to {revisions()[-1]}: "
            f"install version {manifest.product_version} or a later one, and restore with it"
        )
    return manifest.revision


def guess_revision(dump: Dump) -> str:
    """Return the latest revision whose tables and columns are those of the rows."""
    told = _columns_in(dump)
    for revision, columns in reversed(_history()):
        if told.keys() == columns.keys() and all(
            not names or names == columns[table] for table, names in told.items()
        ):
            return revision
    raise BackupRefused(
        f"{dump.path.name} was made by a version that wrote no revision, and its tables are of "
        f"none: say it with --revision (one of {', '.join(revisions())})"
    )


def _known(wished: str) -> str:
    if wished not in revisions():
        raise BackupRefused(f"there is no revision {wished}: one of {', '.join(revisions())}")
    return wished


def _columns_in(dump: Dump) -> Columns:
    return {
        path.stem: frozenset(next(dump.lines(path.stem), {})) for path in dump.path.glob("*.jsonl")
    }


@cache
def _history() -> list[tuple[str, Columns]]:
    """Return what each revision had, by making them all in memory."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    history: list[tuple[str, Columns]] = []
    with migrating(engine) as connection:
        for revision in revisions():
            upgrade_within(connection, revision)
            tables = tables_of(connection)
            history.append(
                (revision, {table.name: frozenset(table.columns.keys()) for table in tables})
            )
    engine.dispose()
    return history
