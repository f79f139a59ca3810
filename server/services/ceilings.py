"""How wide lessons may be shown: computed from who is in their files and from their consents.

The ceiling stands on the lesson's row (`Lesson.ceiling`), so that pages, lists, the index,
playback and embeds read it without a join; `note_change` sets it with every change of a lesson, and
services.people_in_picture with every change of answers, consents and classrooms.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from server.models.classrooms import Classroom, Enrolment
from server.models.consents import (
    MediaClassroom,
    MediaPeople,
    MediaPupil,
    PeopleAnswer,
    PupilConsent,
)
from server.models.lesson_versions import LessonItemFile
from server.models.lessons import WIDTHS, WITHIN_SCHOOL, Lesson, Visibility
from server.models.library import Original

UNASKED = Visibility.SCHOOL
"""How far a file goes whose question is not answered yet, and a pupil whose form is not there yet.

Teaching inside the school is its public task; what goes beyond needs somebody's word.
"""
NOBODY_SEEN = frozenset({PeopleAnswer.EARLIER, PeopleAnswer.NOBODY})


@dataclass(frozen=True, slots=True, kw_only=True)
class InPicture:
    """Who is in one file; `reaches` has every pupil who may be, None while there is no form.

    `schools` are those in which each of them learns or did, `school_id` the one of the file.
    """

    answer: PeopleAnswer | None
    reaches: Mapping[UUID, Visibility | None] = field(default_factory=dict)
    schools: Mapping[UUID, Collection[UUID]] = field(default_factory=dict)
    school_id: UUID | None = None
    unasked: Visibility = UNASKED

    def in_lesson_of(self, school_id: UUID | None) -> "InPicture":
        """Return it for a lesson of this school: "my school" means that of the pupils.

        A teacher who moved, or teaches at two schools, takes no pupils along to the other one.
        """
        away = {
            person_id: Visibility.ME
            for person_id in self.reaches
            if self.reach_of(person_id) in WITHIN_SCHOOL
            and school_id not in self.schools.get(person_id, ())
        }
        unasked = UNASKED if school_id == self.school_id else Visibility.ME
        return replace(self, reaches={**self.reaches, **away}, unasked=unasked)

    def reach_of(self, person_id: UUID) -> Visibility:
        """Return how far this pupil lets it go."""
        return self.reaches[person_id] or UNASKED

    @property
    def ceiling(self) -> Visibility:
        """Return the widest that all in it agree to; an empty classroom answers nothing."""
        if self.answer in NOBODY_SEEN:
            return Visibility.PUBLIC
        reaches = map(self.reach_of, self.reaches)
        return min(reaches, key=WIDTHS.index, default=self.unasked)


def ceiling_over(files: Iterable[InPicture]) -> Visibility:
    """Return how wide a lesson of these files may be shown; without any, as its teacher wishes."""
    ceilings = (each.ceiling for each in files)
    return min(ceilings, key=WIDTHS.index, default=Visibility.PUBLIC)


def next_step(ceiling: Visibility) -> Visibility | None:
    """Return the next wider audience; None at the top."""
    place = WIDTHS.index(ceiling) + 1
    return WIDTHS[place] if place < len(WIDTHS) else None


def missing_for(step: Visibility, files: Iterable[InPicture]) -> frozenset[UUID]:
    """Return the pupils whose consent does not reach this audience."""
    wanted = WIDTHS.index(step)
    return frozenset(
        person_id
        for each in files
        if each.answer not in NOBODY_SEEN
        for person_id in each.reaches
        if WIDTHS.index(each.reach_of(person_id)) < wanted
    )


def files_of(session: Session, lesson_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Return the originals that these lessons show or use in an item, their own first."""
    own = select(Lesson.id, Lesson.original_id).where(Lesson.id.in_(lesson_ids))
    in_items = select(LessonItemFile.lesson_id, LessonItemFile.original_id).where(
        LessonItemFile.lesson_id.in_(lesson_ids)
    )
    found: dict[UUID, list[UUID]] = {lesson_id: [] for lesson_id in lesson_ids}
    for lesson_id, original_id in [*session.execute(own), *session.execute(in_items)]:
        if original_id and original_id not in found[lesson_id]:
            found[lesson_id].append(original_id)
    return found


