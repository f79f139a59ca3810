"""What of a lesson may be saved, as its page shows it, and what the browser is told to keep it."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import url_for

from server.models.lessons import Lesson
from server.policy import may_save_lesson
from server.request_context import viewer, wiring
from server.services.play import AssetStateCard
from server.services.saving import SaveChoice, save_choices
from server.web.choices import label_of, track_labels
from server.web.origin import Origin
from server.web.progress_pass import progress_pass
from server.web.translate import translate as _


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveCard:
    """One file to save, and its address."""

    name: str
    label: str
    size_bytes: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePart:
    """The part of a lesson's page that saves it; `keeping` is read by frontend/src/keep.ts."""

    files: Sequence[SaveCard]
    keeping: dict[str, Any]


def save_part(lesson: Lesson, progress: AssetStateCard | None, origin: Origin) -> SavePart | None:
    """Return what of a lesson may be saved; None if nothing."""
    if progress is None or not may_save_lesson(lesson):
        return None
    files = [_card(lesson, choice, origin.share_token) for choice in save_choices(lesson, progress)]
    return SavePart(files=files, keeping=_keeping(lesson, origin)) if files else None


def _card(lesson: Lesson, choice: SaveChoice, share_token: str) -> SaveCard:
    if share_token:
        url = url_for("saving.save_shared", token=share_token, name=choice.name)
    else:
        url = url_for("saving.save", lesson_id=lesson.id, name=choice.name)
    label = _("Sound only") if choice.kind == "sound" else f"{choice.height_px}p"
    return SaveCard(name=choice.name, label=label, size_bytes=choice.size_bytes, url=url)


def _keeping(lesson: Lesson, origin: Origin) -> dict[str, Any]:
    return {
        "lessonId": str(lesson.id),
        "title": lesson.title,
        "maker": lesson.school.name if lesson.school else lesson.owner.display_name,
        "owner": owner_mark(),
        "progressPass": progress_pass(lesson, origin),
        "keptRanges": lesson.kept_ranges,
        "captions": [
            {
                "language": track.language,
                "label": label_of(track_labels(), track.language),
                "name": track.key.rpartition("/")[2],
            }
            for track in lesson.text_tracks
        ],
        "words": kept_words(),
    }


def owner_mark() -> str:
    """Return a mark of who is signed in, which names nobody; empty for guests."""
    person = viewer()
    return mark_of(person.id) if person else ""


def mark_of(person_id: UUID) -> str:
    """Return a mark of a person, which names nobody."""
    secret = wiring().settings.secret_key.get_secret_value()
    return sha256(f"kept {person_id} {secret}".encode()).hexdigest()[:16]


def kept_words() -> dict[str, str]:
    """Return the words of what is kept; the keys stand in frontend/src/words.ts."""
    return {
        "keeping": _("Keeping {percent}% · {done} of {total}. Leave this page open"),
        "waiting": _("The connection is gone. {percent}% was fetched; goes on by itself"),
        "kept": _("Kept in this browser. It plays without a connection"),
        "open": _("Show what is kept"),
        "cancel": _("Stop keeping it"),
        "stopped": _("Stopped. Nothing of it is kept"),
        "refused": _("This lesson may no longer be saved"),
        "failed": _("It could not be kept. Nothing of it takes up space. Try again later"),
        "no_space": _(
            "There is not enough space on this device: {size} is needed, {free} is free. "
            "Remove something that is kept, or choose a smaller one"
        ),
        "nothing": _("Nothing is kept in this browser yet. Open a lesson and press “Keep”"),
        "uses": _("Takes up {size} on this device"),
        "remove": _("Remove"),
        "removed": _("Removed. {size} is free again"),
        "play": _("Play"),
        "unsupported": _("This browser cannot keep lessons. Save the file instead"),
    }
