"""What two entries of the same pupil were given, told and handed in, made one."""

from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from server.models.assignments import (
    AnnouncementSeen,
    AssignmentPupil,
    HandIn,
    HandInFile,
    PupilGroupPupil,
)
from server.models.base import insert_into
from server.models.library import Original

Place: TypeAlias = type[AssignmentPupil] | type[PupilGroupPupil] | type[AnnouncementSeen]
PLACES: tuple[Place, ...] = (AssignmentPupil, PupilGroupPupil, AnnouncementSeen)
NO_SYNC = {"synchronize_session": False}


def hand_work(session: Session, *, from_id: UUID, to_id: UUID) -> None:
    """Let what was one person's be another's, in the caller's transaction.

    Of two hand-ins for the same item one is made that holds both.
    """
    for place in PLACES:
        _hand_places(session, place, from_id, to_id)
    own = {row.item_id: row for row in session.scalars(_of_person(to_id))}
    for row in session.scalars(_of_person(from_id)).all():
        other = own.get(row.item_id)
        if other is None:
            row.person_id = to_id
            continue
        earlier, later = sorted((row, other), key=_moment)
        _take_in(later, earlier)
        session.delete(earlier)
        session.flush()
        later.person_id = to_id
    session.flush()
    handed_in = select(HandInFile.original_id).where(HandInFile.original_id == Original.id)
    files = update(Original).where(Original.owner_id == from_id, handed_in.exists())
    session.execute(files.values(owner_id=to_id), execution_options=NO_SYNC)


def _hand_places(session: Session, place: Place, from_id: UUID, to_id: UUID) -> None:
    """Copy rows that are a thing and a person, then remove the other person's."""
    table = place.__table__
    rows = session.execute(select(table).where(table.c.person_id == from_id)).mappings().all()
    if not rows:
        return
    copies = [{**row, "person_id": to_id} for row in rows]
    session.execute(insert_into(session, place).on_conflict_do_nothing(), copies)
    theirs = delete(place).where(place.person_id == from_id)
    session.execute(theirs, execution_options=NO_SYNC)


def _of_person(person_id: UUID) -> Select[HandIn]:
    return select(HandIn).where(HandIn.person_id == person_id)


def _take_in(later: HandIn, earlier: HandIn) -> None:
    """Let one hand-in hold what another one has: texts one below the other, all files, the mark.

    It waits for the teacher, before whom the mark and comment of the earlier one stand.
    """
    if earlier.text and earlier.text not in later.text:
        later.text = f"{later.text}\n\n{earlier.text}".strip()
    held = {file.original_id for file in later.files}
    for file in earlier.files:
        if file.original_id not in held:
            kept = HandInFile(original_id=file.original_id, created_at=file.created_at)
            later.files.append(kept)
    if later.marked_at is None and earlier.marked_at is not None:
        later.mark, later.comment = earlier.mark, earlier.comment


def _moment(row: HandIn) -> datetime:
    return row.handed_in_at or datetime.min.replace(tzinfo=UTC)
