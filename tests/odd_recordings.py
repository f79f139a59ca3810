"""Recordings as classrooms send them: one small file for each kind, made by ffmpeg.

All show and sound a clapperboard: the picture is white and a tone is heard in the first fifth of
seconds 1, 3, 5, … so that a test can tell whether picture and sound still stand where they did.
"""

import struct
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.media_clips import make_clip

Maker = Callable[[Path], Path]
SECONDS = 9
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-bf", "2", "-g", "50")
AAC = ("-c:a", "aac", "-b:a", "64k")
CLAP = "between(mod(t+1\\,2)\\,0\\,0.2)"


def picture(*, seconds: float = SECONDS, size: str = "320x180", fps: str = "25") -> list[str]:
    """Return the input of a moving picture that is white at each clap."""
    flash = f"drawbox=color=white:t=fill:enable='{CLAP}'"
    return ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={fps}:duration={seconds},{flash}"]


def tone(*, seconds: float = SECONDS, hz: int = 48_000, layout: str = "mono") -> list[str]:
    """Return the input of a tone that is heard at each clap."""
    count = {"mono": 1, "stereo": 2, "5.1": 6, "7.1": 8}[layout]
    voice = f"0.6*sin(2*PI*440*t)*{CLAP}"
    voices = "|".join([voice] * count)
    return ["-f", "lavfi", "-i", f"aevalsrc='{voices}':s={hz}:d={seconds}:c={layout}"]


def both() -> list[str]:
    """Return both inputs."""
    return [*picture(), *tone()]


def a_recording(path: Path) -> Path:
    """Return the plainest of them, which others are made from."""
    return make_clip(path, *both(), *H264, *AAC)


def made_by(*options: str, inputs: list[str] | None = None) -> Maker:
    """Return a maker that encodes the clapperboard with these options."""
    return lambda path: make_clip(path, *(inputs or both()), *options)


def made_from_plain(*options: str, before: tuple[str, ...] = ()) -> Maker:
    """Return a maker that repackages a plain recording with these options."""

    def make(path: Path) -> Path:
        plain = a_recording(path.with_name(f"plain of {path.name}.mp4"))
        return make_clip(path, *before, "-i", str(plain), *options)

    return make


def joined(*options: str, first: tuple[str, ...] = (), second: tuple[str, ...] = ()) -> Maker:
    """Return a maker that writes one recording of 4 s after another into one file."""

    def make(path: Path) -> Path:
        content = b""
        for number, more in enumerate((first, second)):
            piece = path.with_name(f"{number} of {path.name}")
            short = ["-t", "4", *(options or (*H264, *AAC)), *more]
            content += make_clip(piece, *both(), *short).read_bytes()
        path.write_bytes(content)
        return path

    return make


def a_phone_turned_while_recording(path: Path) -> Path:
    """A browser's recording whose picture changes its size midway."""
    lines = []
    for number, size in enumerate(("320x180", "180x320")):
        piece = path.with_name(f"{number} of {path.name}")
        shape = [*picture(size=size, seconds=6), *tone(seconds=6)]
        make_clip(piece, *shape, "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus")
        lines.append(f"file '{piece}'\n")
    listing = path.with_suffix(".txt")
    listing.write_text("".join(lines))
    return make_clip(path, "-f", "concat", "-safe", "0", "-i", str(listing), "-c", "copy")


def several_tracks(path: Path) -> Path:
    """Two languages, subtitles, chapters and a cover in one Matroska file."""
    words = path.with_name("words.srt")
    words.write_text("1\n00:00:01,000 --> 00:00:03,000\nสวัสดี\n")
    notes = path.with_name("chapters.txt")
    notes.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=4000\ntitle=หนึ่ง\n")
    cover = make_clip(path.with_name("cover.jpg"), *picture(seconds=1), "-frames:v", "1")
    hum = ["-f", "lavfi", "-i", f"sine=frequency=100:duration={SECONDS}"]
    options = ["-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map_metadata", "4"]
    options += ["-metadata:s:a:0", "language=tha", "-metadata:s:a:1", "language=eng"]
    options += ["-attach", str(cover), "-metadata:s:t", "mimetype=image/jpeg"]
    inputs = [*both(), *hum, "-i", str(words), "-i", str(notes)]
    return make_clip(path, *inputs, *options, *H264, *AAC, "-c:s", "srt")


