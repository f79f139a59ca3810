"""What pages say about the people in a lesson, and about how far it may be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import flash, request, url_for

from server.errors import FieldError
from server.models.consents import PeopleAnswer
from server.models.lessons import Lesson, Visibility
from server.models.people import Person
from server.request_context import clock, db
from server.services.lesson_picture import LessonPicture, Question
from server.services.people_in_picture import Moved, WhoIsIn, say_who_is_in
from server.web.choices import visibility_labels
from server.web.forms import text
from server.web.translate import translate as _


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCard:
    """Are pupils seen or heard? Rooms are (id, name, chosen), pupils (id, name, chosen) by room."""

    original_id: UUID
    file_name: str
    answer: str  # "" while there is none and nothing is proposed
    is_proposed: bool
    rooms: Sequence[tuple[UUID, str, bool]]
    pupils: Sequence[tuple[str, Sequence[tuple[UUID, str, bool]]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureCard:
    """How far a lesson goes; `missing` are (name, classroom, address of its forms)."""

    answer: str
    ceiling: str
    step: str
    is_unanswered: bool
    is_held_back: bool  # its teacher wishes more than may be
    shown_to: str
    missing: Sequence[tuple[str, str, str]]
    more_count: int


def question_card(question: Question) -> QuestionCard:
    """Return the question; "my classroom" is proposed to who teaches one."""
    proposed = question.answer is None and bool(question.own_ids)
    only_room = question.own_ids if proposed and len(question.own_ids) == 1 else frozenset()
    chosen = question.classroom_ids | only_room
    answer = PeopleAnswer.CLASSROOMS if proposed else question.answer
    return QuestionCard(
        original_id=question.original.id,
        file_name=question.original.file_name,
        answer=answer or "",
        is_proposed=proposed,
        rooms=[(room.id, room.name, room.id in chosen) for room in question.classrooms],
        pupils=[
            (room.name, [(one.id, one.full_name, one.id in question.pupil_ids) for one in people])
            for room, people in question.pupils
            if people
        ],
    )


def picture_card(picture: LessonPicture, lesson: Lesson) -> PictureCard:
    """Return what the sharing step says about the people in a lesson."""
    reaches = reach_labels()
    return PictureCard(
        answer=_answer_text(picture),
        ceiling=reaches[picture.ceiling],
        step=reaches[picture.step] if picture.step else "",
        is_unanswered=bool(picture.unanswered_count),
        is_held_back=lesson.shown_to is not lesson.visibility,
        shown_to=visibility_labels()[lesson.shown_to],
        missing=[
            (
                each.person.full_name,
                each.classroom.name,
                url_for("consents.show", classroom_id=each.classroom.id),
            )
            for each in picture.missing
        ],
        more_count=picture.missing_count - len(picture.missing),
    )


def reach_labels() -> Mapping[str, str]:
    """Return how far a consent reaches, in words; the narrowest is a refusal."""
    return {
        Visibility.ME: _("its teacher alone"),
        Visibility.CLASSROOM: _("the classroom"),
        Visibility.SCHOOL: _("the school"),
        Visibility.AREA: _("all schools of the area"),
        Visibility.PUBLIC: _("everybody on the internet"),
    }


def answer_labels() -> Mapping[str, str]:
    """Return the three answers."""
    return {
        PeopleAnswer.NOBODY: _("No, no pupils"),
        PeopleAnswer.CLASSROOMS: _("Yes, these classrooms"),
        PeopleAnswer.PUPILS: _("Yes, these pupils only"),
    }


def sent_answer() -> WhoIsIn:
    """Return what a form says about one file. Raises FieldError."""
    try:
        answer = PeopleAnswer(text("people"))
    except ValueError as error:
        raise FieldError("people", "no such answer", rule="people") from error
    rooms, pupils = _sent("classrooms"), _sent("pupils")
    return WhoIsIn(
        answer=answer,
        classroom_ids=rooms if answer is PeopleAnswer.CLASSROOMS else frozenset(),
        pupil_ids=pupils if answer is PeopleAnswer.PUPILS else frozenset(),
    )


def keep_answer(original_id: UUID, who: WhoIsIn, by: Person) -> None:
    """Keep it, and say which lessons are seen by others now."""
    say_moved(say_who_is_in(db(), clock(), original_id=original_id, who=who, by=by))


def say_moved(moved: Sequence[Moved]) -> None:
    """Tell which lessons are shown to fewer, or again to more."""
    labels = visibility_labels()
    for each in moved:
        facts = {
            "title": each.lesson.title,
            "teacher": each.lesson.owner.display_name,
            "now": labels[each.lesson.shown_to],
        }
        if each.is_narrower:
            flash(_("“%(title)s” by %(teacher)s is now shown to: %(now)s", **facts), "warning")
        else:
            flash(_("“%(title)s” by %(teacher)s is shown again to: %(now)s", **facts), "good")


def _sent(name: str) -> frozenset[UUID]:
    return frozenset(request.form.getlist(name, type=UUID))


def _answer_text(picture: LessonPicture) -> str:
    labels = {
        None: _("not answered yet"),
        PeopleAnswer.EARLIER: _("not asked: the file was here before this question"),
        PeopleAnswer.NOBODY: _("no pupils"),
        PeopleAnswer.CLASSROOMS: _("classrooms"),
        PeopleAnswer.PUPILS: _("certain pupils"),
    }
    return ", ".join(dict.fromkeys(labels[answer] for answer in picture.answers))
