"""H5P, SCORM and HTML packages → their files, each with its hash, and where to begin.

What is in them is never trusted: it is unpacked in a child process under limits, refused with a
reason where it tries to lead out of its folder, and shown in a sandbox only.
"""

import hashlib
import json
import sys
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from media_pipeline.errors import MediaRejected, ProgramCrashed
from media_pipeline.manifests import Launch, read_manifest
from media_pipeline.package_pages import H5P_PAGE, H5P_PAGE_NAME, with_bridge
from media_pipeline.run import Limits, Progress, run_program
from media_pipeline.zips import (
    MOST_BYTES,
    Entry,
    folded,
    is_zip,
    list_entries,
    opened_zip,
)

RESULT_NAME = "package.json"
LIMITS = Limits(memory_bytes=2 * 2**30, cpu_s=1200, file_bytes=MOST_BYTES, wall_s=3600, stall_s=120)
PIECE_BYTES = 2**20
MOST_MANIFEST_BYTES = 8 * 2**20
PAGE_SUFFIXES = (".html", ".htm", ".xhtml")
MOST_PAGE_BYTES = 16 * 2**20  # a larger one is left as it is
H5P, SCORM, HTML = "h5p.json", "imsmanifest.xml", ("index.html", "index.htm")
OFFICE = ("[content_types].xml", "mimetype")  # of Office Open XML, of OpenDocument and EPUB


@dataclass(frozen=True, slots=True)
class MadeFile:
    """One file of a package; equal ones share `file`, which holds the bytes to serve."""

    path: str
    file: Path
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class MadePackage:
    """A package that was unpacked. `form` is h5p, scorm12, scorm2004 or html."""

    form: str
    title: str
    launches: tuple[Launch, ...]
    files: tuple[MadeFile, ...]


def is_package(path: Path) -> bool:
    """Tell whether a file is a ZIP that may be a package; office files are not.

    Raises MediaRejected for a ZIP that cannot be read: zip_broken, zip_too_many.
    """
    if not is_zip(path):
        return False
    with opened_zip(path) as archive:
        first = {name.casefold() for name in archive.namelist()[:1]}
        return not first & set(OFFICE) and "[Content_Types].xml" not in archive.namelist()


def read_package(path: Path, out_dir: Path, *, on_progress: Callable[[float], None]) -> MadePackage:
    """Unpack a package into `out_dir`, in a child process.

    `on_progress` gets the share that is done; what it raises ends the child and goes on up.
    Raises MediaRejected: zip_unknown (no package), zip_in_zip, zip_locked, zip_unsafe,
    zip_too_many, zip_too_large, zip_bomb, zip_broken, package_manifest_broken, package_no_start,
    h5p_no_library; MediaFailed and its kinds.
    """

    def tell(progress: Progress) -> None:
        on_progress(progress.share)

    argv = [sys.executable, "-m", "media_pipeline.package_reader", str(path), str(out_dir)]
    try:
        run_program(argv, LIMITS, on_tick=tell)
    except ProgramCrashed as crash:
        raise MediaRejected("zip_broken", crash.detail) from crash
    return _result(json.loads((out_dir / RESULT_NAME).read_text()), out_dir)


def unpack_package(
    path: Path, out_dir: Path, *, on_progress: Callable[[float], None]
) -> MadePackage:
    """Do the work of read_package in this process."""
    try:
        with opened_zip(path) as archive:
            return _unpacked(archive, out_dir, on_progress)
    except (zlib.error, NotImplementedError, RuntimeError, OSError) as error:
        # An unknown compression, a name that is not the one in the directory, a cut-off file.
        raise MediaRejected("zip_broken", str(error)) from error


def write_result(out_dir: Path, result: MadePackage | MediaRejected) -> None:
    """Leave what was made, or why nothing, where read_package looks for it."""
    facts: dict[str, Any]
    if isinstance(result, MediaRejected):
        facts = {"code": result.code, "detail": result.detail}
    else:
        files = [asdict(each) | {"file": each.file.name} for each in result.files]
        facts = {**asdict(result), "files": files}
    (out_dir / RESULT_NAME).write_text(json.dumps(facts))


def _result(facts: dict[str, Any], out_dir: Path) -> MadePackage:
    """Raise the child's MediaRejected, or return what it made: names only inside `out_dir`."""
    if "code" in facts:
        raise MediaRejected(facts["code"], facts["detail"])
    launches = tuple(Launch(**launch) for launch in facts["launches"])
    files = tuple(
        MadeFile(**(each | {"file": out_dir / Path(each["file"]).name})) for each in facts["files"]
    )
    return MadePackage(facts["form"], facts["title"], launches, files)


def _unpacked(
    archive: zipfile.ZipFile, out_dir: Path, on_progress: Callable[[float], None]
) -> MadePackage:
    entries = list_entries(archive)
    kind, root = _find_root(entries)
    inside = [
        Entry(entry.path.removeprefix(root), entry.info)
        for entry in entries
        if entry.path.startswith(root)
    ]
    form, title, launches = _read_facts(archive, kind, inside)
    writer = _Writer(out_dir, form)
    if form == "h5p":
        inside = [entry for entry in inside if entry.path != H5P_PAGE_NAME]
        writer.add_page(H5P_PAGE_NAME, H5P_PAGE)
    for number, entry in enumerate(inside, 1):
        with archive.open(entry.info) as content:
            writer.add(entry.path, content)
        on_progress(number / len(inside))
    return MadePackage(form, title, launches, tuple(writer.files))


