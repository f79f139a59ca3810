"""What teachers write, as HTML."""

import pytest

from server.services.markdown import MOST_CELLS, as_html, as_plain


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


def a_table(columns: int, rows: str) -> str:
    return f"{'|a' * columns}\n{'|-' * columns}\n{rows}\n"


@pytest.mark.parametrize(
    "hostile",
    [
        a_table(2, "a\n" * 9_990),
        a_table(30, "a\n" * 9_900),
        a_table(2_500, "a\n" * 5_000),
        a_table(30, "a\n" * 66) * 75,
        "".join(f"> {line}\n" for line in a_table(100, "a\n" * 4_000).split("\n")),
        a_table(4_900, ""),
    ],
)
def test_short_rows_are_not_filled_up_without_end(hostile: str) -> None:
    text = hostile[:20_000]

    html = as_html(text)

    assert html.count("<td") + html.count("<th>") <= MOST_CELLS
    assert as_plain(text).replace("\n", "").count("a") == text.count("a")


def test_a_table_of_a_whole_term_is_a_table() -> None:
    html = as_html(a_table(12, "|ก" * 12 + "\n" + ("|ก" * 12 + "\n") * 199))

    assert html.count("<td>") == 12 * 200
    assert html.count("<table>") == 1
