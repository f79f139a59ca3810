"""Every cell of the table of routes, called as that person would."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from server.models.base import uuid7
from server.models.curriculum import Framework
from server.models.jobs import JobRow, JobState
from server.models.lessons import (
    AsideReason,
    FileRole,
    Lesson,
    LessonFile,
    TextAside,
    TextTrack,
    TrackKind,
    Visibility,
)
from server.models.library import Asset, Upload
from server.models.people import EmbedSite, Person, RoleName, SignIn
from server.models.searches import SynonymGroup
from server.services.invitations import make_invitation
from server.wiring import Wiring
from storage.keys import asset_prefix, original_key
from tests.browsing import Visitor
from tests.builders import (
    NOON,
    PASSWORD,
    StoppedClock,
    a_lesson,
    a_person,
    a_ready_asset,
    a_school,
    a_share_link,
    a_sign_in,
    an_asset,
    an_original,
)
from tests.unit.rights_of_roles import PEOPLE
from tests.web.rights_columns import Route
from tests.web.rights_in_giving import NEEDS_GIVING, names_of_giving
from tests.web.rights_in_quizzes import NEEDS_QUIZ, names_of_quiz
from tests.web.rights_in_school import IN_SCHOOL, names_in_school
from tests.web.rights_of_lessons import names_of_items, needs_items
from tests.web.rights_table import ROUTES, document

Browse = Callable[[Person], Visitor]
CAPTIONS = b"WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n"
ROLE_OF = {
    "student": RoleName.STUDENT,
    "teacher": RoleName.TEACHER,
    "administrator": RoleName.SCHOOL_ADMIN,
}


def _a_dead_job(asset: Asset) -> JobRow:
    return JobRow(
        kind="draw_stills",
        payload={"asset_id": str(asset.id)},
        asset_id=asset.id,
        state=JobState.DEAD,
        run_at=NOON,
        wanted_at=NOON,
        created_at=NOON,
    )


class World:
    """School A with a lesson and all that belongs to it, school B, and one visitor."""

    def __init__(self, session: Session, clock: StoppedClock, wiring: Wiring, who: str) -> None:
        self.session, self.clock, self.wiring, self.who = session, clock, wiring, who
        self.a, self.b = a_school(session), a_school(session)
        self.teacher = a_person(session, RoleName.TEACHER, self.a)
        self.visitor = self._visitor(who)
        self.names = self._names()

    def _visitor(self, who: str) -> Person | None:
        if who == "guest":
            return None
        if who == "its teacher":
            return self.teacher
        if who == "the office":
            return a_person(self.session, RoleName.OFFICE_ADMIN)
        if who == "pupil of its classroom":
            return a_person(self.session, RoleName.STUDENT, self.a)
        role, _, school = who.split()
        return a_person(self.session, ROLE_OF[role], self.a if school == "A" else self.b)

    def _names(self) -> dict[str, str]:
        session, teacher, school_id = self.session, self.teacher, self.a.id
        asset = self._asset()
        original = an_original(session, teacher, asset)
        lesson = a_lesson(session, teacher, original=original, published=True)
        public = a_lesson(session, teacher, published=True, visibility=Visibility.PUBLIC)
        shared = self._shared_lesson(asset)
        link = a_share_link(session, shared)
        pupil = a_person(session, RoleName.STUDENT, self.a)
        site = EmbedSite(school_id=school_id, origin="https://old.example.ac.th")
        job = _a_dead_job(asset)
        upload = self._upload()
        session.add_all([site, job, upload])
        session.commit()
        return {
            "lesson_id": str(lesson.id),
            "public_lesson_id": str(public.id),
            **self._names_of_files(lesson),
            **self._names_of_texts(lesson, shared),
            **self._names_of_search(),
            "shared_lesson_id": str(shared.id),
            "token": link.token,
            "share_link_id": str(link.id),
            "invitation": self._invitation(),
            "sign_in_id": self._sign_in_id(),
            "attempt_id": str(uuid7()),
            "original_id": str(an_original(session, teacher, a_ready_asset(session)).id),
            "school_id": str(school_id),
            "embed_site_id": str(site.id),
            "person_id": str(pupil.id),
            "role_id": str(pupil.roles[0].id),
            "job_id": str(job.id),
            "asset_id": str(asset.id),
            "unready_asset_id": str(an_asset(session).id),
            "upload_id": str(upload.id),
            "own_name": (self.visitor or teacher).user_name,
            "new_name": f"new-{lesson.id}",
            "password": PASSWORD,
        }

    def _invitation(self) -> str:
        return make_invitation(
            self.session, self.clock, role=RoleName.TEACHER, school_id=self.a.id, by=None
        )

    def add_school_life(self) -> None:
        """Make a classroom, too, and what makes teachers of school A: it takes a while."""
        learns = self.who == "pupil of its classroom"
        self.names |= names_in_school(
            self.session, self.clock, self.teacher, self.visitor, visitor_learns=learns
        )

    def add_giving(self) -> None:
        """Give the classroom a lesson at which the visitor or another pupil has handed in."""
        room_id = UUID(self.names["classroom_id"])
        learns = self.who == "pupil of its classroom"
        self.names |= names_of_giving(
            self.session,
            self.clock,
            self.wiring.store,
            room_id=room_id,
            teacher=self.teacher,
            pupil=self.visitor if learns else None,
        )

    def add_items(self) -> None:
        """Make the lesson one of several items, and put it into a course."""
        self.names |= names_of_items(
            self.session, self.clock, self.teacher, lesson_id=self.names["lesson_id"]
        )

    def add_quiz(self) -> None:
        """Make a lesson with questions, and a pass for them."""
        secret = self.wiring.settings.secret_key.get_secret_value()
        self.names |= names_of_quiz(self.session, self.teacher, secret=secret)

    def _names_of_search(self) -> dict[str, str]:
        group = SynonymGroup(words=["ลูกหนัง", "ฟุตบอล"], changed_at=NOON)
        framework = Framework(
            code=str(uuid7()), version="1", title="กรอบ", valid_from=NOON.date(), imported_at=NOON
        )
        self.session.add_all([group, framework])
        self.session.commit()
        ids = {"group_id": str(group.id), "framework_id": str(framework.id)}
        return {"learning_area": "ค", **ids}

    def _names_of_texts(self, lesson: Lesson, shared: Lesson) -> dict[str, str]:
        track = TextTrack(lesson_id=lesson.id, language="en", key="", created_at=NOON)
        shared_track = TextTrack(lesson_id=shared.id, language="en", key="", created_at=NOON)
        aside = TextAside(
            lesson_id=lesson.id,
            language="th",
            kind=TrackKind.CAPTIONS,
            why=AsideReason.REMOVED,
            text="WEBVTT\n\n00:01.000 --> 00:02.000\nก\n",
            at=NOON,
        )
        self.session.add_all([track, shared_track, aside])
        self.session.flush()
        return {
            "text_track_id": str(track.id),
            "shared_track_id": str(shared_track.id),
            "text_aside_id": str(aside.id),
            "candidate": "0",
            "caption_form": "srt",
            "saved_name": "240p.mp4",
        }

    def _names_of_files(self, lesson: Lesson) -> dict[str, str]:
        session, teacher = self.session, self.teacher
        original = an_original(session, teacher, a_ready_asset(session))
        facts = {"lesson_id": lesson.id, "original_id": original.id}
        former = LessonFile(**facts, role=FileRole.FORMER, at=NOON)
        session.add(former)
        session.commit()
        deleted = a_lesson(session, teacher, deleted_at=NOON)
        return {"lesson_file_id": str(former.id), "deleted_lesson_id": str(deleted.id)}

    def _shared_lesson(self, asset: Asset) -> Lesson:
        session, teacher = self.session, self.teacher
        own = an_original(session, teacher, asset)
        return a_lesson(session, teacher, original=own, published=True, visibility=Visibility.LINK)

    def _sign_in_id(self) -> str:
        a_sign_in(self.session, self.teacher, NOON)
        of_teacher = select(SignIn.id).where(SignIn.person_id == self.teacher.id)
        return str(self.session.scalars(of_teacher).one())

    def _asset(self) -> Asset:
        asset = a_ready_asset(self.session)
        asset.poster_key = f"{asset_prefix(asset.id)}{'0' * 64}.jpg"
        asset.candidates = {"keys": [asset.poster_key]}
        asset.copy_key = asset.poster_key
        self.wiring.store.put_bytes(asset.poster_key, b"JPEG", content_type="image/jpeg")
        self.session.commit()
        return asset

    def _upload(self) -> Upload:
        key = original_key(self.teacher.id)
        return Upload(
            owner_id=self.teacher.id,
            file_name="a.mp4",
            size_bytes=5,
            object_key=key,
            multipart_id=self.wiring.store.start_multipart(key, content_type="video/mp4"),
            created_at=NOON,
            touched_at=NOON,
        )


def call(route: Route, browser: Visitor, names: dict[str, str]) -> TestResponse:
    """Do what the page would, with its forgery token."""
    path = route.path.format_map(names)
    headers = {**route.headers, "X-CSRFToken": browser.csrf}
    if route.json is not None:
        sent = {
            name: value.format_map(names) if isinstance(value, str) else value
            for name, value in route.json.items()
        }
        return browser.open(path, method=route.method, json=sent, headers=headers)
    if route.method != "POST" or route.headers:
        return browser.open(path, method=route.method, headers=headers)
    fields: dict[str, object] = {
        name: value.format_map(names) for name, value in route.fields.items()
    }
    if route.path.endswith("/captions"):
        fields["captions"] = (io.BytesIO(CAPTIONS), "a.vtt")
    return browser.post(path, data=fields, headers=headers)


def sign_of(answer: TestResponse) -> str:
    """Return the table's sign for an answer."""
    to_sign_in = answer.headers.get("Location", "").startswith("/sign-in")
    if to_sign_in or answer.status_code == 401:
        return "s"
    if answer.status_code in {403, 404}:
        return "-"
    return "+" if answer.status_code < 400 else str(answer.status_code)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_works_for_whom_the_table_says_and_nobody_else(
    route: Route,
    app: Flask,
    session: Session,
    clock: StoppedClock,
    wiring: Wiring,
    sign_in: Browse,
) -> None:
    answered = {}
    for who in PEOPLE:
        world = World(session, clock, wiring, who)
        if route.path.startswith(IN_SCHOOL) or NEEDS_GIVING.search(route.path):
            world.add_school_life()
        if NEEDS_GIVING.search(route.path):
            world.add_giving()
        if NEEDS_QUIZ in route.path:
            world.add_quiz()
        if needs_items(route):
            world.add_items()
        browser = sign_in(world.visitor) if world.visitor else Visitor(app)
        answered[who] = sign_of(call(route, browser, world.names))

    assert answered == {who: route.sign_for(who) for who in PEOPLE}


def test_every_route_is_in_the_table(app: Flask) -> None:
    listed = {(route.method, _shape(route.path.partition("?")[0])) for route in ROUTES}

    answered = {
        (method, _shape(rule.rule))
        for rule in app.url_map.iter_rules()
        for method in _own_methods(rule.methods or set())
    }

    assert answered == listed


def test_the_documentation_holds_both_tables() -> None:
    assert Path("docs/rights.md").read_text(encoding="utf-8") == document()


def _shape(path: str) -> str:
    """Return the path with every name in it alike."""
    return re.sub(r"<[^>]+>|\{[^}]+\}", "*", path)


def _own_methods(methods: set[str]) -> set[str]:
    """Leave out what comes with every GET and what only asks what may be asked."""
    return methods - {"OPTIONS"} - ({"HEAD"} if "GET" in methods else set())
