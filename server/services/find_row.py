"""One way to fetch a row that must be there."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.errors import NotAllowed, NotFound
from server.models.lessons import Lesson
from server.models.people import Office, Person, School

Row = TypeVar("Row")
AS_IT_IS = {"populate_existing": True}  # not as the session read it earlier


def find_row(session: Session, kind: type[Row], row_id: UUID, *, as_it_is: bool = False) -> Row:
    """Return the row, also as it is now and not as the session read it. Raises NotFound."""
    row = session.get(kind, row_id, populate_existing=as_it_is)
    if row is None:
        raise NotFound(f"no {kind.__name__} {row_id}")
    return row


def hold_lesson(session: Session, lesson_id: UUID) -> Lesson:
    """Return a lesson that nobody else changes until the transaction ends. Raises NotFound."""
    # An update first: who saves at the same moment waits here, and then sees what was saved.
    same = update(Lesson).where(Lesson.id == lesson_id).values(title=Lesson.title)
    session.execute(same, execution_options={"synchronize_session": False})
    lesson = session.get(Lesson, lesson_id, populate_existing=True)
    if lesson is None:
        raise NotFound(f"no lesson {lesson_id}")
    return lesson


def hold_people_of(session: Session, school_id: UUID | None) -> None:
    """Let nobody else change the people of a school, or of the office, until the transaction ends.

    Raises NotFound.
    """
    if school_id is None:
        session.execute(select(Office.id).with_for_update(key_share=True))
    else:
        hold_school(session, school_id)


def hold_school(session: Session, school_id: UUID) -> School:
    """Return a school whose people nobody else changes until the transaction ends.

    Raises NotFound. What only refers to it (its lessons, its classrooms) need not wait.
    """
    wanted = select(School).where(School.id == school_id).with_for_update(key_share=True)
    school = session.scalar(wanted, execution_options=AS_IT_IS)
    if school is None:
        raise NotFound(f"no School {school_id}")
    return school


def as_now(session: Session, person: Person) -> Person:
    """Return the person with the roles of this moment, not of when the request began.

    Raises NotAllowed when they are gone.
    """
    now = session.get(Person, person.id, populate_existing=True)
    if now is None:
        raise NotAllowed("who asks is gone")
    return now
