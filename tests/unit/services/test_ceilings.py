"""How wide a lesson may be shown, from the answers and consents of those in its files."""

from dataclasses import replace
from uuid import UUID

import pytest

from server.models.consents import PeopleAnswer
from server.models.lessons import WIDTHS, Visibility, narrower
from server.services.ceilings import InPicture, ceiling_over, missing_for, next_step

ME, ROOM, SCHOOL, AREA, PUBLIC = WIDTHS
LINK = Visibility.LINK
PITI, MALI = UUID(int=1), UUID(int=2)
UNANSWERED = InPicture(answer=None)
EARLIER = InPicture(answer=PeopleAnswer.EARLIER)
NOBODY = InPicture(answer=PeopleAnswer.NOBODY)


def seen(*reaches: Visibility | None, answer: PeopleAnswer = PeopleAnswer.CLASSROOMS) -> InPicture:
    return InPicture(answer=answer, reaches=dict(zip((PITI, MALI), reaches, strict=False)))


@pytest.mark.parametrize(
    ("files", "ceiling"),
    [
        ([], PUBLIC),
        ([NOBODY], PUBLIC),
        ([EARLIER], PUBLIC),
        ([UNANSWERED], SCHOOL),
        ([NOBODY, UNANSWERED], SCHOOL),
        ([seen()], SCHOOL),  # a classroom without pupils
        ([seen(None)], SCHOOL),
        ([seen(PUBLIC)], PUBLIC),
        ([seen(PUBLIC, None)], SCHOOL),
        ([seen(PUBLIC, AREA)], AREA),
        ([seen(PUBLIC, ROOM)], ROOM),
        ([seen(None, ME)], ME),
        ([seen(AREA, answer=PeopleAnswer.PUPILS)], AREA),
        ([seen(PUBLIC), seen(AREA), NOBODY], AREA),
        ([seen(PUBLIC), UNANSWERED], SCHOOL),
    ],
)
def test_the_ceiling_is_what_everybody_in_it_agrees_to(
    files: list[InPicture], ceiling: Visibility
) -> None:
    assert ceiling_over(files) is ceiling


@pytest.mark.parametrize(
    ("reaches", "ceiling"),
    [((), ME), ((None,), ME), ((ROOM,), ME), ((PUBLIC, SCHOOL), ME), ((PUBLIC, AREA), AREA)],
)
def test_my_school_is_no_other_one(reaches: tuple[Visibility | None, ...], ceiling: str) -> None:
    here, elsewhere = UUID(int=7), UUID(int=8)
    file = replace(seen(*reaches), schools={PITI: {here}, MALI: {here}}, school_id=here)

    assert file.in_lesson_of(here).ceiling is file.ceiling
    assert file.in_lesson_of(elsewhere).ceiling == ceiling


@pytest.mark.parametrize(
    ("files", "step", "missing"),
    [
        ([seen(PUBLIC, None)], AREA, {MALI}),
        ([seen(AREA, None)], PUBLIC, {PITI, MALI}),
        ([seen(None, None)], SCHOOL, set()),
        ([seen(ME, PUBLIC)], ROOM, {PITI}),
        ([UNANSWERED, EARLIER], AREA, set()),
        ([seen(None), seen(PUBLIC, AREA)], PUBLIC, {PITI, MALI}),
    ],
)
def test_the_next_step_names_whose_consent_is_missing(
    files: list[InPicture], step: Visibility, missing: set[UUID]
) -> None:
    assert missing_for(step, files) == missing


def test_steps_lead_from_the_teacher_to_everybody() -> None:
    assert [next_step(each) for each in WIDTHS] == [ROOM, SCHOOL, AREA, PUBLIC, None]


@pytest.mark.parametrize(
    ("wish", "ceiling", "shown_to"),
    [
        (PUBLIC, PUBLIC, PUBLIC),
        (PUBLIC, AREA, AREA),
        (PUBLIC, ME, ME),
        (SCHOOL, AREA, SCHOOL),
        (SCHOOL, ROOM, ROOM),
        (ME, PUBLIC, ME),
        (LINK, PUBLIC, LINK),
        (LINK, AREA, ME),  # a link may come to anybody
        (LINK, ME, ME),
    ],
)
def test_a_lesson_is_shown_as_wished_below_its_ceiling(
    wish: Visibility, ceiling: Visibility, shown_to: Visibility
) -> None:
    assert narrower(wish, ceiling) is shown_to
