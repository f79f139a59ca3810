"""Every object that rows name, with size and hash as far as they are known."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Select, func, select, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.models.lessons import Lesson, LessonFile, TextTrack
from server.models.library import Asset, CutPart, Original, Page, Part, Rendition
from server.models.packages import PackageFile
from server.models.set_aside import SetAside
from storage.keys import note_key, part_key


class Holder(StrEnum):
    """Which row names an object."""

    ORIGINAL = "original"
    PART = "part"
    CUT_PART = "cut_part"
    PAGE = "page"
    PACKAGE_FILE = "package_file"
    POSTER = "poster"
    COPY = "copy"
    STORYBOARD = "storyboard"
    WAVEFORM = "waveform"
    CAPTIONS = "captions"
    ASIDE = "aside"  # captions of a former file: their text is in the row
    SET_ASIDE = "set_aside"  # a sent file that waits for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One object that shall be there; size 0 and an empty hash are not known."""

    key: str
    holder: Holder
    asset_id: UUID | None = None
    row_id: UUID | None = None
    size_bytes: int = 0
    sha256: str = ""
    is_needed: bool = True  # else it may be there, and is no orphan then

    @classmethod
    def of_original(cls, asset: Asset) -> "Expected":
        """Return what was sent."""
        return cls(
            key=asset.original_key,
            holder=Holder.ORIGINAL,
            asset_id=asset.id,
            size_bytes=asset.size_bytes,
            sha256=asset.sha256,
            is_needed=asset.retired_at is None and asset.original_gone_at is None,
        )


def expected_objects(session: Session) -> Iterator[Expected]:
    """Yield what rows name, in the caller's transaction."""
    yield from _set_aside(session)  # first: a damaged original is known to its asset, too
    yield from _of_assets(session)
    yield from _parts(session, Part, Holder.PART)
    yield from _parts(session, CutPart, Holder.CUT_PART)
    yield from _pages(session)
    yield from _package_files(session)
    yield from _captions(session)


def real_totals(session: Session) -> dict[UUID, int]:
    """Return, for assets whose noted bytes are not what their rows add up to, what these do."""
    part_sums = (
        select(Rendition.asset_id, func.sum(Part.size_bytes))
        .join(Part, Part.rendition_id == Rendition.id)
        .group_by(Rendition.asset_id)
    )
    images = union(  # a small page may be as large as it gets
        select(Page.asset_id, Page.image_key.label("key"), Page.size_bytes.label("bytes")),
        select(Page.asset_id, Page.small_key, Page.small_bytes),
    ).subquery()
    page_sums = select(images.c.asset_id, func.sum(images.c.bytes)).group_by(images.c.asset_id)
    file_sums = _sums_of_shared(PackageFile.asset_id, PackageFile.size_bytes, PackageFile.key)
    parts = {asset_id: int(total) for asset_id, total in session.execute(part_sums)}
    pages = {asset_id: int(total) for asset_id, total in session.execute(page_sums)}
    files = {asset_id: int(total) for asset_id, total in session.execute(file_sums)}
    wrong = {}
    noted = select(Asset.id, Asset.made_bytes, Asset.stills_bytes)
    for asset_id, made_bytes, stills_bytes in session.execute(noted):
        made = (sums.get(asset_id, 0) for sums in (parts, pages, files))
        total = sum(made) + stills_bytes
        if total != made_bytes:
            wrong[asset_id] = total
    return wrong


def _sums_of_shared(
    asset_id: InstrumentedAttribute[UUID],
    size_bytes: InstrumentedAttribute[int],
    key: InstrumentedAttribute[str],
) -> Select[UUID, int]:
    """Return the bytes of each asset's objects, of which several rows may name one."""
    once = select(asset_id.label("asset_id"), func.max(size_bytes).label("bytes"))
    once_each = once.group_by(asset_id, key).subquery()
    sums = select(once_each.c.asset_id, func.sum(once_each.c.bytes))
    return sums.group_by(once_each.c.asset_id)


