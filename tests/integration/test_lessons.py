from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import FieldError, LessonNotReady, LinkExpired, NotAllowed, NotFound
from server.models.jobs import OutboxEntry
from server.models.lessons import Lesson, Visibility
from server.models.people import AuditEntry, RoleName
from server.services.lesson_changes import LessonChanges
from server.services.lessons import (
    create_lesson,
    delete_lesson,
    edit_lesson,
    get_asset_for,
    get_lesson_for,
    get_lesson_to_edit,
    list_own_lessons,
    publish_lesson,
    restore_lesson,
    unpublish_lesson,
)
from server.services.share import (
    find_shared_lesson,
    lesson_of_share_token,
    make_share_link,
    revoke_share_link,
)
from tests.builders import (
    StoppedClock,
    a_lesson,
    a_person,
    a_school,
    an_asset,
    an_original,
    at_noon,
    queued_jobs,
)


def noted(session: Session, lesson: Lesson) -> list[str]:
    """Return what was done to a lesson; each act has one note for the search index."""
    acts = session.scalars(
        select(AuditEntry.action).where(AuditEntry.thing_id == lesson.id).order_by(AuditEntry.id)
    )
    return list(acts)


def test_a_title_is_all_that_a_first_lesson_needs(session: Session, clock: StoppedClock) -> None:
    teacher = a_person(session)
    original = an_original(session, teacher)

    lesson = create_lesson(
        session, clock, original_id=original.id, title="  การบวก\nเลข ", by=teacher
    )

    assert lesson.title == "การบวก เลข"
    assert lesson.visibility == Visibility.SCHOOL
    assert lesson.school_id == teacher.roles[0].school_id
    assert lesson.rights_holder == teacher.display_name
    assert lesson.published_at is None
    assert noted(session, lesson) == ["lesson.create"]
    assert queued_jobs(session) == ["index_changes"]


def test_the_next_lesson_is_like_the_last(session: Session, clock: StoppedClock) -> None:
    teacher = a_person(session)
    first = create_lesson(
        session, clock, original_id=an_original(session, teacher).id, title="หนึ่ง", by=teacher
    )
    changes = LessonChanges(
        learning_area="ค", grades=["P2", "P1"], licence="cc_by", visibility="area", tags=["บวก"]
    )
    edit_lesson(session, clock, lesson_id=first.id, changes=changes, by=teacher)
    clock.forward(days=1)

    second = create_lesson(
        session, clock, original_id=an_original(session, teacher).id, title="สอง", by=teacher
    )

    assert (second.learning_area, second.grades) == ("ค", ["P1", "P2"])
    assert (second.licence, second.visibility) == ("cc_by", "area")
    assert second.tags == []


def test_nobody_makes_a_lesson_of_another_persons_file(
    session: Session, clock: StoppedClock
) -> None:
    owner, colleague = a_person(session), a_person(session)
    original = an_original(session, owner)

    with pytest.raises(NotFound):
        create_lesson(session, clock, original_id=original.id, title="ของฉัน", by=colleague)
    student = a_person(session, RoleName.STUDENT)
    with pytest.raises(NotAllowed):
        create_lesson(session, clock, original_id=original.id, title="ของฉัน", by=student)


@pytest.mark.parametrize(
    "changes",
    [
        LessonChanges(title="  "),
        LessonChanges(title="ก" * 301),
        LessonChanges(title="a\x00b"),
        LessonChanges(tags=[f"ป้าย{n}" for n in range(21)]),
        LessonChanges(tags=["ก" * 61]),
        LessonChanges(grades=["P7"]),
        LessonChanges(learning_area="ก"),
        LessonChanges(licence="mine"),
        LessonChanges(visibility="world"),
        LessonChanges(language="ภาษาไทย"),
        LessonChanges(description="ก" * 20_001),
        LessonChanges(rights_holder="ก" * 201),
    ],
)
def test_a_value_that_cannot_be_taken_changes_nothing(
    session: Session, clock: StoppedClock, changes: LessonChanges
) -> None:
    lesson = a_lesson(session)

    with pytest.raises(FieldError):
        edit_lesson(session, clock, lesson_id=lesson.id, changes=changes, by=lesson.owner)

    assert noted(session, lesson) == []


def test_three_hundred_thai_characters_fit_a_title(session: Session, clock: StoppedClock) -> None:
    lesson = a_lesson(session)

    edit_lesson(
        session, clock, lesson_id=lesson.id, changes=LessonChanges(title="ก" * 300), by=lesson.owner
    )

    assert len(lesson.title) == 300


def test_publishing_needs_something_to_play(session: Session, clock: StoppedClock) -> None:
    lesson = a_lesson(session, ready=False)

    with pytest.raises(LessonNotReady):
        publish_lesson(session, clock, lesson_id=lesson.id, by=lesson.owner)

    assert lesson.published_at is None
    assert queued_jobs(session) == []


