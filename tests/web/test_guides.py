"""Help stands in the product, in both languages, one step away."""

import io
import re

import pytest
from PIL import Image

from tests.browsing import Visitor
from tests.journeys.help_pictures import (
    FOLDER,
    HEIGHT_PX,
    LANGUAGES,
    PAGE_BYTES,
    PICTURE_BYTES,
    WIDTH_PX,
)
from tests.journeys.help_shots import PUPIL, TEACHER, Shot


@pytest.mark.parametrize(
    ("path", "thai", "english"),
    [
        ("/help/teacher", "วิธีใช้สำหรับครู", "Make your classroom"),
        ("/help/pupil", "วิธีใช้สำหรับนักเรียน", "I cannot come in"),
    ],
)
def test_help_is_linked_from_every_page_and_speaks_both_languages(
    client: Visitor, path: str, thai: str, english: str
) -> None:
    assert path in client.get("/").text
    assert f"<h1>{thai}</h1>" in client.get(path).text

    client.send_form("/language", lang="en")

    assert english in client.get(path).text


def is_thai(text: str) -> bool:
    return "\u0e01" <= max(text) <= "\u0e5b"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("path", "shots"), [("/help/teacher", TEACHER), ("/help/pupil", PUPIL)])
def test_every_step_has_a_small_picture_in_the_language_of_the_page(
    client: Visitor, path: str, shots: tuple[Shot, ...], language: str
) -> None:
    client.send_form("/language", lang=language)

    page = client.get(path).text
    pictures = [
        dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<img ([^>]+)>", page)
    ]

    assert page.count("<li>") == len(pictures) == len(shots)
    assert len({picture["alt"] for picture in pictures}) == len(shots)
    page_bytes = 0
    for shot, picture in zip(shots, pictures, strict=True):
        answer = client.get(picture["src"], buffered=True)
        assert "immutable" in answer.headers["Cache-Control"]  # a new one has another name
        assert answer.data == (FOLDER / language / f"{shot.__name__}.webp").read_bytes()
        assert len(answer.data) <= PICTURE_BYTES
        page_bytes += len(answer.data)
        assert Image.open(io.BytesIO(answer.data)).size == (WIDTH_PX, HEIGHT_PX)
        assert (picture["width"], picture["height"]) == (str(WIDTH_PX), str(HEIGHT_PX))
        assert (picture["loading"], picture["decoding"]) == ("lazy", "async")
        assert is_thai(picture["alt"]) == (language == "th")
    assert page_bytes <= PAGE_BYTES


def test_no_picture_is_left_that_no_page_shows() -> None:
    for language in LANGUAGES:
        kept = {path.stem for path in (FOLDER / language).iterdir()}
        assert kept == {shot.__name__ for shot in (*TEACHER, *PUPIL)}