def _of_assets(session: Session) -> Iterator[Expected]:
    for asset in session.scalars(select(Asset).execution_options(yield_per=500)):
        plays = asset.retired_at is None
        yield Expected.of_original(asset)
        yield _beside(asset.original_key, asset.id)
        if asset.poster_key:
            yield _still(asset, Holder.POSTER, asset.poster_key, is_needed=plays)
        if asset.copy_key:
            yield _still(asset, Holder.COPY, asset.copy_key, is_needed=plays)
        if "key" in asset.storyboard:
            yield _still(asset, Holder.STORYBOARD, asset.storyboard["key"], is_needed=plays)
        for key in asset.candidates.get("keys", ()):
            yield _still(asset, Holder.POSTER, key, is_needed=False)  # drawn again when asked for
        if "key" in asset.waveform:
            yield _still(asset, Holder.WAVEFORM, asset.waveform["key"], is_needed=plays)


def _set_aside(session: Session) -> Iterator[Expected]:
    """Yield what waits for a person, and is not missed by anything."""
    for row in session.scalars(select(SetAside).where(SetAside.multipart_id == "")):
        yield Expected(key=row.key, holder=Holder.SET_ASIDE, asset_id=row.asset_id, is_needed=False)
        yield _beside(row.key, row.asset_id)


def _beside(original_key: str, asset_id: UUID | None) -> Expected:
    """Return what is noted beside a sent file; older ones have none."""
    key = note_key(original_key)
    return Expected(key=key, holder=Holder.SET_ASIDE, asset_id=asset_id, is_needed=False)


def _still(asset: Asset, holder: Holder, key: str, *, is_needed: bool) -> Expected:
    return Expected(
        key=key, holder=holder, asset_id=asset.id, sha256=_hash_in(key), is_needed=is_needed
    )


def _parts(
    session: Session, kind: type[Part] | type[CutPart], holder: Holder
) -> Iterator[Expected]:
    parts = (
        select(kind.id, kind.sha256, kind.size_bytes, Asset.id, Asset.retired_at)
        .join(Rendition, Rendition.id == kind.rendition_id)
        .join(Asset, Asset.id == Rendition.asset_id)
    )
    for row_id, sha256, size_bytes, asset_id, retired_at in session.execute(parts):
        yield Expected(
            key=part_key(asset_id, sha256),
            holder=holder,
            asset_id=asset_id,
            row_id=row_id,
            size_bytes=size_bytes,
            sha256=sha256,
            is_needed=retired_at is None,
        )


def _pages(session: Session) -> Iterator[Expected]:
    for page in session.scalars(select(Page).execution_options(yield_per=500)):
        images = {page.image_key: page.size_bytes, page.small_key: page.small_bytes}
        for key, size_bytes in images.items():
            if not key:
                continue  # of late pages there is only the text
            yield Expected(
                key=key,
                holder=Holder.PAGE,
                asset_id=page.asset_id,
                row_id=page.id,
                size_bytes=size_bytes,
                sha256=_hash_in(key),
            )


def _package_files(session: Session) -> Iterator[Expected]:
    """Yield each object once: equal files of a package share one."""
    files = select(
        PackageFile.key, PackageFile.asset_id, func.max(PackageFile.size_bytes)
    ).group_by(PackageFile.asset_id, PackageFile.key)
    for key, asset_id, size_bytes in session.execute(files):
        yield Expected(
            key=key,
            holder=Holder.PACKAGE_FILE,
            asset_id=asset_id,
            size_bytes=size_bytes,
            sha256=_hash_in(key),
        )


def _captions(session: Session) -> Iterator[Expected]:
    aside = select(LessonFile.texts).where(LessonFile.texts_bytes > 0)
    for texts in session.scalars(aside):
        for track in texts.get("tracks", ()):
            yield Expected(key=track["key"], holder=Holder.ASIDE, is_needed=False)
    tracks = (
        select(TextTrack, Original.asset_id)
        .join(Lesson, Lesson.id == TextTrack.lesson_id)
        .outerjoin(Original, Original.id == Lesson.original_id)
    )
    for track, asset_id in session.execute(tracks):
        yield Expected(
            key=track.key,
            holder=Holder.CAPTIONS,
            asset_id=asset_id,
            row_id=track.id,
            size_bytes=track.size_bytes,
            sha256=_hash_in(track.key),
        )


def _hash_in(key: str) -> str:
    return key.rpartition("/")[2].partition(".")[0]
