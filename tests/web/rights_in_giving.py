"""A lesson given to the classroom, work that was handed in, a group, and an announcement."""

import re
from uuid import UUID

from sqlalchemy.orm import Session

from server.models.base import uuid7
from server.models.content import HandInItem
from server.models.lessons import Lesson
from server.models.library import AssetKind, Original, Page
from server.models.people import Person
from server.services.announcements import announce
from server.services.assignments import Recipients, Task, give_lesson
from server.services.enrolments import members_of
from server.services.hand_ins import hand_in
from server.services.pupil_groups import save_group
from storage.keys import asset_prefix
from storage.store import ObjectStore
from tests.builders import StoppedClock, a_course, a_lesson, a_ready_asset, a_version, an_original

NEEDS_GIVING = re.compile(r"\{(work_|assignment_|announcement_|hand_in_|pupil_group_)")


def names_of_giving(
    session: Session,
    clock: StoppedClock,
    store: ObjectStore,
    *,
    room_id: UUID,
    teacher: Person,
    pupil: Person,
) -> dict[str, str]:
    """Make them; the pupil has handed in."""
    lesson, item_id = _lesson(session, teacher)
    to = [Recipients(classroom_id=room_id)]
    given = give_lesson(session, clock, lesson_id=lesson.id, to=to, task=Task(), by=teacher)[0]
    file = _picture(session, store, pupil)
    work = hand_in(
        session,
        clock,
        lesson_id=lesson.id,
        item_id=item_id,
        text="งานของฉัน",
        original_ids=[file.id],
        by=pupil,
    )
    course = a_course(session, teacher, lesson)
    return {
        "work_course_id": str(course.id),
        "work_lesson_id": str(lesson.id),
        "work_item_id": str(item_id),
        "work_file_id": str(file.id),
        "assignment_id": str(given.id),
        "hand_in_id": str(work.id),
        "page_number": "1",
        **_class_life(session, clock, room_id, teacher),
    }


def _class_life(
    session: Session, clock: StoppedClock, room_id: UUID, teacher: Person
) -> dict[str, str]:
    first = members_of(session, classroom_ids=[room_id])[room_id][0]
    group = save_group(
        session,
        clock,
        classroom_id=room_id,
        group_id=None,
        name="กลุ่ม 1",
        enrolment_ids=[first.id],
        by=teacher,
    )
    told = announce(session, clock, classroom_id=room_id, text="สอบวันศุกร์", by=teacher)
    return {"pupil_group_id": str(group.id), "announcement_id": str(told.id)}


def _lesson(session: Session, teacher: Person) -> tuple[Lesson, UUID]:
    lesson = a_lesson(session, teacher, published=True)
    item = HandInItem(id=uuid7(), title="ใบงาน", is_required=True)
    a_version(session, lesson, item)
    return lesson, item.id


def _picture(session: Session, store: ObjectStore, pupil: Person) -> Original:
    asset = a_ready_asset(session, kind=AssetKind.IMAGE, page_count=1)
    key = f"{asset_prefix(asset.id)}{'1' * 64}.webp"
    store.put_bytes(key, b"WEBP", content_type="image/webp")
    asset.copy_key = key
    facts = {"number": 1, "width_px": 10, "height_px": 10, "size_bytes": 4}
    session.add(Page(asset_id=asset.id, image_key=key, **facts))
    session.commit()
    return an_original(session, pupil, asset)
