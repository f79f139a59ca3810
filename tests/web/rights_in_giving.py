"""A lesson given to the classroom, work that was handed in, a group, and an announcement."""

import re
from dataclasses import dataclass
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
from server.services.lessons import delete_lesson
from server.services.pupil_groups import save_group
from server.services.tidy import erase_lesson
from storage.keys import asset_prefix
from storage.store import ObjectStore
from tests.builders import StoppedClock, a_course, a_lesson, a_ready_asset, a_version, an_original

NEEDS_GIVING = re.compile(r"\{(work_|gone_|assignment_|announcement_|hand_in_|pupil_group_)")


def names_of_giving(
    session: Session,
    clock: StoppedClock,
    store: ObjectStore,
    *,
    room_id: UUID,
    teacher: Person,
    pupil: Person,
) -> dict[str, str]:
    """Make them; the pupil has handed in. Twice: the other lesson was removed for good since."""
    given = _Given(session, clock, store, room_id, teacher, pupil)
    names, gone = given.names("work_"), given.names("gone_")
    course = a_course(session, teacher, session.get_one(Lesson, UUID(names["work_lesson_id"])))
    erased_id = UUID(gone["gone_lesson_id"])
    delete_lesson(session, clock, lesson_id=erased_id, by=teacher)
    erase_lesson(session, clock, lesson_id=erased_id, by=teacher)
    return {
        "work_course_id": str(course.id),
        "assignment_id": names.pop("work_assignment_id"),
        "hand_in_id": names.pop("work_hand_in_id"),
        "page_number": "1",
        **names,
        **gone,
        **_class_life(session, clock, room_id, teacher),
    }


@dataclass(frozen=True, slots=True)
class _Given:
    """To whom a lesson is given, and by whom."""

    session: Session
    clock: StoppedClock
    store: ObjectStore
    room_id: UUID
    teacher: Person
    pupil: Person

    def names(self, prefix: str) -> dict[str, str]:
        """Give a lesson and have the pupil hand in."""
        session, clock = self.session, self.clock
        lesson, item_id = _lesson(session, self.teacher)
        to = [Recipients(classroom_id=self.room_id)]
        given = give_lesson(
            session, clock, lesson_id=lesson.id, to=to, task=Task(), by=self.teacher
        )[0]
        file = _picture(session, self.store, self.pupil)
        work = hand_in(
            session,
            clock,
            lesson_id=lesson.id,
            item_id=item_id,
            text="งานของฉัน",
            original_ids=[file.id],
            by=self.pupil,
        )
        ids = {"lesson": lesson.id, "item": item_id, "file": file.id}
        ids |= {"assignment": given.id, "hand_in": work.id}
        return {f"{prefix}{name}_id": str(id_) for name, id_ in ids.items()}


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
