"""May this person do this to that thing? Pure functions over roles; docs/rights.md is their table.

A person who is not active has no more rights than a guest (None). Rights are those of the session
by which somebody is here (`Person.scope`): one that came through a classroom has the pupil's role
at its school, what this classroom is given, and no account.
"""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from server.models.classrooms import Classroom
from server.models.courses import Course
from server.models.lessons import WITHIN_SCHOOL, Lesson, Licence, Visibility
from server.models.library import Original
from server.models.people import Person, Role, RoleName

STAFF = frozenset({RoleName.OFFICE_ADMIN, RoleName.SCHOOL_ADMIN, RoleName.TEACHER})
SCHOOL_LEADERS = frozenset({RoleName.SCHOOL_ADMIN})  # see to a school's people; the office, theirs
ABOVE_TEACHERS = SCHOOL_LEADERS | {RoleName.OFFICE_ADMIN}
HATS = (RoleName.TEACHER, RoleName.SCHOOL_ADMIN, RoleName.OFFICE_ADMIN, RoleName.STUDENT)
ADAPTABLE = frozenset(
    {Licence.CC_BY, Licence.CC_BY_SA, Licence.CC_BY_NC, Licence.CC_BY_NC_SA, Licence.THAI_OER}
)
AUDIENCES = ("public", "area", "school", "office", "person")  # tokens, from the widest
SHARED_BY_LINK = frozenset({Visibility.LINK, Visibility.PUBLIC})


def roles_of(person: Person | None) -> Sequence[Role]:
    """Return the roles in which the person may act here: none of guests."""
    if person is None or not person.is_active:
        return ()
    if person.scope.is_whole:
        return person.roles
    school_ids = person.scope.school_ids
    return [r for r in person.roles if r.name == RoleName.STUDENT and r.school_id in school_ids]


def has_role(person: Person | None, name: RoleName, school_id: UUID | None = None) -> bool:
    """Return whether the person holds the role for this school (or, empty, for the office)."""
    return any(role.name == name and role.school_id == school_id for role in roles_of(person))


def schools_of(person: Person | None) -> frozenset[UUID]:
    """Return the schools in which the person holds any role."""
    return frozenset(role.school_id for role in roles_of(person) if role.school_id is not None)


def owns_account(person: Person | None) -> bool:
    """What is the person's alone: account, password, devices, and what is kept of them."""
    return person is not None and person.is_active and person.scope.is_whole


def home_opens_all(
    person: Person, at_home_school_ids: Collection[UUID], learns_at_ids: Collection[UUID]
) -> bool:
    """A pupil's home class opens the whole account of who learns at its school alone.

    Who learns at two is let into the whole account by no school without the other.
    """
    learns_at = set(learns_at_ids)
    return is_only_pupil(person) and bool(learns_at) and learns_at <= set(at_home_school_ids)


def may_manage_office(person: Person | None) -> bool:
    """Office administrators see to the schools, everybody's roles and the installation."""
    return has_role(person, RoleName.OFFICE_ADMIN)


def may_manage_school(person: Person | None, school_id: UUID | None) -> bool:
    """People, invitations and embed sites of a school; an empty school is the office itself."""
    if may_manage_office(person):
        return True
    return school_id is not None and has_role(person, RoleName.SCHOOL_ADMIN, school_id)


def may_manage_any_school(person: Person | None) -> bool:
    """Return whether there is anything for this person under /admin/."""
    if may_manage_office(person):
        return True
    return _holds_one_of(person, frozenset({RoleName.SCHOOL_ADMIN}))


def may_invite(person: Person | None, role: RoleName, school_id: UUID | None) -> bool:
    """School administrators invite to their school; to the office's roles only the office does.

    The office's role belongs to no school and every other role to one.
    """
    if (role is RoleName.OFFICE_ADMIN) != (school_id is None):
        return False
    return may_manage_school(person, school_id)


