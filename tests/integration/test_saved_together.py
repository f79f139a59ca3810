"""People who change the same lesson at the same moment: the last one counts, nothing breaks."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import LinkExpired
from server.models.assignments import Assignment, HandIn
from server.models.base import uuid7
from server.models.classrooms import Enrolment, JoinRequest
from server.models.content import HandInItem
from server.models.lessons import Chapter, Lesson, OwnPoster
from server.models.people import Person
from server.request_context import RequestSession
from server.services.assignments import Recipients, Task, give_lesson
from server.services.chapters import ChapterDraft, save_chapters
from server.services.class_joining import Joiner, ask_to_join, confirm
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.enrolments import add_names
from server.services.hand_ins import hand_in
from server.services.posters import set_poster
from server.wiring import Wiring
from tests.builders import a_lesson, a_person, a_version, at_noon

AT_ONCE = 6
Change = Callable[[Session, Person, int], object]


def a_jpeg(number: int) -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 36), (number * 30, 0, 0)).save(out, "JPEG")
    return out.getvalue()


def all_at_once(world: Wiring, owner: Person, change: Change) -> list[BaseException]:
    """Have several sessions change something at the same moment; return what went wrong."""
    start = threading.Barrier(AT_ONCE)

    def run(number: int) -> None:
        info = {"changes": True}
        with RequestSession(world.engine, expire_on_commit=False, info=info) as session:
            by = session.get_one(Person, owner.id)
            session.rollback()
            start.wait()
            change(session, by, number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = [pool.submit(run, number) for number in range(AT_ONCE)]
    return [fault for each in running if (fault := each.exception())]


def test_posters_and_chapters_saved_together_leave_one_whole_set(
    db: Session, world: Wiring
) -> None:
    lesson = a_lesson(db)
    lesson_id = lesson.id

    def change(session: Session, by: Person, number: int) -> None:
        drafts = [ChapterDraft(float(at), f"{number}-{at}") for at in range(1, 4)]
        set_poster(session, at_noon, lesson_id=lesson_id, image=a_jpeg(number), by=by)
        save_chapters(session, at_noon, lesson_id=lesson_id, drafts=drafts, by=by)

    faults = all_at_once(world, lesson.owner, change)

    db.expire_all()
    titles = db.scalars(select(Chapter.title).order_by(Chapter.start_s)).all()
    assert faults == []
    assert len({title.partition("-")[0] for title in titles}) == 1
    assert [title.partition("-")[2] for title in titles] == ["1", "2", "3"]
    assert len(db.scalars(select(OwnPoster)).all()) == 1
    assert db.get_one(Lesson, lesson_id).poster_sha256


def test_a_pupil_let_in_a_lesson_given_and_work_handed_in_by_many_presses_are_there_once(
    db: Session, world: Wiring
) -> None:
    teacher = a_person(db)
    school_id, place = teacher.roles[0].school_id, ClassroomFacts(name="ป.4/1", grades=["P4"])
    room = create_classroom(db, at_noon, school_id=school_id, facts=place, by=teacher)
    [member] = add_names(db, at_noon, classroom_id=room.id, text="ด.ช. วีระ กล้า", by=teacher)
    lesson, item = a_lesson(db, teacher, published=True), HandInItem(id=uuid7())
    a_version(db, lesson, item)
    lesson_id, pupil = lesson.id, member.person
    to = [Recipients(classroom_id=room.id)]

    def give(session: Session, by: Person, _number: int) -> None:
        give_lesson(session, at_noon, lesson_id=lesson_id, to=to, task=Task(), by=by)

    def send(session: Session, by: Person, number: int) -> None:
        text, place = f"คำตอบ {number}", {"lesson_id": lesson_id, "item_id": item.id}
        hand_in(session, at_noon, **place, text=text, original_ids=(), by=by)

    waiting = Joiner(typed_name="ด.ญ. ลีลา ใหม่")
    ask_to_join(db, at_noon, token=room.token, joiner=waiting)
    request_id = db.scalars(select(JoinRequest.id)).one()
    db.commit()

    def let_in(session: Session, by: Person, _number: int) -> None:
        with suppress(LinkExpired):
            confirm(session, at_noon, request_id=request_id, as_id=None, by=by)

    assert all_at_once(world, teacher, let_in) == []
    assert all_at_once(world, teacher, give) == []
    assert all_at_once(world, pupil, send) == []
    db.rollback()
    assert len(db.scalars(select(Assignment)).all()) == 1
    assert len(db.scalars(select(Enrolment)).all()) == 2
    assert len(db.scalars(select(HandIn)).all()) == 1
