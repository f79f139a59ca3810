"""A teacher and pupils who are signed in at the product, and what they were told is kept."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from uuid import UUID

from sqlalchemy.orm import Session

from server.app import create_app
from server.models.lessons import Lesson, Visibility
from server.models.people import Person, RoleName
from server.services.quiz_passes import QuizPass, sign_quiz_pass
from server.wiring import Wiring, utc_now
from tests.browsing import Visitor
from tests.builders import a_lesson, a_person, a_sign_in
from tests.quizzes import answers_to, with_quiz
from tests.services.product import Product

AUTHORS, PUPILS = 3, 8


class Unanswered(Exception):
    """The server is down, or has no time: nothing was acknowledged."""


@dataclass(slots=True)
class Acknowledged:
    """What people were told is kept."""

    finished: dict[UUID, str] = field(default_factory=dict)  # original → SHA-256
    titles: dict[UUID, int] = field(default_factory=dict)  # lesson → number in its title
    saved_count: int = 0
    answers: dict[UUID, dict[str, list[str]]] = field(default_factory=dict)  # try → answers
    resumed_count: int = 0
    offset_count: int = 0
    lost: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Desk:
    """What everybody at work shares."""

    port: int
    cookie: str
    csrf: str
    quiz_passes: list[str]
    answers: dict[str, list[str]]
    lesson_ids: list[UUID]
    noted: Acknowledged = field(default_factory=Acknowledged)


class Line:
    """One device's connection to the server."""

    def __init__(self, desk: Desk, *, is_guest: bool = False) -> None:
        self._own = {} if is_guest else {"Cookie": desk.cookie}
        self._connection = http.client.HTTPConnection("127.0.0.1", desk.port)

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, http.client.HTTPMessage]:
        """Return status and headers. Raises Unanswered."""
        try:
            self._connection.request(method, path, body, {**self._own, **headers})
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()  # the next request opens another
            raise Unanswered from error
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == 429:
            raise Unanswered(answer.status)
        return answer.status, answer.headers

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def a_desk(product: Product, *, pupils: int = PUPILS) -> Desk:
    """Make a teacher with lessons and a quiz, and pupils who have its questions."""
    with product.wired() as wiring, product.session() as session:
        teacher = a_person(session)
        lessons = [_a_public_lesson(session, teacher, wiring) for _ in range(AUTHORS)]
        quiz = with_quiz(session, lessons[0])
        app = create_app(wiring)
        app.test_client_class = Visitor
        browser = app.test_client()
        assert isinstance(browser, Visitor)
        browser.sign_in_with(a_sign_in(session, teacher, utc_now()))
        csrf, cookie = browser.csrf, browser.get_cookie("khlang")
        assert cookie is not None
        secret = product.settings.secret_key.get_secret_value()
        asked_ones = [a_person(session, RoleName.STUDENT) for _ in range(pupils)]
        asked = QuizPass(
            person_id=teacher.id,
            lesson_id=lessons[0].id,
            item_id=quiz.id,
            version=1,
            asked_at=utc_now(),
        )
        return Desk(
            port=product.port,
            cookie=f"khlang={cookie.value}",
            csrf=csrf,
            quiz_passes=[
                sign_quiz_pass(secret, replace(asked, person_id=each.id)) for each in asked_ones
            ],
            answers=answers_to(quiz),
            lesson_ids=[lesson.id for lesson in lessons],
        )


def _a_public_lesson(session: Session, teacher: Person, wiring: Wiring) -> Lesson:
    return a_lesson(
        session, teacher, store=wiring.store, visibility=Visibility.PUBLIC, published=True
    )
