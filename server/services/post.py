"""One mail to the office's mail server, by SMTP: sent, or why not."""

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from uuid import UUID

from server.errors import AppError
from server.mail_server import MailServer, Tls

TIMEOUT_S = 15.0  # of each question and answer
LASTING = 500  # SMTP: what is answered with this or more stays refused


class MailFault(StrEnum):
    """What stood in the way."""

    ADDRESS = "address"  # there is no such address
    REFUSED = "refused"
    BUSY = "busy"
    LOGIN = "login"
    TLS = "tls"
    AWAY = "away"
    SLOW = "slow"


FAULT_OF: Mapping[type[OSError], MailFault] = {
    smtplib.SMTPAuthenticationError: MailFault.LOGIN,
    smtplib.SMTPNotSupportedError: MailFault.TLS,
    smtplib.SMTPConnectError: MailFault.AWAY,
    smtplib.SMTPHeloError: MailFault.AWAY,
    ssl.SSLError: MailFault.TLS,
    TimeoutError: MailFault.SLOW,
}


class MailNotSent(AppError):
    """The mail server did not take it; later it may, unless `is_final`."""

    code = "mail_not_sent"

    def __init__(self, fault: MailFault, detail: str, *, is_final: bool = False) -> None:
        """Keep the mail server's words."""
        super().__init__(f"{fault}: {detail}")
        self.fault, self.detail, self.is_final = fault, detail, is_final


def message_of(  # noqa: PLR0913 (one mail's facts)
    server: MailServer,
    *,
    mail_id: UUID,
    made_at: datetime,
    sender_name: str,
    to: str,
    subject: str,
    text: str,
) -> EmailMessage:
    """Return the message. Its id is the row's: sent twice, mailboxes show it once."""
    message = EmailMessage(policy=SMTP)  # it refuses line breaks in headers
    message["From"] = Address(_one_line(sender_name), addr_spec=server.sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = _one_line(subject)
    message["Date"] = format_datetime(made_at)
    message["Message-ID"] = f"<{mail_id}@{server.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # no answers by holiday programs
    message.set_content(text, cte="base64")  # Thai text passes every server
    return message


def deliver(server: MailServer, message: EmailMessage) -> None:
    """Hand a message to the mail server. Raises MailNotSent.

    When it answers no more after the last line it may have taken it: then it is sent once more.
    """
    try:
        smtp = _connected(server)
    except OSError as error:  # smtplib's own are such, too
        raise _not_sent(error) from error
    try:
        if server.user:
            smtp.login(server.user, server.password)
        smtp.send_message(message)
        with suppress(OSError):  # it was taken: how the mail server says goodbye is no matter
            smtp.quit()
    except OSError as error:
        raise _not_sent(error) from error
    finally:
        smtp.close()


def _connected(server: MailServer) -> smtplib.SMTP:
    own_name = server.sender.rpartition("@")[2]  # asking the DNS for this machine's may take long
    if server.tls is Tls.FROM_THE_START:
        return smtplib.SMTP_SSL(
            server.host,
            server.port,
            own_name,
            timeout=TIMEOUT_S,
            context=ssl.create_default_context(),
        )
    smtp = smtplib.SMTP(server.host, server.port, own_name, TIMEOUT_S)
    if server.tls is Tls.STARTTLS:
        try:
            smtp.starttls(context=ssl.create_default_context())
        except OSError:
            smtp.close()
            raise
    return smtp


def _not_sent(error: OSError) -> MailNotSent:
    """Return what an error of smtplib means for the mail."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _refusal(*next(iter(error.recipients.values())), MailFault.ADDRESS)
    cause = error.__context__ if isinstance(error.__context__, TimeoutError) else error
    for kind, fault in FAULT_OF.items():
        if isinstance(cause, kind):
            return MailNotSent(fault, str(error))
    if isinstance(error, smtplib.SMTPResponseException):
        return _refusal(error.smtp_code, error.smtp_error, MailFault.REFUSED)
    return MailNotSent(MailFault.AWAY, str(error))


def _refusal(code: int, words: bytes | str, fault: MailFault) -> MailNotSent:
    said = words.decode(errors="replace") if isinstance(words, bytes) else words
    is_final = code >= LASTING
    return MailNotSent(fault if is_final else MailFault.BUSY, f"{code} {said}", is_final=is_final)


def _one_line(text: str) -> str:
    """Return it without line breaks and other signs that are no letters: headers end at them."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
