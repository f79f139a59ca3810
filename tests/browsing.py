"""A Flask test client that acts as pages do: with the forgery token in every change."""

import hashlib
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse


class Visitor(FlaskClient):
    """One browser; a guest until `sign_in_with`."""

    def sign_in_with(self, token: str) -> None:
        """Hold the cookie of a sign-in (see builders.a_sign_in)."""
        with self.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True

    @property
    def csrf(self) -> str:
        """The token that a page of this browser would hold."""
        raw = hashlib.sha256(b"known to this browser").hexdigest()
        with self.session_transaction() as cookie:
            cookie["csrf_token"] = raw
        signer = URLSafeTimedSerializer(str(self.application.secret_key), salt="wtf-csrf-token")
        return str(signer.dumps(raw))

    def send_form(self, url: str, /, **fields: Any) -> TestResponse:
        """POST a form as its page would."""
        return self.post(url, data={"csrf_token": self.csrf, **fields})

    def send_json(self, url: str, body: Any, *, method: str = "POST") -> TestResponse:
        """Send JSON as our own scripts do."""
        return self.open(url, method=method, json=body, headers={"X-CSRFToken": self.csrf})
