"""Short recordings of several looks: what the saving of bytes is measured on."""

import math
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from benchmarks.rig.lectures import FPS, TOOLS, ffmpeg

LENGTH_S = 8
SIZE_PX = (1920, 1080)
BODY_PX = 42
ASSETS = Path(__file__).parents[2] / "server" / "static" / "assets"
WORDS = (
    "พื้นที่ผิวและปริมาตรของกรวย",
    "การสังเคราะห์ด้วยแสงของพืช",
    "ผู้เรียนอธิบายความหมายได้",
    "กฎการเคลื่อนที่ข้อที่สอง",
    "ประวัติศาสตร์กรุงศรีอยุธยา",
)
Colour = tuple[int, int, int]
Draw = Callable[[int], Image.Image]


def slide_looks(folder: Path) -> Iterator[Path]:
    """Make dark slides that fade, slides beside a moving picture, writing, and a scrolled text."""
    yield _recorded(folder / "dark slides.mp4", _fading((18, 20, 28), (225, 225, 230)))
    plain = _recorded(folder / "light slides.mp4", _fading((250, 250, 252), (30, 30, 40)))
    beside = folder / "slides and camera.mp4"
    moving = f"mandelbrot=size=480x270:rate={FPS},noise=alls=6:allf=t"
    camera = ["-f", "lavfi", "-t", str(LENGTH_S), "-i", moving]
    ffmpeg("-i", str(plain), *camera, "-filter_complex", "overlay=1410:780", *_fine(), str(beside))
    yield beside
    yield _recorded(folder / "board.mp4", _writing())
    yield _recorded(folder / "screen.mp4", _scrolling())


def _fine() -> list[str]:
    return ["-c:v", "libx264", "-preset", "veryfast", "-crf", "12", "-g", "240"]


def _recorded(path: Path, draw: Draw) -> Path:
    size = f"{SIZE_PX[0]}x{SIZE_PX[1]}"
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", str(FPS), "-i", "-"]
    argv = [str(TOOLS.ffmpeg), "-v", "error", "-y", *raw, "-pix_fmt", "yuv420p", *_fine()]
    with subprocess.Popen([*argv, str(path)], stdin=subprocess.PIPE) as recorder:
        assert recorder.stdin  # noqa: S101  # it was asked for
        for number in range(FPS * LENGTH_S):
            recorder.stdin.write(draw(number).tobytes())
    return path


def _font(size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(next(ASSETS.glob("sarabun-thai-400-*.woff2"))), size_px)


def _slide(paper: Colour, ink: Colour, number: int) -> Image.Image:
    page = Image.new("RGB", SIZE_PX, paper)
    pen = ImageDraw.Draw(page)
    pen.text((90, 70), WORDS[number % len(WORDS)], font=_font(2 * BODY_PX), fill=ink)
    pen.line((90, 190, 1830, 190), fill=ink, width=5)
    for line in range(7):
        for column in range(2):
            words = WORDS[(number + line + column) % len(WORDS)]
            place = (120 + 800 * column, 240 + 100 * line)
            pen.text(place, f"{words} {line}", font=_font(BODY_PX), fill=ink)
    return page


def _fading(paper: Colour, ink: Colour) -> Draw:
    pages = [_slide(paper, ink, number) for number in (0, 2)]
    half, fade = FPS * LENGTH_S // 2, FPS // 2
    return lambda n: Image.blend(pages[0], pages[1], min(1.0, max(0.0, (n - half) / fade)))


def _writing() -> Draw:
    board = Image.new("RGB", SIZE_PX, (252, 252, 250))
    pen = ImageDraw.Draw(board)

    def place(at: int) -> tuple[float, float]:
        row, x = divmod(at * 1.5, 1500)
        return 200 + x, 200 + 140 * row + 40 * math.sin(at / 9) + 25 * math.sin(0.3 * at)

    def draw(number: int) -> Image.Image:
        for at in range(4 * number, 4 * number + 4):
            if place(at + 1)[0] > place(at)[0]:
                pen.line((*place(at), *place(at + 1)), fill=(20, 40, 160), width=7)
        return board

    return draw


def _scrolling() -> Draw:
    chosen = random.Random(3)  # noqa: S311  # the same text every time
    page = Image.new("RGB", (SIZE_PX[0], 3000), (255, 255, 255))
    pen = ImageDraw.Draw(page)
    for line in range(60):
        words = " ".join(chosen.choice(WORDS) for _ in range(3))
        pen.text((120, 40 + 50 * line), words, font=_font(28), fill=(20, 20, 20))

    def draw(number: int) -> Image.Image:
        turn, moment = divmod(number, 2 * FPS)
        top_px = min(1900, 450 * turn + 15 * min(FPS, moment))
        return page.crop((0, top_px, SIZE_PX[0], top_px + SIZE_PX[1]))

    return draw
