"""What pupils hand in: a text and files, seen by the pupil and by who teaches the class."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ScalarSelect, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from server.errors import Conflict, FieldError, NotAllowed, NotFound
from server.models.assignments import Assignment, HandIn
from server.models.classrooms import Classroom, Enrolment
from server.models.content import HandInItem
from server.models.lesson_versions import ItemProgress
from server.models.library import Original
from server.models.people import Person
from server.policy import may_see_work, may_upload
from server.services.assignments import chosen_pupils, given_by_teacher
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.enrolments import present_enrolments
from server.services.erased_lessons import Learnt, find_learnt, hold_for_work
from server.services.given import in_scope, is_given_to_pupil
from server.services.hand_in_files import check_loose_files, files_to_attach, take_files
from server.services.item_progress import ItemNote, note_item
from server.services.lesson_content import content_for, find_item, note_start
from server.services.upload import PlaceToHandIn

LONGEST_TEXT = 10_000
LONGEST_COMMENT = 2_000


class HandInClosed(Conflict):
    """The teacher has given it back: it is not changed any more."""

    code = "hand_in_closed"


class HandInChanged(Conflict):
    """The pupil has handed in something newer than the teacher read."""

    code = "hand_in_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a teacher says of a hand-in; without `is_final` the pupil may do it once more."""

    comment: str
    mark: float | None = None
    is_final: bool = True
    read_at: datetime | None = None  # when that was handed in which the teacher read


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassHandIns:
    """What a class handed in for one item; nothing of those who have not yet."""

    assignment: Assignment
    lesson: Learnt
    item: HandInItem
    rows: Sequence[tuple[Enrolment, HandIn | None]]


def own_hand_in(session: Session, *, item_id: UUID, by: Person) -> HandIn | None:
    """Return what the pupil has handed in so far."""
    with session.begin():
        return _own_row(session, by, item_id)


def files_to_hand_in(
    session: Session, *, item_id: UUID, original_ids: Collection[UUID], by: Person
) -> Sequence[Original]:
    """Return those of these files that the person may hand in here, with their assets."""
    with session.begin():
        return files_to_attach(session, _own_row(session, by, item_id), original_ids, by)


def is_given_to(session: Session, now: Clock, *, lesson_id: UUID, by: Person) -> bool:
    """Return whether the person learns where this lesson is given now."""
    with session.begin():
        return _classroom_of(session, now(), lesson_id, by) is not None


def place_to_hand_in(
    session: Session, now: Clock, *, lesson_id: UUID, item_id: UUID, by: Person
) -> PlaceToHandIn:
    """Return for which lesson and at which school a pupil's file comes in.

    Raises NotFound, NotAllowed, HandInClosed; TooMuch when many lie here that were not handed in.
    This is all that lets a pupil send files.
    """
    with session.begin():
        classroom = _classroom_to_hand_in(session, now, lesson_id, by)
        item, _lesson = _item(session, lesson_id, item_id, by.id)
        if not item.takes_files:
            raise NotAllowed("no files are asked for")
        _open_row(session, by, item_id)
        if not may_upload(by):
            check_loose_files(session, by.id)
        return PlaceToHandIn(lesson_id=lesson_id, school_id=classroom.school_id)


def hand_in(  # noqa: PLR0913 (what, where, by whom)
    session: Session,
    now: Clock,
    *,
    lesson_id: UUID,
    item_id: UUID,
    text: str,
    original_ids: Collection[UUID],
    by: Person,
) -> HandIn:
    """Hand something in, or once more until it is given back; files left out are taken away.

    Also where the lesson was deleted meanwhile: it was given, and its teacher marks it. Raises
    NotFound, NotAllowed, FieldError, HandInClosed.
    """
    text = text.strip()
    if len(text) > LONGEST_TEXT:
        raise FieldError("text", "too long", rule="too_long", most=LONGEST_TEXT)
    with session.begin():
        hold_for_work(session, lesson_id)
        _classroom_to_hand_in(session, now, lesson_id, by)
        _item_here, lesson = _item(session, lesson_id, item_id, by.id)
        # First of all: what one person sends for one item waits here for one another.
        note = ItemNote(person_id=by.id, lesson_id=lesson_id, item_id=item_id, is_done=True)
        note_item(session, now, note)
        row = _open_row(session, by, item_id)
        if row is None:
            row = HandIn(person_id=by.id, lesson_id=lesson_id, item_id=item_id, comment="")
            session.add(row)
        row.text, row.handed_in_at = text, now()
        take_files(session, now, row, original_ids, by)
        if not row.text and not row.files:
            raise FieldError("text", "nothing to hand in", rule="empty")
        session.flush()
        note_start(session, now, lesson_id=lesson.id, person_id=by.id)
    return row


