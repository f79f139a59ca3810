"""Small words that pages get right: kinds of files, plural forms, what was typed."""

import pytest
from flask import Flask
from flask_babel import force_locale

from server.app import create_app
from server.errors import FieldError
from server.models.library import AssetKind
from server.models.people import Office
from server.web.dates import length_text
from server.web.words import preparing_words, ready_words, site_words
from server.wiring import Wiring
from tests.browsing import Visitor


@pytest.mark.parametrize(
    ("seconds", "english", "thai"),
    [
        (1, "1 second", "1 วินาที"),
        (60, "1 minute", "1 นาที"),
        (61, "1 minute 1 second", "1 นาที 1 วินาที"),
        (3600 + 120, "1 hour 2 minutes", "1 ชั่วโมง 2 นาที"),
    ],
)
def test_lengths_have_the_right_number(app: Flask, seconds: float, english: str, thai: str) -> None:
    with app.test_request_context():
        with force_locale("en"):
            assert length_text(seconds) == english
        with force_locale("th"):
            assert length_text(seconds) == thai


def test_every_kind_of_file_has_its_own_words(app: Flask) -> None:
    with app.test_request_context(), force_locale("th"):
        assert set(preparing_words()) == set(AssetKind)
        assert set(ready_words()) == set(AssetKind) - {AssetKind.UNKNOWN}
        assert preparing_words()["audio"].format(percent=40) == "กำลังเตรียมเสียง 40%"
        assert site_words()["preparing_document"] == "กำลังเตรียมหน้าเอกสาร {percent}%"


def test_a_value_that_no_page_catches_is_named_and_what_was_typed_is_kept(
    wiring: Wiring, office: Office
) -> None:
    app = create_app(wiring)

    @app.get("/refusing")
    def refusing() -> str:
        raise FieldError("title", "too long", rule="too_long", most=300)

    answer = Visitor(app).get("/refusing")

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'class="fault"' in page
    assert "300" in page
