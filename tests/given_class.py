"""A class to which a lesson was given, with work of its pupils: what erasing must not take."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.errors import AppError
from server.models.assignments import HandIn
from server.models.base import Base, uuid7
from server.models.classrooms import Classroom
from server.models.content import FileItem, HandInItem, QuizItem
from server.models.lessons import Lesson
from server.models.library import AssetKind
from server.models.people import Person, RoleName
from server.services.assignments import Recipients, Task, give_lesson
from server.services.class_grid import Step, class_grid
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.covered import Covered
from server.services.enrolments import add_names, list_pupils
from server.services.hand_ins import Verdict, hand_in, mark_hand_in
from server.services.lessons import delete_lesson
from server.services.progress_passes import ProgressPass
from server.services.progress_reports import Report, ReportDesk
from server.services.quiz_passes import QuizPass
from server.services.quizzes import SentAnswers, take_attempt
from server.services.tidy import erase_lesson, remove_unused_assets
from server.wiring import Wiring
from tests.builders import (
    CLASS_NAMES,
    StoppedClock,
    a_lesson,
    a_person,
    a_progress,
    a_ready_asset,
    a_school,
    a_version,
    an_original,
)
from tests.quizzes import a_quiz, answers_to

WORK = ("hand_in", "hand_in_file", "quiz_attempt", "item_progress", "watch_progress", "assignment")


@dataclass(slots=True)
class Class:
    """A lesson of a recording, work to hand in and a quiz, given to a class of three."""

    db: Session
    world: Wiring
    clock: StoppedClock
    teacher: Person
    room: Classroom
    lesson_id: UUID
    original_id: UUID
    asset_id: UUID
    task: HandInItem
    quiz: QuizItem
    given_id: UUID
    pupils: list[Person]

    def hand_in(self, text: str = "งานของฉัน", *files: UUID, by: Person | None = None) -> HandIn:
        return hand_in(
            self.db,
            self.clock,
            lesson_id=self.lesson_id,
            item_id=self.task.id,
            text=text,
            original_ids=files,
            by=by or self.pupils[0],
        )

    def answer(self, by: Person) -> None:
        asked = QuizPass(
            person_id=by.id,
            lesson_id=self.lesson_id,
            item_id=self.quiz.id,
            version=1,
            asked_at=self.clock(),
        )
        sent = SentAnswers(attempt_id=uuid4(), answers=answers_to(self.quiz, right=3))
        take_attempt(self.db, self.clock, asked=asked, sent=sent)

    def report(self, by: Person, until_s: int) -> AppError | None:
        opened = ProgressPass(
            person_id=by.id,
            lesson_id=self.lesson_id,
            asset_id=self.asset_id,
            share_link_id=None,
            begun_at=self.clock(),
        )
        covered = Covered.of([[0, until_s]])
        report = Report(opened=opened, covered=covered, position_s=until_s, age_s=0)
        return ReportDesk(self.world.engine, self.clock).take([report])[0]

    def mark(self, work_id: UUID) -> HandIn:
        said = Verdict(comment="ดีมาก", mark=8)
        return mark_hand_in(self.db, self.clock, hand_in_id=work_id, verdict=said, by=self.teacher)

    def delete(self) -> None:
        delete_lesson(self.db, self.clock, lesson_id=self.lesson_id, by=self.teacher)

    def erase(self, *, seen: str | None = None) -> None:
        erase_lesson(self.db, self.clock, lesson_id=self.lesson_id, by=self.teacher, seen=seen)
        remove_unused_assets(self.db, self.clock, self.world.store)
        self.db.expire_all()

    def cells(self) -> list[list[tuple[Step, float | None, float | None]]]:
        grid = class_grid(
            self.db,
            self.clock,
            classroom_id=self.room.id,
            by=self.teacher,
            assignment_id=self.given_id,
        )
        return [[(cell.step, cell.share, cell.score) for cell in row.cells] for row in grid.rows]

    def rows(self) -> dict[str, int]:
        tables = Base.metadata.tables
        counted = {
            name: self.db.scalar(select(func.count()).select_from(tables[name])) or 0
            for name in WORK
        }
        self.db.commit()
        return counted


def a_given_class(db: Session, world: Wiring, clock: StoppedClock) -> Class:
    school = a_school(db)
    teacher = a_person(db, RoleName.TEACHER, school)
    facts = ClassroomFacts(name="ป.4/1", grades=["P4"])
    room = create_classroom(db, clock, school_id=school.id, facts=facts, by=teacher)
    add_names(db, clock, classroom_id=room.id, text=CLASS_NAMES, by=teacher)
    lesson = a_lesson(db, teacher, store=world.store, published=True, title="การบวกเลข")
    task = HandInItem(id=uuid7(), title="ใบงาน", markdown="เขียน **สามบรรทัด**")
    quiz = a_quiz()
    a_version(db, lesson, FileItem(id=lesson.id), task, quiz)
    to = [Recipients(classroom_id=room.id)]
    given = give_lesson(db, clock, lesson_id=lesson.id, to=to, task=Task(), by=teacher)[0]
    pupils = [row.enrolment.person for row in list_pupils(db, clock, classroom=room)]
    assert lesson.original is not None
    return Class(
        db=db,
        world=world,
        clock=clock,
        teacher=teacher,
        room=room,
        lesson_id=lesson.id,
        original_id=lesson.original.id,
        asset_id=lesson.original.asset_id,
        task=task,
        quiz=quiz,
        given_id=given.id,
        pupils=pupils,
    )


def a_photo(klass: Class, by: Person) -> UUID:
    asset = a_ready_asset(klass.db, klass.world.store, kind=AssetKind.IMAGE, page_count=1)
    return an_original(klass.db, by, asset).id


def a_busy_class(db: Session, world: Wiring, clock: StoppedClock) -> Class:
    """Make one after a day: one has handed in a photo and watched half, one has done the quiz."""
    klass = a_given_class(db, world, clock)
    first, second, _third = klass.pupils
    klass.hand_in("งานของฉัน", a_photo(klass, first))
    klass.answer(second)
    a_progress(klass.db, first, klass.db.get_one(Lesson, klass.lesson_id), [0, 6])
    return klass
