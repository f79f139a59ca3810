"""The outbox with a real SMTP server: sent, refused, put off, protected, and never sent twice."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server import queue
from server.errors import FieldError, LeaseLost
from server.jobs.send_mail import send_mail
from server.messages import SendMail, TidyUp
from server.models.jobs import JobRow
from server.models.mails import Mail, MailState
from server.services.mails import MOST_WAITING, queue_mail
from server.services.post import MailFault
from server.wiring import Wiring
from server.worker import _originals, _workshop
from tests.builders import NOON, StoppedClock, an_office, queued_jobs
from tests.services.mail import (
    PASSWORD,
    USER,
    MailBox,
    hanging_server,
    make_certificate,
    running_mail_server,
    with_mail,
)
from tests.working import work_until_idle

TEXT = "กดลิงก์นี้ภายใน 24 ชั่วโมง\nhttps://lessons.example.go.th/x\n.\nจุดเดียวในบรรทัด\n"
Post = Callable[..., bool]


@pytest.fixture
def box() -> Iterator[MailBox]:
    with running_mail_server() as box:
        yield box


@pytest.fixture
def office(wiring: Wiring, box: MailBox, session: Session) -> Wiring:
    """An installation with that mail server."""
    an_office(session)
    return with_mail(wiring, f"smtp://localhost:{box.port}?starttls=no&from=khlang@example.go.th")


@pytest.fixture
def post(office: Wiring, session: Session) -> Post:
    """Write a mail, as a service does."""

    def write(to: str = "somsri@example.ac.th", subject: str = "ตั้งรหัสผ่านใหม่") -> bool:
        with session.begin():
            settings = office.settings
            return queue_mail(session, office.clock, settings, to=to, subject=subject, text=TEXT)

    return write


def mails(session: Session) -> list[Mail]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(Mail).order_by(Mail.id)))


def test_a_mail_arrives_in_thai_with_all_that_mailboxes_ask_for(
    office: Wiring, post: Post, box: MailBox, session: Session
) -> None:
    assert post()

    work_until_idle(office)

    message, row = box.messages[0], mails(session)[0]
    assert message["Subject"] == "ตั้งรหัสผ่านใหม่"
    assert message["To"] == "somsri@example.ac.th"
    assert str(message["From"]) == '"สพป.เพชรบุรี เขต 2" <khlang@example.go.th>'
    assert message["Message-ID"] == f"<{row.id}@example.go.th>"
    assert message["Date"].datetime == NOON
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == TEXT
    assert (row.state, row.sent_at, row.text) == (MailState.SENT, NOON, "")
    assert queued_jobs(session) == ["tidy_up"]


def test_nobody_writes_headers_of_their_own(
    office: Wiring, post: Post, box: MailBox, session: Session
) -> None:
    post(subject="ตั้งรหัส\r\nBcc: victim@example.com\r\n\r\nbuy\u2028now\x00")

    work_until_idle(office)

    message = box.messages[0]
    assert message["Bcc"] is None
    assert message["Subject"] == "ตั้งรหัส Bcc: victim@example.com buy now"
    assert box.log == ["somsri@example.ac.th"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "somsri",
        "@example.ac.th",
        "somsri@",
        "a@b\r\nBcc: x@example.com",
        "a@example.com,b@example.com",
        "a b@example.com",
        "<a@example.com>",
        '"a"@example.com',
        "a@[127.0.0.1]",
        "ครู@example.com",
        f"{'a' * 65}@example.com",
        f"a@{'b' * 64}.com",
    ],
)
def test_what_is_no_address_is_not_written_to(post: Post, session: Session, address: str) -> None:
    with pytest.raises(FieldError):
        post(address)

    assert mails(session) == []


def test_a_thai_domain_is_written_as_the_net_writes_it(post: Post, session: Session) -> None:
    post("kru@โรงเรียน.ไทย")

    assert mails(session)[0].to_address == "kru@xn--72c0b0acb2i5cn.xn--o3cw4h"


def test_an_address_that_is_not_there_is_said_at_once(
    office: Wiring, post: Post, box: MailBox, session: Session
) -> None:
    box.to_recipient = "550 5.1.1 no such user"
    post()

    work_until_idle(office)

    row = mails(session)[0]
    assert (row.state, row.fault, row.detail) == (
        MailState.FAILED,
        MailFault.ADDRESS,
        "550 5.1.1 no such user",
    )


def test_what_is_refused_for_now_is_tried_again_later_and_later(
    office: Wiring, post: Post, box: MailBox, session: Session, clock: StoppedClock
) -> None:
    box.to_recipient = "451 4.7.1 greylisted, come back"
    post()
    waits = []
    for _ in range(2):
        work_until_idle(office)
        row = mails(session)[0]
        waits.append((row.state, row.fault, (row.next_at - clock()) // timedelta(minutes=1)))
        clock.at = row.next_at
    box.to_recipient = "250 OK"

    work_until_idle(office)

    row = mails(session)[0]
    waiting = (MailState.WAITING, MailFault.BUSY)
    assert waits == [(*waiting, 1), (*waiting, 5)]
    assert (row.state, row.try_count, row.fault) == (MailState.SENT, 2, "")


def test_after_two_days_a_person_is_asked(
    office: Wiring, post: Post, box: MailBox, session: Session, clock: StoppedClock
) -> None:
    box.to_data = "452 4.2.2 mailbox full"
    post()
    while (row := mails(session)[0]).state is MailState.WAITING:
        clock.at = row.next_at
        work_until_idle(office)

    assert row.try_count == 9
    assert timedelta(days=1) < clock() - NOON < timedelta(days=3)
    assert [kind for kind in queued_jobs(session) if kind == "send_mail"] == []


def test_a_mail_server_that_is_away_costs_nothing_but_time(
    wiring: Wiring, session: Session, clock: StoppedClock
) -> None:
    away = with_mail(wiring, "smtp://localhost:1?starttls=no&from=khlang@example.go.th")
    with session.begin():
        queue_mail(session, clock, away.settings, to="a@example.com", subject="x", text="y")

    work_until_idle(away)

    row = mails(session)[0]
    assert (row.state, row.fault) == (MailState.WAITING, MailFault.AWAY)


@pytest.mark.parametrize("says", [b"", b"220 hello\r\n"])
def test_a_mail_server_that_hangs_is_left(
    wiring: Wiring,
    session: Session,
    clock: StoppedClock,
    monkeypatch: pytest.MonkeyPatch,
    says: bytes,
) -> None:
    monkeypatch.setattr("server.services.post.TIMEOUT_S", 0.3)
    with hanging_server(says) as port:
        hangs = with_mail(wiring, f"smtp://127.0.0.1:{port}?starttls=no&from=khlang@example.go.th")
        with session.begin():
            queue_mail(session, clock, hangs.settings, to="a@example.com", subject="x", text="y")

        work_until_idle(hangs)

    row = mails(session)[0]
    assert (row.state, row.fault) == (MailState.WAITING, MailFault.SLOW)


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_the_line_is_protected_and_its_certificate_known(
    wiring: Wiring,
    session: Session,
    clock: StoppedClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tls: str,
) -> None:
    certificate = make_certificate(tmp_path)
    user = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@" if tls == "starttls" else ""
    scheme = "smtp" if tls == "starttls" else "smtps"
    with running_mail_server(certificate=certificate, tls=tls) as box:
        url = f"{scheme}://{user}localhost:{box.port}?from=khlang@example.go.th"
        office = with_mail(wiring, url)
        with session.begin():
            queue_mail(session, clock, office.settings, to="a@example.com", subject="x", text="y")
        work_until_idle(office)
        unknown = mails(session)[0]
        clock.at = unknown.next_at
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

        work_until_idle(office)

    assert unknown.fault == MailFault.TLS
    assert mails(session)[0].state is MailState.SENT
    assert len(box.messages) == 1


def test_a_wrong_password_is_named(
    wiring: Wiring,
    session: Session,
    clock: StoppedClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with running_mail_server(certificate=certificate, tls="starttls") as box:
        url = f"smtp://{quote(USER, safe='')}:wrong@localhost:{box.port}"
        office = with_mail(wiring, url)
        with session.begin():
            queue_mail(session, clock, office.settings, to="a@example.com", subject="x", text="y")

        work_until_idle(office)

    row = mails(session)[0]
    assert (row.state, row.fault) == (MailState.WAITING, MailFault.LOGIN)


def test_an_address_gets_ten_mails_an_hour_and_the_rest_later(
    office: Wiring, post: Post, box: MailBox, session: Session, clock: StoppedClock
) -> None:
    for number in range(12):
        post(subject=f"เรื่องที่ {number}")
    post("other@example.com")

    work_until_idle(office)
    sent_first = len(box.messages)
    kept_back = [row.next_at - NOON for row in mails(session) if row.state is MailState.WAITING]
    clock.forward(hours=1)
    work_until_idle(office)

    assert sent_first == 11
    assert kept_back == [timedelta(hours=1)] * 2
    assert len(box.messages) == 13


def test_the_same_mail_waits_once_and_never_more_than_twenty_for_an_address(
    post: Post, session: Session
) -> None:
    assert [post(), post(), post()] == [True] * 3
    written = [post(subject=f"{number}") for number in range(MOST_WAITING)]

    assert written == [True] * 19 + [False]
    assert len(mails(session)) == MOST_WAITING


def test_without_a_mail_server_nothing_is_written_and_nobody_waits(
    wiring: Wiring, session: Session, clock: StoppedClock
) -> None:
    with session.begin():
        said = queue_mail(
            session, clock, wiring.settings, to="a@example.com", subject="x", text="y"
        )

    assert not said
    assert mails(session) == []
    assert session.scalars(select(JobRow)).all() == []


def test_mails_wait_while_the_mail_server_is_not_set_for_some_time(
    wiring: Wiring,
    office: Wiring,
    post: Post,
    box: MailBox,
    session: Session,
    clock: StoppedClock,
) -> None:
    post()
    work_until_idle(wiring)  # started again without SMTP_URL
    waited = mails(session)[0].state
    clock.forward(hours=1)

    work_until_idle(office)

    assert waited is MailState.WAITING
    assert len(box.messages) == 1


def test_killed_after_it_was_taken_it_is_sent_again_under_the_same_id(
    office: Wiring, post: Post, box: MailBox, session: Session, clock: StoppedClock, tmp_path: Path
) -> None:
    post()
    leases = []
    for worker in ("killed", "next"):
        with office.sessions() as claiming:
            claim = queue.claim(claiming, clock(), worker=worker, first_work_only=False)
        assert claim is not None
        leases.append(queue.Lease(office.sessions, clock, claim))
        clock.forward(minutes=5)
    shop = _workshop(office, _originals(office), tmp_path, 0)

    message = SendMail(mail_id=mails(session)[0].id)

    with pytest.raises(LeaseLost):  # the row is not written, as if it was killed there
        send_mail(message, shop, leases[0])
    send_mail(message, shop, leases[1])

    assert [each["Message-ID"] for each in box.messages] == [
        f"<{message.mail_id}@example.go.th>"
    ] * 2
    assert mails(session)[0].state is MailState.SENT


def test_what_was_sent_is_forgotten_after_a_month(
    office: Wiring, post: Post, session: Session, clock: StoppedClock
) -> None:
    post()
    work_until_idle(office)
    clock.forward(days=31)
    with session.begin():
        queue.enqueue(session, TidyUp(), clock())

    work_until_idle(office)

    assert mails(session) == []
