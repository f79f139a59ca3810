"""People who change the same lesson at the same moment: the last one counts, nothing breaks."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models.lessons import Chapter, Lesson, OwnPoster
from server.models.people import Person
from server.request_context import RequestSession
from server.services.chapters import ChapterDraft, save_chapters
from server.services.posters import set_poster
from server.wiring import Wiring
from tests.builders import a_lesson, at_noon

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
