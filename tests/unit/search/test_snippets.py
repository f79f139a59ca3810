from search.snippets import cut_snippet
from search.words import query_words


def test_a_line_around_the_word_that_was_sought() -> None:
    text = "ก่อนหน้านี้ " * 50 + "วงแหวนของดาวเสาร์" + " หลังจากนั้น" * 50

    line = cut_snippet(text, query_words("ดาวเสาร์คืออะไร"))

    assert "ดาวเสาร์" in line
    assert line[0] == line[-1] == "…"
    assert len(line) <= 162


def test_a_short_text_is_shown_whole() -> None:
    assert cut_snippet("น้ำ\nแข็ง", query_words("ไฟ")) == "น้ำ แข็ง"
