"""The outbox: mails as rows, each with a job. Nothing waits for one, nothing depends on one."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.errors import Conflict, FieldError, NotAllowed
from server.mail_server import checked_address
from server.messages import SendMail
from server.models.mails import Mail, MailState
from server.models.people import Person
from server.policy import may_manage_office
from server.queue import enqueue
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import find_row
from server.services.post import MailNotSent
from server.services.tries import Limit
from server.settings import Settings

logger = logging.getLogger(__name__)

LONGEST_SUBJECT = 200
MOST_WAITING = 20  # for one address
MOST_AN_HOUR = 10
KEPT = timedelta(days=30)
# Many servers refuse the first try for some minutes; a holiday of the office's own takes longer.
BACK_OFF = [timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440)]
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Outbox:
    """What the office sees: how many of each state, and the newest of each."""

    counts: dict[MailState, int]
    mails: Sequence[Mail]


def is_mail_on(settings: Settings) -> bool:
    """Return whether there is a mail server: offer nothing that needs one otherwise."""
    return settings.mail_server is not None


def queue_mail(
    session: Session, now: Clock, settings: Settings, *, to: str, subject: str, text: str
) -> bool:
    """Write a mail in the caller's transaction; return whether it is on its way.

    It is not without a mail server, and when very many wait for the same address; one that waits
    with the same words is not written twice. Raises FieldError for what is no address.
    """
    if not is_mail_on(settings):
        return False
    address = checked_address(to)
    if not address:
        raise FieldError("email", "no mail address", rule="address")
    waiting = select(Mail).where(Mail.to_address == address, Mail.state == MailState.WAITING)
    present = session.scalars(waiting).all()
    if any((row.subject, row.text) == (subject[:LONGEST_SUBJECT], text) for row in present):
        return True
    if len(present) >= MOST_WAITING:
        logger.warning("%s mails wait for one address: another is not written", len(present))
        return False
    row = Mail(
        to_address=address,
        subject=subject[:LONGEST_SUBJECT],
        text=text,
        made_at=now(),
        next_at=now(),
    )
    session.add(row)
    session.flush()
    enqueue(session, SendMail(mail_id=row.id), now())
    return True


def of_address(address: str) -> Limit:
    """Limit mails to one address: what is more is kept back."""
    return Limit(what=f"mail to {address.lower()}", most=MOST_AN_HOUR, within=timedelta(hours=1))


def note_sent(session: Session, now: Clock, mail_id: UUID) -> None:
    """Write down that a mail was taken, in the caller's transaction; its text is forgotten."""
    row = session.get(Mail, mail_id)
    if row is not None:
        row.state, row.sent_at, row.text = MailState.SENT, now(), ""
        row.fault = row.detail = ""


def note_not_sent(session: Session, now: Clock, mail_id: UUID, error: MailNotSent) -> None:
    """Write down why, and try again later unless that is hopeless; in the caller's transaction."""
    row = session.get(Mail, mail_id)
    if row is None:
        return
    row.fault, row.detail = error.fault, error.detail[:500]
    row.try_count += 1
    if error.is_final or row.try_count > len(BACK_OFF):
        row.state = MailState.FAILED
        return
    put_off(session, now, row, now() + BACK_OFF[row.try_count - 1])


def put_off(session: Session, now: Clock, row: Mail, until: datetime) -> None:
    """Send it later, in the caller's transaction."""
    row.next_at = until
    enqueue(session, SendMail(mail_id=row.id), now(), run_at=until)


def outbox(session: Session, *, by: Person) -> Outbox:
    """Return what waits, failed and was sent. Raises NotAllowed for all but the office."""
    _of_the_office(by)
    with session.begin():
        counted = select(Mail.state, func.count(Mail.id).label("number")).group_by(Mail.state)
        counts = {row.state: int(row.number) for row in session.execute(counted)}
        mails: list[Mail] = []
        for state in (MailState.FAILED, MailState.WAITING, MailState.SENT):
            newest = select(Mail).where(Mail.state == state).order_by(Mail.made_at.desc(), Mail.id)
            mails += session.scalars(newest.limit(MOST_SHOWN))
    return Outbox(counts, mails)


def send_again(session: Session, now: Clock, *, mail_id: UUID, by: Person) -> None:
    """Try a mail again at once. Raises NotAllowed, NotFound, or Conflict when it was sent."""
    _of_the_office(by)
    with session.begin():
        row = find_row(session, Mail, mail_id)
        if row.state is MailState.SENT:
            raise Conflict("this mail was sent")
        row.state, row.try_count = MailState.WAITING, 0
        put_off(session, now, row, now())
        note_act(session, now, action="mail.again", by=by, thing_id=mail_id)


def forget_old_mails(session: Session, now: Clock) -> None:
    """Remove what was sent, or given up, long ago."""
    old = delete(Mail).where(Mail.state != MailState.WAITING, Mail.made_at < now() - KEPT)
    with session.begin():
        session.execute(old, execution_options={"synchronize_session": False})


def _of_the_office(by: Person) -> None:
    if not may_manage_office(by):
        raise NotAllowed("the outbox is the office's")
