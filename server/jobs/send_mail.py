"""Send one mail of the outbox, or put it off.

At least once: a worker that is killed between the mail server's "taken" and the row sends it again,
under the same Message-ID, which mailboxes show once. Never not at all.
"""

from datetime import timedelta

from server.errors import TooManyTries
from server.jobs.workshop import Workshop
from server.mail_server import MailServer
from server.messages import SendMail
from server.models.mails import Mail, MailState
from server.queue import Lease
from server.services.mails import note_not_sent, note_sent, of_address, put_off
from server.services.people import office_of
from server.services.post import MailNotSent, deliver, message_of
from server.services.tries import give_back, keep, take

WITHOUT_SERVER = timedelta(hours=1)  # somebody took SMTP_URL away: perhaps it comes back


def send_mail(job: SendMail, shop: Workshop, lease: Lease) -> None:
    """Send it unless that was done; failures come back later."""
    with shop.reading() as session:
        row = session.get(Mail, job.mail_id)
    if row is None or row.state is not MailState.WAITING:
        return
    if shop.mail_server is None:
        _put_off(row, shop, lease, WITHOUT_SERVER)
        return
    try:
        with shop.sessions() as session:
            taken = take(session, shop.now, [of_address(row.to_address)])
    except TooManyTries as error:
        _put_off(row, shop, lease, timedelta(seconds=error.retry_after_s))
        return
    is_sent = _send(row, shop.mail_server, shop, lease)
    with shop.sessions() as session:
        if is_sent:
            keep(session, shop.now, taken)
        else:
            give_back(session, taken)


def _send(row: Mail, server: MailServer, shop: Workshop, lease: Lease) -> bool:
    """Return whether the mail server took it; no transaction is held while it is asked."""
    with shop.sessions() as session:
        office = office_of(session)
    message = message_of(
        server,
        mail_id=row.id,
        made_at=row.made_at,
        sender_name=office.name if office else "",
        to=row.to_address,
        subject=row.subject,
        text=row.text,
    )
    try:
        deliver(server, message)
    except MailNotSent as error:
        with shop.writing(lease) as session:
            note_not_sent(session, shop.now, row.id, error)
        return False
    with shop.writing(lease) as session:
        note_sent(session, shop.now, row.id)
    return True


def _put_off(row: Mail, shop: Workshop, lease: Lease, wait: timedelta) -> None:
    with shop.writing(lease) as session:
        put_off(session, shop.now, session.get_one(Mail, row.id), shop.now() + wait)
