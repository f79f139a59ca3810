"""What a backup's folder holds, and how it is known to be whole.

    FOLDER/objects/<key>      every object once: they never change
    FOLDER/rows-<time>-no<n>/ one backup: <table>.jsonl, objects.jsonl (each with size and SHA-256),
                              and manifest.json, which names these files with theirs, and its own
    FOLDER/arriving/          what is being written; a crash leaves it, the next backup removes it

A folder `rows-…` gets this name last: what bears it is finished.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from server.errors import Conflict

FORMAT = 2  # 1: rows without manifest.json, by earlier versions
MANIFEST = "manifest.json"
OBJECT_LIST = "objects.jsonl"
_NAME = re.compile(r"rows-\d{8}T\d+Z(-no\d+)?")
OWNER_ONLY = 0o077  # a umask: files 0600, folders 0700


class BackupRefused(Conflict):
    """It was not begun; the message says why, and what to do. Nothing has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """One file of a backup."""

    size_bytes: int
    sha256: str
    line_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One object of a backup. An empty hash is not known (format 1)."""

    key: str
    size_bytes: int
    sha256: str
    is_damaged: bool = False  # it was when it was saved, and no better copy was known


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    product_version: str
    revision: str  # of the tables
    database: str
    made_at: str
    number: int  # counts the backups of this folder
    files: Mapping[str, FileFacts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dump:
    """One finished backup: `path` is its folder of rows."""

    path: Path

    @property
    def number(self) -> int:
        """Return the how manieth it is: clocks go wrong, this does not. 0 of old ones."""
        return int(self.path.name.partition("-no")[2] or 0)

    @property
    def objects_path(self) -> Path:
        """Where the objects of all backups of the folder are."""
        return self.path.parent / "objects"

    @property
    def is_old(self) -> bool:
        """Return whether it was made before backups had a manifest."""
        return not any((self.path / name).exists() for name in (MANIFEST, OBJECT_LIST))

    def manifest(self) -> Manifest:
        """Read and check what it says of itself. Raises BackupRefused."""
        try:
            told = json.loads((self.path / MANIFEST).read_bytes())
            facts, sha256 = told["manifest"], told["sha256"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BackupRefused(f"{self.path / MANIFEST} cannot be read: {error}") from error
        if _hash_of(facts) != sha256:
            raise BackupRefused(f"{self.path / MANIFEST} is damaged: it is not what was written")
        if facts["format"] > FORMAT:
            raise BackupRefused(
                f"{self.path.name} was made by Khlang {facts['product_version']} in a newer "
                f"format: install this version or a later one, and restore with it"
            )
        files = {name: FileFacts(**each) for name, each in facts.pop("files").items()}
        return Manifest(**facts, files=files)

    def held(self) -> Iterator[Held]:
        """Yield its objects, as they were saved."""
        for line in read_lines(self.path / OBJECT_LIST):
            yield Held(**line)

    def lines(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table; none if there was no such table."""
        path = self.path / f"{table}.jsonl"
        if path.exists():
            yield from read_lines(path)

    def damaged_files(self) -> list[str]:
        """Return which files of rows are not what was written. Raises BackupRefused."""
        files = self.manifest().files.items()
        return [name for name, facts in files if not is_whole(self.path / name, facts)]


def find_dumps(folder: Path) -> list[Dump]:
    """Return the finished backups of a folder, the newest last."""
    dumps = [Dump(path) for path in folder.glob("rows-*") if _NAME.fullmatch(path.name)]
    return sorted(dumps, key=lambda dump: (dump.number, dump.path.name))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it beside the files that it names."""
    facts = asdict(manifest)
    text = json.dumps({"manifest": facts, "sha256": _hash_of(facts)}, indent=1)
    with (folder / MANIFEST).open("x", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def write_lines(path: Path, lines: Iterable[Mapping[str, object]]) -> FileFacts:
    """Write one line of JSON for each, onto the disk."""
    digest, size_bytes, line_count = hashlib.sha256(), 0, 0
    with path.open("xb") as file:
        for line in lines:
            # surrogatepass: a title may hold half a character, and comes back as it was
            text = json.dumps(line, ensure_ascii=False) + "\n"
            content = text.encode("utf-8", "surrogatepass")
            file.write(content)
            digest.update(content)
            size_bytes += len(content)
            line_count += 1
        file.flush()
        os.fsync(file.fileno())
    return FileFacts(size_bytes=size_bytes, sha256=digest.hexdigest(), line_count=line_count)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield what write_lines was given."""
    with path.open("rb") as file:
        for line in file:
            yield json.loads(line.decode("utf-8", "surrogatepass"))


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file; empty if it is not there or the disk cannot read it."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def size_of(path: Path) -> int:
    """Return the size of a file; -1 if it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return -1


def is_whole(path: Path, facts: FileFacts | Held) -> bool:
    """Read the file: return whether it is what was written. Without a hash the size must do."""
    if size_of(path) != facts.size_bytes:
        return False
    return not facts.sha256 or hash_file(path) == facts.sha256


@contextmanager
def owner_only() -> Iterator[None]:
    """Make files and folders that nobody else can read."""
    before = os.umask(OWNER_ONLY)
    try:
        yield
    finally:
        os.umask(before)


def _hash_of(facts: Mapping[str, object]) -> str:
    plain = json.dumps(facts, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()
