"""Every recording is heard as loud as every other, and sound alone has a picture of itself."""

import base64
import json
import re
import subprocess
from pathlib import Path

import pytest

from media_pipeline.errors import MediaFailed
from media_pipeline.growing import encode_sound
from media_pipeline.parts import MadePart
from media_pipeline.probe import probe_file
from media_pipeline.sound import TARGET_LUFS, gain_for, measure_levelling, places_to_measure
from media_pipeline.waveform import make_waveform, scaled
from tests.media_clips import TOOLS, make_clip

MOST_PEAK_DBTP = -1.5
MOST_BPS = 40_000
NEAR_LU = 1.5
# Syllables: a humming of many tones, four times a second, with a pause every three seconds.
SPEECH = (
    "(sin(2*PI*140*t)+sin(2*PI*280*t)+0.7*sin(2*PI*700*t)+0.5*sin(2*PI*1400*t)+0.3*sin(2*PI*2600*t)"
    "+0.1*(random(0)-0.5))*pow(abs(sin(2*PI*2*t)),1.5)*lt(mod(t,3),2.4)*0.03"
)
CHANNELS = {
    "mono": SPEECH,
    "stereo": f"{SPEECH}|{SPEECH}",
    "one side": f"{SPEECH}|0",
    "opposite": f"{SPEECH}|-1*{SPEECH}",
    "5.1": f"0|0|{SPEECH}|0|0|0",
}


def a_recording(
    path: Path, *, channels: str = "mono", gain_db: float = 0, seconds: int = 24
) -> Path:
    layout = channels if channels in {"mono", "5.1"} else "stereo"
    source = f"aevalsrc='{CHANNELS[channels]}':s=48000:c={layout}:d={seconds}"
    louder = ["-af", f"volume={gain_db}dB:precision=double"]
    return make_clip(path, "-f", "lavfi", "-i", source, *louder, "-c:a", "pcm_s16le")


def encoded(path: Path, out_dir: Path) -> tuple[Path, float]:
    """Return the sound as players get it, in one file, and its bits per second."""
    parts: list[MadePart] = []
    info = probe_file(path, TOOLS)
    encode_sound(path, out_dir, TOOLS, info, on_part=parts.append, on_progress=lambda _: None)
    joined = out_dir / "joined.mp4"
    joined.write_bytes(b"".join(part.path.read_bytes() for part in parts))
    length_s = sum(part.duration_s for part in parts)
    return joined, sum(part.size_bytes for part in parts) * 8 / length_s


def heard(path: Path) -> tuple[float, float]:
    """Return integrated loudness in LUFS and true peak in dBTP, by ffmpeg's EBU R128 meter."""
    meter = ["-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"]
    argv = [str(TOOLS.ffmpeg), "-hide_banner", "-i", str(path), *meter]
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stderr
    loudness = re.findall(r"I:\s+(\S+) LUFS", told)[-1]
    return float(loudness), float(re.findall(r"Peak:\s+(\S+) dBFS", told)[-1])


@pytest.mark.parametrize("gain_db", [-10, 0, 12, 40], ids=["quiet", "usual", "loud", "clipped"])
def test_quiet_and_loud_recordings_are_heard_alike(tmp_path: Path, gain_db: float) -> None:
    joined, rate_bps = encoded(a_recording(tmp_path / "talk.wav", gain_db=gain_db), tmp_path)

    loudness_lufs, peak_dbtp = heard(joined)

    assert loudness_lufs == pytest.approx(TARGET_LUFS, abs=NEAR_LU)
    assert peak_dbtp <= MOST_PEAK_DBTP
    assert rate_bps <= MOST_BPS


@pytest.mark.parametrize("channels", ["stereo", "one side", "opposite", "5.1"])
def test_many_channels_become_one_voice_of_the_same_loudness(tmp_path: Path, channels: str) -> None:
    recording = a_recording(tmp_path / "talk.wav", channels=channels)

    loudness_lufs, peak_dbtp = heard(encoded(recording, tmp_path)[0])

    assert loudness_lufs == pytest.approx(TARGET_LUFS, abs=NEAR_LU)
    assert peak_dbtp <= MOST_PEAK_DBTP


