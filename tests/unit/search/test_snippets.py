from search.index import Passage
from search.snippets import marked_snippet, marks_in
from search.words import query_words


def test_a_snippet_shows_the_words_and_what_stands_around() -> None:
    text = "ก่อนหน้า " * 40 + "วงแหวนของดาวเสาร์" + " ต่อไป" * 40

    line = marked_snippet(Passage(snippet=text), query_words("ดาวเสาร์"))

    assert "ดาวเสาร์" in line.snippet
    assert line.snippet.startswith("…")
    assert line.snippet.endswith("…")
    assert len(line.snippet) < 170
    assert [line.snippet[start:end] for start, end in line.marks] == ["ดาวเสาร์"]


def test_a_snippet_without_the_words_is_the_beginning() -> None:
    passage = Passage(snippet="แสงเดินทาง\nเป็นเส้นตรง")

    assert marked_snippet(passage, query_words("เสียง")) == Passage(snippet="แสงเดินทาง เป็นเส้นตรง")


def test_marks_do_not_overlap_and_english_words_begin_where_words_begin() -> None:
    text = "Art of party: การบวก"

    marks = marks_in(text, query_words("art การบวก บวก"))

    assert [text[start:end] for start, end in marks] == ["Art", "การบวก"]
