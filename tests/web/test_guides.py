"""Help stands in the product, in both languages, one step away."""

import pytest

from tests.browsing import Visitor


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