def files_counted(session: Session, lesson_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Return the originals that narrow these lessons: also those of what they were adapted from.

    Who made the source knows best who is in it, and may learn of it later.
    """
    lines = {lesson_id: [lesson_id] for lesson_id in lesson_ids}
    ends = set(lesson_ids)
    while ends:
        made_from = select(Lesson.id, Lesson.adapted_from_id).where(Lesson.id.in_(ends))
        sources = {id_: source for id_, source in session.execute(made_from) if source}
        ends = set()
        for line in lines.values():
            source_id = sources.get(line[-1])
            if source_id and source_id not in line:
                line.append(source_id)
                ends.add(source_id)
    files = files_of(session, {id_ for line in lines.values() for id_ in line})
    return {
        lesson_id: list(dict.fromkeys(id_ for one in line for id_ in files[one]))
        for lesson_id, line in lines.items()
    }


def with_copies(session: Session, lesson_ids: Collection[UUID]) -> set[UUID]:
    """Return these lessons and all that were adapted from them, however far on."""
    found, newest = set(lesson_ids), set(lesson_ids)
    while newest:
        copies = select(Lesson.id).where(Lesson.adapted_from_id.in_(newest))
        newest = set(session.scalars(copies)) - found
        found |= newest
    return found


def people_in(session: Session, original_ids: Collection[UUID]) -> dict[UUID, InPicture]:
    """Return who is in each of these files, in four questions.

    In "these classrooms" may be everybody who learns there and had not left when the file came;
    what counts is the form of the classroom's year, for pupils by name that of the file's.
    """
    asked = select(Original.id, Original.school_id, MediaPeople.answer)
    asked = asked.outerjoin(MediaPeople, MediaPeople.original_id == Original.id)
    answers = session.execute(asked.where(Original.id.in_(original_ids))).all()
    members = [
        *session.execute(_of_classrooms(original_ids)),
        *session.execute(_named(original_ids)),
    ]
    forms = _reaches(session, {person_id for _, person_id, _, _ in members})
    reaches: dict[UUID, dict[UUID, Visibility | None]] = {id_: {} for id_ in original_ids}
    schools: dict[UUID, set[UUID]] = defaultdict(set)
    for original_id, person_id, year, school_id in members:
        reach, others = forms.get((person_id, year)), reaches[original_id]
        others[person_id] = _narrower_form(reach, others.get(person_id, reach))
        schools[person_id] |= {school_id} if school_id else set()
    return {
        original_id: InPicture(
            answer=answer, reaches=reaches[original_id], schools=schools, school_id=school_id
        )
        for original_id, school_id, answer in answers
    }


def set_ceilings(session: Session, lesson_ids: Collection[UUID]) -> dict[UUID, Visibility]:
    """Write the ceilings of lessons and of their copies down, in the caller's transaction.

    Return the former ceilings of those that changed: the index has to hear of them.
    """
    session.flush()
    lesson_ids = with_copies(session, lesson_ids)
    originals = files_counted(session, lesson_ids)
    people = people_in(session, {id_ for ids in originals.values() for id_ in ids})
    columns = (Lesson.id, Lesson.school_id, Lesson.ceiling)
    present = select(*columns).where(Lesson.id.in_(lesson_ids))
    changed = {}
    for lesson_id, school_id, was in session.execute(present).all():
        files = (people[id_].in_lesson_of(school_id) for id_ in originals[lesson_id])
        ceiling = ceiling_over(files)
        if ceiling is not was:
            session.execute(update(Lesson).where(Lesson.id == lesson_id).values(ceiling=ceiling))
            changed[lesson_id] = was
    return changed


def _of_classrooms(original_ids: Collection[UUID]) -> Select[UUID, UUID, int, UUID]:
    columns = (Classroom.academic_year, Classroom.school_id)
    return (
        select(MediaClassroom.original_id, Enrolment.person_id, *columns)
        .join(Enrolment, Enrolment.classroom_id == MediaClassroom.classroom_id)
        .join(Classroom, Classroom.id == MediaClassroom.classroom_id)
        .join(Original, Original.id == MediaClassroom.original_id)
        .where(
            MediaClassroom.original_id.in_(original_ids),
            or_(Enrolment.left_at.is_(None), Enrolment.left_at > Original.created_at),
        )
    )


def _named(original_ids: Collection[UUID]) -> Select[UUID, UUID, int, UUID | None]:
    columns = (MediaPeople.academic_year, Classroom.school_id)
    return (
        select(MediaPupil.original_id, MediaPupil.person_id, *columns)
        .distinct()
        .join(MediaPeople, MediaPeople.original_id == MediaPupil.original_id)
        .outerjoin(Enrolment, Enrolment.person_id == MediaPupil.person_id)
        .outerjoin(Classroom, Classroom.id == Enrolment.classroom_id)
        .where(MediaPupil.original_id.in_(original_ids))
    )


def _narrower_form(one: Visibility | None, other: Visibility | None) -> Visibility | None:
    """Return the form that lets a file go less far; none is as far as what was not asked."""
    return min(one, other, key=lambda reach: WIDTHS.index(reach or UNASKED))


def _reaches(session: Session, person_ids: Collection[UUID]) -> dict[tuple[UUID, int], Visibility]:
    """Return what valid forms say, by pupil and academic year; of two at once the narrower."""
    found: dict[tuple[UUID, int], Visibility] = {}
    if not person_ids:
        return found
    valid = select(PupilConsent).where(
        PupilConsent.person_id.in_(person_ids), PupilConsent.replaced_at.is_(None)
    )
    for row in session.scalars(valid):
        key = (row.person_id, row.academic_year)
        found[key] = min(row.allowed, found.get(key, Visibility.PUBLIC), key=WIDTHS.index)
    return found
