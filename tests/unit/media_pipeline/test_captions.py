import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.captions import Cue, plain_text, read_cues, to_webvtt
from media_pipeline.errors import CaptionsRejected

SRT = "1\n00:00:01,500 --> 00:00:03,000\nสวัสดีครับ\n\n2\n00:00:04,000 --> 00:00:05,000\nนักเรียน\n"
VTT = "WEBVTT\n\n00:00:01.500 --> 00:00:03.000\nสวัสดีครับ\n\n00:00:04.000 --> 00:00:05.000\nนักเรียน\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp874", "utf-16"])
def test_srt_in_any_encoding_of_thai_programs_becomes_webvtt(encoding: str) -> None:
    assert to_webvtt(SRT.encode(encoding)) == VTT


def test_windows_line_ends_and_webvtt_itself_are_taken() -> None:
    assert to_webvtt(VTT.replace("\n", "\r\n").encode()) == VTT


def test_positions_styles_and_comments_are_dropped() -> None:
    raw = (
        "WEBVTT - a title\n\nSTYLE\n::cue { color: red }\n\nNOTE 00:01 --> never\n\n"
        "intro\n01:02.5 --> 01:04.000 position:10%\n<v Kru><b>ก</b> <c.red>ข</c>\n"
    )

    assert to_webvtt(raw.encode()) == "WEBVTT\n\n00:01:02.500 --> 00:01:04.000\n<b>ก</b> ข\n"


def test_markup_that_is_no_markup_stays_as_text() -> None:
    raw = b"1\n00:00:01,000 --> 00:00:02,000\na < b & c > d\n<script>x</script>\n"

    assert "a &lt; b &amp; c &gt; d\nx\n" in to_webvtt(raw)


def test_cues_without_an_empty_line_between_them_are_told_apart() -> None:
    raw = b"1\n00:00:01,000 --> 00:00:02,000\nA\n2\n00:00:03,000 --> 00:00:04,000\nB\n"

    assert [cue.text for cue in read_cues(raw)] == ["A", "B"]


@pytest.mark.parametrize(
    ("raw", "line", "code"),
    [
        (b"", 1, "no_cues"),
        (b"hello\n", 1, "no_cues"),
        (b"\x00\x01\x02", 1, "not_text"),
        (b"1\n00:00:01 -> 00:00:02\nA\n\n2\n00:xx --> 00:01\n", 6, "bad_time"),
        (b"1\n00:00:05,000 --> 00:00:02,000\nA\n", 2, "bad_order"),
    ],
)
def test_a_bad_file_names_the_line(raw: bytes, line: int, code: str) -> None:
    with pytest.raises(CaptionsRejected) as rejected:
        to_webvtt(raw)

    assert (rejected.value.line, rejected.value.code) == (line, code)


@given(st.binary(max_size=300))
def test_any_bytes_give_captions_or_a_clear_no(raw: bytes) -> None:
    with contextlib.suppress(CaptionsRejected):
        assert to_webvtt(raw).startswith("WEBVTT\n\n")


@pytest.mark.timeout(60)  # it took hours
@pytest.mark.parametrize(
    "hostile", ["1\n00:01 --> 00:02\n<" + "a" * 400_000, "NOTE\n" + "-->\n" * 100_000]
)
def test_a_hostile_file_does_not_keep_the_reader_busy(hostile: str) -> None:
    with contextlib.suppress(CaptionsRejected):
        to_webvtt(hostile.encode())


def test_the_words_of_a_cue_are_searched_without_its_tags() -> None:
    cue = Cue(0, 1000, "<b>เศษส่วน</b> &lt;1\n&amp; <i>ทศนิยม</i>")

    assert plain_text(cue) == "เศษส่วน <1 & ทศนิยม"


def test_what_was_written_reads_back_the_same() -> None:
    cues = read_cues(VTT.encode())

    assert read_cues(to_webvtt(VTT.encode()).encode()) == cues
