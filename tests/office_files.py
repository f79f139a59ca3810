"""Office files for tests, the smallest that hold what is asked for."""

import zipfile
from pathlib import Path

MIME_TYPE = "application/vnd.oasis.opendocument.text"
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
    content = (
        f'<office:document-content {NAMESPACES} xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'office:version="1.2"><office:body><office:text><text:p>{words}</text:p>{more}'
        "</office:text></office:body></office:document-content>"
    )
    manifest = (
        f'<manifest:manifest {NAMESPACES} manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIME_TYPE}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", MIME_TYPE)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return path


def a_broken_pptx(path: Path) -> Path:
    """Write a ZIP that calls itself a presentation and is none."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("ppt/presentation.xml", "no XML at all")
    return path