def may_reset_password(person: Person | None, whose: Person) -> bool:
    """Make the link by which somebody who lost the password sets a new one.

    Whoever makes it could open it and become that person. So it is for those who lead every school
    where the other one holds a role, and for people who lead none; for all others it is the
    office. Nobody makes it for oneself: who is in changes the password, who is out asks.
    """
    if person is None or not person.is_active or person.id == whose.id:
        return False
    if not (whose.is_active and whose.has_password):
        return False
    if may_manage_office(person):
        return True
    if not whose.roles or any(role.name in ABOVE_TEACHERS for role in whose.roles):
        return False
    return all(_leads(person, school_id) for school_id in {role.school_id for role in whose.roles})


def hats_of(person: Person | None) -> list[Role]:
    """Return the roles in which the person may act, those for every day first."""
    return sorted(roles_of(person), key=lambda role: (HATS.index(role.name), str(role.id)))


def acting_role(person: Person | None, hat_id: UUID | None) -> Role | None:
    """Return the chosen role, or the first if none was chosen or the chosen one was taken away.

    Rights add up over all roles; the hat says for which school something new is made.
    """
    hats = hats_of(person)
    return next((role for role in hats if role.id == hat_id), hats[0] if hats else None)


def school_acted_for(person: Person | None, hat_id: UUID | None = None) -> UUID | None:
    """Return the school for which the person makes lessons now; empty for the office."""
    staff = [role for role in hats_of(person) if role.name in STAFF]
    chosen = next((role for role in staff if role.id == hat_id), staff[0] if staff else None)
    return chosen.school_id if chosen else None


def may_make_classroom(person: Person | None, school_id: UUID | None) -> bool:
    """Teachers of the school, its administrators and the office."""
    if school_id is None:
        return False
    return may_manage_school(person, school_id) or has_role(person, RoleName.TEACHER, school_id)


def may_make_any_classroom(person: Person | None) -> bool:
    """Return whether there is anything for this person under /classrooms/."""
    return _holds_one_of(person, STAFF)


def may_lead_classroom(person: Person | None, classroom: Classroom) -> bool:
    """Its teachers, while they teach at its school; the school's administrators; the office.

    They change it, lend it, print its slips, and as its home class open pupils' whole accounts.
    """
    if may_manage_school(person, classroom.school_id):
        return True
    is_theirs = person is not None and person.id in classroom.teacher_ids
    return is_theirs and has_role(person, RoleName.TEACHER, classroom.school_id)


def may_teach_classroom(person: Person | None, classroom: Classroom) -> bool:
    """Who leads it, and a colleague of the school who stands in for a day (สอนแทน)."""
    if may_lead_classroom(person, classroom):
        return True
    is_lent = person is not None and classroom.id in person.scope.lent_ids
    return is_lent and has_role(person, RoleName.TEACHER, classroom.school_id)


def may_stand_in(person: Person | None) -> bool:
    """Classrooms are lent to teachers."""
    return _holds_one_of(person, frozenset({RoleName.TEACHER}))


def may_let_in(person: Person | None, classroom: Classroom, pupil: Person) -> bool:
    """Whoever teaches the classroom lets in its pupils: those who are nothing but pupils.

    What the session then opens is what the classroom may give: `Scope`.
    """
    return is_only_pupil(pupil) and may_teach_classroom(person, classroom)


def may_print_slip(person: Person | None, classroom: Classroom, pupil: Person) -> bool:
    """Whoever leads the classroom, for who is nothing but a pupil."""
    return is_only_pupil(pupil) and may_lead_classroom(person, classroom)


def may_change_pupil(
    person: Person | None, pupil: Person, homes: Iterable[Classroom], school_ids: Collection[UUID]
) -> bool:
    """A pupil's name and sign-ins are their home class's and its school's to change.

    Of two `homes` the first decides. Of a pupil without one the only school at which they learn
    (`school_ids`) does. The name of somebody with a password or another role is their own.
    """
    if not is_only_pupil(pupil):
        return False
    first = next(iter(homes), None)
    if first is not None:
        return may_lead_classroom(person, first)
    return len(school_ids) == 1 and all(may_manage_school(person, id_) for id_ in school_ids)


