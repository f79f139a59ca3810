"""Devices that wait before a classroom, on both databases: what they choose, and who is let in."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from server.models.classrooms import Classroom, Enrolment, JoinRequest
from server.models.people import Person, RoleName
from server.request_context import RequestSession
from server.services.class_choices import Choice, choose_picture, waiting_device
from server.services.class_joining import (
    AskedTooOften,
    Joiner,
    WaitEnded,
    ask_to_join,
    claim_session,
    confirm,
    refuse,
)
from server.services.class_waiting import confirm_all, list_waiting
from server.services.classrooms import ClassroomFacts, change_code, create_classroom
from server.services.enrolments import add_names
from server.services.sign_ins import Device
from tests.builders import (
    CLASS_NAMES,
    StoppedClock,
    a_person,
    a_school,
    another_picture,
    the_picture,
)
from tests.write_guard import building

LETTERS = "กขคงจฉชซ"


class Lesson:
    """A classroom, its teacher, and what devices before it do, each in a session of its own."""

    def __init__(self, engine: Engine, clock: StoppedClock, session: Session) -> None:
        self.engine, self.clock, self.session = engine, clock, session
        school = a_school(session)
        self.teacher = a_person(session, RoleName.TEACHER, school)
        facts = ClassroomFacts(name="ป.4/1", grades=["P4"])
        self.room = create_classroom(
            session, clock, school_id=school.id, facts=facts, by=self.teacher
        )
        self.add(CLASS_NAMES)

    def add(self, names: str) -> None:
        add_names(self.session, self.clock, classroom_id=self.room.id, text=names, by=self.teacher)

    def member(self, name: str) -> UUID:
        wanted = select(Enrolment.id).join(Person).where(Person.display_name.startswith(name))
        with self.session.begin():
            return self.session.scalars(wanted).one()

    def ask(
        self,
        name: str = "",
        *,
        key: str = "",
        address: str = "",
        typed: tuple[str, int | None] = ("", None),
    ) -> str:
        joiner = Joiner(
            enrolment_id=self.member(name) if name else None,
            typed_name=typed[0],
            typed_number=typed[1],
            device=Device(key=key),
            address_key=address,
        )
        return ask_to_join(self.session, self.clock, token=self.room.token, joiner=joiner)

    def crowd(self, count: int) -> None:
        """Have so many devices of four addresses wait under names that are not in the list."""
        facts = {"classroom_id": self.room.id, "created_at": self.clock(), "typed_name": "ฝูง"}
        until = self.clock() + timedelta(hours=1)
        with self.session.begin():
            for number in range(count):
                key, address = f"crowd {number}", f"crowd {number % 4}"
                self.session.add(
                    JoinRequest(token_sha256=key, address_key=address, expires_at=until, **facts)
                )

    def choose(self, waiting: str, *, right: bool = True) -> Choice:
        pick = the_picture if right else another_picture
        picture = pick(self.room, self.clock())
        return choose_picture(self.session, self.clock, token=waiting, picture=picture)

    def do(self, action: str) -> None:
        change_code(
            self.session, self.clock, classroom_id=self.room.id, action=action, by=self.teacher
        )

    def waiting(self) -> list[tuple[str, bool]]:
        """Return under which names devices wait, and whether "all" takes them."""
        rows = list_waiting(self.session, self.clock, classroom=self.room)
        return [
            (row.enrolment.person.display_name if row.enrolment else "", row.is_plain)
            for row in rows
        ]

    def confirm_all(self) -> int:
        return confirm_all(self.session, self.clock, classroom_id=self.room.id, by=self.teacher)

    def at_once(self, count: int, act: Callable[[Session, int], object]) -> list[object]:
        def one(number: int) -> object:
            with RequestSession(self.engine, expire_on_commit=False, info={"changes": True}) as own:
                return act(own, number)

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(one, range(count)))


@pytest.fixture
def lesson(engine: Engine, clock: StoppedClock) -> Iterator[Lesson]:
    with building(engine) as session:
        yield Lesson(engine, clock, session)


def test_all_takes_those_who_chose_the_picture_and_each_other_one_by_a_nod(lesson: Lesson) -> None:
    chosen, idle = lesson.ask("มะลิ"), lesson.ask("สมชาย")

    assert lesson.choose(chosen) is Choice.RIGHT
    assert lesson.waiting() == [("มะลิ ณ อยุธยา", True), ("สมชาย ใจดี", False)]
    assert lesson.confirm_all() == 1

    (left,) = list_waiting(lesson.session, lesson.clock, classroom=lesson.room)
    confirm(lesson.session, lesson.clock, request_id=left.request.id, as_id=None, by=lesson.teacher)
    for token in (chosen, idle):
        assert claim_session(lesson.session, lesson.clock, token=token) is not None


def test_a_device_chooses_wrong_twice_and_then_waits_for_a_nod(lesson: Lesson) -> None:
    token = lesson.ask("มะลิ")

    told = [lesson.choose(token, right=right) for right in (False, False, True)]

    assert told == [Choice.ASKED, Choice.NO_MORE, Choice.NO_MORE]
    assert lesson.waiting() == [("มะลิ ณ อยุธยา", False)]
    assert lesson.confirm_all() == 0


def test_another_name_gives_the_same_device_no_more_tries(lesson: Lesson) -> None:
    first = lesson.ask("มะลิ", key="d1")
    lesson.choose(first, right=False)
    second = lesson.ask("สมชาย", key="d1")

    assert lesson.choose(second, right=False) is Choice.NO_MORE
    assert [name for name, _plain in lesson.waiting()] == ["สมชาย ใจดี"]  # it waits once


def test_a_right_choice_of_the_last_opening_does_not_count_in_the_next(lesson: Lesson) -> None:
    token = lesson.ask("มะลิ")
    lesson.choose(token)
    lesson.clock.forward(hours=2)
    assert waiting_device(lesson.session, lesson.clock, token=token).choice is Choice.CLOSED
    assert lesson.confirm_all() == 0

    lesson.do("open_room")

    assert lesson.confirm_all() == 0
    assert lesson.choose(token) is Choice.RIGHT
    assert lesson.confirm_all() == 1


def test_the_picture_may_change_while_somebody_chooses(lesson: Lesson) -> None:
    seen = the_picture(lesson.room, lesson.clock())
    token = lesson.ask("มะลิ")
    lesson.clock.forward(minutes=11)

    chosen = choose_picture(lesson.session, lesson.clock, token=token, picture=seen)

    assert chosen is Choice.RIGHT


def test_a_device_that_is_sent_away_while_it_chooses_is_told_so(lesson: Lesson) -> None:
    token = lesson.ask("มะลิ")
    (row,) = list_waiting(lesson.session, lesson.clock, classroom=lesson.room)
    refuse(lesson.session, lesson.clock, request_id=row.request.id, by=lesson.teacher)

    with pytest.raises(WaitEnded):
        lesson.choose(token)


def test_who_chooses_when_the_code_was_closed_loses_nothing(lesson: Lesson) -> None:
    token, seen = lesson.ask("มะลิ"), the_picture(lesson.room, lesson.clock())
    lesson.do("close")

    chosen = choose_picture(lesson.session, lesson.clock, token=token, picture=seen)

    assert chosen is Choice.CLOSED
    lesson.do("open_room")
    assert lesson.choose(token) is Choice.RIGHT


def test_who_knows_the_old_codes_picture_knows_nothing_of_the_new_one(lesson: Lesson) -> None:
    secret = lesson.room.room_secret

    lesson.do("rotate")

    assert lesson.room.room_secret != secret
    assert lesson.waiting() == []


def test_two_devices_under_one_name_need_a_look_also_when_both_chose_right(
    lesson: Lesson,
) -> None:
    for key in ("d1", "d2"):
        lesson.choose(lesson.ask("มะลิ", key=key))

    assert lesson.waiting() == [("มะลิ ณ อยุธยา", False)] * 2
    assert lesson.confirm_all() == 0
    first, _second = list_waiting(lesson.session, lesson.clock, classroom=lesson.room)
    refuse(lesson.session, lesson.clock, request_id=first.request.id, by=lesson.teacher)
    assert lesson.confirm_all() == 1


def test_a_confirmed_device_that_is_not_in_yet_keeps_a_second_one_out_of_all(
    lesson: Lesson,
) -> None:
    lesson.choose(lesson.ask("มะลิ", key="d1"))
    lesson.confirm_all()

    lesson.choose(lesson.ask("มะลิ", key="d2"))

    assert lesson.waiting() == [("มะลิ ณ อยุธยา", False)]


def test_a_name_under_which_a_stranger_guessed_is_looked_at_in_the_next_lesson(
    lesson: Lesson,
) -> None:
    lesson.choose(lesson.ask("มะลิ", key="stranger", address="far"), right=False)
    lesson.clock.forward(hours=24)
    lesson.do("open_room")

    lesson.choose(lesson.ask("มะลิ", key="child", address="school"))
    lesson.choose(lesson.ask("สมชาย", key="other", address="school"))

    assert dict(lesson.waiting()) == {"มะลิ ณ อยุธยา": False, "สมชาย ใจดี": True}


def test_number_and_name_that_agree_are_that_member_and_nobody_is_told(lesson: Lesson) -> None:
    lesson.do("open")
    lesson.clock.forward(hours=3)  # the lesson is over, the code is left open
    right = lesson.ask(typed=("มะลิ", 2))
    wrong = lesson.ask(typed=("มะลิ", 3))

    known, stranger = list_waiting(lesson.session, lesson.clock, classroom=lesson.room)

    told = {
        (device.name, device.choice)
        for device in (
            waiting_device(lesson.session, lesson.clock, token=token) for token in (right, wrong)
        )
    }
    assert told == {("มะลิ", Choice.CLOSED)}
    assert known.enrolment is not None
    assert known.enrolment.id == lesson.member("มะลิ")
    assert stranger.enrolment is None
    assert [row.id for row in stranger.alike] == [lesson.member("มะลิ")]


def test_a_teacher_is_hinted_at_who_is_in_already_and_when_it_is_unusual(lesson: Lesson) -> None:
    lesson.choose(lesson.ask("มะลิ", key="d1"))
    lesson.confirm_all()
    (token,) = [lesson.ask("สมชาย", key="d2")]
    lesson.choose(token)
    lesson.confirm_all()
    claim_session(lesson.session, lesson.clock, token=token, device=Device(name="Chrome/ Android"))
    lesson.clock.forward(hours=6)
    lesson.do("open_room")

    lesson.choose(lesson.ask("สมชาย", key="d3"))

    (row,) = list_waiting(lesson.session, lesson.clock, classroom=lesson.room)
    assert row.last_in is not None
    assert row.last_in.device == "Chrome/ Android"
    assert row.is_late  # at six in the evening
    assert row.is_plain  # a hint is a hint


def test_one_device_asks_twenty_times_an_hour_and_then_again_later(lesson: Lesson) -> None:
    for _ in range(20):
        lesson.ask("มะลิ", key="d1")

    with pytest.raises(AskedTooOften):
        lesson.ask("มะลิ", key="d1")
    lesson.ask("สมชาย", key="d2")
    lesson.clock.forward(hours=1)
    lesson.ask("มะลิ", key="d1")


def test_a_flood_of_names_keeps_no_pupil_out(lesson: Lesson) -> None:
    first = lesson.ask("มะลิ", key="d1", address="school")
    lesson.choose(first)
    honest = lesson.ask("ปิติ", key="d2", address="a home")
    lesson.crowd(190)
    for number in range(20):
        lesson.ask(typed=(f"ฝูง{LETTERS[number % 8]}", None), address=f"crowd {number % 4}")

    last = lesson.ask("สมชาย", key="d3", address="school")

    assert lesson.choose(last) is Choice.RIGHT
    assert len(lesson.waiting()) <= 200
    assert lesson.waiting()[:2] == [("มะลิ ณ อยุธยา", True), ("สมชาย ใจดี", True)]
    assert waiting_device(lesson.session, lesson.clock, token=honest).choice is Choice.ASKED


def test_forty_choose_at_once_and_two_teachers_let_each_in_once(lesson: Lesson) -> None:
    names = [f"{one}{two}นา ใจดี" for one in LETTERS for two in "ตถทธน"]
    lesson.add("\n".join(names))
    with lesson.session.begin():
        lesson.session.execute(update(Enrolment).values(came_in_at=None))
    tokens = [lesson.ask(name, key=name, address="school") for name in names]
    picture = the_picture(lesson.room, lesson.clock())

    def choose(own: Session, number: int) -> object:
        return choose_picture(own, lesson.clock, token=tokens[number], picture=picture)

    assert lesson.at_once(40, choose) == [Choice.RIGHT] * 40

    def let_in(own: Session, _number: int) -> object:
        by = own.get_one(Person, lesson.teacher.id)
        return confirm_all(own, lesson.clock, classroom_id=lesson.room.id, by=by)

    counts = lesson.at_once(2, let_in)

    assert sum(int(str(count)) for count in counts) == 40
    assert lesson.waiting() == []


def test_wrong_choices_of_one_device_at_once_are_counted_one_by_one(lesson: Lesson) -> None:
    token = lesson.ask("มะลิ")
    picture = another_picture(lesson.room, lesson.clock())

    def choose(own: Session, _number: int) -> object:
        return choose_picture(own, lesson.clock, token=token, picture=picture)

    told = lesson.at_once(16, choose)

    with lesson.session.begin():
        row = lesson.session.scalars(select(JoinRequest)).one()
        lesson.session.refresh(row)
    assert row.wrong_count == 2
    assert told.count(Choice.ASKED) == 1


def test_codes_that_are_open_at_an_upgrade_show_no_names(lesson: Lesson) -> None:
    as_before = update(Classroom).values(room_opened_at=None, room_ends_at=None, room_secret="")
    with lesson.session.begin():
        lesson.session.execute(as_before)
        lesson.session.refresh(lesson.room)

    token = lesson.ask(typed=("มะลิ", 2))

    assert waiting_device(lesson.session, lesson.clock, token=token).choice is Choice.CLOSED
    assert lesson.confirm_all() == 0
