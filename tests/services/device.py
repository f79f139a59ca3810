"""A person's device, signed in to a running product."""

import hashlib
import http.client
import json
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from server.models.people import Person
from tests.builders import a_sign_in
from tests.services.product import Product
from tests.uploader import encoded

ANSWER_S = 60
TUS_TOLD = {"Tus_Resumable": "1.0.0"}


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Device:
    """Sends what pages and scripts send, with cookie and forgery token."""

    def __init__(self, product: Product, person: Person) -> None:
        self.product = product
        with product.session() as session:
            token = a_sign_in(session, person, datetime.now(UTC))
        secret = product.settings.secret_key.get_secret_value()
        raw = hashlib.sha256(b"known to this browser").hexdigest()
        signer = Flask("server")
        signer.secret_key = secret
        serializer = SecureCookieSessionInterface().get_signing_serializer(signer)
        assert serializer
        cookie = serializer.dumps({"_user_id": token, "_fresh": True, "csrf_token": raw})
        csrf = URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw)
        self._headers = {"Cookie": f"khlang={cookie}", "X-CSRFToken": str(csrf)}

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answered:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        line = http.client.HTTPConnection("127.0.0.1", self.product.port, timeout=ANSWER_S)
        with closing(line):
            with suppress(BrokenPipeError, ConnectionResetError):  # refused before all was sent
                line.request(method, path, body=body, headers={**self._headers, **names})
            answer = line.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, found, answer.read())

    def get(self, path: str) -> Answered:
        return self.ask("GET", path)

    def send_form(self, path: str, **fields: str) -> Answered:
        kind = "application/x-www-form-urlencoded"
        return self.ask("POST", path, urlencode(fields).encode(), Content_Type=kind)

    def send_json(self, method: str, path: str, body: Any) -> Answered:
        return self.ask(method, path, json.dumps(body).encode(), Content_Type="application/json")

    def begin_upload(self, size_bytes: int, name: str) -> Answered:
        metadata = f"filename {encoded(name)},fingerprint {encoded(name)}"
        return self.ask(
            "POST",
            "/files/",
            b"",
            Upload_Length=str(size_bytes),
            Upload_Metadata=metadata,
            **TUS_TOLD,
        )

    def send_bytes(self, url: str, offset: int, content: bytes) -> Answered:
        kind = "application/offset+octet-stream"
        told = {"Upload_Offset": str(offset), "Content_Type": kind, **TUS_TOLD}
        return self.ask("PATCH", url, content, **told)

    def arrived_bytes(self, url: str) -> int:
        return int(self.ask("HEAD", url, b"", **TUS_TOLD).headers["upload-offset"])

    def cancel_upload(self, url: str) -> Answered:
        return self.ask("DELETE", url, b"", **TUS_TOLD)
