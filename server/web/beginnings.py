"""That somebody opened a lesson or one of its items, written down when the page is on its way."""

from flask import request
from sqlalchemy.orm import Session

from server.models.content import AnyItem, TextItem
from server.models.lessons import Lesson
from server.policy import may_edit_lesson
from server.request_context import after_answer, class_before_screen, clock, learner
from server.services.erased_lessons import hold_for_work
from server.services.item_progress import ItemNote, note_item
from server.services.lesson_content import note_start


def note_beginning(lesson: Lesson, item: AnyItem | None = None) -> None:
    """Keep the version that people open, and that they opened an item; not of its editors.

    Before a class it is that of all who are there. Files tell themselves what was watched of them;
    a text is done when it was opened.
    """
    by = learner(lesson.id)
    if by is None or request.method != "GET":
        return
    together = class_before_screen()
    if together is None and may_edit_lesson(by, lesson):
        return
    now, lesson_id = clock(), lesson.id
    person_ids = together.present_ids if together else (by.id,)

    def write(session: Session) -> None:
        with session.begin():
            hold_for_work(session, lesson_id)
            for person_id in person_ids:
                note_start(session, now, lesson_id=lesson_id, person_id=person_id)
                if item is not None and item.kind != "file":
                    note = ItemNote(
                        person_id=person_id,
                        lesson_id=lesson_id,
                        item_id=item.id,
                        is_done=isinstance(item, TextItem),
                    )
                    note_item(session, now, note)

    after_answer(write)
