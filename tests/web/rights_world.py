"""The world in which the routes of the table are called, kept to begin from it again and again."""

import io
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

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
from server.models.mails import Mail
from server.models.people import EmbedSite, Invitation, Person, RoleName, SignIn
from server.models.searches import SynonymGroup
from server.models.set_aside import AsideWhy, SetAside
from server.services.hanging import hanging_on
from server.services.invitations import make_invitation
from server.services.password_links import make_password_link
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
    an_office,
    an_original,
)
from tests.unit.rights_of_roles import PEOPLE
from tests.web.rights_columns import Route
from tests.web.rights_in_giving import NEEDS_GIVING, names_of_giving
from tests.web.rights_in_quizzes import NEEDS_QUIZ, names_of_quiz
from tests.web.rights_in_school import IN_SCHOOL, names_in_school
from tests.web.rights_of_lessons import names_of_items, needs_items
from tests.write_guard import building

CAPTIONS = b"WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n"
ITS_TEACHER, ITS_PUPIL = "its teacher", "pupil of its classroom"
ROLE_OF = {
    "student": RoleName.STUDENT,
    "teacher": RoleName.TEACHER,
    "administrator": RoleName.SCHOOL_ADMIN,
}
DATABASE, OBJECTS = "khlang.sqlite3", "objects"  # in the data folder
LIFE, GIVING, QUIZ, ITEMS = "school life", "giving", "quiz", "items"  # what a world may hold more


def _a_mail() -> Mail:
    return Mail(to_address="a@example.ac.th", subject="", text="", made_at=NOON, next_at=NOON)


def _a_found_file(teacher: Person) -> SetAside:
    return SetAside(
        why=AsideWhy.UNCLAIMED,
        key=original_key(uuid7()),
        size_bytes=1000,
        whole_bytes=1000,
        owner_id=teacher.id,
        found_at=NOON,
    )


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
    """School A with a lesson and all that belongs to it, school B, and all visitors."""

    def __init__(self, session: Session, clock: StoppedClock, wiring: Wiring) -> None:
        self.session, self.clock, self.wiring = session, clock, wiring
        self.a, self.b = a_school(session), a_school(session)
        self.teacher = a_person(session, RoleName.TEACHER, self.a)
        self.pupil = a_person(session, RoleName.STUDENT, self.a)  # of its classroom
        self.visitors = {who: self._visitor(who) for who in PEOPLE}
        self.names = self._names()

    def names_for(self, who: str) -> dict[str, str]:
        """Return what stands in paths and forms when this visitor calls."""
        visitor = self.visitors[who]
        role_id = str(visitor.roles[0].id) if visitor else ""
        own_name = (visitor or self.teacher).user_name
        return {**self.names, "own_name": own_name, "own_role_id": role_id}

    def add(self, things: Collection[str]) -> None:
        """Make what the lesson's world does not have by itself."""
        steps = {
            LIFE: self.add_school_life,
            GIVING: self.add_giving,
            QUIZ: self.add_quiz,
            ITEMS: self.add_items,
        }
        for thing, make in steps.items():
            if thing in things:
                make()

    def _visitor(self, who: str) -> Person | None:
        if who == "guest":
            return None
        if who == ITS_TEACHER:
            return self.teacher
        if who == "the office":
            return a_person(self.session, RoleName.OFFICE_ADMIN)
        if who == ITS_PUPIL:
            return self.pupil
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
        job, upload = _a_dead_job(asset), self._upload()
        mail, found = _a_mail(), _a_found_file(teacher)
        session.add_all([site, job, upload, mail, found])
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
            **self._links(pupil),
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
            "mail_id": str(mail.id),
            "set_aside_id": str(found.id),
            "new_name": f"new-{lesson.id}",
            "password": PASSWORD,
        }

    def _links(self, pupil: Person) -> dict[str, str]:
        """Invite to school A from the server; and somebody of the office to be signed out."""
        session, clock = self.session, self.clock
        invitation = make_invitation(
            session, clock, role=RoleName.TEACHER, school_id=self.a.id, by=None
        )
        password_token, _pupil = make_password_link(session, clock, person_id=pupil.id, by=None)
        return {
            "invitation": invitation,
            "invitation_id": str(session.scalars(select(Invitation.id)).one()),
            "office_person_id": str(a_person(session, RoleName.OFFICE_ADMIN).id),
            "password_token": password_token,
        }

    def add_school_life(self) -> None:
        """Make a classroom and what makes teachers of school A."""
        self.names |= names_in_school(self.session, self.clock, self.teacher, self.pupil)

    def add_giving(self) -> None:
        """Give the classroom a lesson at which its pupil has handed in."""
        self.names |= names_of_giving(
            self.session,
            self.clock,
            self.wiring.store,
            room_id=UUID(self.names["classroom_id"]),
            teacher=self.teacher,
            pupil=self.pupil,
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
        with session.begin():
            mark = hanging_on(session, self.clock, deleted).mark
        return {
            "lesson_file_id": str(former.id),
            "deleted_lesson_id": str(deleted.id),
            "erase_mark": mark,
        }

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


@dataclass(frozen=True, slots=True)
class KeptWorld:
    """A world as it was made: its data, and what each visitor holds."""

    folder: Path
    names: Mapping[str, Mapping[str, str]]
    tokens: Mapping[str, str]

    def put_into(self, wiring: Wiring) -> None:
        """Have the database and the store hold this world and nothing else."""
        wiring.engine.dispose()
        data_path = wiring.settings.data_path
        shutil.rmtree(data_path / OBJECTS, ignore_errors=True)
        shutil.copytree(self.folder / OBJECTS, data_path / OBJECTS)
        shutil.copy(self.folder / DATABASE, data_path)


def keep_world(wiring: Wiring, clock: StoppedClock, things: Collection[str], to: Path) -> KeptWorld:
    """Make a world in which everybody has signed in, and keep it; leave nothing open."""
    with building(wiring.engine) as session:
        an_office(session)
        world = World(session, clock, wiring)
        world.add(things)
        names = {who: world.names_for(who) for who in PEOPLE}
        tokens = {
            who: a_sign_in(session, visitor, clock())
            for who, visitor in world.visitors.items()
            if visitor
        }
    wiring.engine.dispose()  # closed last, SQLite leaves one file
    shutil.copytree(wiring.settings.data_path, to)
    return KeptWorld(to, names, tokens)


def needed_by(route: Route) -> frozenset[str]:
    """Return what a route needs beside the lesson's own world."""
    of_giving = bool(NEEDS_GIVING.search(route.path))
    needs = {
        LIFE: of_giving or route.path.startswith(IN_SCHOOL),
        GIVING: of_giving,
        QUIZ: NEEDS_QUIZ in route.path,
        ITEMS: needs_items(route),
    }
    return frozenset(thing for thing, is_needed in needs.items() if is_needed)


def call(route: Route, browser: Visitor, names: Mapping[str, str]) -> TestResponse:
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
