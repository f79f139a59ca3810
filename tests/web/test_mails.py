"""The office's page of mails."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy.orm import Session

from server.app import connect
from server.models.mails import Mail, MailState
from server.models.people import RoleName
from server.services.post import MailFault
from server.web.mails import hidden_address
from server.wiring import Wiring
from tests.browsing import Visitor
from tests.builders import NOON, queued_jobs

ClientAs = Callable[[RoleName], Visitor]
URL = "smtp://localhost:25?starttls=no&from=khlang@example.go.th"


def a_mail(session: Session, state: MailState, **columns: object) -> Mail:
    facts = {
        "to_address": "somsri@example.ac.th",
        "subject": f"เรื่อง {state}",
        "text": "https://lessons.example.go.th/secret",
        "made_at": NOON,
        "next_at": NOON,
        **columns,
    }
    row = Mail(state=state, **facts)
    with session.begin():
        session.add(row)
    return row


def test_the_office_sees_what_waits_and_why_something_was_not_sent(
    client_as: ClientAs, session: Session
) -> None:
    office = client_as(RoleName.OFFICE_ADMIN)
    fault = {"fault": MailFault.ADDRESS, "detail": "550 <somsri@example.ac.th> unknown"}
    a_mail(session, MailState.FAILED, **fault)
    a_mail(session, MailState.WAITING)
    a_mail(session, MailState.SENT, sent_at=NOON)

    page = office.get("/admin/mail/").text

    assert "so…@example.ac.th" in page
    assert "somsri" not in page
    assert "/secret" not in page
    assert "ไม่มีที่อยู่อีเมลนี้" in page
    assert "550 &lt;so…@example.ac.th&gt; unknown" in page
    assert [page.count(f"เรื่อง {state}") for state in MailState] == [1, 1, 1]
    assert page.count("/again") == 2  # not what was sent


@pytest.mark.parametrize("lang", ["th", "en"])
def test_without_a_mail_server_the_page_says_that_nothing_needs_one(
    app: Flask, wiring: Wiring, client_as: ClientAs, lang: str
) -> None:
    office = client_as(RoleName.OFFICE_ADMIN)
    office.set_cookie("lang", lang)
    without = office.get("/admin/mail/").text
    settings = wiring.settings.model_copy(update={"smtp_url": SecretStr(URL)})
    connect(app, replace(wiring, settings=settings))

    assert "SMTP_URL" in without
    assert "SMTP_URL" not in office.get("/admin/mail/").text


def test_a_mail_that_failed_is_sent_again_and_one_that_was_sent_is_not(
    client_as: ClientAs, session: Session
) -> None:
    office = client_as(RoleName.OFFICE_ADMIN)
    failed = a_mail(session, MailState.FAILED, try_count=9, fault=MailFault.BUSY)
    sent = a_mail(session, MailState.SENT, sent_at=NOON)

    again = office.send_form(f"/admin/mail/{failed.id}/again")
    refused = office.send_form(f"/admin/mail/{sent.id}/again")

    session.rollback()
    session.expire_all()
    assert (again.status_code, refused.status_code) == (303, 409)
    assert (failed.state, failed.try_count) == (MailState.WAITING, 0)
    assert queued_jobs(session) == ["send_mail"]


@pytest.mark.parametrize(
    ("address", "shown"), [("a@b.c", "a…@b.c"), ("kru.somsri@x.ac.th", "kr…@x.ac.th")]
)
def test_an_address_is_hidden_but_for_its_beginning(address: str, shown: str) -> None:
    assert hidden_address(address) == shown
