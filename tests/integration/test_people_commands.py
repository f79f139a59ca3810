"""`khlang user`: who lost everything is let in from the machine."""

import re

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.cli import main
from server.models.people import AuditEntry, Person, RoleName
from server.services.password_links import use_password_link
from server.services.people import sign_in
from server.wiring import Wiring
from tests.builders import StoppedClock, a_person, a_school, an_office

NEW = "ลมพัดใบตาลหน้าหนาว"


@pytest.fixture(autouse=True)
def _on_this_data(wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PATH", str(wiring.settings.data_path))
    monkeypatch.setenv("PUBLIC_URL", "https://library.example.go.th")


def khlang(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def test_the_last_administrator_gets_a_link_and_a_picture_of_it(
    session: Session, clock: StoppedClock
) -> None:
    an_office(session)
    last = a_person(session, RoleName.OFFICE_ADMIN, user_name="somsri")

    said = khlang("user", "reset", " SOMSRI ")

    found = re.match(r"https://library\.example\.go\.th/new-password/([\w-]+)\n", said.stdout)
    assert found, said.output
    assert "▀" in said.stdout or "█" in said.stdout
    acts = session.execute(select(AuditEntry.action, AuditEntry.person_id, AuditEntry.thing_id))
    assert acts.all() == [("password_link.make", None, last.id)]
    session.commit()
    clock.at = session.get_one(Person, last.id).created_at
    use_password_link(session, clock, token=found[1], password=NEW)
    sign_in(session, clock, user_name="somsri", password=NEW)


def test_who_is_not_there_is_said(session: Session) -> None:
    an_office(session)

    said = khlang("user", "reset", "nobody")

    assert said.exit_code == 1
    assert "nobody is called nobody" in said.stderr


def test_a_forgotten_user_name_is_found_by_school(session: Session) -> None:
    one, other = a_school(session, "บ้านไร่"), a_school(session, "บ้านนา")
    a_person(session, RoleName.TEACHER, one, user_name="malee", display_name="ครูมาลี")
    a_person(session, RoleName.TEACHER, other, user_name="somchai")
    pupil = a_person(session, RoleName.STUDENT, one)
    with session.begin():
        pupil.password_hash = ""

    said = khlang("user", "list", "--school", "บ้านไร่")

    assert said.stdout == "malee\tครูมาลี\tteacher บ้านไร่\n"
    assert khlang("user", "list").stdout.splitlines()[1].startswith("somchai\t")


def test_a_person_made_here_is_to_choose_an_own_password(session: Session) -> None:
    words = ("user", "add", "malee", "--role", "office_admin", "--password")

    refused, made = khlang(*words, "password1234"), khlang(*words, NEW)

    assert (refused.exit_code, refused.stderr) == (1, "one that is tried first\n")
    assert made.exit_code == 0
    assert session.scalars(select(Person.needs_new_password)).all() == [True]
