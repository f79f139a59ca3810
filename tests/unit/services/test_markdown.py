"""What teachers write, as HTML."""

import pytest

from server.services.markdown import as_html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**หนา**", "<p><strong>หนา</strong></p>"),
        ("## ก\n\n### ข\n\n###### ค", "<h2>ก</h2>\n<h3>ข</h3>\n<h4>ค</h4>"),  # below the page's own
        ("# ก", "<h2>ก</h2>"),
        ("หนึ่ง\nสอง", "<p>หนึ่ง<br>\nสอง</p>"),
        ("<b onclick=x>ก</b>", "<p>&lt;b onclick=x&gt;ก&lt;/b&gt;</p>"),
        ("[ก](javascript:x)", "<p>[ก](javascript:x)</p>"),
        ("![ก](https://a.example/b.png)", "<p></p>"),
    ],
)
def test_markdown_becomes_plain_safe_html(markdown: str, html: str) -> None:
    assert as_html(markdown).strip() == html


def test_links_leave_no_trace() -> None:
    html = as_html("[ก](https://a.example)")

    assert 'href="https://a.example"' in html
    assert 'rel="noopener noreferrer nofollow"' in html
