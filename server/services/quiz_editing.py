"""A quiz in its editors' hands: its questions one at a time, and how it is played.

Two people may write different questions at once. Who saves one that somebody else changed since it
was opened is told, and nothing of either is lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from server.errors import Conflict, FieldError, NotFound
from server.models.content import AnyQuestion, QuizItem
from server.models.people import Person
from server.services.clock import Clock
from server.services.lesson_content import find_item
from server.services.lesson_drafts import Draft, read_draft
from server.services.lesson_items import ItemChanged, mark_of, save_item
from server.services.quizzes import MOST_QUESTIONS

TRIES = 5  # at once with somebody else


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizPlace:
    """Which quiz somebody edits."""

    lesson_id: UUID
    item_id: UUID
    by: Person


class QuestionChanged(Conflict):
    """Somebody else changed this question since it was opened, or (`question` empty) removed it."""

    code = "question_changed"

    def __init__(self, draft: Draft, question: AnyQuestion | None) -> None:
        """Keep what is newer."""
        super().__init__("a question was changed meanwhile")
        self.draft = draft
        self.question = question


def mark_of_question(question: AnyQuestion) -> str:
    """Return a mark that changes with the question: its form carries it to tell what was seen."""
    return sha256(question.model_dump_json().encode()).hexdigest()[:32]


def get_quiz(session: Session, place: QuizPlace) -> QuizItem:
    """Return the quiz as its editors have it. Raises NotFound."""
    return _quiz(read_draft(session, lesson_id=place.lesson_id, by=place.by), place)


def find_question(quiz: QuizItem, question_id: UUID) -> AnyQuestion | None:
    """Return a question of it."""
    return next((each for each in quiz.questions if each.id == question_id), None)


def save_question(
    session: Session, now: Clock, place: QuizPlace, *, question: AnyQuestion, seen: str
) -> None:
    """Put a question in the place of what was `seen`; empty: at the end.

    Raises NotFound, NotAllowed, QuestionChanged, FieldError.
    """

    def save(draft: Draft, quiz: QuizItem) -> QuizItem:
        there = find_question(quiz, question.id)
        if seen and (there is None or mark_of_question(there) != seen):
            raise QuestionChanged(draft, there)
        if there is None:
            if len(quiz.questions) >= MOST_QUESTIONS:
                raise FieldError("questions", "too many", rule="too_many", most=MOST_QUESTIONS)
            return _with(quiz, questions=(*quiz.questions, question))
        same = (question if each.id == question.id else each for each in quiz.questions)
        return _with(quiz, questions=tuple(same))

    _change(session, now, place, save)


def remove_question(
    session: Session, now: Clock, place: QuizPlace, *, question_id: UUID, seen: str
) -> None:
    """Take a question out. Raises NotFound, NotAllowed, QuestionChanged."""

    def remove(draft: Draft, quiz: QuizItem) -> QuizItem:
        there = find_question(quiz, question_id)
        if there is not None and mark_of_question(there) != seen:
            raise QuestionChanged(draft, there)
        return _with(quiz, questions=tuple(q for q in quiz.questions if q.id != question_id))

    _change(session, now, place, remove)


def move_question(
    session: Session, now: Clock, place: QuizPlace, *, question_id: UUID, by_places: int
) -> None:
    """Move a question so many places, down or (negative) up. Raises NotFound, NotAllowed."""

    def move(_draft: Draft, quiz: QuizItem) -> QuizItem:
        moved = find_question(quiz, question_id)
        if moved is None:
            raise NotFound(f"no question {question_id}")
        rest = [each for each in quiz.questions if each.id != question_id]
        to = min(max(quiz.questions.index(moved) + by_places, 0), len(rest))
        return _with(quiz, questions=(*rest[:to], moved, *rest[to:]))

    _change(session, now, place, move)


def save_settings(session: Session, now: Clock, place: QuizPlace, **settings: object) -> None:
    """Change how it is played: tries, order, share and so on. Raises NotFound, NotAllowed."""
    _change(session, now, place, lambda _draft, quiz: _with(quiz, **settings))


def _change(
    session: Session,
    now: Clock,
    place: QuizPlace,
    change: Callable[[Draft, QuizItem], QuizItem],
) -> None:
    """Change what is newest: `change` itself says whether it still fits."""
    for _ in range(TRIES):
        draft = read_draft(session, lesson_id=place.lesson_id, by=place.by)
        quiz = _quiz(draft, place)
        try:
            save_item(
                session,
                now,
                lesson_id=place.lesson_id,
                item=change(draft, quiz),
                seen=mark_of(quiz),
                by=place.by,
            )
        except ItemChanged as error:
            newer = error
        else:
            return
    raise newer


def _quiz(draft: Draft, place: QuizPlace) -> QuizItem:
    item = find_item(draft.content, place.item_id)
    if not isinstance(item, QuizItem):
        raise NotFound(f"no quiz {place.item_id} in lesson {place.lesson_id}")
    return item


def _with(quiz: QuizItem, **values: object) -> QuizItem:
    return QuizItem.model_validate({**dict(quiz), **values})
