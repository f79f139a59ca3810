"""The Flask application: pages, API and uploads joined, and what protects them all."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.headers import Headers

from flask import Flask, g, request
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_compress import Compress
from flask_login import LoginManager
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from server import (
    api,
    error_pages,
    first_run_gate,
    forgery,
    limits,
    new_password_gate,
    security_headers,
    web,
)
from server.delivery import check_routes, tokens, tus_routes
from server.request_context import SignedIn, clock, close_db, db, is_of_several
from server.services.scopes import person_of_token
from server.services.sign_ins import is_shared_device
from server.web.idle_ends import is_idle_too_long
from server.wiring import Wiring

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("th", "en")
NAMED_BY_CONTENT = r"^.+[.-][0-9A-Za-z_-]{8}\.[a-z0-9.]+$"  # as Vite writes them
FORM_BYTES = 8 * 2**20  # the largest request that is not the body of an upload


class BoundedJson(DefaultJSONProvider):
    """Reads what others send: what is nested too deeply to be read is no good JSON."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:  # noqa: ANN401 (as inherited)
        """Return the values. Raises ValueError."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def create_app(wiring: Wiring) -> Flask:
    """Return the application for these adapters."""
    app = Flask("server", static_folder=None, template_folder=str(ROOT / "templates"))
    app.json = BoundedJson(app)
    connect(app, wiring)
    app.teardown_appcontext(close_db)
    Babel(app, locale_selector=choose_language)
    Compress(app)
    _add_sign_in(app)
    first_run_gate.register(app)
    new_password_gate.register(app)
    forgery.register(app)
    web.register(app)
    api.register(app)
    app.register_blueprint(tus_routes.bp)
    app.register_blueprint(check_routes.bp)
    limits.register(app)
    error_pages.register(app)
    security_headers.register(app)
    _add_outer_layers(app, wiring)
    return app


def connect(app: Flask, wiring: Wiring) -> None:
    """Have an application answer from these adapters."""
    app.config.from_mapping(_options(wiring))
    app.extensions["khlang"] = wiring
    # The API may not know of `delivery`; it is handed the one thing it needs from there.
    app.extensions["khlang.sign"] = partial(tokens.sign, wiring.settings.playback_keys)
    app.extensions["khlang.has_office"] = False  # known once it was found


def choose_language() -> str:
    """Return the language of this request: what the person chose, else Thai."""
    chosen = request.cookies.get("lang", "")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def _options(wiring: Wiring) -> Mapping[str, object]:
    settings = wiring.settings
    is_https = urlsplit(settings.public_url).scheme == "https"
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "SESSION_COOKIE_NAME": "khlang",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": is_https,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=200),  # the server ends sign-ins earlier
        "PREFERRED_URL_SCHEME": "https" if is_https else "http",
        "MAX_CONTENT_LENGTH": FORM_BYTES,
        "BABEL_DEFAULT_LOCALE": LANGUAGES[0],
        "BABEL_DEFAULT_TIMEZONE": "Asia/Bangkok",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        "COMPRESS_ALGORITHM": ["br", "zstd", "gzip"],
        "COMPRESS_MIN_SIZE": 500,
    }


def _add_sign_in(app: Flask) -> None:
    login = LoginManager(app)
    # Phones change their address all day: the token itself, ended on the server, is the protection.
    login.session_protection = None

    @login.user_loader  # type: ignore[untyped-decorator]
    def load(token: str) -> SignedIn | None:
        found = person_of_token(db(), clock(), token)
        if found is None:
            return None
        if is_idle_too_long(found.person, found.sign_in):
            return None
        # The next person has the back button, too.
        g.is_page_kept = not (is_shared_device(found.sign_in) or is_of_several())
        return SignedIn(found.person, found.sign_in, token)

    @login.unauthorized_handler  # type: ignore[untyped-decorator]
    def ask_to_sign_in() -> ResponseReturnValue:
        return error_pages.ask_to_sign_in()


def _for_static(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def _add_outer_layers(app: Flask, wiring: Wiring) -> None:
    """Static files before Flask; addresses and scheme from proxies that are believed."""
    static_path = ROOT / "server" / "static"
    if static_path.is_dir():
        app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
            app.wsgi_app,
            root=str(static_path),
            prefix="static/",
            max_age=3600,
            immutable_file_test=NAMED_BY_CONTENT,
            add_headers_function=_for_static,
        )
    hops = wiring.settings.trusted_proxy_count
    if hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
