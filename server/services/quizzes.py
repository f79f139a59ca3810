"""Quizzes: what is asked, what was answered, and what may be told of it.

What is asked holds nothing of what is right: that leaves the server after an answer, and only as
far as the quiz allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.errors import NotAllowed, NotFound, NoTriesLeft
from server.models.content import CONTENT, AnyQuestion, ChoiceQuestion, QuizItem
from server.models.lesson_versions import LessonVersion
from server.models.lessons import Lesson
from server.models.people import Person
from server.models.quizzes import QuizAttempt
from server.services.clock import Clock
from server.services.erased_lessons import Learnt, hold_for_work, was_given_to
from server.services.item_progress import ItemNote, note_item
from server.services.lesson_content import find_item, version_for
from server.services.quiz_marking import Answers, Marks, cleaned, mark_all
from server.services.quiz_passes import QuizPass, answered_at
from server.services.sign_ins import revoked_of

MOST_QUESTIONS = 50  # of one quiz
Piece = TypeVar("Piece", bound="AskedChoice | AskedQuestion")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedChoice:
    """One answer to choose."""

    id: UUID
    text: str
    original_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """A question as its pupils get it: without what is right, and without feedback."""

    id: UUID
    kind: str
    text: str
    original_id: UUID | None
    points: float
    takes_several: bool
    choices: Sequence[AskedChoice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One answered try, marked by the version that was asked."""

    attempt: QuizAttempt
    item: QuizItem
    marks: Marks
    tries_left: int | None  # None: as many as one likes

    @property
    def shows_answers(self) -> bool:
        """Return whether what is right may be told now."""
        is_over = self.tries_left == 0 or self.marks.are_all_right
        return self.item.shows_answers and is_over


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilsQuiz:
    """One quiz as one person has it now."""

    item: QuizItem
    version: int
    person_id: UUID
    attempts: Sequence[QuizAttempt] = field(default=())

    @property
    def tries_left(self) -> int | None:
        """Return how often it may be tried yet; None: as often as one likes."""
        return _tries_left(self.item, len(self.attempts))

    @property
    def best_share(self) -> float | None:
        """Return the best share of the points; None before the first try."""
        shares = [_share(attempt) for attempt in self.attempts]
        return max(shares, default=None)

    @property
    def is_done(self) -> bool:
        """Return whether enough of the points was reached once."""
        return self.best_share is not None and self.best_share >= self.item.min_share

    @property
    def last_try(self) -> Try | None:
        """Return the newest try, marked."""
        if not self.attempts:
            return None
        newest = self.attempts[-1]
        marks = mark_all(self.item.questions, newest.answers)
        return Try(attempt=newest, item=self.item, marks=marks, tries_left=self.tries_left)

    def asked(self) -> list[AskedQuestion]:
        """Return the questions of the next try, in an order that stays until it is answered."""
        questions = asked_questions(self.item)
        if not self.item.is_shuffled:
            return questions
        seed = f"{self.person_id} {self.item.id} {len(self.attempts) + 1}"
        return _shuffled([_with_shuffled_choices(one, seed) for one in questions], seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAnswers:
    """What a device sends."""

    attempt_id: UUID  # made on the device: sent again, it stays one try
    answers: Answers
    elapsed_s: float | None = None  # since the questions came
    device_at: datetime | None = None


def asked_questions(item: QuizItem) -> list[AskedQuestion]:
    """Return the questions as they are asked, in the teacher's order."""
    return [_asked(question) for question in item.questions]


def quizzes_of(session: Session, lesson: Learnt, *, person_id: UUID) -> list[PupilsQuiz]:
    """Return all quizzes of what the person has of a lesson, with their tries; two queries."""
    version = version_for(session, lesson.id, person_id=person_id)
    if version is None:
        return []
    content = CONTENT.validate_python(version.content)
    items = [item for item in content.items if isinstance(item, QuizItem)]
    wanted = (
        select(QuizAttempt)
        .where(QuizAttempt.person_id == person_id)
        .where(QuizAttempt.item_id.in_([item.id for item in items]))
        .order_by(QuizAttempt.number)
    )
    attempts = session.scalars(wanted).all() if items else []
    return [
        PupilsQuiz(
            item=item,
            version=version.number,
            person_id=person_id,
            attempts=[each for each in attempts if each.item_id == item.id],
        )
        for item in items
    ]


def quiz_of(session: Session, lesson: Lesson, *, item_id: UUID, person_id: UUID) -> PupilsQuiz:
    """Return one quiz as one person has it. Raises NotFound."""
    quizzes = quizzes_of(session, lesson, person_id=person_id)
    found = next((quiz for quiz in quizzes if quiz.item.id == item_id), None)
    if found is None:
        raise NotFound(f"no quiz {item_id} in lesson {lesson.id}")
    return found


def take_attempt(session: Session, now: Clock, *, asked: QuizPass, sent: SentAnswers) -> Try:
    """Mark one try and keep it; the same again changes nothing and answers the same.

    Raises NotFound when lesson, version or quiz is no more, NotAllowed when the person is not
    active or the id is somebody else's, NoTriesLeft.
    """
    with session.begin():
        item = _what_was_asked(session, asked)
        when = answered_at(asked.asked_at, sent.elapsed_s, received_at=now())
        # First of all: tries of one person at one quiz wait here for one another.
        _note(session, when, asked, marks=None, item=item)
        known = session.get(QuizAttempt, sent.attempt_id)
        if known is None:
            known = _keep(session, now, asked, item, sent, when)
        elif (known.person_id, known.item_id) != (asked.person_id, asked.item_id):
            raise NotAllowed("the id of somebody else's try")
        marks = mark_all(item.questions, known.answers)
        _note(session, known.answered_at, asked, marks=marks, item=item)
        tries_left = _tries_left(item, _count(session, asked))
    return Try(attempt=known, item=item, marks=marks, tries_left=tries_left)


def hand_attempts(session: Session, *, from_id: UUID, to_id: UUID) -> None:
    """Give the tries of one person to another, after theirs, in the caller's transaction."""
    newest = (
        select(QuizAttempt.item_id, func.max(QuizAttempt.number))
        .where(QuizAttempt.person_id == to_id)
        .group_by(QuizAttempt.item_id)
    )
    theirs = dict(session.execute(newest).all())
    for attempt in session.scalars(select(QuizAttempt).where(QuizAttempt.person_id == from_id)):
        attempt.person_id = to_id
        attempt.number += theirs.get(attempt.item_id, 0)


def _what_was_asked(session: Session, asked: QuizPass) -> QuizItem:
    hold_for_work(session, asked.lesson_id)
    person = session.get(Person, asked.person_id)
    if person is None or not person.is_active:
        raise NotAllowed("nobody who is active")
    if asked.sign_in_id and revoked_of(session, [asked.sign_in_id]):
        raise NotAllowed("the session that was asked was ended by somebody else")
    wanted = select(LessonVersion).where(
        LessonVersion.lesson_id == asked.lesson_id, LessonVersion.number == asked.version
    )
    version = session.scalars(wanted).first()
    if version is None or not _is_taken(session, asked):
        raise NotFound("the lesson is no more")
    item = find_item(CONTENT.validate_python(version.content), asked.item_id)
    if not isinstance(item, QuizItem):
        raise NotFound("the quiz is no more")
    return item


def _is_taken(session: Session, asked: QuizPass) -> bool:
    """Return whether answers still count: while the lesson may come back, or where it was given."""
    is_there = session.scalar(select(Lesson.id).where(Lesson.id == asked.lesson_id)) is not None
    return is_there or was_given_to(session, asked.lesson_id, asked.person_id)


def _keep(
    session: Session,
    now: Clock,
    asked: QuizPass,
    item: QuizItem,
    sent: SentAnswers,
    when: datetime,
) -> QuizAttempt:
    number = _count(session, asked) + 1
    if item.tries and number > item.tries:
        raise NoTriesLeft("all tries are used", tries=item.tries)
    answers = cleaned(item.questions, sent.answers)
    marks = mark_all(item.questions, answers)
    attempt = QuizAttempt(
        id=sent.attempt_id,
        person_id=asked.person_id,
        lesson_id=asked.lesson_id,
        item_id=asked.item_id,
        number=number,
        version=asked.version,
        answers=answers,
        points=marks.points,
        most_points=marks.most_points,
        device_at=sent.device_at,
        asked_at=asked.asked_at,
        answered_at=when,
        received_at=now(),
    )
    session.add(attempt)
    session.flush()
    return attempt


def _note(
    session: Session, at: datetime, asked: QuizPass, *, marks: Marks | None, item: QuizItem
) -> None:
    """Write down that the quiz was begun and, with marks, how good it was.

    Done is done when it was answered: what came late over a bad line is not late.
    """
    note = ItemNote(
        person_id=asked.person_id,
        lesson_id=asked.lesson_id,
        item_id=asked.item_id,
        is_done=marks is not None and marks.share >= item.min_share,
        score=marks.share if marks else None,
    )
    note_item(session, lambda: at, note)


def _count(session: Session, asked: QuizPass) -> int:
    tried = select(func.count()).where(
        QuizAttempt.person_id == asked.person_id, QuizAttempt.item_id == asked.item_id
    )
    return session.scalar(tried) or 0


def _tries_left(item: QuizItem, tried: int) -> int | None:
    return max(0, item.tries - tried) if item.tries else None


def _share(attempt: QuizAttempt) -> float:
    return attempt.points / attempt.most_points if attempt.most_points else 1.0


def _asked(question: AnyQuestion) -> AskedQuestion:
    choices = question.choices if isinstance(question, ChoiceQuestion) else ()
    return AskedQuestion(
        id=question.id,
        kind=question.kind,
        text=question.text,
        original_id=question.original_id,
        points=question.points,
        takes_several=isinstance(question, ChoiceQuestion) and question.takes_several,
        choices=[
            AskedChoice(id=one.id, text=one.text, original_id=one.original_id) for one in choices
        ],
    )


def _with_shuffled_choices(question: AskedQuestion, seed: str) -> AskedQuestion:
    return replace(question, choices=_shuffled(question.choices, seed))


def _shuffled(pieces: Sequence[Piece], seed: str) -> list[Piece]:
    """Return the pieces in an order that only the seed decides."""
    return sorted(pieces, key=lambda piece: sha256(f"{seed} {piece.id}".encode()).digest())
