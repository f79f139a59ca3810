"""Office files for tests, the smallest that hold what is asked for."""

import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

TEXT = "application/vnd.oasis.opendocument.text"
SLIDES = "application/vnd.oasis.opendocument.presentation"
NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
    for name, space in (
        ("office", "office"),
        ("text", "text"),
        ("draw", "drawing"),
        ("svg", "svg-compatible"),
        ("manifest", "manifest"),
    )
)


def an_odt(path: Path, *, words: str = "ใบความรู้ เรื่อง แสง", more: str = "") -> Path:
    """Write a text document; `more` is XML after its first paragraph."""
    body = f"<office:text><text:p>{words}</text:p>{more}</office:text>"
    return _open_document(path, TEXT, body)


def an_odp(path: Path, slides: Sequence[str]) -> Path:
    """Write a presentation with a box of words on each slide."""
    pages = "".join(
        '<draw:page><draw:frame svg:x="2cm" svg:y="2cm" svg:width="20cm" svg:height="3cm">'
        f"<draw:text-box><text:p>{words}</text:p></draw:text-box></draw:frame></draw:page>"
        for words in slides
    )
    return _open_document(path, SLIDES, f"<office:presentation>{pages}</office:presentation>")


def saved_as(path: Path, kind: str, soffice: Path) -> Path:
    """Have LibreOffice write a file in another kind beside it, as PowerPoint or Word would."""
    home = path.parent / "office home"
    options = [f"-env:UserInstallation={home.as_uri()}", "--headless", "--convert-to", kind]
    subprocess.run(
        [str(soffice), *options, "--outdir", str(path.parent), str(path)],
        capture_output=True,
        check=True,
        timeout=120,
    )
    return path.with_suffix(f".{kind}")


def _open_document(path: Path, mime_type: str, body: str) -> Path:
    content = (
        f'<office:document-content {NAMESPACES} xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'office:version="1.2"><office:body>{body}</office:body></office:document-content>'
    )
    manifest = (
        f'<manifest:manifest {NAMESPACES} manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime_type}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", mime_type)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return path


def a_broken_pptx(path: Path) -> Path:
    """Write a ZIP that calls itself a presentation and is none."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("ppt/presentation.xml", "no XML at all")
    return path
