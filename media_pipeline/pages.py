"""Pages of documents and pictures, read in a process of their own.

The libraries that read them are large and their input may be hostile: what crashes or bloats is a
child under limits, not the worker.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from media_pipeline.errors import MediaRejected, ProgramCrashed
from media_pipeline.run import Limits, Progress, run_program

PageKind = Literal["document", "image"]
RESULT_NAME = "pages.json"
# 60 megapixels with transparency take 240 MB, twice while they are turned upright.
LIMITS = Limits(memory_bytes=2 * 2**30, cpu_s=1800, file_bytes=2**27, wall_s=3600, stall_s=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePage:
    """One page's image and text; an uploaded picture is one page without text."""

    number: int
    path: Path
    width_px: int
    height_px: int
    text: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class MadeDocument:
    """The pages of a document or picture, and its poster."""

    pages: tuple[MadePage, ...]
    poster: Path


def read_apart(
    kind: PageKind,
    path: Path,
    out_dir: Path,
    *,
    on_progress: Callable[[float], None],
    limits: Limits = LIMITS,
) -> MadeDocument:
    """Read a file in a child process; see read_document and read_image.

    `on_progress` is called several times a second with the share that is done; what it raises
    stops the child and goes on up. Raises MediaRejected, also "broken_file" for a file that
    crashes its reader or needs more memory than a page may; MediaFailed and its kinds.
    """

    def tell(progress: Progress) -> None:
        on_progress(progress.share)

    argv = [sys.executable, "-m", "media_pipeline.page_reader", kind, str(path), str(out_dir)]
    try:
        run_program(argv, limits, on_tick=tell)
    except ProgramCrashed as crash:
        raise MediaRejected("broken_file", crash.detail) from crash
    return _result(json.loads((out_dir / RESULT_NAME).read_text()), out_dir)


def write_result(out_dir: Path, result: MadeDocument | MediaRejected) -> None:
    """Leave what was made, or why nothing, where read_apart looks for it."""
    facts: dict[str, Any]
    if isinstance(result, MediaRejected):
        facts = {"code": result.code, "detail": result.detail}
    else:
        pages = [asdict(page) | {"path": page.path.name} for page in result.pages]
        facts = {"pages": pages, "poster": result.poster.name}
    (out_dir / RESULT_NAME).write_text(json.dumps(facts))


def _result(facts: dict[str, Any], out_dir: Path) -> MadeDocument:
    """Raise the child's MediaRejected, or return what it made: names only inside `out_dir`."""
    if "code" in facts:
        raise MediaRejected(facts["code"], facts["detail"])
    pages = (MadePage(**page) for page in facts["pages"])
    inside = tuple(replace(page, path=out_dir / Path(page.path).name) for page in pages)
    return MadeDocument(inside, out_dir / Path(facts["poster"]).name)
