"""The child of read_apart: `python -m media_pipeline.page_reader document FILE FOLDER`.

It prints "share=0.25" while it goes on and leaves its result in FOLDER.
"""

import sys
from pathlib import Path

from PIL import Image

from media_pipeline.documents import draw_document
from media_pipeline.errors import MediaRejected
from media_pipeline.images import draw_image
from media_pipeline.pages import MadeDocument, write_result


def main(kind: str, path: Path, out_dir: Path) -> int:
    """Read the file; 0 also when it was refused: then the result says why."""
    Image.MAX_IMAGE_PIXELS = None  # open_image has limits of its own
    result: MadeDocument | MediaRejected
    try:
        result = _drawn(kind, path, out_dir)
    except MediaRejected as rejected:
        result = rejected
    except MemoryError:
        result = MediaRejected(f"{kind}_broken", "it needs more memory than a page may")
    write_result(out_dir, result)
    return 0


def _drawn(kind: str, path: Path, out_dir: Path) -> MadeDocument:
    if kind == "image":
        return draw_image(path, out_dir)
    return draw_document(path, out_dir, on_progress=_tell)


def _tell(share: float) -> None:
    sys.stdout.write(f"share={share:.4f}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
