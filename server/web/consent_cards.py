"""What the pages of consents are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.models.lessons import Visibility
from server.services.consents import PupilForm
from server.web.translate import translate as _


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    """A pupil and what their form says; `reach` is "none" while there is no form."""

    enrolment_id: UUID
    name: str
    number: str
    reach: str
    withdrawn_at: datetime | None
    has_left: bool


def consent_rows(forms: Sequence[PupilForm]) -> list[ConsentRow]:
    """Return the register with its forms."""
    return [
        ConsentRow(
            enrolment_id=form.enrolment.id,
            name=form.enrolment.person.full_name,
            number="" if form.enrolment.list_number is None else str(form.enrolment.list_number),
            reach=form.allowed or "none",
            withdrawn_at=form.consent.withdrawn_at if form.consent else None,
            has_left=form.enrolment.left_at is not None,
        )
        for form in forms
    ]


def consent_marks() -> Mapping[str, str]:
    """Return what is ticked, in as few words as fit a row of a phone."""
    return {
        "none": _("no form yet"),
        Visibility.ME: _("refused"),
        Visibility.CLASSROOM: _("classroom"),
        Visibility.SCHOOL: _("school"),
        Visibility.AREA: _("area"),
        Visibility.PUBLIC: _("everybody"),
    }


def form_sentences() -> Sequence[str]:
    """Return what is ticked on paper, the widest last."""
    return (
        _("in the classroom only"),
        _("in this school: its pupils and teachers, after signing in"),
        _("in all schools of the area: their pupils and teachers, after signing in"),
        _("to everybody on the internet, also on web sites of schools"),
        _("I do not consent to any of these"),
    )
