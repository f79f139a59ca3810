import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.caption_reading import read_captions
from media_pipeline.captions import Cue, format_srt, plain_text, read_cues, to_webvtt
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


BAD = (
    "1\n00:00:05,000 --> 00:00:02,000\nA\n\n"
    "2\n-00:00:03,000 --> 00:00:04,000\nB\n\n"
    "3\n --> 00:00:04,000\nC\n\n"
    "4\n00:00:06,000 --> 00:00:x,000\nD\n\n"
    "5\n00:02:00,000 --> 00:02:01,000\nE\n\n"
    "no times here\n"
)


def test_every_fault_is_told_with_line_and_column_and_its_cue() -> None:
    reading = read_captions(BAD.encode("utf-16"), duration_ms=60_000)

    assert [(f.line, f.column, f.code, f.cue) for f in reading.faults] == [
        (2, 18, "bad_order", 0),
        (6, 1, "negative_time", 1),
        (10, 1, "missing_time", 2),
        (14, 18, "bad_time", 3),
        (18, 1, "past_end", 4),
        (21, 1, "no_times", 5),
    ]
    assert [draft.text for draft in reading.drafts] == ["A", "B", "C", "D", "E", "no times here"]


def test_what_has_one_meaning_only_is_mended_and_said() -> None:
    raw = (
        "2\n00:00:04.0 -> 00:00:07,000\n<font color=red>สอง</font>\n\n"
        "1\n๐๐:๐๐:๐๑,๐๐๐ --> 00:00:04,500\nหนึ่ง\n3\n00:00:08,000 --> 00:00:09,000\nสาม\n"
    )

    reading = read_captions(raw.encode("utf-8-sig"), duration_ms=8_500)

    assert reading.faults == []
    assert [(c.start_ms, c.end_ms, c.text) for c in reading.cues] == [
        (1000, 4000, "หนึ่ง"),
        (4000, 7000, "สอง"),
        (8000, 8500, "สาม"),
    ]
    assert {"mark", "arrow", "tags", "order", "overlap", "blank_line", "past_end"} <= set(
        reading.mends
    )


def test_a_damaged_byte_does_not_make_utf_8_into_cp874() -> None:
    raw = SRT.encode().replace("ครับ".encode(), b"\xe0\xb8")

    reading = read_captions(raw)

    assert [(fault.code, fault.line) for fault in reading.faults] == [("bad_bytes", 3)]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_read(encoding: str) -> None:
    assert [cue.text for cue in read_cues(SRT.encode(encoding))] == ["สวัสดีครับ", "นักเรียน"]


def test_a_hundred_thousand_cues_are_refused_and_at_most_fifty_faults_told() -> None:
    many = read_captions(b"1\n00:00:01,000 --> 00:00:02,000\nA\n\n" * 100_000)
    wrong = read_captions(b"1\n00:00:05,000 --> 00:00:02,000\nA\n\n" * 200)

    assert [fault.code for fault in many.faults] == ["too_many_cues"]
    assert (len(wrong.faults), wrong.has_more_faults) == (50, True)


def test_srt_comes_out_as_it_went_in() -> None:
    assert read_cues(format_srt(read_cues(SRT.encode())).encode()) == read_cues(SRT.encode())
