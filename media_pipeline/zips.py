"""ZIP files of strangers: their directory, read without trust, and names in Thai code pages."""

import stat
import struct
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from media_pipeline.errors import MediaRejected

MAGIC = b"PK\x03\x04"
MOST_ENTRIES = 10_000
MOST_DIRECTORY_BYTES = 16 * 2**20
MOST_BYTES = 2 * 2**30  # unpacked
MOST_RATIO = 200  # how many times its own size a package may unpack to …
UNSUSPICIOUS_BYTES = 64 * 2**20  # … unless it stays below this
LONGEST_PATH = 400
_END = b"PK\x05\x06"
_END_BYTES = 22
_LONGEST_COMMENT = 0xFFFF
_OVERFLOWN = 0xFFFF
_ENCRYPTED = 0x1
_UTF_8 = 0x800
_DRIVE = 2  # "C:" at the start of a path
_OF_OTHERS = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")  # litter of file managers


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in a ZIP, under its real name: "/" between folders, none leading out."""

    path: str
    info: zipfile.ZipInfo


def is_zip(path: Path) -> bool:
    """Tell whether the file begins as a ZIP does."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


@contextmanager
def opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a ZIP whose directory has a believable size.

    Raises MediaRejected: zip_broken, zip_too_many.
    """
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, UnicodeDecodeError, struct.error, EOFError) as error:
        raise MediaRejected("zip_broken", str(error)) from error


def list_entries(archive: zipfile.ZipFile) -> list[Entry]:
    """Return the files that may be unpacked; folders and litter are left out.

    Raises MediaRejected: zip_unsafe (a path out of the root, an absolute one, a link), zip_locked,
    zip_too_many, zip_too_large, zip_bomb.
    """
    entries: dict[str, Entry] = {}
    for info in archive.infolist():
        path = _checked_path(info)
        if path and not info.is_dir() and not _is_litter(path):
            entries[path] = Entry(path, info)
    _check_sizes([entry.info for entry in entries.values()])
    return list(entries.values())


def real_name(info: zipfile.ZipInfo) -> str:
    """Return the name as it was meant: UTF-8 or Thai CP874, however the ZIP calls it."""
    name = info.orig_filename
    if info.flag_bits & _UTF_8:
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for encoding in ("utf-8", "cp874"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def folded(path: str) -> str:
    """Return what equal names have in common where case and composition of letters do not count."""
    return unicodedata.normalize("NFC", path).casefold()


def _check_directory(path: Path) -> None:
    """Refuse a directory that would fill memory before anything could be looked at."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _END_BYTES - _LONGEST_COMMENT))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise MediaRejected("zip_broken", "it has no end")
    count, size_bytes = struct.unpack_from("<HL", tail, at + 10)
    if count == _OVERFLOWN or count > MOST_ENTRIES or size_bytes > MOST_DIRECTORY_BYTES:
        raise MediaRejected("zip_too_many", f"{count} entries, directory of {size_bytes} bytes")


def _checked_path(info: zipfile.ZipInfo) -> str:
    """Return the path inside the root, "" for the root itself. Raises MediaRejected."""
    if info.flag_bits & _ENCRYPTED:
        raise MediaRejected("zip_locked")
    name = real_name(info).replace("\\", "/")
    kind = stat.S_IFMT(info.external_attr >> 16)
    steps = [step for step in name.split("/") if step not in {"", "."}]
    is_link = kind not in {0, stat.S_IFREG, stat.S_IFDIR}
    is_odd = any(ord(sign) < ord(" ") for sign in name)
    is_elsewhere = name.startswith("/") or name[1:_DRIVE] == ":" or ".." in steps
    path = "/".join(steps)
    if is_link or is_odd or is_elsewhere or len(path) > LONGEST_PATH:
        raise MediaRejected("zip_unsafe", ascii(name[:LONGEST_PATH]))
    return path


def _is_litter(path: str) -> bool:
    low = path.casefold()
    return low.startswith(_OF_OTHERS[0]) or low.rpartition("/")[2] in _OF_OTHERS[1:]


def _check_sizes(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MOST_ENTRIES:
        raise MediaRejected("zip_too_many", f"{len(infos)} entries")
    total_bytes = sum(info.file_size for info in infos)
    packed_bytes = sum(info.compress_size for info in infos)
    if total_bytes > UNSUSPICIOUS_BYTES and total_bytes > MOST_RATIO * packed_bytes:
        raise MediaRejected("zip_bomb", f"{packed_bytes} bytes hold {total_bytes}")
    if total_bytes > MOST_BYTES:
        raise MediaRejected("zip_too_large", f"{total_bytes} bytes")
