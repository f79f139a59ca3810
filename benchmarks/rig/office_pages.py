"""The main pages of a made-up office, each as the people see it who open it every day."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.rig.office_keys import FULL_CLASS, LONG_EVERY, OfficeKeys
from benchmarks.rig.office_lessons import AREAS
from server.models.assignments import Assignment

PAGE_MS, GRID_MS = 100.0, 150.0  # the bars
VISITS = 40
WORDS = ("การบวก", "ระบบสุริยะ", "มาตราตัวสะกด", "พืช", "เศษส่วน ป.4")
T = TypeVar("T")
Visit: TypeAlias = tuple[UUID | None, str]  # who, and which page


@dataclass(frozen=True, slots=True, kw_only=True)
class MainPage:
    """A page with those who look at it; nobody is a guest."""

    name: str
    visits: Sequence[Visit]
    most_ms: float | None = PAGE_MS  # of files that are downloaded nothing is asked


class MainPages:
    """Chooses who looks at which page: other people, classes and lessons each time."""

    def __init__(self, keys: OfficeKeys, session: Session) -> None:
        """Look up what was given to the full classes."""
        self._keys = keys
        self._long = self._long_assignments(session)

    def __iter__(self) -> Iterator[MainPage]:
        """Yield all of them."""
        yield from self._of_everybody()
        yield from self._of_pupils()
        yield from self._of_teachers()
        yield from self._of_classrooms()
        yield from self._of_administrators()

    def _of_everybody(self) -> Iterator[MainPage]:
        guest, teacher = self._nobody, self._teacher
        yield _page("home, guest", guest, lambda _n: "/")
        yield _page("home, teacher", teacher, lambda _n: "/")
        yield _page("all lessons, teacher", teacher, lambda n: f"/search?page={n + 1}")
        yield _page("search in words, teacher", teacher, lambda n: f"/search?q={_of(WORDS, n)}")
        yield _page("browse, teacher", teacher, lambda _n: "/browse")
        yield _page("learning area, teacher", teacher, lambda n: f"/browse/{_of(AREAS, n)}")

    def _of_pupils(self) -> Iterator[MainPage]:
        pupil = self._pupil
        yield _page("start page, pupil with 40 lessons", pupil, lambda _n: "/home")
        yield _page("home, pupil", pupil, lambda _n: "/")
        yield _page("lesson, pupil", pupil, self._given_lesson)
        for place, kind in ((1, "text"), (2, "quiz"), (4, "hand-in")):
            yield _page(f"{kind} of a lesson, pupil", pupil, partial(self._given_item, place))
        yield _page("account, pupil", pupil, lambda _n: "/account")

    def _of_teachers(self) -> Iterator[MainPage]:
        teacher = self._teacher
        yield _page("studio, teacher", teacher, lambda _n: "/studio/")
        for name, path in (("lesson's editor", ""), ("items' editor", "/items")):
            own = partial(self._own_lesson, path)
            yield _page(f"{name}, teacher", teacher, own)
        yield _page("courses, teacher", teacher, lambda _n: "/studio/courses/")
        yield _page("jobs, teacher", teacher, lambda _n: "/studio/queue")

    def _of_classrooms(self) -> Iterator[MainPage]:
        of_room, room = self._teacher_of_room, self._room
        yield _page("classrooms, teacher", of_room, lambda _n: "/classrooms/")
        for name, path in (
            ("classroom of 45", ""),
            ("announcements", "/announcements"),
            ("groups", "/groups"),
            ("consents", "/consents"),
            ("names", "/names"),
        ):
            yield _page(f"{name}, teacher", of_room, lambda n, path=path: f"{room(n)}{path}")  # type: ignore[misc]
        yield _page("give a lesson, teacher", of_room, lambda n: f"{self._given_lesson(n)}/give")
        yield _page("hand-ins of 45, teacher", of_room, self._hand_ins)
        for name, path in (
            ("45 × 40 lessons, 20 at once", "/grid"),
            ("45 × 40 items", "/grid?assignment={long}"),
        ):
            grid = partial(self._grid, path)
            yield _page(f"class grid of {name}", of_room, grid, most_ms=GRID_MS)
        xlsx = partial(self._grid, "/grid.xlsx")
        yield _page("the same 45 × 40 lessons as XLSX", of_room, xlsx, most_ms=None)

    def _of_administrators(self) -> Iterator[MainPage]:
        schools = self._keys.schools
        yield _page(
            "their school", self._school_admin, lambda n: f"/admin/schools/{_of(schools, n)}"
        )
        yield _page("classrooms, administrator", self._school_admin, lambda _n: "/classrooms/")
        office = self._office
        yield _page("a school, office", office, lambda n: f"/admin/schools/{_of(schools, n)}")
        for name, path in (
            ("schools", "/admin/"),
            ("office", "/admin/office"),
            ("jobs", "/admin/queue"),
            ("search", "/admin/search/"),
            ("storage", "/admin/storage/"),
            ("storage of each school", "/admin/storage/schools"),
            ("terms", "/admin/terms"),
            ("frameworks", "/admin/curriculum/"),
        ):
            yield _page(f"{name}, office", office, lambda _n, path=path: path)  # type: ignore[misc]

    def _nobody(self, _n: int) -> None:
        return None

    def _office(self, _n: int) -> UUID:
        return self._keys.office_admin

    def _school_admin(self, n: int) -> UUID:
        return _of(self._keys.school_admins, n)

    def _teacher(self, n: int) -> UUID:
        return self._keys.teachers[n * len(self._keys.teachers) // VISITS]

    def _teacher_of_room(self, n: int) -> UUID:
        return self._keys.teacher_of(n % self._keys.full_classes)

    def _room(self, n: int) -> str:
        return f"/classrooms/{self._keys.classrooms[n % self._keys.full_classes]}"

    def _school(self, n: int) -> str:
        return f"/admin/schools/{_of(self._keys.schools, n)}"

    def _pupil(self, n: int) -> UUID:
        """Return one of a full class: to them most is given."""
        return self._keys.pupils[n % self._keys.full_classes * FULL_CLASS + n]

    def _given_number(self, n: int) -> int:
        """Return one of few items: whether pupils may see the long one is asked once more."""
        given = self._keys.given_to(n % self._keys.full_classes)
        return [number for number in given if number % LONG_EVERY][n % 3]

    def _given_lesson(self, n: int) -> str:
        return f"/lessons/{self._keys.lessons[self._given_number(n)]}"

    def _given_item(self, place: int, n: int) -> str:
        return f"{self._given_lesson(n)}/items/{self._keys.items[self._given_number(n)][place]}"

    def _own_lesson(self, path: str, n: int) -> str:
        lesson = n * len(self._keys.teachers) // VISITS * len(self._keys.lessons)
        number = -(-lesson // len(self._keys.teachers))
        return f"/studio/lessons/{self._keys.lessons[number]}{path}"

    def _grid(self, path: str, n: int) -> str:
        return self._room(n) + path.format(long=self._long[n % self._keys.full_classes][0])

    def _hand_ins(self, n: int) -> str:
        assignment_id, item_id = self._long[n % self._keys.full_classes]
        return f"/assignments/{assignment_id}/items/{item_id}/hand-ins"

    def _long_assignments(self, session: Session) -> Sequence[tuple[UUID, UUID]]:
        """Return, for each full class, the assignment of many items and one to hand in."""
        keys, found = self._keys, []
        for room in range(keys.full_classes):
            number = keys.long_lesson_of(room)
            wanted = select(Assignment.id).where(
                Assignment.classroom_id == keys.classrooms[room],
                Assignment.lesson_id == keys.lessons[number],
            )
            found.append((session.scalars(wanted).one(), keys.items[number][4]))
        session.commit()
        return found


def _page(
    name: str,
    who: Callable[[int], UUID | None],
    where: Callable[[int], str],
    *,
    most_ms: float | None = PAGE_MS,
) -> MainPage:
    visits = [(who(number), where(number)) for number in range(VISITS)]
    return MainPage(name=name, visits=visits, most_ms=most_ms)


def _of(things: Sequence[T], number: int) -> T:
    return things[number % len(things)]
