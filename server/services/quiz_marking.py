"""What answers to questions are worth: pure functions, one for each kind of question.

An answer is a list of texts, as forms send it: the ids of choices, "yes" or "no", or one text.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from search.thai import normalise
from server.models.content import (
    AnyQuestion,
    ChoiceQuestion,
    NumberQuestion,
    ShortTextQuestion,
    TrueFalseQuestion,
)

Answer: TypeAlias = Sequence[str]
Answers: TypeAlias = Mapping[str, Answer]  # by the question's id

YES, NO = "yes", "no"
LONGEST_ANSWER = 300
MOST_PARTS = 10
ROUNDING = 1e-9  # 0.1 + 0.2 is 0.3 to people
_SPACES = re.compile(r"\s+")
_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d+)?")
_SIGNS = str.maketrans({"−": "-", "–": "-", "＋": "+", "．": ".", "，": ","})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What one answer is worth."""

    is_right: bool
    points: float
    most_points: float


@dataclass(frozen=True, slots=True)
class Marks:
    """What all answers of a try are worth, by the question's id."""

    by_id: Mapping[str, Mark]

    @property
    def points(self) -> float:
        """Return the sum."""
        return sum(mark.points for mark in self.by_id.values())

    @property
    def most_points(self) -> float:
        """Return what could be reached."""
        return sum(mark.most_points for mark in self.by_id.values())

    @property
    def share(self) -> float:
        """Return how much was reached, 0 to 1; all of it where nothing was asked."""
        return self.points / self.most_points if self.most_points else 1.0

    @property
    def are_all_right(self) -> bool:
        """Return whether there is nothing left to reach."""
        return all(mark.is_right for mark in self.by_id.values())


def mark_all(questions: Iterable[AnyQuestion], answers: Answers) -> Marks:
    """Return what the answers are worth; a question without an answer is worth nothing."""
    return Marks({str(one.id): mark(one, answers.get(str(one.id), ())) for one in questions})


def mark(question: AnyQuestion, answer: Answer) -> Mark:
    """Return what one answer is worth: all points or none."""
    is_right = is_right_answer(question, answer)
    points = question.points if is_right else 0.0
    return Mark(is_right=is_right, points=points, most_points=question.points)


def is_right_answer(question: AnyQuestion, answer: Answer) -> bool:
    """Return whether an answer is right; an empty one never is."""
    match question:
        case ChoiceQuestion():
            return frozenset(answer) == frozenset(map(str, question.right_ids))
        case TrueFalseQuestion():
            return list(answer) == [YES if question.is_true else NO]
        case ShortTextQuestion():
            return _is_accepted(question, _only(answer))
        case NumberQuestion():
            return _is_near(question, _only(answer))
        case _:
            assert_never(question)


def cleaned(questions: Iterable[AnyQuestion], answers: Answers) -> dict[str, list[str]]:
    """Return what is kept of what was sent: answers to these questions, of bounded length."""
    kept: dict[str, list[str]] = {}
    for question in questions:
        sent = list(answers.get(str(question.id), ()))[:MOST_PARTS]
        parts = [_writable(part[:LONGEST_ANSWER]) for part in sent]
        if any(part.strip() for part in parts):
            kept[str(question.id)] = parts
    return kept


def _writable(text: str) -> str:
    """Return a text without what no page and no database can hold: half letters and NUL."""
    return text.encode(errors="ignore").decode().replace("\x00", "")


def comparable(text: str) -> str:
    """Return a text without what makes no difference: case, spaces, kinds of digits."""
    return _SPACES.sub("", normalise(text)).casefold()


def read_number(text: str) -> float | None:
    """Return the number that was typed, also "๑,๒๕๐.๕" and "1/2"; None if it is none."""
    plain = _SPACES.sub("", normalise(text)).translate(_SIGNS)
    above, stroke, below = plain.partition("/")
    number, divisor = _plain_number(above), _plain_number(below) if stroke else 1.0
    if number is None or not divisor:
        return None
    return _finite(number / divisor)


def _plain_number(text: str) -> float | None:
    if not any(letter.isdigit() for letter in text) or not _NUMBER.fullmatch(text):
        return None
    return _finite(float(text.replace(",", "")))


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _only(answer: Answer) -> str:
    return answer[0] if len(answer) == 1 else ""


def _is_accepted(question: ShortTextQuestion, typed: str) -> bool:
    given = comparable(typed)
    return bool(given) and given in {comparable(text) for text in question.accepted}


def _is_near(question: NumberQuestion, typed: str) -> bool:
    number = read_number(typed)
    if number is None:
        return False
    slack = ROUNDING * max(1.0, abs(question.value))
    return abs(number - question.value) <= question.tolerance + slack
