"""What a classroom is told, and who has seen it. Nobody answers here: it is no chat."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, lazyload

from server.errors import FieldError, NotFound
from server.models.assignments import Announcement, AnnouncementSeen
from server.models.base import insert_into
from server.models.classrooms import Classroom, Enrolment
from server.models.people import Person
from server.services.audit import note_act
from server.services.classrooms import taught_classroom
from server.services.clock import Clock
from server.services.enrolments import present_enrolments
from server.services.given import in_scope

LONGEST_ANNOUNCEMENT = 2_000
MOST_LISTED = 50
SHOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachersAnnouncement:
    """An announcement, who of the pupils has seen it, and who has not."""

    announcement: Announcement
    seen: Sequence[Enrolment]
    unseen: Sequence[Enrolment]


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilsAnnouncement:
    """An announcement to a pupil."""

    announcement: Announcement
    classroom: Classroom
    is_seen: bool


def announce(
    session: Session, now: Clock, *, classroom_id: UUID, text: str, by: Person
) -> Announcement:
    """Tell a classroom something; told twice in a row, it stands there once.

    Raises NotFound, FieldError.
    """
    text = text.strip()
    if not 0 < len(text) <= LONGEST_ANNOUNCEMENT:
        most = LONGEST_ANNOUNCEMENT
        raise FieldError("announcement", "1 to 2000 characters", rule="length", most=most)
    with session.begin():
        taught_classroom(session, classroom_id, by)
        last = session.scalars(_newest_first(classroom_id).limit(1)).first()
        if last is not None and last.text == text and last.by_id == by.id:
            return last
        row = Announcement(
            classroom_id=classroom_id,
            text=text,
            by_id=by.id,
            by_name=by.display_name,
            created_at=now(),
        )
        session.add(row)
        session.flush()
        note_act(session, now, action="announcement.make", by=by, thing_id=row.id)
    return row


def remove_announcement(session: Session, now: Clock, *, announcement_id: UUID, by: Person) -> UUID:
    """Take it back; return of which classroom. Raises NotFound."""
    with session.begin():
        row = session.get(Announcement, announcement_id)
        if row is None:
            raise NotFound(f"no announcement {announcement_id}")
        taught_classroom(session, row.classroom_id, by)
        row.removed_at = row.removed_at or now()
        note_act(session, now, action="announcement.remove", by=by, thing_id=announcement_id)
    return row.classroom_id


def announcements_of(
    session: Session, *, classroom_id: UUID, by: Person
) -> list[TeachersAnnouncement]:
    """Return what a classroom was told, newest first, with who has seen it. Raises NotFound."""
    with session.begin():
        taught_classroom(session, classroom_id, by)
        rows = session.scalars(_newest_first(classroom_id).limit(MOST_LISTED)).all()
        pupils = present_enrolments(session, classroom_id)
        of_these = AnnouncementSeen.announcement_id.in_([row.id for row in rows])
        seen = session.scalars(select(AnnouncementSeen).where(of_these)).all()
    pairs = {(row.announcement_id, row.person_id) for row in seen}
    return [
        TeachersAnnouncement(
            announcement=row,
            seen=[each for each in pupils if (row.id, each.person_id) in pairs],
            unseen=[each for each in pupils if (row.id, each.person_id) not in pairs],
        )
        for row in rows
    ]


def announcements_to(session: Session, now: Clock, *, person: Person) -> list[PupilsAnnouncement]:
    """Return what a pupil was told lately, unseen first, newest first."""
    is_seen = exists().where(
        AnnouncementSeen.announcement_id == Announcement.id,
        AnnouncementSeen.person_id == person.id,
    )
    wanted = (
        select(Announcement, Classroom, is_seen)
        .join(Classroom, Classroom.id == Announcement.classroom_id)
        .join(Enrolment, Enrolment.classroom_id == Classroom.id)
        .where(
            Enrolment.person_id == person.id,
            in_scope(person, Enrolment.classroom_id),
            Enrolment.left_at.is_(None),
            Announcement.removed_at.is_(None),
            Announcement.created_at > now() - SHOWN_FOR,
        )
        .options(lazyload(Classroom.teachers))
        .order_by(is_seen, Announcement.created_at.desc())
        .limit(MOST_LISTED)
    )
    with session.begin():
        return [
            PupilsAnnouncement(announcement=row, classroom=classroom, is_seen=bool(seen))
            for row, classroom, seen in session.execute(wanted)
        ]


def note_seen(
    session: Session, now: Clock, *, announcement_ids: Collection[UUID], person_id: UUID
) -> None:
    """Write down that these were shown to a pupil; again changes nothing."""
    rows = [
        {"announcement_id": id_, "person_id": person_id, "at": now()} for id_ in announcement_ids
    ]
    if rows:
        with session.begin():
            session.execute(insert_into(session, AnnouncementSeen).on_conflict_do_nothing(), rows)


def _newest_first(classroom_id: UUID) -> Select[Announcement]:
    told = select(Announcement).where(
        Announcement.classroom_id == classroom_id, Announcement.removed_at.is_(None)
    )
    return told.order_by(Announcement.created_at.desc(), Announcement.id.desc())
