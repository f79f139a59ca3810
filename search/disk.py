"""What is to be found after a power cut."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Have the bytes of a file, or the names in a folder, on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
