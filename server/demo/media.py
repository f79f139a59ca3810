"""The files of the demo lessons, drawn and encoded here: Thai slides, a speech-like sound."""

from pathlib import Path

import pypdfium2
from fpdf import FPDF

from media_pipeline.run import Limits, run_ffmpeg
from media_pipeline.tools import Tools
from server.demo.script import DemoLesson

SLIDE_S = 15
SLIDE_MM = (254.0, 142.875)  # 16:9
SLIDE_PX = 1280
FPS = 10
STORY_S = 45
FONT = "Sarabun_400Regular.ttf"
FONT_FOLDERS = ("frontend/node_modules/@expo-google-fonts/sarabun", "server/static")
PAPER, INK, ACCENT = (250, 248, 240), (38, 50, 56), (0, 105, 92)
# Harmonics of a low voice, in syllables and sentences: enough for loudness, waveforms and ears.
VOICE = (
    "0.22*(sin(2*PI*130*t)+0.6*sin(2*PI*260*t)+0.4*sin(2*PI*520*t)+0.25*sin(2*PI*1170*t))"
    "*pow(max(0\\,sin(2*PI*2.2*t))\\,0.6)*gt(sin(2*PI*0.21*t)\\,-0.6)"
)


class FontMissing(Exception):
    """The Thai font is not there: the front end was not built."""


def make_file(lesson: DemoLesson, folder: Path, tools: Tools) -> Path:
    """Return the lesson's file. Raises FontMissing, MediaFailed."""
    path = folder / lesson.file_name
    if lesson.form == "audio":
        _run([*_voice(STORY_S), *SOUND, str(path)], tools)
        return path
    pdf_path = path.with_suffix(".pdf")
    _draw_slides(lesson, pdf_path)
    if lesson.form == "video":
        images = _images_of(pdf_path)
        _run(_film(images, path), tools)
    return path


def captions_of(lesson: DemoLesson) -> bytes:
    """Return WebVTT that says what the slides say."""
    cues = ["WEBVTT\n"]
    for number, lines in enumerate(lesson.slides):
        begin, end = number * SLIDE_S, (number + 1) * SLIDE_S
        cues.append(f"{_time(begin)} --> {_time(end)}\n{' '.join(lines)}\n")
    return "\n".join(cues).encode()


def find_font() -> Path:
    """Return the Thai font. Raises FontMissing."""
    root = Path(__file__).parents[2]
    for folder in FONT_FOLDERS:
        if found := next((root / folder).rglob(FONT), None):
            return found
    raise FontMissing(f"{FONT} is missing: build the front end first (npm ci in frontend/)")


def _draw_slides(lesson: DemoLesson, path: Path) -> None:
    pdf = FPDF(unit="mm", format=(SLIDE_MM[1], SLIDE_MM[0]), orientation="landscape")
    pdf.add_font("Sarabun", fname=find_font())
    pdf.set_text_shaping(use_shaping_engine=True)  # else Thai marks stand in the wrong places
    pdf.set_auto_page_break(auto=False)
    for heading, *lines in lesson.slides:
        pdf.add_page()
        pdf.set_fill_color(*PAPER)
        pdf.rect(0, 0, *SLIDE_MM, style="F")
        pdf.set_fill_color(*ACCENT)
        pdf.rect(0, 0, 8, SLIDE_MM[1], style="F")
        _write(pdf, heading, y_mm=38, size_pt=44, colour=ACCENT)
        for number, line in enumerate(lines):
            _write(pdf, line, y_mm=70 + 20 * number, size_pt=28, colour=INK)
    pdf.output(str(path))


def _write(
    pdf: FPDF, text: str, *, y_mm: float, size_pt: int, colour: tuple[int, int, int]
) -> None:
    pdf.set_font("Sarabun", size=size_pt)
    pdf.set_text_color(*colour)
    pdf.set_xy(24, y_mm)
    pdf.cell(text=text)


def _images_of(pdf_path: Path) -> list[Path]:
    paths = []
    with pypdfium2.PdfDocument(pdf_path) as document:
        for number, page in enumerate(document):
            image = page.render(scale=SLIDE_PX / page.get_width()).to_pil()
            paths.append(pdf_path.with_name(f"{pdf_path.stem}-{number}.png"))
            image.save(paths[-1])
    return paths


def _film(images: list[Path], path: Path) -> list[str]:
    shown = [word for image in images for word in _still(image)]
    joined = "".join(f"[{number}:v]" for number in range(len(images)))
    picture = f"{joined}concat=n={len(images)}:v=1:a=0,scale={SLIDE_PX}:-2,format=yuv420p[v]"
    voice = _voice(SLIDE_S * len(images))
    mapped = ["-filter_complex", picture, "-map", "[v]", "-map", f"{len(images)}:a"]
    coded = ["-c:v", "libx264", "-preset", "veryfast", "-g", str(FPS * 4), *SOUND]
    return [*shown, *voice, *mapped, *coded, str(path)]


def _still(image: Path) -> list[str]:
    return ["-loop", "1", "-framerate", str(FPS), "-t", str(SLIDE_S), "-i", str(image)]


def _voice(length_s: int) -> list[str]:
    return ["-f", "lavfi", "-i", f"aevalsrc={VOICE}:s=32000:d={length_s}"]


def _run(options: list[str], tools: Tools) -> None:
    run_ffmpeg([str(tools.ffmpeg), "-v", "error", "-y", *options], Limits(nice=10))


def _time(seconds: int) -> str:
    return f"00:{seconds // 60:02}:{seconds % 60:02}.000"


SOUND = ["-c:a", "aac", "-b:a", "64k"]