def with_flipped_bits(maker: Maker) -> Maker:
    """Return a maker of a file whose middle third is damaged in many places."""

    def make(path: Path) -> Path:
        content = bytearray(maker(path).read_bytes())
        third = len(content) // 3
        for at in range(third, 2 * third, 1999):
            content[at] ^= 0x55
        path.write_bytes(content)
        return path

    return make


def with_lost_middle(maker: Maker) -> Maker:
    """Return a maker of a file of which some kilobytes in the middle are zeros."""

    def make(path: Path) -> Path:
        content = bytearray(maker(path).read_bytes())
        begin, end = len(content) * 45 // 100, len(content) * 55 // 100
        content[begin:end] = bytes(end - begin)
        path.write_bytes(content)
        return path

    return make


def cut_at(share: float, maker: Maker) -> Maker:
    """Return a maker of a file that ends after this share of its bytes."""

    def make(path: Path) -> Path:
        content = maker(path).read_bytes()
        path.write_bytes(content[: int(len(content) * share)])
        return path

    return make


def claiming(seconds: float, maker: Maker) -> Maker:
    """Return a maker of a Matroska file whose header tells another length."""

    def make(path: Path) -> Path:
        content = maker(path).read_bytes()
        at = content.index(b"\x44\x89\x88") + 3  # Duration, a double, in milliseconds
        path.write_bytes(content[:at] + struct.pack(">d", seconds * 1000) + content[at + 8 :])
        return path

    return make


def a_still_for_ten_minutes(path: Path) -> Path:
    """One picture under a long talk."""
    still = make_clip(path.with_name("still.mp4"), *picture(seconds=0.04), *H264)
    talk = ["-f", "lavfi", "-i", "sine=frequency=200:duration=600"]
    return make_clip(path, "-i", str(still), *talk, "-c:v", "copy", *AAC)


def two_stills_in_ten_minutes(path: Path) -> Path:
    """One frame now and one after ten minutes."""
    return make_clip(path, *picture(seconds=1200, fps="1/600", size="64x48"), *H264)


def a_day_at_one_frame_a_second(path: Path) -> Path:
    """A tiny picture of 24 hours."""
    hour = make_clip(
        path.with_name(f"piece of {path.name}"), *picture(seconds=600, fps="1", size="64x48"), *H264
    )
    return make_clip(path, "-stream_loop", "143", "-i", str(hour), "-c", "copy")


def unsteady(path: Path) -> Path:
    """A screen recorder that leaves out frames in which nothing changes."""
    rare = ["-vf", "select='not(mod(n,13))+between(mod(t+1,2),0,0.24)'", "-fps_mode", "vfr"]
    return make_clip(path, *both(), *rare, *H264, *AAC, "-g", "500")


def turned(*how: str) -> Maker:
    """Return a maker of a phone's recording with a note to turn or mirror it."""
    return made_from_plain("-c", "copy", before=how)


def wide(size: str, fps: str = "25", seconds: float = 5) -> list[str]:
    """Return the inputs of a recording in another shape."""
    return [*picture(size=size, fps=fps, seconds=seconds), *tone(seconds=seconds)]


LOSSLESS = ("-c:v", "ffv1", *AAC)
TEN_BIT = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1")
X265 = "log-level=error:repeat-headers=1:colorprim=bt2020:colormatrix=bt2020nc:transfer="
BT2020 = ("-color_primaries", "bt2020", "-colorspace", "bt2020nc")
PQ = ("-x265-params", f"{X265}smpte2084", *BT2020, "-color_trc", "smpte2084")
HLG = ("-x265-params", f"{X265}arib-std-b67", *BT2020, "-color_trc", "arib-std-b67")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-auto-alt-ref", "0")

