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

from media_pipeline.errors import EncodeStalled, EncodeTooSlow, MediaRejected, ProgramCrashed
from media_pipeline.run import Limits, Progress, run_program

PageKind = Literal["document", "image"]
RESULT_NAME = "pages.json"
# 60 megapixels with transparency take 240 MB, twice while they are turned upright.
LIMITS = Limits(memory_bytes=2 * 2**30, cpu_s=1800, file_bytes=2**28, wall_s=3600, stall_s=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeImage:
    """One image of a page."""

    path: Path
    width_px: int
    height_px: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePage:
    """One page's images and text; an uploaded picture is one page without text.

    A page without images has its text only: it comes late in the document, or cannot be drawn.
    """

    number: int
    text: str
    large: MadeImage | None = None
    small: MadeImage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeDocument:
    """The pages of a document or picture, and its poster.

    `page_count` may be more than there are pages here. `copy` is what viewers may keep, where that
    is not the original.
    """

    pages: tuple[MadePage, ...]
    poster: Path
    page_count: int
    copy: Path | None = None


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
    stops the child and goes on up. Raises MediaRejected, also "document_broken" or "image_broken"
    for a file that crashes its reader or needs more memory than a page may, "document_too_heavy"
    for one that takes longer than a page may; MediaFailed and its kinds.
    """

    def tell(progress: Progress) -> None:
        on_progress(progress.share)

    argv = [sys.executable, "-m", "media_pipeline.page_reader", kind, str(path), str(out_dir)]
    try:
        run_program(argv, limits, on_tick=tell)
    except ProgramCrashed as crash:
        raise MediaRejected(f"{kind}_broken", crash.detail) from crash
    except (EncodeStalled, EncodeTooSlow) as slow:
        raise MediaRejected("document_too_heavy", slow.detail) from slow
    return _result(json.loads((out_dir / RESULT_NAME).read_text()), out_dir)


def write_result(out_dir: Path, result: MadeDocument | MediaRejected) -> None:
    """Leave what was made, or why nothing, where read_apart looks for it."""
    facts: dict[str, Any]
    if isinstance(result, MediaRejected):
        facts = {"code": result.code, "detail": result.detail}
    else:
        facts = asdict(result)
    (out_dir / RESULT_NAME).write_text(json.dumps(facts, default=lambda path: path.name))


def _result(facts: dict[str, Any], out_dir: Path) -> MadeDocument:
    """Raise the child's MediaRejected, or return what it made: names only inside `out_dir`."""
    if "code" in facts:
        raise MediaRejected(facts["code"], facts["detail"])
    pages = tuple(
        MadePage(
            number=page["number"],
            text=page["text"],
            large=_image(page["large"], out_dir),
            small=_image(page["small"], out_dir),
        )
        for page in facts["pages"]
    )
    copy = out_dir / Path(facts["copy"]).name if facts["copy"] else None
    poster = out_dir / Path(facts["poster"]).name
    return MadeDocument(pages=pages, poster=poster, page_count=facts["page_count"], copy=copy)


def _image(facts: dict[str, Any] | None, out_dir: Path) -> MadeImage | None:
    if facts is None:
        return None
    return replace(MadeImage(**facts), path=out_dir / Path(facts["path"]).name)
