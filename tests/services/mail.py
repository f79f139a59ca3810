"""A real SMTP server for tests: aiosmtpd in a thread, as friendly or as difficult as asked."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from server.settings import Settings
from server.wiring import Wiring
from tests.services.programs import free_ports, needed_program

TAKEN = "250 OK"
USER, PASSWORD = "khlang@example.go.th", "s3:/@?%&cret"


@dataclass(slots=True)
class MailBox:
    """What arrived; `to_recipient` and `to_data` are what the server answers."""

    port: int
    to_recipient: str = TAKEN
    to_data: str = TAKEN
    messages: list[EmailMessage] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Take or refuse an address."""
        self.log.append(address)
        if self.to_recipient == TAKEN:
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take or refuse a message."""
        if self.to_data == TAKEN:
            raw = envelope.original_content or b""
            self.messages.append(message_from_bytes(raw, policy=default))
        return self.to_data


@contextmanager
def hanging_server(says: bytes) -> Iterator[int]:
    """Yield the port of a server that says this and then nothing."""
    lines: list[socket.socket] = []

    def accept() -> None:
        lines.append(silent.accept()[0])
        lines[0].send(says)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        thread = threading.Thread(target=accept)
        thread.start()
        yield silent.getsockname()[1]
        thread.join()
    for line in lines:
        line.close()


@contextmanager
def running_mail_server(*, certificate: Path | None = None, tls: str = "") -> Iterator[MailBox]:
    """Start one; `tls` is "", "starttls" (then with USER and PASSWORD) or "smtps"."""
    box = MailBox(free_ports()[0])
    context = _context(certificate) if certificate else None
    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": box.port}
    if tls == "smtps":
        options["ssl_context"] = context
    elif tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True, "auth_required": True}
        options["authenticator"] = _authenticate
    controller = Controller(box, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def make_certificate(folder: Path) -> Path:
    """Make a certificate for `localhost` that nobody knows yet, with its key."""
    path = folder / "mail.pem"
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    made = ("-newkey", "rsa:2048", "-noenc", "-keyout", str(path), "-out", str(folder / "crt.pem"))
    openssl = str(needed_program("openssl", install="install Debian's package openssl"))
    subprocess.run([openssl, "req", "-x509", *made, *subject], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (folder / "crt.pem").read_bytes())
    return path


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any
) -> AuthResult:
    is_right = isinstance(given, LoginPassword) and given == LoginPassword(
        USER.encode(), PASSWORD.encode()
    )
    return AuthResult(success=is_right, handled=False)


def with_mail(wiring: Wiring, url: str) -> Wiring:
    """Return an installation whose SMTP_URL this is."""
    settings = Settings.model_validate({**wiring.settings.model_dump(), "smtp_url": url})
    return replace(wiring, settings=settings.with_kept_secrets())