FROM_PHONES: Mapping[str, Maker] = {
    "index first.mp4": made_from_plain("-c", "copy", "-movflags", "faststart"),
    "index last.mp4": a_recording,
    "turned by 90.mp4": turned("-display_rotation", "90"),
    "turned by 180.mp4": turned("-display_rotation", "180"),
    "turned by 270.mov": turned("-display_rotation", "270"),
    "mirrored.mp4": turned("-display_hflip"),
    "trimmed by a phone.mp4": made_from_plain("-c", "copy", before=("-ss", "1.5")),
    "film of ten bits, PQ.mov": made_by(*TEN_BIT, *PQ, *AAC),
    "film of ten bits, HLG.mp4": made_by(*TEN_BIT, *HLG, *AAC),
    "old phone.3gp": made_by(
        *("-c:v", "h263", "-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1"),
        inputs=wide("176x144", "15"),
    ),
    "voice note.amr": made_by("-c:a", "libopencore_amrnb", "-ar", "8000", inputs=tone()),
    "voice note.opus": made_by("-c:a", "libopus", "-b:a", "16k", inputs=tone()),
    "tall.mp4": made_by(*H264, *AAC, inputs=wide("180x420")),
}
FROM_COMPUTERS: Mapping[str, Maker] = {
    "screen.mkv": made_by(*H264, *AAC),
    "screen at ten frames.mp4": made_by(*H264, *AAC, inputs=wide("320x180", "10")),
    "unsteady.mp4": unsteady,
    "lost power.mkv": cut_at(0.7, made_by(*H264, *AAC)),
    "several tracks.mkv": several_tracks,
    "phone turned while recording.webm": a_phone_turned_while_recording,
    "fragments.mp4": made_by(*H264, *AAC, "-movflags", "frag_keyframe+empty_moov"),
    "slide show.wmv": made_by("-c:v", "wmv2", "-c:a", "wmav2"),
    "old site.flv": made_by("-c:v", "flv1", "-c:a", "libmp3lame", "-ar", "44100"),
    "h264.flv": made_by(*H264, *AAC),
    "old program.avi": made_by("-c:v", "mpeg4", "-bf", "0", "-c:a", "libmp3lame"),
    "ProRes.mov": made_by("-c:v", "prores_ks", "-c:a", "pcm_s24le"),
    "camera.mov": made_by("-c:v", "mjpeg", "-pix_fmt", "yuvj422p", "-c:a", "pcm_s16le"),
    "disc.vob": made_by(
        *("-target", "pal-dvd", "-flags", "+ildct+ilme", "-vf", "scale=720:576,setsar=16/15"),
    ),
    "television.ts": made_by("-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-c:a", "mp2"),
    "animated.gif": made_by(inputs=picture(fps="10")),
    "AV1.mp4": made_by("-c:v", "libsvtav1", "-preset", "12", *AAC),
    "AV1.webm": made_by("-c:v", "libsvtav1", "-preset", "12", "-c:a", "libopus"),
    "VP9.webm": made_by("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libvorbis"),
    "seen through.webm": made_by(*VP8, "-pix_fmt", "yuva420p", "-c:a", "libopus"),
    "all colours.mp4": made_by(*H264, "-pix_fmt", "yuv444p", *AAC),
    "ten bits 422.mp4": made_by(*H264, "-pix_fmt", "yuv422p10le", *AAC),
    "narrow pixels.mp4": made_by(*H264, "-vf", "setsar=4/3", *AAC),
    "very wide.mp4": made_by(*H264, *AAC, inputs=wide("1280x240")),
    "odd size.mkv": made_by(*LOSSLESS, inputs=wide("321x181")),
    "one pixel.mkv": made_by(*LOSSLESS, "-vf", "scale=1:1", inputs=wide("64x64")),
    "4K.mp4": made_by(*H264, *AAC, inputs=wide("3840x2160", "10", 3)),
    "8K.mp4": made_by(*H264, *AAC, inputs=wide("7680x4320", "2", 3)),
    "1000 frames a second.mp4": made_by(*H264, *AAC, inputs=wide("64x64", "1000", 3)),
}
ODD_SOUND: Mapping[str, Maker] = {
    "8 kHz.wav": made_by("-c:a", "pcm_s16le", inputs=tone(hz=8000)),
    "96 kHz.flac": made_by("-c:a", "flac", inputs=tone(hz=96_000, layout="stereo")),
    "eight channels.mkv": made_by(*H264, "-c:a", "flac", inputs=[*picture(), *tone(layout="7.1")]),
    "surround.mp4": made_by(*H264, "-c:a", "ac3", inputs=[*picture(), *tone(layout="5.1")]),
    "song.mp3": made_by("-c:a", "libmp3lame", inputs=tone()),
}
ODD_TIMES: Mapping[str, Maker] = {
    "begins at 30 s.ts": made_from_plain("-c", "copy", "-output_ts_offset", "30"),
    "clock runs over.ts": made_from_plain(
        "-c", "copy", "-output_ts_offset", "95440", "-muxdelay", "0"
    ),
    "two recordings.ts": joined(),
    "size changes.ts": joined(second=("-s", "180x320")),
    "sound changes.ts": joined(second=("-ac", "2", "-ar", "44100")),
    "clock jumps.ts": joined(second=("-output_ts_offset", "4000")),
    "clock jumps back.vob": joined("-target", "pal-dvd"),
    "begins before zero.mkv": made_from_plain(
        "-c", "copy", "-avoid_negative_ts", "disabled", "-output_ts_offset", "-0.4"
    ),
    "picture ends early.mp4": made_by(*H264, *AAC, inputs=[*picture(seconds=4), *tone()]),
    "picture ends early.mkv": made_by(*H264, *AAC, inputs=[*picture(seconds=4), *tone()]),
    "sound ends early.mp4": made_by(*H264, *AAC, inputs=[*picture(), *tone(seconds=4)]),
    "sound begins late.mp4": made_by(
        *H264, *AAC, "-c:a", "aac", inputs=[*picture(), "-itsoffset", "2", *tone(seconds=7)]
    ),
    "picture begins late.mp4": made_by(
        *H264, *AAC, inputs=["-itsoffset", "2", *picture(seconds=7), *tone()]
    ),
    "empty sound track.mp4": made_by(*H264, *AAC, "-af", "atrim=end=0"),
    "claims an hour.mkv": claiming(3600, made_by(*H264, *AAC)),
    "claims three seconds.mkv": claiming(3, made_by(*H264, *AAC)),
    "a still for ten minutes.mp4": a_still_for_ten_minutes,
    "two stills in ten minutes.mp4": two_stills_in_ten_minutes,
}
DAMAGED: Mapping[str, Maker] = {
    "flipped bits.mp4": with_flipped_bits(a_recording),
    "flipped bits.mkv": with_flipped_bits(made_by(*H264, *AAC)),
    "flipped bits.ts": with_flipped_bits(made_by(*H264, *AAC)),
    "flipped bits.avi": with_flipped_bits(made_by("-c:v", "mpeg4", "-c:a", "libmp3lame")),
    "flipped bits.webm": with_flipped_bits(made_by(*VP8, "-c:a", "libopus")),
    "flipped bits.mp3": with_flipped_bits(made_by("-c:a", "libmp3lame", inputs=tone())),
    "lost middle.mp4": with_lost_middle(a_recording),
    "lost middle.mkv": with_lost_middle(made_by(*H264, *AAC)),
    "lost middle.ts": with_lost_middle(made_by(*H264, *AAC)),
    "cut off.mp4": cut_at(0.6, made_from_plain("-c", "copy", "-movflags", "faststart")),
    "cut off.avi": cut_at(0.6, made_by("-c:v", "mpeg4", "-c:a", "libmp3lame")),
    "cut off.flv": cut_at(0.6, made_by(*H264, *AAC)),
    "cut off.wmv": cut_at(0.6, made_by("-c:v", "wmv2", "-c:a", "wmav2")),
    "cut off.ts": cut_at(0.6, made_by(*H264, *AAC)),
    "cut off.webm": cut_at(0.6, made_by(*VP8, "-c:a", "libopus")),
    "cut off.ogg": cut_at(0.6, made_by("-c:a", "libvorbis", inputs=tone())),
}
REFUSED: Mapping[str, Maker] = {
    "no index.mp4": cut_at(0.6, a_recording),
    "a day.mp4": a_day_at_one_frame_a_second,
}
PLAYING = {**FROM_PHONES, **FROM_COMPUTERS, **ODD_SOUND, **ODD_TIMES}
