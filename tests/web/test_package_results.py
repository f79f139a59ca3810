"""What a teacher sees of the people who played a package."""

from collections.abc import Callable
from uuid import uuid4

from sqlalchemy.orm import Session

from server.models.lessons import Lesson, Visibility
from server.models.library import AssetKind
from server.models.people import Person, RoleName
from server.services.packages import Progress, save_attempt
from tests.browsing import Visitor
from tests.builders import a_lesson, a_person, a_school, at_noon

Browse = Callable[[Person], Visitor]


def a_package_lesson(session: Session) -> Lesson:
    lesson = a_lesson(session, published=True, visibility=Visibility.PUBLIC)
    assert lesson.original
    lesson.original.asset.kind = AssetKind.PACKAGE
    session.commit()
    return lesson


def attempt(session: Session, lesson: Lesson, by: Person, **told: object) -> None:
    progress = Progress(revision=1, state={}, **told)  # type: ignore[arg-type]
    save_attempt(
        session, at_noon, lesson_id=lesson.id, attempt_id=uuid4(), progress=progress, by=by
    )


def test_the_best_of_each_pupils_attempts_is_shown_with_its_score(
    session: Session, sign_in: Browse
) -> None:
    lesson = a_package_lesson(session)
    pupil = a_person(session, RoleName.STUDENT, lesson.school, display_name="เด็กหญิงมานี")
    best = {"score_raw": 8.0, "score_max": 10.0, "completion": "completed", "success": "passed"}
    attempt(session, lesson, pupil, score_raw=3.0, score_max=10.0, success="failed")
    attempt(session, lesson, pupil, **best)
    attempt(session, lesson, pupil, score_raw=5.0, score_max=10.0)
    visitor = sign_in(lesson.owner)

    html = visitor.get(f"/studio/lessons/{lesson.id}/results").text

    assert "เด็กหญิงมานี" in html
    assert "8/10" in html
    assert "ทำ 3 ครั้ง" in html
    assert "ทำครบแล้ว 1 จาก 1 คน" in html
    page = visitor.get(f"/studio/lessons/{lesson.id}").text
    assert f"/studio/lessons/{lesson.id}/results" in page


def test_pupils_of_other_schools_are_counted_and_not_named(
    session: Session, sign_in: Browse
) -> None:
    lesson = a_package_lesson(session)
    stranger = a_person(session, RoleName.STUDENT, display_name="เด็กชายปิติ")
    attempt(session, lesson, stranger, score_scaled=0.5)

    html = sign_in(lesson.owner).get(f"/studio/lessons/{lesson.id}/results").text

    assert "เด็กชายปิติ" not in html
    assert "โรงเรียนอื่นทำด้วย 1 คน" in html


def test_a_teacher_who_has_left_the_school_learns_no_names_of_its_pupils(
    session: Session, sign_in: Browse
) -> None:
    lesson = a_package_lesson(session)
    pupil = a_person(session, RoleName.STUDENT, lesson.school, display_name="เด็กหญิงมานี")
    attempt(session, lesson, pupil, score_scaled=0.5)
    lesson.owner.roles[0].school_id = a_school(session, "โรงเรียนใหม่").id
    session.commit()

    html = sign_in(lesson.owner).get(f"/studio/lessons/{lesson.id}/results").text

    assert "เด็กหญิงมานี" not in html
    assert "โรงเรียนอื่นทำด้วย 1 คน" in html


def test_scores_are_shown_as_far_as_the_package_told_them(
    session: Session, sign_in: Browse
) -> None:
    lesson = a_package_lesson(session)
    for name, told in (("ก", {"score_scaled": 0.75}), ("ข", {"score_raw": 12.0}), ("ค", {})):
        pupil = a_person(session, RoleName.STUDENT, lesson.school, display_name=name)
        attempt(session, lesson, pupil, **told)

    html = sign_in(lesson.owner).get(f"/studio/lessons/{lesson.id}/results").text

    assert "75%" in html
    assert "<strong>12</strong>" in html
    assert "<strong>–</strong>" in html
    assert "ยังทำไม่ครบ" in html
