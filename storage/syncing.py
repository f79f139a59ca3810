"""What makes files outlive a power cut: their bytes, and their names in the folders above them.

A file that was written, or renamed, is in the memory of the system at first; a program that is
killed loses nothing of it, a power cut takes it.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def sync(path: Path) -> None:
    """Have the bytes of a file, or the names in a folder, on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_names(path: Path, *, up_to: Path) -> None:
    """Have the file's name on the disk, and those of the folders it is in below `up_to`."""
    for folder in path.parents:
        sync(folder)
        if folder == up_to:
            return


def make_folder(path: Path, *, mode: int = 0o777) -> None:
    """Make a folder and those above it; what was made stays made."""
    if path.is_dir():
        return
    make_folder(path.parent, mode=mode)
    path.mkdir(mode=mode, exist_ok=True)
    sync(path.parent)


def kept_text(path: Path, text: str) -> str:
    """Return what is kept under this path, for its owner alone; `text` if nothing was yet.

    Of several that come at once with different texts, all get the same one.
    """
    make_folder(path.parent, mode=0o700)
    arriving = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        with os.fdopen(os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        sync(arriving)
        with suppress(FileExistsError):
            path.hardlink_to(arriving)
        arriving.unlink()
    sync(path.parent)
    return path.read_text()