def hand_ins_of_class(
    session: Session, *, assignment_id: UUID, item_id: UUID, by: Person
) -> ClassHandIns:
    """Return what was handed in, those first that wait for the teacher. Raises NotFound."""
    with session.begin():
        given = given_by_teacher(session, assignment_id, by)
        if given.lesson_id is None:
            raise NotFound("the lesson was removed")
        item, lesson = _item(session, given.lesson_id, item_id, None)
        pupils = present_enrolments(session, given.classroom_id)
        if not given.is_for_all:
            chosen = chosen_pupils(session, [given.id]).get(given.id, frozenset())
            pupils = [row for row in pupils if row.person_id in chosen]
        people = [row.person_id for row in pupils]
        of_item = (HandIn.lesson_id == lesson.id, HandIn.item_id == item_id)
        is_since = or_(
            HandIn.handed_in_at.is_(None),
            HandIn.handed_in_at >= _first_given(lesson.id, given.classroom_id),
        )
        wanted = select(HandIn).where(*of_item, HandIn.person_id.in_(people), is_since)
        by_person = {row.person_id: row for row in session.scalars(wanted)}
    rows = [(pupil, by_person.get(pupil.person_id)) for pupil in pupils]
    return ClassHandIns(
        assignment=given,
        lesson=lesson,
        item=item,
        rows=sorted(rows, key=lambda pair: _urgency(pair[1])),
    )


def get_hand_in(session: Session, *, hand_in_id: UUID, by: Person) -> HandIn:
    """Return a hand-in to its pupil and to who teaches the class. Raises NotFound."""
    with session.begin():
        return _seen_row(session, hand_in_id, by)


def get_hand_in_file(
    session: Session, *, hand_in_id: UUID, original_id: UUID, by: Person
) -> Original:
    """Return a file of it, with its asset. Raises NotFound."""
    with session.begin():
        row = _seen_row(session, hand_in_id, by)
        if original_id not in {file.original_id for file in row.files}:
            raise NotFound(f"no file {original_id} of this hand-in")
        return session.get_one(Original, original_id, options=[joinedload(Original.asset)])


def mark_hand_in(
    session: Session, now: Clock, *, hand_in_id: UUID, verdict: Verdict, by: Person
) -> HandIn:
    """Give a hand-in back with a comment and a mark, or to be done once more.

    Raises NotFound, NotAllowed (one's own), FieldError, HandInChanged.
    """
    comment = verdict.comment.strip()
    if len(comment) > LONGEST_COMMENT:
        raise FieldError("comment", "too long", rule="too_long", most=LONGEST_COMMENT)
    with session.begin():
        row = _seen_row(session, hand_in_id, by)
        if row.person_id == by.id:
            raise NotAllowed("nobody marks their own work")
        if verdict.read_at is not None and row.handed_in_at != verdict.read_at:
            raise HandInChanged("handed in once more meanwhile")
        item, _lesson = _item(session, row.lesson_id, row.item_id, row.person_id)
        row.comment = comment
        row.mark = _checked_mark(verdict, item) if verdict.is_final else None
        row.marked_by_id, row.marked_at = by.id, now()
        row.returned_at = now() if verdict.is_final else None
        score = row.mark / item.most_points if row.mark is not None and item.most_points else None
        same = (ItemProgress.person_id == row.person_id, ItemProgress.item_id == row.item_id)
        # Not the best of several: the teacher's last word counts.
        session.execute(update(ItemProgress).where(*same).values(score=score))
        note_act(session, now, action="hand_in.mark", by=by, thing_id=row.id)
    return row


def waits_for_teacher(row: HandIn) -> bool:
    """Return whether something was handed in that the teacher has not answered yet."""
    if row.handed_in_at is None or row.returned_at is not None:
        return False
    return row.marked_at is None or row.handed_in_at > row.marked_at


def _urgency(row: HandIn | None) -> tuple[int, float]:
    if row is None or row.handed_in_at is None:
        return 2, 0.0
    return (0 if waits_for_teacher(row) else 1), row.handed_in_at.timestamp()