def _find_root(entries: Sequence[Entry]) -> tuple[str, str]:
    """Return which kind of package it is, and the folder it lies in, "" or ending in "/".

    What stands highest counts; at equal height an H5P before a SCORM before a bare page.
    """
    kinds = {H5P: 0, SCORM: 1, HTML[0]: 2, HTML[1]: 3}
    found = []
    for entry in entries:
        folder, slash, name = entry.path.rpartition("/")
        if (rank := kinds.get(name.casefold())) is not None:
            found.append((entry.path.count("/"), rank, folder + slash))
    for is_named in (True, False):  # a manifest anywhere before a page that stands higher
        fitting = [each for each in found if (each[1] < kinds[HTML[0]]) == is_named]
        if fitting:
            _, rank, root = min(fitting)
            return (H5P, SCORM, *HTML)[rank], root
    if any(entry.path.casefold().endswith((".zip", ".h5p")) for entry in entries):
        raise MediaRejected("zip_in_zip")
    raise MediaRejected("zip_unknown", ", ".join(entry.path for entry in entries[:5]))


def _read_facts(
    archive: zipfile.ZipFile, kind: str, inside: Sequence[Entry]
) -> tuple[str, str, tuple[Launch, ...]]:
    """Return form, title and launches. Raises MediaRejected when nothing can be started."""
    by_name = {folded(entry.path): entry for entry in inside}
    if kind == H5P:
        title = _check_h5p(_read_json(archive, by_name[H5P]), by_name)
        return "h5p", title, (Launch(title, H5P_PAGE_NAME),)
    pages = [Launch("", by_name[name].path) for name in HTML if name in by_name][:1]
    if kind != SCORM:
        return "html", "", tuple(pages)
    paths = [entry.path for entry in inside]
    manifest = read_manifest(_read_small(archive, by_name[SCORM]), paths)
    launches = manifest.launches or tuple(pages)
    if not launches:
        raise MediaRejected("package_no_start")
    return manifest.form, manifest.title, launches


def _check_h5p(facts: dict[str, Any], by_name: dict[str, Entry]) -> str:
    """Return the title of an H5P that brings its content and the library that shows it."""
    if "content/content.json" not in by_name:
        raise MediaRejected("package_no_start", "content/content.json")
    main = str(facts.get("mainLibrary", ""))
    libraries = [
        f"{each.get('machineName')}-{each.get('majorVersion')}.{each.get('minorVersion')}"
        for each in _dicts(facts.get("preloadedDependencies"))
    ]
    missing = [name for name in libraries if folded(f"{name}/library.json") not in by_name]
    if missing or not any(name.startswith(f"{main}-") for name in libraries):
        raise MediaRejected("h5p_no_library", ", ".join([main, *missing])[:500])
    return " ".join(str(facts.get("title", "")).split())[:300]


def _dicts(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _read_json(archive: zipfile.ZipFile, entry: Entry) -> dict[str, Any]:
    try:
        facts = json.loads(_read_small(archive, entry).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise MediaRejected("package_manifest_broken", str(error)) from error
    if not isinstance(facts, dict):
        raise MediaRejected("package_manifest_broken", "not an object")
    return facts


def _read_small(archive: zipfile.ZipFile, entry: Entry) -> bytes:
    if entry.info.file_size > MOST_MANIFEST_BYTES:
        raise MediaRejected("package_manifest_broken", f"{entry.info.file_size} bytes")
    return archive.read(entry.info)


class _Writer:
    """Writes files under the hash of what is served; counts what really comes out of the ZIP."""

    def __init__(self, out_dir: Path, form: str) -> None:
        self.files: list[MadeFile] = []
        self._out_dir, self._form = out_dir, form
        self._written_bytes = 0

    def add(self, path: str, content: IO[bytes]) -> None:
        arriving = self._out_dir / "arriving"
        with arriving.open("wb") as file:
            while piece := content.read(PIECE_BYTES):
                self._written_bytes += len(piece)
                if self._written_bytes > MOST_BYTES:
                    raise MediaRejected("zip_too_large", "more than its directory says")
                file.write(piece)
        is_page = path.casefold().endswith(PAGE_SUFFIXES) and self._form != "h5p"
        if is_page and arriving.stat().st_size <= MOST_PAGE_BYTES:
            arriving.write_bytes(with_bridge(arriving.read_bytes(), self._form))
        self._keep(path, arriving)

    def add_page(self, path: str, text: str) -> None:
        arriving = self._out_dir / "arriving"
        arriving.write_text(text)
        self._keep(path, arriving)

    def _keep(self, path: str, arriving: Path) -> None:
        with arriving.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        size_bytes = arriving.stat().st_size
        kept = arriving.rename(self._out_dir / f"{sha256}.bin")
        self.files.append(MadeFile(path, kept, sha256, size_bytes))
