from pathlib import Path
from uuid import UUID

import pytest

from server.models.lessons import Lesson, Visibility
from server.models.people import Person, RoleName
from server.policy import (
    acting_role,
    audience_of,
    audiences_of,
    may_edit_lesson,
    may_embed_lesson,
    may_invite,
    may_manage_any_school,
    may_upload,
    may_view_lesson,
    school_acted_for,
)
from tests.unit.rights_of_roles import (
    ACTS,
    OWNER,
    PEOPLE,
    SCHOOL_A,
    SCHOOL_B,
    Act,
    a_lesson_shown_to,
    a_person_of,
    table_in_markdown,
)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_a_role_may_do_what_its_cell_says_and_no_more(act: Act, who: str) -> None:
    assert act.ask(PEOPLE[who]) is act.is_allowed(who)


def test_the_documentation_shows_the_same_table() -> None:
    documented = Path("docs/rights.md").read_text(encoding="utf-8")

    assert table_in_markdown() in documented


@pytest.mark.parametrize("who", [who for who, person in PEOPLE.items() if person])
def test_a_person_who_was_switched_off_has_the_rights_of_a_guest(who: str) -> None:
    person = PEOPLE[who]
    assert person is not None
    roles = [(role.name, role.school_id) for role in person.roles]
    switched_off = a_person_of(person.id.int, *roles, is_active=False)

    for act in ACTS:
        assert act.ask(switched_off) is act.ask(None), act.name
    assert audiences_of(switched_off) == audiences_of(None)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.AREA, Visibility.SCHOOL])
def test_search_finds_for_viewers_what_their_page_would_show(
    who: str, visibility: Visibility
) -> None:
    lesson = a_lesson_shown_to(visibility)

    if audience_of(lesson) in audiences_of(PEOPLE[who]):
        assert may_view_lesson(PEOPLE[who], lesson)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("visibility", [Visibility.LINK, Visibility.ME])
def test_search_finds_private_lessons_for_their_owner_alone(
    who: str, visibility: Visibility
) -> None:
    lesson = a_lesson_shown_to(visibility)

    is_found = audience_of(lesson) in audiences_of(PEOPLE[who])

    assert is_found is (PEOPLE[who] is OWNER)


def test_an_owner_who_is_no_longer_on_any_staff_may_not_edit() -> None:
    now_a_student = a_person_of(OWNER.id.int, (RoleName.STUDENT, SCHOOL_A))

    assert not may_edit_lesson(now_a_student, a_lesson_shown_to(Visibility.SCHOOL))


def test_an_owner_who_moved_to_another_school_may_still_edit() -> None:
    moved = a_person_of(OWNER.id.int, (RoleName.TEACHER, SCHOOL_B))

    assert may_edit_lesson(moved, a_lesson_shown_to(Visibility.SCHOOL))


def test_roles_add_up() -> None:
    both = a_person_of(20, (RoleName.STUDENT, SCHOOL_A), (RoleName.TEACHER, SCHOOL_B))

    assert may_upload(both)
    assert may_view_lesson(both, a_lesson_shown_to(Visibility.SCHOOL))
    assert audiences_of(both) >= {f"school:{SCHOOL_A}", f"school:{SCHOOL_B}"}


def test_a_lesson_of_the_office_for_its_own_staff_is_not_shown_to_schools() -> None:
    lesson = Lesson(
        owner_id=OWNER.id,
        school_id=None,
        visibility=Visibility.SCHOOL,
        ceiling=Visibility.PUBLIC,
        published_at=a_lesson_shown_to(Visibility.SCHOOL).published_at,
    )

    assert may_view_lesson(PEOPLE["the office"], lesson)
    assert not may_view_lesson(PEOPLE["administrator of A"], lesson)
    assert not may_view_lesson(None, lesson)


@pytest.mark.parametrize(
    ("visibility", "link", "shown"),
    [
        (Visibility.PUBLIC, False, True),
        (Visibility.LINK, True, True),
        (Visibility.LINK, False, False),
        (Visibility.AREA, True, False),
        (Visibility.SCHOOL, True, False),
        (Visibility.ME, True, False),
    ],
)
def test_a_frame_shows_only_what_needs_nobody_signed_in(
    visibility: Visibility,
    link: bool,  # noqa: FBT001
    shown: bool,  # noqa: FBT001
) -> None:
    lesson = a_lesson_shown_to(visibility)

    assert may_embed_lesson(lesson, has_share_link=link) is shown


@pytest.mark.parametrize("role", RoleName)
def test_no_role_is_given_without_its_place(role: RoleName) -> None:
    wrong_place = SCHOOL_A if role is RoleName.OFFICE_ADMIN else None

    assert not may_invite(PEOPLE["the office"], role, wrong_place)


def test_the_administration_opens_for_administrators_alone() -> None:
    let_in = {who for who, person in PEOPLE.items() if may_manage_any_school(person)}

    assert let_in == {"administrator of A", "administrator of B", "the office"}


def test_people_hold_few_audience_tokens() -> None:
    person: Person = a_person_of(30, (RoleName.OFFICE_ADMIN, None))

    assert len(audiences_of(person)) <= 5


def test_the_hat_says_for_which_school_something_is_made_and_one_taken_away_is_off() -> None:
    teacher = a_person_of(
        20,
        (RoleName.SCHOOL_ADMIN, SCHOOL_A),
        (RoleName.TEACHER, SCHOOL_B),
        (RoleName.STUDENT, SCHOOL_A),
    )
    for number, role in enumerate(teacher.roles):
        role.id = UUID(int=number)
    administers, teaches, learns = teacher.roles

    assert acting_role(teacher, None) is teaches
    assert acting_role(teacher, administers.id) is administers
    assert acting_role(teacher, UUID(int=99)) is teaches
    assert school_acted_for(teacher, administers.id) == SCHOOL_A
    assert school_acted_for(teacher, learns.id) == SCHOOL_B
    assert acting_role(None, None) is None