def _checked_mark(verdict: Verdict, item: HandInItem) -> float | None:
    if verdict.mark is not None and not 0 <= verdict.mark <= item.most_points:
        raise FieldError("mark", "out of range", rule="range", most=item.most_points)
    return verdict.mark


def _row_of(session: Session, person_id: UUID, item_id: UUID) -> HandIn | None:
    mine = select(HandIn).where(HandIn.person_id == person_id, HandIn.item_id == item_id)
    return session.scalars(mine.execution_options(populate_existing=True)).first()


def _own_row(session: Session, by: Person, item_id: UUID) -> HandIn | None:
    """Return what the person handed in, as far as this session reaches."""
    row = _row_of(session, by.id, item_id)
    return row if row is not None and _is_open_to(session, row, by) else None


def _is_open_to(session: Session, row: HandIn, by: Person) -> bool:
    """Tell whether the session reaches its own person's work: all, or what its class was given.

    What was handed in before that stays with the class in which it was done.
    """
    if by.scope.is_whole:
        return True
    return any(by.scope.opens(room.id) for room in _classrooms_of(session, row))


def _open_row(session: Session, by: Person, item_id: UUID) -> HandIn | None:
    row = _row_of(session, by.id, item_id)
    if row is not None and not _is_open_to(session, row, by):
        raise NotAllowed("this was handed in in another classroom")
    if row is not None and row.returned_at is not None:
        raise HandInClosed("it was given back")
    return row


def _seen_row(session: Session, hand_in_id: UUID, by: Person) -> HandIn:
    row = session.get(HandIn, hand_in_id, populate_existing=True)
    if row is None:
        raise NotFound(f"no hand-in {hand_in_id}")
    is_here = row.person_id == by.id and _is_open_to(session, row, by)
    if not may_see_work(by, row.person_id if is_here else None, _classrooms_of(session, row)):
        raise NotFound(f"no hand-in {hand_in_id} for this person")
    return row


def _classrooms_of(session: Session, row: HandIn) -> Sequence[Classroom]:
    """Return where this lesson was given to the pupil before it was done, also withdrawn.

    Giving a lesson that is done elsewhere already opens nobody's work.
    """
    given = is_given_to_pupil().where(
        Enrolment.person_id == row.person_id, Assignment.lesson_id == row.lesson_id
    )
    if row.handed_in_at is not None:
        given = given.where(Assignment.created_at <= row.handed_in_at)
    rooms = given.with_only_columns(Assignment.classroom_id)
    return session.scalars(select(Classroom).where(Classroom.id.in_(rooms))).all()


def _first_given(lesson_id: UUID, classroom_id: UUID) -> ScalarSelect[datetime]:
    """Return when a lesson was given to a classroom for the first time, also withdrawn."""
    first = select(func.min(Assignment.created_at)).where(
        Assignment.lesson_id == lesson_id, Assignment.classroom_id == classroom_id
    )
    return first.scalar_subquery()


def _classroom_of(session: Session, at: datetime, lesson_id: UUID, by: Person) -> Classroom | None:
    given = is_given_to_pupil().where(
        Enrolment.person_id == by.id,
        in_scope(by, Enrolment.classroom_id),
        Assignment.lesson_id == lesson_id,
        Assignment.withdrawn_at.is_(None),
        Assignment.opens_at <= at,
    )
    rooms = given.with_only_columns(Assignment.classroom_id)
    return session.scalars(select(Classroom).where(Classroom.id.in_(rooms)).limit(1)).first()


def _classroom_to_hand_in(session: Session, now: Clock, lesson_id: UUID, by: Person) -> Classroom:
    classroom = _classroom_of(session, now(), lesson_id, by)
    if classroom is None:
        raise NotAllowed("work is handed in where a teacher gave the lesson")
    return classroom


def _item(
    session: Session, lesson_id: UUID, item_id: UUID, person_id: UUID | None
) -> tuple[HandInItem, Learnt]:
    """Return the item as this person has it, or the newest. Raises NotFound."""
    lesson = find_learnt(session, lesson_id)
    if lesson is None:
        raise NotFound(f"no lesson {lesson_id}")
    item = find_item(content_for(session, lesson, person_id=person_id), item_id)
    if not isinstance(item, HandInItem):
        raise NotFound(f"nothing is handed in at item {item_id}")
    return item, lesson
