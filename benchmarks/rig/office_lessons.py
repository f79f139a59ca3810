"""The lessons of a made-up office: recordings without bytes, versions of several items, courses."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from pydantic import HttpUrl, TypeAdapter
from sqlalchemy import Connection

from benchmarks.rig.loading import Row, add_rows
from benchmarks.rig.office_keys import NOW, SHOWN_TO, OfficeKeys
from search.vocabulary import LEARNING_AREAS
from server.models.base import uuid7
from server.models.consents import MediaPeople, PeopleAnswer
from server.models.content import (
    CONTENT,
    AnyItem,
    Choice,
    ChoiceQuestion,
    Content,
    FileItem,
    HandInItem,
    LinkItem,
    QuizItem,
    TextItem,
)
from server.models.courses import Course, CourseLesson, CourseUnit
from server.models.lesson_versions import LessonVersion
from server.models.lessons import Lesson, Licence, Visibility
from server.models.library import Asset, AssetKind, AssetState, Original

AREAS = tuple(LEARNING_AREAS)
GRADES = ("P1", "P2", "P3", "P4", "P5", "P6", "M1", "M2", "M3")
TITLES = ("การบวกเลขสองหลัก", "ระบบสุริยะ", "มาตราตัวสะกด", "พืชและสัตว์รอบตัวเรา", "เศษส่วนอย่างง่าย")
LENGTHS_S = (420.0, 600.0, 905.5, 1500.0, 2710.0)
TEXT = "อ่าน**ตัวอย่าง**แล้วทำตามทีละข้อ\n\n1. บวกหลักหน่วย\n2. บวกหลักสิบ\n3. ทดเลข\n\n" * 3
LINK = TypeAdapter(HttpUrl).validate_python("https://example.ac.th/more")


class LessonMaker:
    """Makes the rows of lessons and of what belongs to them."""

    def __init__(self, keys: OfficeKeys) -> None:
        """Take the keys."""
        self._keys = keys

    def make(self, connection: Connection) -> None:
        """Add everything, tables that others refer to first."""
        add_rows(connection, Asset, self._assets())
        add_rows(connection, Original, self._originals())
        add_rows(connection, MediaPeople, self._answers())
        add_rows(connection, Lesson, self._lessons())
        add_rows(connection, LessonVersion, self._versions())
        courses = [(teacher_id, uuid7(), uuid7()) for teacher_id in self._keys.teachers]
        add_rows(connection, Course, self._courses(courses))
        add_rows(connection, CourseUnit, self._units(courses))
        add_rows(connection, CourseLesson, self._places(courses))

    def _assets(self) -> Iterator[Row]:
        for number, asset_id in enumerate(self._keys.assets):
            yield {
                "id": asset_id,
                "kind": AssetKind.VIDEO,
                "state": AssetState.READY,
                "original_key": f"originals/{asset_id}",
                "size_bytes": 50_000_000,
                "duration_s": LENGTHS_S[number % len(LENGTHS_S)],
                "width_px": 1280,
                "height_px": 720,
                "created_at": NOW,
                "watchable_at": NOW,
                "ready_at": NOW,
            }

    def _originals(self) -> Iterator[Row]:
        keys = self._keys
        for number, original_id in enumerate(keys.originals):
            yield {
                "id": original_id,
                "owner_id": keys.owner_of(number),
                "school_id": keys.school_of(number, len(keys.lessons)),
                "asset_id": keys.assets[number],
                "file_name": f"{number}.mp4",
                "created_at": NOW,
            }

    def _answers(self) -> Iterator[Row]:
        answer = {"answer": PeopleAnswer.NOBODY, "academic_year": NOW.year, "at": NOW}
        for original_id in self._keys.originals:
            yield {"original_id": original_id, **answer}

    def _lessons(self) -> Iterator[Row]:
        keys = self._keys
        for number, lesson_id in enumerate(keys.lessons):
            at = NOW - timedelta(minutes=len(keys.lessons) - number)
            yield {
                "id": lesson_id,
                "owner_id": keys.owner_of(number),
                "school_id": keys.school_of(number, len(keys.lessons)),
                "original_id": keys.originals[number],
                "title": f"{TITLES[number % len(TITLES)]} ตอนที่ {number}",
                "learning_area": AREAS[number % len(AREAS)],
                "grades": [GRADES[number % len(GRADES)]],
                "licence": Licence.CC_BY,
                "visibility": SHOWN_TO[number % len(SHOWN_TO)],
                "ceiling": Visibility.PUBLIC,
                "view_count": number % 100,
                "created_at": at,
                "changed_at": at,
                "published_at": at,
            }

    def _versions(self) -> Iterator[Row]:
        for lesson_id, item_ids in zip(self._keys.lessons, self._keys.items, strict=True):
            yield {
                "id": uuid7(),
                "lesson_id": lesson_id,
                "number": 1,
                "content": CONTENT.dump_python(content_of(item_ids), mode="json"),
                "created_at": NOW,
            }

    def _courses(self, made: Sequence[tuple[UUID, UUID, UUID]]) -> Iterator[Row]:
        for number, (teacher_id, course_id, _unit_id) in enumerate(made):
            yield {
                "id": course_id,
                "owner_id": teacher_id,
                "school_id": self._keys.school_of(number, len(made)),
                "title": "คณิตศาสตร์ ป.2",
                "academic_year": NOW.year,
                "term_number": 2,
                "created_at": NOW,
                "changed_at": NOW,
            }

    def _units(self, made: Sequence[tuple[UUID, UUID, UUID]]) -> Iterator[Row]:
        for _teacher_id, course_id, unit_id in made:
            yield {"id": unit_id, "course_id": course_id, "place": 0, "title": "การบวก"}

    def _places(self, made: Sequence[tuple[UUID, UUID, UUID]]) -> Iterator[Row]:
        lessons = self._keys.lessons
        for number, (_teacher_id, _course_id, unit_id) in enumerate(made):
            first = number * len(lessons) // len(made)
            for place, lesson_id in enumerate(lessons[first : first + 6]):
                keys = {"id": uuid7(), "unit_id": unit_id, "lesson_id": lesson_id}
                yield {**keys, "title": TITLES[0], "place": place}


def content_of(item_ids: Sequence[UUID]) -> Content:
    """Return a lesson of these items: its recording, then the other kinds in turns."""
    first, *others = item_ids
    items: list[AnyItem] = [FileItem(id=first, is_required=True)]
    makers = (_text, _quiz, _link, _hand_in)
    items += [makers[place % len(makers)](item_id) for place, item_id in enumerate(others)]
    return Content(items=tuple(items))


def _text(item_id: UUID) -> AnyItem:
    return TextItem(id=item_id, title="อ่านก่อนทำ", markdown=TEXT)


def _link(item_id: UUID) -> AnyItem:
    return LinkItem(id=item_id, title="ดูเพิ่มเติม", url=LINK)


def _hand_in(item_id: UUID) -> AnyItem:
    return HandInItem(id=item_id, title="ใบงาน", markdown=TEXT)


def _quiz(item_id: UUID) -> AnyItem:
    questions = []
    for number in range(3):
        choices = tuple(Choice(id=uuid7(), text=f"{number + each}") for each in range(4))
        text = f"{number} + 1 เท่ากับเท่าไร"
        right = frozenset({choices[1].id})
        questions.append(ChoiceQuestion(id=uuid7(), text=text, choices=choices, right_ids=right))
    return QuizItem(id=item_id, title="ลองทำดู", is_required=True, questions=tuple(questions))
