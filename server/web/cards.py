"""What templates are given: plain values, never database rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import url_for

from server.models.lessons import Lesson
from server.models.library import Asset, AssetState, Original, Upload
from server.services.lesson_changes import LEARNING_AREAS
from server.services.play import AssetStateCard, RenditionCard
from server.services.views import shown_duration_s
from server.web.choices import grades_text, label_of, learning_area_labels
from server.web.dates import megabytes_per_minute
from server.web.loss_texts import loss_texts
from server.web.watched_cards import WatchedCard


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonCard:
    """One lesson in a list."""

    id: UUID
    url: str
    title: str
    school: str
    teacher: str
    poster_url: str
    kind: str
    duration_s: float
    grades: str
    learning_area: str
    area_letter: str
    area_number: int
    language: str
    watched: WatchedCard | None = None  # by who is signed in


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCard:
    """How far a file is, for the state badge and the scripts that keep it fresh."""

    asset_id: UUID
    name: str  # waiting, preparing, partly, cut_off, ready, failed
    kind: str = "unknown"
    percent: int = 0
    queue_place: int | None = None
    watchable_s: float = 0.0
    missing_s: float = 0.0
    losses: Sequence[str] = ()  # sentences about what cannot be shown
    error_code: str = ""
    watchable_in_s: float | None = None
    ready_in_s: float | None = None

    @property
    def is_moving(self) -> bool:
        """Whether it will change by itself."""
        return self.name in {"waiting", "preparing", "partly"}

    @property
    def is_watchable(self) -> bool:
        """Whether something can be shown."""
        return self.name in {"partly", "cut_off", "ready"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLessonCard:
    """One lesson in the studio."""

    id: UUID
    title: str
    poster_url: str
    area_letter: str
    area_number: int
    kind: str
    duration_s: float
    is_published: bool
    visibility: str
    changed_at: datetime
    restorable_until: datetime | None
    state: StateCard | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCard:
    """A file that was sent and is no lesson yet."""

    original_id: UUID
    file_name: str
    size_bytes: int
    created_at: datetime
    state: StateCard


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadCard:
    """A file that is not sent completely."""

    id: UUID
    file_name: str
    size_bytes: int
    percent: int
    touched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceSize:
    """What one way of watching costs."""

    kind: str  # saver, sound, best
    height_px: int
    mb_per_minute: str
    total_bytes: int


def lesson_card(
    lesson: Lesson, *, share_token: str = "", watched: WatchedCard | None = None
) -> LessonCard:
    """Return a lesson as lists and its own page show it."""
    asset = lesson.original.asset if lesson.original else None
    return LessonCard(
        id=lesson.id,
        url=url_for("lessons.show", lesson_id=lesson.id),
        title=lesson.title,
        school=lesson.school.name if lesson.school else "",
        teacher=lesson.owner.display_name,
        poster_url=poster_url(lesson, share_token=share_token),
        kind=asset.kind if asset else "unknown",
        duration_s=shown_duration_s(lesson),
        grades=grades_text(lesson.grades),
        learning_area=label_of(learning_area_labels(), lesson.learning_area),
        area_letter=lesson.learning_area,
        area_number=area_number(lesson.learning_area),
        language=lesson.language,
        watched=watched,
    )


def area_number(letter: str) -> int:
    """Return 1 to 8 for the colour of a learning area; 0 without one."""
    return LEARNING_AREAS.index(letter) + 1 if letter in LEARNING_AREAS else 0


def poster_url(lesson: Lesson, *, share_token: str = "", is_absolute: bool = False) -> str:
    """Return the poster's address, which changes with the picture; empty without one."""
    asset = lesson.original.asset if lesson.original else None
    version = lesson.poster_sha256 or (asset.poster_key.rpartition("/")[2] if asset else "")
    if not version:
        return ""
    version = version[:12]
    if share_token:
        return url_for("lessons.shared_poster", token=share_token, v=version, _external=is_absolute)
    return url_for("lessons.poster", lesson_id=lesson.id, v=version, _external=is_absolute)


