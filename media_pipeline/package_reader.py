"""The child of read_package: `python -m media_pipeline.package_reader FILE FOLDER`.

It prints "share=0.25" while it goes on and leaves its result in FOLDER.
"""

import sys
from pathlib import Path

from media_pipeline.errors import MediaRejected
from media_pipeline.packages import MadePackage, unpack_package, write_result


def main(path: Path, out_dir: Path) -> int:
    """Unpack the file; 0 also when it was refused: then the result says why."""
    result: MadePackage | MediaRejected
    try:
        result = unpack_package(path, out_dir, on_progress=_tell)
    except MediaRejected as rejected:
        result = rejected
    except MemoryError:
        result = MediaRejected("zip_broken", "it needs more memory than a package may")
    write_result(out_dir, result)
    return 0


def _tell(share: float) -> None:
    sys.stdout.write(f"share={share:.4f}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
