"""What the office is told on its pages while a disk is getting full."""

from dataclasses import dataclass

from server.request_context import wiring
from server.services.room import Disk
from server.web.dates import size_text
from server.web.translate import translate as _

FULL, SOON = 100, 90


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskNotice:
    """How full the fullest disk is, what still works, and what to do."""

    is_urgent: bool
    title: str
    text: str


def disk_notice() -> DiskNotice | None:
    """Return what is to be said; None while a fifth of every disk is free."""
    return notice_of(wiring().room.disks()[0])


def notice_of(disk: Disk) -> DiskNotice | None:
    """Return what is to be said of one disk."""
    mark = disk.warned_percent
    if mark is None:
        return None
    return DiskNotice(is_urgent=mark >= SOON, title=_title(disk), text=_text(disk, mark))


def _title(disk: Disk) -> str:
    if disk.left_bytes <= 0:
        return _("The server's disk is full: uploads and preparing wait")
    return _("The server's disk is %(percent)s%% full", percent=disk.used_percent)


def _text(disk: Disk, mark: int) -> str:
    if mark == FULL:
        return _(
            "What is there is safe. Playing, answering and deleting go on. Remove deleted lessons "
            "for good or sent files, or enlarge the disk: uploads then go on by themselves."
        )
    left = size_text(disk.left_bytes)
    if mark >= SOON:
        return _(
            "Uploads stop when another %(left)s are used; everything else goes on. Remove sent "
            "files that are old, or enlarge the disk now.",
            left=left,
        )
    return _(
        "Another %(left)s can be used before uploads stop. Plan for a larger disk, or for how "
        "long sent files are kept.",
        left=left,
    )