def state_card(asset: Asset, progress: AssetStateCard | None = None) -> StateCard:
    """Return how far the asset is; exact with `progress`, else what its row says."""
    watchable_s = progress.watchable_s if progress else 0.0
    return StateCard(
        asset_id=asset.id,
        name=_state_name(asset, watchable_s),
        kind=asset.kind,
        percent=progress.percent if progress else 0,
        queue_place=progress.queue_place if progress else None,
        watchable_s=watchable_s or asset.duration_s,
        missing_s=asset.missing_s,
        losses=loss_texts(asset),
        error_code=asset.error_code,
        watchable_in_s=progress.watchable_in_s if progress else None,
        ready_in_s=progress.ready_in_s if progress else None,
    )


def own_lesson_card(
    lesson: Lesson, *, undo: timedelta, progress: AssetStateCard | None = None
) -> OwnLessonCard:
    """Return a lesson as its teacher sees it in the list."""
    asset = lesson.original.asset if lesson.original else None
    return OwnLessonCard(
        id=lesson.id,
        title=lesson.title,
        poster_url=poster_url(lesson),
        area_letter=lesson.learning_area,
        area_number=area_number(lesson.learning_area),
        kind=asset.kind if asset else "unknown",
        duration_s=shown_duration_s(lesson),
        is_published=lesson.is_published,
        visibility=lesson.shown_to,
        changed_at=lesson.changed_at,
        restorable_until=lesson.deleted_at + undo if lesson.deleted_at else None,
        state=state_card(asset, progress) if asset else None,
    )


def file_card(original: Original, progress: AssetStateCard | None = None) -> FileCard:
    """Return a file without a lesson."""
    return FileCard(
        original_id=original.id,
        file_name=original.file_name,
        size_bytes=original.asset.size_bytes,
        created_at=original.created_at,
        state=state_card(original.asset, progress),
    )


def upload_card(upload: Upload) -> UploadCard:
    """Return an unfinished upload; what lies in the spool is not counted."""
    share = upload.stored_bytes / upload.size_bytes if upload.size_bytes else 0.0
    return UploadCard(
        id=upload.id,
        file_name=upload.file_name,
        size_bytes=upload.size_bytes,
        percent=int(100 * share),
        touched_at=upload.touched_at,
    )


def choice_sizes(progress: AssetStateCard) -> Sequence[ChoiceSize]:
    """Return what data saver, the best picture and sound only cost; only what is whole."""
    whole = [card for card in progress.renditions if card.is_whole and card.average_bps]
    pictures = sorted((c for c in whole if c.kind != "audio"), key=lambda c: c.average_bps)
    sound = next((card for card in whole if card.kind == "audio"), None)
    sound_bps, sound_bytes = (sound.average_bps, sound.size_bytes) if sound else (0, 0)
    sizes = [
        ChoiceSize(
            kind=kind,
            height_px=card.height_px,
            mb_per_minute=megabytes_per_minute(card.average_bps + sound_bps),
            total_bytes=card.size_bytes + sound_bytes,
        )
        for kind, card in _saver_and_best(pictures)
    ]
    if sound:
        per_minute = megabytes_per_minute(sound_bps)
        sizes.append(
            ChoiceSize(kind="sound", height_px=0, mb_per_minute=per_minute, total_bytes=sound_bytes)
        )
    return sizes


def _saver_and_best(pictures: list[RenditionCard]) -> list[tuple[str, RenditionCard]]:
    if not pictures:
        return []
    ends = [("saver", pictures[0]), ("best", pictures[-1])]
    return ends if len(pictures) > 1 else ends[:1]


def _state_name(asset: Asset, watchable_s: float) -> str:
    match asset.state:
        case AssetState.FAILED:
            return "failed"
        case AssetState.READY:
            return "cut_off" if asset.missing_s > 0 else "ready"
        case _ if watchable_s > 0 and watchable_s >= asset.duration_s - 1:
            return "ready"  # sharper pictures may still be coming: nobody has to wait for them
        case _ if asset.watchable_at is not None or watchable_s > 0:
            return "partly"
        case AssetState.PREPARING:
            return "preparing"
        case _:
            return "waiting"
