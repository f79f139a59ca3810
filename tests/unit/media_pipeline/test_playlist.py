from media_pipeline.parts import codecs_of
from media_pipeline.playlist import (
    PartPiece,
    VariantEntry,
    measured_rates,
    media_playlist,
    multivariant_playlist,
)

FIRST = PartPiece(
    url="aa.m4s", init_bytes=800, size_bytes=1800, duration_s=4.0, segments=[[4.0, 800, 1000]]
)
SECOND = PartPiece(
    url="bb.m4s",
    init_bytes=801,
    size_bytes=3001,
    duration_s=7.5,
    segments=[[4.0, 801, 1200], [3.5, 2001, 1000]],
)
SOUND = VariantEntry(url="audio.m3u8", peak_bps=45_000, average_bps=40_000, codecs="mp4a.40.2")
LOW = VariantEntry(
    url="240p.m3u8",
    peak_bps=100_000,
    average_bps=80_000,
    codecs="avc1.640015",
    width_px=426,
    height_px=240,
    fps=15,
)


def test_parts_join_with_an_init_of_their_own() -> None:
    text = media_playlist([FIRST, SECOND], is_whole=True)

    assert text == (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-TARGETDURATION:4\n"
        "#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n"
        '#EXT-X-MAP:URI="aa.m4s",BYTERANGE="800@0"\n'
        "#EXTINF:4.000000,\n#EXT-X-BYTERANGE:1000@800\naa.m4s\n"
        '#EXT-X-MAP:URI="bb.m4s",BYTERANGE="801@0"\n'
        "#EXTINF:4.000000,\n#EXT-X-BYTERANGE:1200@801\nbb.m4s\n"
        "#EXTINF:3.500000,\n#EXT-X-BYTERANGE:1000@2001\nbb.m4s\n"
        "#EXT-X-ENDLIST\n"
    )


def test_a_growing_playlist_starts_at_zero_and_only_gets_longer() -> None:
    shorter = media_playlist([FIRST], is_whole=False)
    longer = media_playlist([FIRST, SECOND], is_whole=False)

    assert "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-START:TIME-OFFSET=0,PRECISE=YES\n" in shorter
    assert "ENDLIST" not in shorter
    assert longer.startswith(shorter)


def test_a_playlist_without_parts_is_still_a_playlist() -> None:
    assert "#EXT-X-TARGETDURATION:4" in media_playlist([], is_whole=False)


def test_the_multivariant_playlist_counts_the_sound_in() -> None:
    lines = multivariant_playlist([LOW], SOUND).splitlines()

    assert lines[3].startswith('#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound"')
    assert lines[4] == (
        '#EXT-X-STREAM-INF:BANDWIDTH=145000,AVERAGE-BANDWIDTH=120000,CODECS="avc1.640015,mp4a.40.2"'
        ',RESOLUTION=426x240,FRAME-RATE=15.000,AUDIO="sound"'
    )
    assert lines[5] == "240p.m3u8"
    assert lines[6] == (
        '#EXT-X-STREAM-INF:BANDWIDTH=45000,AVERAGE-BANDWIDTH=40000,CODECS="mp4a.40.2",AUDIO="sound"'
    )
    assert lines[7] == "audio.m3u8"


def test_sound_alone_is_a_variant_without_a_group() -> None:
    text = multivariant_playlist([], SOUND)

    assert "TYPE=AUDIO" not in text
    assert 'AUDIO="sound"' not in text
    assert text.endswith("audio.m3u8\n")


def test_a_silent_video_names_no_sound() -> None:
    text = multivariant_playlist([LOW])

    assert "AUDIO=" not in text
    assert 'CODECS="avc1.640015"' in text


def test_rates_are_what_the_segments_really_weigh() -> None:
    peak_bps, average_bps = measured_rates([*FIRST.segments, *SECOND.segments])

    assert peak_bps == 2400
    assert average_bps == 2227


def test_a_last_moment_does_not_make_the_peak() -> None:
    assert measured_rates([[4.0, 0, 1000], [0.1, 1000, 500]])[0] < 4000


def test_nothing_weighs_nothing() -> None:
    assert measured_rates([]) == (0, 0)


def test_codecs_are_told_as_browsers_ask_for_them() -> None:
    h264 = b"\0\0\0\x0davcC\x01\x64\x00\x1f\xff"
    eight_bits = b"\0\0\0\x0cav1C\x81\x05\x0c\x00"
    ten_bits_high_tier = b"\0\0\0\x0cav1C\x81\x2d\xcc\x00"

    assert codecs_of(h264) == "avc1.64001f"
    assert codecs_of(eight_bits) == "av01.0.05M.08"
    assert codecs_of(ten_bits_high_tier) == "av01.1.13H.10"
    assert codecs_of(b"....mp4a....") == "mp4a.40.2"
