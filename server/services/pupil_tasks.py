"""What a pupil has before them: what is due, what goes on, what is new, what is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.models.assignments import Assignment
from server.models.lessons import Lesson
from server.models.people import Person
from server.policy import may_view_lesson
from server.services.assignments import given_to_pupil
from server.services.clock import Clock
from server.services.completion import LessonState, lesson_state, standing_of

SOON = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilTask:
    """A lesson that was given to the pupil, and how far they are."""

    assignment: Assignment
    lesson: Lesson
    state: LessonState
    is_late: bool
    is_soon: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneTask:
    """One that the pupil began and that is not shown any more: the work is kept."""

    assignment: Assignment
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilTasks:
    """All of them, each once."""

    due: Sequence[PupilTask]  # with a day, soonest first
    going_on: Sequence[PupilTask]
    new: Sequence[PupilTask]
    done: Sequence[PupilTask]
    gone: Sequence[GoneTask] = ()

    @property
    def count(self) -> int:
        """How many are not done."""
        return len(self.due) + len(self.going_on) + len(self.new)


def tasks_of_pupil(session: Session, now: Clock, *, person: Person) -> PupilTasks:
    """Return what is given to a pupil and can be seen, and what they did of the rest."""
    given = given_to_pupil(session, now, person=person)
    shown = [(row, row.lesson) for row in given if row.lesson and _is_shown(person, row)]
    lessons = [lesson for _row, lesson in shown]
    hidden = [(row, row.learnt) for row in given if row.learnt and not _is_shown(person, row)]
    gone = [lesson for _row, lesson in hidden]
    own = standing_of(session, [person.id], [*lessons, *gone])[person.id]
    at = now()
    tasks = [
        _task(row, lesson, lesson_state(own.contents[lesson.id], own.states), at)
        for row, lesson in shown
    ]
    left = [task for task in tasks if not task.state.is_done]
    undated = [task for task in left if task.assignment.due_at is None]
    return PupilTasks(
        due=[task for task in left if task.assignment.due_at is not None],
        going_on=[task for task in undated if task.state.is_begun],
        new=[task for task in undated if not task.state.is_begun],
        done=[task for task in tasks if task.state.is_done],
        gone=[
            GoneTask(assignment=row, title=lesson.title)
            for row, lesson in hidden
            if lesson_state(own.contents[lesson.id], own.states).is_begun
        ],
    )


def _is_shown(person: Person, row: Assignment) -> bool:
    return (
        row.lesson is not None
        and row.lesson.is_published
        and may_view_lesson(person, row.lesson, is_given=row.opens_lesson)
    )


def _task(row: Assignment, lesson: Lesson, state: LessonState, at: datetime) -> PupilTask:
    is_late = row.due_at is not None and row.due_at < at
    return PupilTask(
        assignment=row,
        lesson=lesson,
        state=state,
        is_late=is_late,
        is_soon=row.due_at is not None and not is_late and row.due_at < at + SOON,
    )
