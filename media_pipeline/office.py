"""Office files → PDF, by LibreOffice in a throw-away home, without macros, links or network."""

import mmap
import shutil
import zipfile
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from media_pipeline.errors import (
    EncodeStalled,
    EncodeTooSlow,
    MediaFailed,
    MediaRejected,
    ToolsMissing,
)
from media_pipeline.run import Limits, Progress, run_program

# LibreOffice says nothing while it works: only the wall limit ends it.
LIMITS = Limits(
    memory_bytes=6 * 2**30, cpu_s=600, file_bytes=2**28, wall_s=600, stall_s=600, nice=5
)
OPEN_XML = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}
OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.presentation": "odp",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_STREAMS = {
    "EncryptedPackage": "locked",
    "PowerPoint Document": "ppt",
    "WordDocument": "doc",
    "Workbook": "xls",
}
RTF = b"{\\rtf"
LONGEST_MIME_TYPE = 100
# Nothing runs, nothing is fetched, no other file is read: what a document points to stays away.
SETTINGS: Mapping[str, Mapping[str, int | bool | str]] = {
    "org.openoffice.Office.Common/Security/Scripting": {
        "MacroSecurityLevel": 3,
        "DisableMacrosExecution": True,
        "BlockUntrustedRefererLinks": True,
        "DisableActiveContent": True,
    },
    "org.openoffice.Office.Writer/Content/Update": {"Link": 0},
    "org.openoffice.Office.Calc/Content/Update": {"Link": 2},
    "org.openoffice.Inet/Settings": {
        "ooInetProxyType": 1,
        "ooInetHTTPProxyName": "127.0.0.1",
        "ooInetHTTPProxyPort": 9,
        "ooInetHTTPSProxyName": "127.0.0.1",
        "ooInetHTTPSProxyPort": 9,
    },
}


def sniff_office(path: Path) -> str:
    """Return "docx", "pptx", "odt", "doc" and the like by what is in the file, else "".

    Raises MediaRejected("document_locked") for one with a password.
    """
    with path.open("rb") as file:
        head = file.read(len(OLE))
    if head.startswith(RTF):
        return "rtf"
    if head == OLE:
        return _sniff_ole(path)
    return _sniff_zip(path) if head.startswith(b"PK\x03\x04") else ""


def convert_to_pdf(
    path: Path,
    kind: str,
    out_dir: Path,
    soffice: Path | None,
    *,
    on_progress: Callable[[float], None],
) -> Path:
    """Return the office file as PDF in `out_dir`; `kind` is what sniff_office returned.

    Raises MediaRejected: office_missing (no LibreOffice here), document_too_heavy, document_broken;
    MediaFailed.
    """
    if soffice is None:
        raise MediaRejected("office_missing")
    home = out_dir.resolve() / "office"  # LibreOffice waits for ever when told of a relative one
    _write_profile(home / "profile")
    # The ending tells LibreOffice what it is; the name is not the one that somebody chose.
    original = home / f"document.{kind}"
    shutil.copyfile(path, original)

    def tell(_progress: Progress) -> None:
        on_progress(0.0)

    try:
        run_program(_argv(original, home, soffice), LIMITS, on_tick=tell)
    except ToolsMissing:
        raise
    except (EncodeStalled, EncodeTooSlow) as slow:
        raise MediaRejected("document_too_heavy", slow.detail) from slow
    except MediaFailed as failed:
        raise MediaRejected("document_broken", failed.detail) from failed
    made = home / "document.pdf"
    if not made.is_file():  # it ends well also when it could not read the file
        raise MediaRejected("document_broken", "LibreOffice could not read it")
    return made.rename(out_dir / "copy.pdf")


def _argv(original: Path, home: Path, soffice: Path) -> list[str]:
    """Return the command, in an environment without anything of ours."""
    variables = {
        "HOME": home,
        "TMPDIR": home,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "SAL_USE_VCLPLUGIN": "svp",
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }
    return [
        *_without_network(),
        "/usr/bin/env",
        "-i",
        *(f"{name}={value}" for name, value in variables.items()),
        str(soffice),
        f"-env:UserInstallation={(home / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--nodefault",
        "--convert-to",
        "pdf",
        "--outdir",
        str(home),
        str(original),
    ]


def _without_network() -> list[str]:
    """Return a wrapper that takes the network away, where this machine lets us do so."""
    unshare = shutil.which("unshare")
    return [unshare, *UNSHARED] if unshare and _may_unshare(unshare) else []


UNSHARED = ("--user", "--map-current-user", "--net", "--")


@lru_cache(maxsize=1)
def _may_unshare(unshare: str) -> bool:
    try:
        run_program([unshare, *UNSHARED, "true"], Limits(wall_s=10, stall_s=10), on_tick=_ignore)
    except MediaFailed:
        return False
    return True


def _ignore(_progress: Progress) -> None:
    """Do nothing."""


def _write_profile(profile: Path) -> None:
    """Write the settings of a user who trusts nobody."""
    user = profile / "user"
    user.mkdir(parents=True)
    items = "".join(
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{str(value).lower()}</value></prop></item>"
        for path, values in SETTINGS.items()
        for name, value in values.items()
    )
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{items}</oor:items>'
    )


def _sniff_zip(path: Path) -> str:
    """Return what kind of office ZIP it is; one that cannot be read is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "[Content_Types].xml" in names:
                kinds = (k for folder, k in OPEN_XML.items() if any(map(_below(folder), names)))
                return next(kinds, "")
            if "mimetype" not in names:
                return ""
            with archive.open("mimetype") as file:
                kind = OPEN_DOCUMENT.get(file.read(LONGEST_MIME_TYPE).strip(), "")
            return _checked_open_document(archive, kind)
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError):
        return ""


def _below(folder: str) -> Callable[[str], bool]:
    return lambda name: name.startswith(folder)


def _checked_open_document(archive: zipfile.ZipFile, kind: str) -> str:
    with archive.open("META-INF/manifest.xml") as file:
        if kind and b"encryption-data" in file.read(2**20):
            raise MediaRejected("document_locked")
    return kind


def _sniff_ole(path: Path) -> str:
    """Return what an old office file is by the names of its streams, which are in UTF-16."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        kinds = (
            kind
            for name, kind in OLE_STREAMS.items()
            if content.find(name.encode("utf-16-le")) >= 0
        )
        kind = next(kinds, "")
    if kind == "locked":
        raise MediaRejected("document_locked")
    return kind
