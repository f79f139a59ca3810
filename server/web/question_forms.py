"""Questions as their editors' form has them, and what is wrong with what was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any
from uuid import UUID

from flask import request
from pydantic import TypeAdapter, ValidationError

from server.errors import FieldError
from server.models.base import uuid7
from server.models.content import (
    AnyQuestion,
    ChoiceQuestion,
    NumberQuestion,
    ShortTextQuestion,
    TrueFalseQuestion,
)
from server.services.quiz_marking import NO, YES, read_number
from server.web.forms import text
from server.web.quiz_results import number_text
from server.web.translate import translate as _

KINDS = ("choice", "true_false", "short_text", "number")
LEAST_CHOICES, MOST_CHOICES = 2, 10
ROWS = 4
QUESTION: TypeAdapter[AnyQuestion] = TypeAdapter(AnyQuestion)


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """One line of the answers to choose from."""

    id: str = ""
    text: str = ""
    is_right: bool = False
    original_id: UUID | None = None  # its picture


def kind_labels() -> dict[str, str]:
    """Return the kinds of questions as people call them."""
    return {
        "choice": _("Choose an answer"),
        "true_false": _("True or not"),
        "short_text": _("Write a few words"),
        "number": _("Write a number"),
    }


def form_values(question: AnyQuestion | None) -> dict[str, str]:
    """Return a question as the fields of its form."""
    if question is None:
        return {"points": "1"}
    values = {
        "question_text": question.text,
        "points": number_text(question.points),
        "when_right": question.when_right,
        "when_wrong": question.when_wrong,
        "original_id": str(question.original_id or ""),
    }
    match question:
        case ChoiceQuestion():
            values["takes_several"] = YES if question.takes_several else ""
        case TrueFalseQuestion():
            values["is_true"] = YES if question.is_true else NO
        case ShortTextQuestion():
            values["accepted"] = "\n".join(question.accepted)
        case NumberQuestion():
            values["value"] = number_text(question.value)
            values["tolerance"] = number_text(question.tolerance) if question.tolerance else ""
    return values


def rows_of(question: AnyQuestion | None) -> list[ChoiceRow]:
    """Return the answers to choose from, with room for more."""
    if not isinstance(question, ChoiceQuestion):
        return with_room([])
    right = question.right_ids
    return with_room(
        [ChoiceRow(str(c.id), c.text, c.id in right, c.original_id) for c in question.choices]
    )


def typed_rows() -> list[ChoiceRow]:
    """Return the answers as they were typed; lines with neither words nor a picture are none."""
    right = set(request.form.getlist("right"))
    names = ("choice_id", "choice", "choice_picture")
    lines = zip_longest(*map(request.form.getlist, names), fillvalue="")
    return [
        ChoiceRow(id_, " ".join(typed.split()), str(number) in right, _id_of(picture))
        for number, (id_, typed, picture) in enumerate(lines)
        if typed.strip() or picture
    ]


def with_room(rows: Sequence[ChoiceRow], *, more: int = 1) -> list[ChoiceRow]:
    """Return the lines and empty ones after them."""
    count = min(max(ROWS, len(rows) + more), MOST_CHOICES)
    return [*rows, *(ChoiceRow() for _number in range(count - len(rows)))]


def typed_question(kind: str, there: AnyQuestion | None) -> AnyQuestion:
    """Return the question that was typed. Raises FieldError with the field and what to do."""
    values: dict[str, Any] = {
        "id": there.id if there else uuid7(),
        "kind": kind,
        "text": _needed("question_text"),
        "points": _number("points"),
        "when_right": text("when_right").strip(),
        "when_wrong": text("when_wrong").strip(),
        "original_id": request.form.get("original_id", type=UUID),
        **_of_kind(kind, there),
    }
    try:
        return QUESTION.validate_python(values)
    except ValidationError as error:
        fault = error.errors()[0]
        field = {"text": "question_text"}.get(str(fault["loc"][1]), str(fault["loc"][1]))
        is_long = fault["type"] in {"string_too_long", "too_long"}
        rule = "too_long" if is_long else "range"
        most = fault.get("ctx", {}).get("max_length")
        raise FieldError(field, fault["msg"], rule=rule, most=most) from error


def _of_kind(kind: str, there: AnyQuestion | None) -> Mapping[str, Any]:
    match kind:
        case "choice":
            return _choices(there)
        case "true_false":
            if text("is_true") not in {YES, NO}:
                raise FieldError("is_true", "not chosen", rule="empty")
            return {"is_true": text("is_true") == YES}
        case "short_text":
            lines = (" ".join(line.split()) for line in text("accepted").splitlines())
            accepted = list(dict.fromkeys(line for line in lines if line))
            if not accepted:
                raise FieldError("accepted", "none", rule="empty")
            return {"accepted": accepted}
        case "number":
            tolerance = _number("tolerance") if text("tolerance").strip() else 0
            if tolerance < 0:
                raise FieldError("tolerance", "below zero", rule="range")
            return {"value": _number("value"), "tolerance": tolerance}
        case _:
            raise FieldError("kind", "no such kind", rule="unknown")


def _choices(there: AnyQuestion | None) -> Mapping[str, Any]:
    rows = typed_rows()
    known = {str(c.id): c for c in there.choices} if isinstance(there, ChoiceQuestion) else {}
    takes_several = "takes_several" in request.form
    right_count = sum(row.is_right for row in rows)
    if not all(row.text for row in rows):
        raise FieldError("choices", "a picture alone", rule="no_words")
    if len(rows) < LEAST_CHOICES:
        raise FieldError("choices", "too few", rule="few")
    if takes_several and not right_count:
        raise FieldError("choices", "none is right", rule="no_right")
    if not takes_several and right_count != 1:
        raise FieldError("choices", "one has to be right", rule="one_right")
    made = [
        {
            "id": known[row.id].id if row.id in known else uuid7(),
            "text": row.text,
            "original_id": row.original_id,
        }
        for row in rows
    ]
    right_ids = [one["id"] for one, row in zip(made, rows, strict=True) if row.is_right]
    return {"choices": made, "right_ids": right_ids, "takes_several": takes_several}


def _needed(name: str) -> str:
    typed = text(name).replace("\r\n", "\n").replace("\x00", "").strip()
    if not typed:
        raise FieldError(name, "empty", rule="empty")
    return typed


def _id_of(text_of_id: str) -> UUID | None:
    try:
        return UUID(text_of_id)
    except ValueError:
        return None


def _number(name: str) -> float:
    number = read_number(text(name))
    if number is None:
        raise FieldError(name, "not a number", rule="number")
    return number
