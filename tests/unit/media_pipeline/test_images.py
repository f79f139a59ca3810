from pathlib import Path

import pytest
from PIL import Image

from media_pipeline.errors import MediaRejected
from media_pipeline.images import draw_image, save_within


def test_a_photograph_is_turned_upright_and_loses_its_metadata(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    exif[0x010E] = "where the school is"
    Image.new("RGB", (3000, 2000), "orange").save(tmp_path / "a.jpg", exif=exif)

    made = draw_image(tmp_path / "a.jpg", tmp_path)

    (page,) = made.pages
    assert page.height_px > page.width_px
    assert (page.number, page.text) == (1, "")
    with Image.open(page.path) as shown:
        assert len(shown.getexif()) == 0
    assert b"school" not in page.path.read_bytes()
    assert made.poster.stat().st_size <= 20_000


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16", "CMYK"])
def test_every_kind_of_pixel_is_shown(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    Image.new(mode, (50, 40)).save(path)

    assert draw_image(path, tmp_path).pages[0].width_px == 50


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    Image.new("RGBA", (50, 40), (0, 0, 0, 0)).save(tmp_path / "a.png")

    with Image.open(draw_image(tmp_path / "a.png", tmp_path).pages[0].path) as shown:
        assert shown.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("content", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\nxxxx", b"GIF89a"])
def test_a_broken_picture_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)

    with pytest.raises(MediaRejected) as rejected:
        draw_image(tmp_path / "a", tmp_path)

    assert rejected.value.code == "broken_file"


def test_a_picture_that_cannot_be_made_small_by_quality_gets_fewer_pixels(tmp_path: Path) -> None:
    noise = Image.effect_noise((900, 900), 100).convert("RGB")

    path = save_within(noise, tmp_path / "a.webp", 20_000)

    assert path.stat().st_size <= 20_000
    with Image.open(path) as small:
        assert small.width < 900