def test_a_lesson_is_published_while_the_rest_is_still_prepared(
    session: Session, clock: StoppedClock
) -> None:
    teacher = a_person(session)
    growing = an_asset(session, state="preparing", watchable_at=clock())
    lesson = a_lesson(session, teacher, original=an_original(session, teacher, growing))

    publish_lesson(session, clock, lesson_id=lesson.id, by=teacher)

    assert lesson.is_published


def test_every_change_is_noted_for_the_audit_and_the_index(
    session: Session, clock: StoppedClock
) -> None:
    lesson = a_lesson(session)
    by = lesson.owner

    publish_lesson(session, clock, lesson_id=lesson.id, by=by)
    unpublish_lesson(session, clock, lesson_id=lesson.id, by=by)
    delete_lesson(session, clock, lesson_id=lesson.id, by=by)
    restore_lesson(session, clock, lesson_id=lesson.id, by=by)

    acts = ["lesson.publish", "lesson.unpublish", "lesson.delete", "lesson.restore"]
    assert noted(session, lesson) == acts
    entries = session.scalars(select(OutboxEntry.lesson_id)).all()
    assert entries == [lesson.id] * 4


def test_a_deleted_lesson_is_hidden_and_comes_back_as_it_was(
    session: Session, clock: StoppedClock
) -> None:
    lesson = a_lesson(session, published=True, visibility=Visibility.PUBLIC)
    by = lesson.owner

    delete_lesson(session, clock, lesson_id=lesson.id, by=by)

    with pytest.raises(NotFound):
        get_lesson_for(session, at_noon, lesson_id=lesson.id, by=by)
    with pytest.raises(NotAllowed):
        publish_lesson(session, clock, lesson_id=lesson.id, by=by)
    assert list_own_lessons(session, clock, by=by) == [lesson]
    assert get_lesson_to_edit(session, lesson_id=lesson.id, by=by) == lesson
    restore_lesson(session, clock, lesson_id=lesson.id, by=by)
    assert get_lesson_for(session, at_noon, lesson_id=lesson.id, by=None).is_published


def test_a_lesson_is_past_undoing_after_thirty_days(session: Session, clock: StoppedClock) -> None:
    lesson = a_lesson(session)
    delete_lesson(session, clock, lesson_id=lesson.id, by=lesson.owner)

    clock.at += timedelta(days=30)

    assert list_own_lessons(session, clock, by=lesson.owner) == []


def test_only_those_who_may_edit_see_how_far_a_file_is(session: Session) -> None:
    school = a_school(session)
    lesson = a_lesson(session, a_person(session, RoleName.TEACHER, school))
    assert lesson.original is not None
    asset_id = lesson.original.asset_id

    for by in (lesson.owner, a_person(session, RoleName.SCHOOL_ADMIN, school)):
        assert get_asset_for(session, asset_id=asset_id, by=by).id == asset_id
    with pytest.raises(NotFound):
        get_asset_for(session, asset_id=asset_id, by=a_person(session, RoleName.TEACHER, school))


def test_a_share_link_opens_the_lesson_until_it_is_revoked(
    session: Session, clock: StoppedClock
) -> None:
    lesson = a_lesson(session, published=True)

    link = make_share_link(session, clock, lesson_id=lesson.id, by=lesson.owner)
    again = make_share_link(session, clock, lesson_id=lesson.id, by=lesson.owner)

    assert again.token == link.token
    assert len(link.token) >= 22
    assert lesson.visibility == Visibility.LINK
    assert lesson_of_share_token(session, link.token) == lesson
    shown = get_lesson_for(session, at_noon, lesson_id=lesson.id, by=None, share_token=link.token)
    assert shown == lesson
    revoke_share_link(session, clock, share_link_id=link.id, by=lesson.owner)
    with pytest.raises(LinkExpired):
        find_shared_lesson(session, link.token)
    with pytest.raises(NotFound):
        get_lesson_for(session, at_noon, lesson_id=lesson.id, by=None, share_token=link.token)
    new_link = make_share_link(session, clock, lesson_id=lesson.id, by=lesson.owner)
    assert new_link.token != link.token


def test_a_share_link_opens_no_other_lesson(session: Session, clock: StoppedClock) -> None:
    shared = a_lesson(session, published=True)
    other = a_lesson(session, published=True)
    token = make_share_link(session, clock, lesson_id=shared.id, by=shared.owner).token

    with pytest.raises(NotFound):
        get_lesson_for(session, at_noon, lesson_id=other.id, by=None, share_token=token)
    with pytest.raises(NotFound):
        find_shared_lesson(session, "no such token")


def test_links_stop_while_a_lesson_is_withdrawn(session: Session, clock: StoppedClock) -> None:
    lesson = a_lesson(session, published=True)
    token = make_share_link(session, clock, lesson_id=lesson.id, by=lesson.owner).token

    unpublish_lesson(session, clock, lesson_id=lesson.id, by=lesson.owner)

    with pytest.raises(LinkExpired):
        lesson_of_share_token(session, token)