def may_set_home(person: Person | None, school_id: UUID) -> bool:
    """Which classroom is whose home is for the school to say."""
    return may_manage_school(person, school_id)


def is_only_pupil(person: Person) -> bool:
    """Slips, pictures and a teacher's nod sign in nobody who has a password or another role."""
    is_pupil = not person.has_password and all(r.name == RoleName.STUDENT for r in person.roles)
    return is_pupil and person.is_active


def may_see_queue(person: Person | None) -> bool:
    """Return whether all jobs, workers and failures are this person's to see and retry."""
    return may_manage_office(person)


def may_upload(person: Person | None) -> bool:
    """Teachers and administrators bring files in and make lessons of them."""
    return _holds_one_of(person, STAFF)


def may_fetch_original(person: Person | None, original: Original) -> bool:
    """The owner, while on the staff of any school; administrators of its school; the office."""
    if person is None or not person.is_active:
        return False
    if person.id == original.owner_id and may_upload(person):
        return True
    return may_manage_school(person, original.school_id)


def may_say_who_is_in(person: Person | None, original: Original) -> bool:
    """Whoever may fetch a file answers for the pupils in it."""
    return may_fetch_original(person, original)


def may_choose_classroom(person: Person | None, classroom: Classroom) -> bool:
    """The staff of a school name its classrooms as being in a recording."""
    return may_make_classroom(person, classroom.school_id)


def may_edit_lesson(person: Person | None, lesson: Lesson) -> bool:
    """The owner, while on the staff of any school; administrators of its school; the office."""
    if person is None or not person.is_active:
        return False
    if person.id == lesson.owner_id and may_upload(person):
        return True
    return may_manage_school(person, lesson.school_id)


def may_publish_lesson(person: Person | None, lesson: Lesson) -> bool:
    """Whoever may edit may publish, unpublish, share and revoke."""
    return may_edit_lesson(person, lesson)


def may_delete_lesson(person: Person | None, lesson: Lesson) -> bool:
    """Whoever may edit may delete and bring back."""
    return may_edit_lesson(person, lesson)


def may_view_lesson(
    person: Person | None, lesson: Lesson, *, has_share_link: bool = False, is_given: bool = False
) -> bool:
    """Published: its audience. Not published: those who may edit it. Deleted: nobody.

    A share link opens a lesson for "anyone with the link" (or everyone) only: when the owner
    narrows it to the school again, old links stop. What an editor gave to learn is seen by those
    to whom it is given, but for a lesson that is their teacher's alone again. The audience is
    never wider than consents of those in the picture reach (`Lesson.shown_to`).
    """
    if lesson.deleted_at is not None:
        return False
    if may_edit_lesson(person, lesson):
        return True
    if not lesson.is_published:
        return False
    if has_share_link and lesson.shown_to in SHARED_BY_LINK:
        return True
    if is_given and person is not None and person.is_active:
        return Visibility.ME not in {lesson.visibility, lesson.ceiling}
    # A list of tokens, not of branches: search filters by the very same ones.
    return lesson.shown_to != Visibility.LINK and audience_of(lesson) in audiences_of(person)


def may_give_lesson(person: Person | None, lesson: Lesson, classroom: Classroom) -> bool:
    """To classrooms that one teaches: one's own lessons, and what their pupils may see anyway.

    What those in its picture let go no further than their school stays there.
    """
    if not may_teach_classroom(person, classroom) or lesson.deleted_at is not None:
        return False
    if lesson.ceiling in WITHIN_SCHOOL and lesson.school_id != classroom.school_id:
        return False
    if may_edit_lesson(person, lesson):
        return True
    is_near = lesson.shown_to is Visibility.SCHOOL and lesson.school_id == classroom.school_id
    is_wide = lesson.shown_to in {Visibility.AREA, Visibility.PUBLIC}
    return lesson.is_published and (is_near or is_wide)


