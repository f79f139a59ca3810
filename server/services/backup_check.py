"""Is a backup what was written: every file of it is read."""

from collections.abc import Iterator
from dataclasses import dataclass

from server.services.backup_format import BackupRefused, Dump, Held, find_dumps, is_whole, size_of
from server.services.backup_objects import PREFIXES, hash_told_by
from server.services.backup_words import ObjectNames


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What was read, and a line for everything that is not as it was written."""

    object_count: int
    faults: list[str]


def check_backup(dump: Dump) -> CheckReport:
    """Read all of a backup and compare. Raises BackupRefused if its rows cannot be used."""
    check_rows(dump)
    names, faults, object_count = ObjectNames(dump), [], 0
    for held in objects_of(dump):
        object_count += 1
        path = dump.objects_path / held.key
        if held.is_damaged:
            faults.append(f"was damaged when it was saved: {names.name(held.key)}")
        elif not is_whole(path, held):
            word = "damaged" if path.exists() else "missing"
            faults.append(f"{word} in the backup: {names.name(held.key)}")
    return CheckReport(object_count=object_count, faults=faults)


def check_rows(dump: Dump) -> None:
    """Read the rows of a backup. Raises BackupRefused that names the latest one that is whole."""
    if fault := _fault_of_rows(dump):
        raise BackupRefused(f"{dump.path.name} cannot be used: {fault}. {_instead_of(dump)}")


def objects_of(dump: Dump) -> Iterator[Held]:
    """Yield what belongs to a backup; with one without a manifest, all that the folder holds."""
    if not dump.is_old:
        yield from dump.held()
        return
    hashes = {row["original_key"]: row["sha256"] for row in dump.lines("asset")}
    for prefix in PREFIXES:
        for path in sorted((dump.objects_path / prefix).rglob("*")):
            key = path.relative_to(dump.objects_path).as_posix()
            if path.is_file() and path.suffix != ".arriving":
                sha256 = hash_told_by(key, hashes)
                yield Held(key=key, size_bytes=size_of(path), sha256=sha256)


def _fault_of_rows(dump: Dump) -> str:
    if dump.is_old:
        return _fault_of_old(dump)
    try:
        damaged = dump.damaged_files()
    except BackupRefused as fault:
        return str(fault)
    return f"{', '.join(damaged)} is not what was written" if damaged else ""


def _fault_of_old(dump: Dump) -> str:
    try:
        for path in sorted(dump.path.glob("*.jsonl")):
            for line in dump.lines(path.stem):
                dict(line)
    except (OSError, ValueError, TypeError) as error:
        return f"{path.name} cannot be read: {error}"
    return "" if (dump.path / "person.jsonl").exists() else "there are no rows of persons in it"


def _instead_of(dump: Dump) -> str:
    """Say which one to use instead."""
    others = [each for each in find_dumps(dump.path.parent) if each != dump]
    for other in reversed(others):
        if not _fault_of_rows(other):
            return f"The latest that is whole is {other.path}: give this as the folder"
    return "No other backup of this folder is whole: look for an older copy of the folder"