def test_silence_stays_silence(tmp_path: Path) -> None:
    silence = make_clip(
        tmp_path / "silence.wav", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo:d=12"
    )

    levelling = measure_levelling(silence, TOOLS, probe_file(silence, TOOLS))
    joined, _ = encoded(silence, tmp_path)

    assert levelling.gain_db == 0
    assert heard(joined)[1] == float("-inf")


def test_a_loud_jingle_at_the_start_does_not_decide_about_the_talk(tmp_path: Path) -> None:
    talk = SPEECH.replace("*0.03", "*if(lt(t,20),0.5,0.03)")
    source = f"aevalsrc='{talk}':s=16000:d=600"
    recording = make_clip(tmp_path / "talk.wav", "-f", "lavfi", "-i", source)
    rest = make_clip(tmp_path / "rest.wav", "-ss", "30", "-i", str(recording))

    gain_db = measure_levelling(recording, TOOLS, probe_file(recording, TOOLS)).gain_db

    assert heard(rest)[0] + gain_db == pytest.approx(TARGET_LUFS, abs=NEAR_LU)


@pytest.mark.parametrize(("duration_s", "places"), [(0.1, 1), (60, 1), (61, 6), (36_000, 6)])
def test_what_is_measured_does_not_grow_with_the_length(duration_s: float, places: int) -> None:
    starts_s = places_to_measure(duration_s)

    assert len(starts_s) == places
    assert all(0 <= start_s <= max(0, duration_s - 10) for start_s in starts_s)


@pytest.mark.parametrize(
    ("loudness_lufs", "gain_db"),
    [(float("-inf"), 0), (-70, 0), (-55, 30), (-26, 10), (-16, 0), (0, -16), (20, -24)],
)
def test_the_gain_is_never_without_bounds(loudness_lufs: float, gain_db: float) -> None:
    assert gain_for(loudness_lufs) == gain_db


def peaks_of(path: Path, out_dir: Path) -> tuple[bytes, float]:
    waveform = make_waveform(path, out_dir, TOOLS, probe_file(path, TOOLS))
    content = json.loads(waveform.path.read_text())
    peaks = base64.b64decode(content["peaks"])
    assert (waveform.interval_s, waveform.peak_count) == (content["interval_s"], len(peaks))
    assert waveform.path.stat().st_size <= 2_500
    return peaks, waveform.interval_s


@pytest.mark.parametrize("seconds", [2, 45])
def test_the_waveform_is_high_where_it_is_loud_and_low_where_it_is_quiet(
    tmp_path: Path, seconds: int
) -> None:
    level = f"if(lt(t,{seconds / 2}),0.4,0.1)"
    tone = f"aevalsrc='{level}*sin(2*PI*440*t)':s=44100:d={seconds}"
    recording = make_clip(tmp_path / "tone.m4a", "-f", "lavfi", "-i", tone)

    peaks, interval_s = peaks_of(recording, tmp_path)

    half = len(peaks) // 2
    assert len(peaks) * interval_s == pytest.approx(seconds, abs=2 * interval_s + 0.05)
    assert max(peaks) == 255
    assert min(peaks[5 : half - 5]) > 200
    assert 40 < max(peaks[half + 5 : -5]) < 90


def test_the_waveform_of_silence_is_flat(tmp_path: Path) -> None:
    silence = make_clip(tmp_path / "silence.wav", "-f", "lavfi", "-i", "anullsrc=d=5")

    peaks, _ = peaks_of(silence, tmp_path)

    assert set(peaks) == {0}


def test_a_cut_off_recording_gets_the_waveform_of_what_is_there(tmp_path: Path) -> None:
    whole = a_recording(tmp_path / "whole.wav").read_bytes()
    cut = tmp_path / "cut.wav"
    cut.write_bytes(whole[: len(whole) // 2])

    peaks, interval_s = peaks_of(cut, tmp_path)

    assert len(peaks) * interval_s == pytest.approx(12, abs=0.2)


def test_a_file_without_sound_has_no_waveform(tmp_path: Path) -> None:
    recording = a_recording(tmp_path / "talk.wav", seconds=2)
    info = probe_file(recording, TOOLS)
    recording.write_bytes(b"not a recording any more")

    with pytest.raises(MediaFailed):
        make_waveform(recording, tmp_path, TOOLS, info)


def test_the_faintest_peaks_are_not_blown_up() -> None:
    assert scaled([-90.0, -75.0]) == bytes([0, 0])
    assert scaled([float("-inf"), -20.0]) == bytes([0, 255])