def may_see_work(person: Person | None, pupil_id: UUID | None, rooms: Iterable[Classroom]) -> bool:
    """Its pupil (none where the session does not reach it), and who teaches where it was given."""
    is_own = person is not None and person.is_active and person.id == pupil_id
    return is_own or any(may_teach_classroom(person, room) for room in rooms)


def may_adapt_lesson(person: Person | None, lesson: Lesson) -> bool:
    """Staff may make a lesson of their own of one whose licence allows it, or of their school's.

    With the copy they get the whole original: so only of what may be saved and shows all of it.
    That they may view it is asked beside.
    """
    if not may_upload(person):
        return False
    if may_edit_lesson(person, lesson):
        return True
    if lesson.kept_ranges or not may_save_lesson(lesson):
        return False
    if lesson.licence in ADAPTABLE:
        return True
    return lesson.school_id is not None and lesson.school_id in schools_of(person)


def may_edit_course(person: Person | None, course: Course) -> bool:
    """The owner, while on the staff of any school; administrators of its school; the office."""
    if person is None or not person.is_active:
        return False
    if person.id == course.owner_id and may_upload(person):
        return True
    return may_manage_school(person, course.school_id)


def may_save_lesson(lesson: Lesson) -> bool:
    """Who may view a lesson may take its file along, unless its teacher said no.

    A file that is taken along cannot be called back when rights are withdrawn.
    """
    return lesson.may_be_kept


def may_keep_file(person: Person | None, lesson: Lesson) -> bool:
    """Those who may save the lesson may download its document, and its teacher always."""
    return may_save_lesson(lesson) or may_edit_lesson(person, lesson)


def may_embed_lesson(lesson: Lesson, *, has_share_link: bool = False) -> bool:
    """Return whether a frame on another site may show it: there nobody is signed in."""
    return may_view_lesson(None, lesson, has_share_link=has_share_link)


def audiences_of(person: Person | None) -> frozenset[str]:
    """Return the audience tokens of everything that is shown to this person in lists and search.

    What a share link alone opens is in no list, so it has no token.
    """
    if person is None or not person.is_active:
        return frozenset({"public"})
    tokens = {"public"} | {f"school:{id_}" for id_ in schools_of(person)}
    if owns_account(person):
        tokens.add(f"person:{person.id}")
    if roles_of(person):
        tokens.add("area")
    if may_manage_office(person):
        tokens.add("office")
    return frozenset(tokens)


def audience_of(lesson: Lesson) -> str:
    """Return the one token under which a published lesson is listed and found."""
    match lesson.shown_to:
        case Visibility.PUBLIC:
            return "public"
        case Visibility.AREA:
            return "area"
        case Visibility.SCHOOL:
            return f"school:{lesson.school_id}" if lesson.school_id else "office"
        case _:
            return f"person:{lesson.owner_id}"


def audience_of_course(course: Course, lessons: Iterable[Lesson]) -> str | None:
    """Return the one token under which a course is found: the widest of its published lessons.

    Who may see a lesson of it may see the course, so nobody finds one that they may not see. Those
    of other, narrower audiences find its lessons. None without a lesson that is published.
    """
    tokens = {audience_of(lesson) for lesson in lessons if lesson.is_published}
    own = {f"school:{course.school_id}", f"person:{course.owner_id}"}
    return min(
        tokens,
        key=lambda one: (AUDIENCES.index(one.partition(":")[0]), one not in own, one),
        default=None,
    )


def _leads(person: Person, school_id: UUID | None) -> bool:
    return any(has_role(person, name, school_id) for name in SCHOOL_LEADERS)


def _holds_one_of(person: Person | None, names: frozenset[RoleName]) -> bool:
    return any(role.name in names for role in roles_of(person))
