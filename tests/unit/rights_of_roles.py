"""Who may do what: the table of docs/rights.md, checked cell by cell against server/policy.py.

The lesson belongs to a teacher of school A. "+" yes, "-" no.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from server import policy, staff_policy
from server.models.classrooms import Classroom, ClassroomTeacher
from server.models.courses import Course
from server.models.lessons import Lesson, Licence, Visibility
from server.models.people import Person, Role, RoleName

SCHOOL_A, SCHOOL_B = UUID(int=0xA), UUID(int=0xB)
NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


def a_person_of(
    number: int,
    *roles: tuple[RoleName, UUID | None],
    is_active: bool = True,
    has_password: bool = False,
) -> Person:
    return Person(
        id=UUID(int=number),
        user_name=f"person{number}",
        display_name=f"Person {number}",
        password_hash="kept" if has_password else "",
        is_active=is_active,
        roles=[Role(name=name, school_id=school_id) for name, school_id in roles],
    )


OWNER = a_person_of(1, (RoleName.TEACHER, SCHOOL_A))
PEOPLE: Mapping[str, Person | None] = {
    "guest": None,
    "student of A": a_person_of(2, (RoleName.STUDENT, SCHOOL_A)),
    "student of B": a_person_of(3, (RoleName.STUDENT, SCHOOL_B)),
    "its teacher": OWNER,
    "teacher of A": a_person_of(4, (RoleName.TEACHER, SCHOOL_A)),
    "teacher of B": a_person_of(5, (RoleName.TEACHER, SCHOOL_B)),
    "administrator of A": a_person_of(6, (RoleName.SCHOOL_ADMIN, SCHOOL_A)),
    "administrator of B": a_person_of(7, (RoleName.SCHOOL_ADMIN, SCHOOL_B)),
    "the office": a_person_of(8, (RoleName.OFFICE_ADMIN, None)),
    "pupil of its classroom": a_person_of(9, (RoleName.STUDENT, SCHOOL_A)),
}


@dataclass(frozen=True)
class Act:
    """One line of the table; `cells` has one sign for each of PEOPLE."""

    name: str
    cells: str
    ask: Callable[[Person | None], bool] = field(repr=False)

    def is_allowed(self, person: str) -> bool:
        return self.cells.split()[list(PEOPLE).index(person)] == "+"


def a_lesson_shown_to(
    visibility: Visibility, *, published: bool = True, deleted: bool = False
) -> Lesson:
    return Lesson(
        id=UUID(int=99),
        owner_id=OWNER.id,
        school_id=SCHOOL_A,
        visibility=visibility,
        may_be_kept=True,
        ceiling=Visibility.PUBLIC,
        published_at=NOON if published else None,
        deleted_at=NOON if deleted else None,
    )


def _view(visibility: Visibility, *, link: bool = False) -> Callable[[Person | None], bool]:
    lesson = a_lesson_shown_to(visibility)
    return lambda person: policy.may_view_lesson(person, lesson, has_share_link=link)


def _view_this(lesson: Lesson) -> Callable[[Person | None], bool]:
    return lambda person: policy.may_view_lesson(person, lesson)


_LESSON = a_lesson_shown_to(Visibility.SCHOOL)
_UNPUBLISHED = a_lesson_shown_to(Visibility.PUBLIC, published=False)
_DELETED = a_lesson_shown_to(Visibility.PUBLIC, deleted=True)
_OPEN = Lesson(owner_id=OWNER.id, school_id=SCHOOL_A, licence=Licence.CC_BY, may_be_kept=True)
_COURSE = Course(owner_id=OWNER.id, school_id=SCHOOL_A)
_CLASSROOM = Classroom(
    id=UUID(int=0xC), school_id=SCHOOL_A, teachers=[ClassroomTeacher(person_id=OWNER.id)]
)
_OTHER_CLASSROOM = Classroom(id=UUID(int=0xD), school_id=SCHOOL_A, teachers=[])
_PUPIL = a_person_of(10, (RoleName.STUDENT, SCHOOL_A))
_OF_OFFICE = a_person_of(11, (RoleName.OFFICE_ADMIN, None), (RoleName.TEACHER, SCHOOL_A))


def reset_of(*roles: tuple[RoleName, UUID | None]) -> Callable[[Person | None], bool]:
    """Ask about somebody with a password and these roles."""
    whose = a_person_of(11, *roles, has_password=True)
    return lambda person: policy.may_reset_password(person, whose)


def _view_given(person: Person | None) -> bool:
    return policy.may_view_lesson(person, a_lesson_shown_to(Visibility.CLASSROOM), is_given=True)


def _give(person: Person | None) -> bool:
    return policy.may_give_lesson(person, _LESSON, _CLASSROOM)


ACTS = (
    #                                      guest stA stB its tA tB adA adB office pupil
    Act("view a lesson for everyone", "+ + + + + + + + + +", _view(Visibility.PUBLIC)),
    Act("view a lesson for the area", "- + + + + + + + + +", _view(Visibility.AREA)),
    Act("view a lesson for school A", "- + - + + - + - + +", _view(Visibility.SCHOOL)),
    Act("the same, with an old link", "- + - + + - + - + +", _view(Visibility.SCHOOL, link=True)),
    Act("view a lesson by its link", "+ + + + + + + + + +", _view(Visibility.LINK, link=True)),
    Act("the same, without the link", "- - - + - - + - + -", _view(Visibility.LINK)),
    Act("view a lesson for its teacher", "- - - + - - + - + -", _view(Visibility.ME)),
    Act("view a lesson given to others", "- - - + - - + - + -", _view(Visibility.CLASSROOM)),
    Act("view a lesson given to them", "- + + + + + + + + +", _view_given),
    Act("give a lesson to its classroom", "- - - + - - + - + -", _give),
    Act("view one not published", "- - - + - - + - + -", _view_this(_UNPUBLISHED)),
    Act("view one deleted", "- - - - - - - - - -", _view_this(_DELETED)),
    Act("edit", "- - - + - - + - + -", lambda p: policy.may_edit_lesson(p, _LESSON)),
    Act("publish, share", "- - - + - - + - + -", lambda p: policy.may_publish_lesson(p, _LESSON)),
    Act(
        "delete, bring back", "- - - + - - + - + -", lambda p: policy.may_delete_lesson(p, _DELETED)
    ),
    Act(
        "adapt a lesson of A", "- - - + + - + - + -", lambda p: policy.may_adapt_lesson(p, _LESSON)
    ),
    Act(
        "adapt one with an open licence",
        "- - - + + + + + + -",
        lambda p: policy.may_adapt_lesson(p, _OPEN),
    ),
    Act("edit a course", "- - - + - - + - + -", lambda p: policy.may_edit_course(p, _COURSE)),
    Act("upload, make lessons", "- - - + + + + + + -", policy.may_upload),
    Act(
        "people and embed sites of A",
        "- - - - - - + - + -",
        lambda p: policy.may_manage_school(p, SCHOOL_A),
    ),
    Act(
        "switch a teacher of A off, sign out",
        "- - - - - - + - + -",
        lambda p: staff_policy.may_switch_off(p, OWNER, SCHOOL_A),
    ),
    Act(
        "the same with one of the office",
        "- - - - - - - - + -",
        lambda p: staff_policy.may_switch_off(p, _OF_OFFICE, SCHOOL_A),
    ),
    Act(
        "invite a teacher to A",
        "- - - - - - + - + -",
        lambda p: policy.may_invite(p, RoleName.TEACHER, SCHOOL_A),
    ),
    Act(
        "invite to the office",
        "- - - - - - - - + -",
        lambda p: policy.may_invite(p, RoleName.OFFICE_ADMIN, None),
    ),
    Act(
        "make a classroom in A",
        "- - - + + - + - + -",
        lambda p: policy.may_make_classroom(p, SCHOOL_A),
    ),
    Act(
        "see and change its classroom",
        "- - - + - - + - + -",
        lambda p: policy.may_teach_classroom(p, _CLASSROOM),
    ),
    Act(
        "let its pupils in, sign them out",
        "- - - + - - + - + -",
        lambda p: policy.may_let_in(p, _CLASSROOM, _PUPIL),
    ),
    Act(
        "change it, lend it, print its slips",
        "- - - + - - + - + -",
        lambda p: policy.may_lead_classroom(p, _CLASSROOM),
    ),
    Act(
        "change a pupil at home in it",
        "- - - + - - + - + -",
        lambda p: policy.may_change_pupil(p, _PUPIL, [_CLASSROOM], {SCHOOL_A}),
    ),
    Act(
        "change a pupil of A at home in another",
        "- - - - - - + - + -",
        lambda p: policy.may_change_pupil(p, _PUPIL, [_OTHER_CLASSROOM], {SCHOOL_A}),
    ),
    Act(
        "say which class is whose home",
        "- - - - - - + - + -",
        lambda p: policy.may_set_home(p, SCHOOL_A),
    ),
    Act(
        "the same with a teacher in it",
        "- - - - - - - - - -",
        lambda p: policy.may_let_in(p, _CLASSROOM, OWNER),
    ),
    Act(
        "new password for a teacher of A",
        "- - - - - - + - + -",
        reset_of((RoleName.TEACHER, SCHOOL_A)),
    ),
    Act(
        "new password for a pupil of A who has one",
        "- - - - - - + - + -",
        reset_of((RoleName.STUDENT, SCHOOL_A)),
    ),
    Act(
        "new password for who is at A and at B",
        "- - - - - - - - + -",
        reset_of((RoleName.TEACHER, SCHOOL_A), (RoleName.TEACHER, SCHOOL_B)),
    ),
    Act(
        "new password for another administrator of A",
        "- - - - - - - - + -",
        reset_of((RoleName.SCHOOL_ADMIN, SCHOOL_A)),
    ),
    Act(
        "new password for another of the office",
        "- - - - - - - - + -",
        reset_of((RoleName.OFFICE_ADMIN, None)),
    ),
    Act(
        "new password for a pupil without one",
        "- - - - - - - - - -",
        lambda p: policy.may_reset_password(p, _PUPIL),
    ),
    Act(
        "see and mark work of its lesson, erased",
        "- - - + - - + - + -",
        lambda p: policy.may_see_work(p, _PUPIL.id, [_CLASSROOM]),
    ),
    Act("schools, all people, audit log", "- - - - - - - - + -", policy.may_manage_office),
    Act("all jobs", "- - - - - - - - + -", policy.may_see_queue),
)


def table_in_markdown() -> str:
    """Return the table as docs/rights.md shows it."""
    lines = [" | ".join(["| act", *PEOPLE]) + " |", "| --- " + "| :-: " * len(PEOPLE) + "|"]
    signs = {"+": "yes", "-": "–"}
    lines += [
        " | ".join([f"| {act.name}", *(signs[cell] for cell in act.cells.split())]) + " |"
        for act in ACTS
    ]
    return "\n".join(lines)
