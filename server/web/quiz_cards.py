"""What a pupil gets of a quiz: questions without what is right, and what was reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import ngettext
from markupsafe import Markup

from server.errors import NotFound
from server.models.base import uuid7
from server.models.content import QuizItem
from server.models.lessons import Lesson
from server.request_context import clock, current_sign_in_id, db, wiring
from server.services.markdown import as_html
from server.services.quiz_passes import QuizPass, sign_quiz_pass
from server.services.quizzes import AskedQuestion, PupilsQuiz, asked_questions, quiz_of
from server.web.item_places import ItemPlace
from server.web.origin import Origin, item_url
from server.web.page_frame import page_address
from server.web.quiz_media import MediaCard, media_of
from server.web.quiz_results import ResultCard, points_text, result_card
from server.web.quiz_words import quiz_words
from server.web.translate import translate as _


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceCard:
    """One answer to choose."""

    value: str
    text: str
    media: MediaCard | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCard:
    """One question of the form."""

    id: UUID
    name: str  # of its fields
    kind: str
    label: str
    points: str
    html: Markup
    media: MediaCard | None
    takes_several: bool
    choices: Sequence[ChoiceCard]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizCard:
    """One quiz before one person; without a form for guests and in drafts."""

    item_id: UUID
    title: str
    language: str
    questions: Sequence[QuestionCard]
    facts: str
    sign_in_url: str = ""  # for guests
    is_draft: bool = False
    result: ResultCard | None = None
    again_url: str = ""  # while there are tries left
    form: "FormCard | None" = None
    config: dict[str, Any] | None = None

    @property
    def entries(self) -> tuple[str, ...]:
        """Return the scripts that it needs."""
        has_sound = any(one.media and one.media.player for one in self.questions)
        return ("src/quiz.ts", "src/player.ts") if has_sound else ("src/quiz.ts",)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCard:
    """What the form sends beside the answers."""

    url: str
    quiz_pass: str
    attempt_id: UUID  # for browsers without scripts; scripts make their own


def build_quiz(place: ItemPlace) -> QuizCard:
    """Return the quiz on its own page."""
    if not isinstance(place.item, QuizItem):
        raise TypeError(place.item.kind)
    if place.by is None or place.origin.is_draft:
        return _without_form(place, place.item)
    try:
        quiz = quiz_of(db(), place.lesson, item_id=place.item.id, person_id=place.by.id)
    except NotFound:
        return _without_form(place, place.item)
    wants_form = "again" in request.args
    return quiz_card(place.lesson, place.origin, quiz, title=place.title, wants_form=wants_form)


def quiz_card(
    lesson: Lesson, origin: Origin, quiz: PupilsQuiz, *, title: str, wants_form: bool = False
) -> QuizCard:
    """Return a quiz for who answers it: the last try's result, or the form of the next one."""
    last, may_try = quiz.last_try, quiz.tries_left != 0
    shows_form = may_try and (last is None or wants_form)
    return QuizCard(
        item_id=quiz.item.id,
        title=title,
        language=lesson.language,
        questions=_questions(lesson, origin, quiz.asked()) if shows_form else (),
        facts=_facts(quiz),
        result=result_card(quiz, last) if last and not shows_form else None,
        again_url=item_url(lesson, origin, quiz.item.id, again="yes") if may_try and last else "",
        form=_form(lesson, quiz) if shows_form else None,
        config=_config(lesson, origin, quiz),
    )


def _without_form(place: ItemPlace, item: QuizItem) -> QuizCard:
    is_guest = place.by is None
    asked = () if is_guest else _questions(place.lesson, place.origin, asked_questions(item))
    return QuizCard(
        item_id=item.id,
        title=place.title,
        language=place.lesson.language,
        questions=asked,
        facts=_count_text(item),
        sign_in_url=url_for("account.sign_in_page", next=page_address()) if is_guest else "",
        is_draft=not is_guest,
    )


def _form(lesson: Lesson, quiz: PupilsQuiz) -> FormCard:
    asked = QuizPass(
        person_id=quiz.person_id,
        lesson_id=lesson.id,
        item_id=quiz.item.id,
        version=quiz.version,
        asked_at=clock()(),
        sign_in_id=current_sign_in_id(),
    )
    return FormCard(
        url=url_for("quizzes.answer", lesson_id=lesson.id, item_id=quiz.item.id),
        quiz_pass=sign_quiz_pass(wiring().settings.secret_key.get_secret_value(), asked),
        attempt_id=uuid7(),
    )


def _config(lesson: Lesson, origin: Origin, quiz: PupilsQuiz) -> dict[str, Any]:
    """Return `data-quiz`; the keys are read by frontend/src/quiz_form.ts."""
    return {
        "personId": str(quiz.person_id),
        "itemId": str(quiz.item.id),
        "freshUrl": item_url(lesson, origin, quiz.item.id),
        "words": quiz_words(),
    }


def _questions(
    lesson: Lesson, origin: Origin, questions: Sequence[AskedQuestion]
) -> list[QuestionCard]:
    of_choices = [choice.original_id for one in questions for choice in one.choices]
    media = media_of(lesson, origin, [*(one.original_id for one in questions), *of_choices])
    return [_question(number, one, media) for number, one in enumerate(questions, start=1)]


def _question(
    number: int, asked: AskedQuestion, media: Mapping[UUID | None, MediaCard]
) -> QuestionCard:
    return QuestionCard(
        id=asked.id,
        name=f"q-{asked.id}",
        kind=asked.kind,
        label=_("Question %(number)s", number=number),
        points=points_text(asked.points),
        html=Markup(as_html(asked.text)),  # noqa: S704 (cleaned there)
        media=media.get(asked.original_id),
        takes_several=asked.takes_several,
        choices=[
            ChoiceCard(value=str(one.id), text=one.text, media=media.get(one.original_id))
            for one in asked.choices
        ],
    )


def _facts(quiz: PupilsQuiz) -> str:
    parts = [_count_text(quiz.item)]
    if quiz.item.tries:
        parts.append(_("Tries left: %(count)s", count=quiz.tries_left))
    if quiz.best_share is not None:
        parts.append(_("Best so far: %(percent)s%%", percent=round(100 * quiz.best_share)))
    return " · ".join(parts)


def _count_text(item: QuizItem) -> str:
    count = ngettext("%(num)s question", "%(num)s questions", len(item.questions))
    return f"{count} · {points_text(sum(question.points for question in item.questions))}"
