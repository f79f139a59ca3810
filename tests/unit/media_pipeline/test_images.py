from pathlib import Path

import pytest
from PIL import Image

from media_pipeline.errors import MediaRejected
from media_pipeline.images import draw_image, save_within
from media_pipeline.sniff import sniff_document


def test_a_photograph_is_turned_upright_and_loses_its_metadata(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    exif[0x010E] = "where the school is"
    Image.new("RGB", (3000, 2000), "orange").save(tmp_path / "a.jpg", exif=exif)

    made = draw_image(tmp_path / "a.jpg", tmp_path)

    (page,) = made.pages
    assert page.large
    assert page.small
    assert made.copy
    assert page.large.height_px > page.large.width_px
    assert (page.number, page.text) == (1, "")
    for path in (page.large.path, page.small.path, made.copy, made.poster):
        with Image.open(path) as shown:
            assert len(shown.getexif()) == 0
        assert b"school" not in path.read_bytes()
    assert made.poster.stat().st_size <= 20_000


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16", "CMYK"])
def test_every_kind_of_pixel_is_shown(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    Image.new(mode, (50, 40)).save(path)

    (page,) = draw_image(path, tmp_path).pages
    assert page.large is not None
    assert page.large.width_px == 50


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    Image.new("RGBA", (50, 40), (0, 0, 0, 0)).save(tmp_path / "a.png")

    (page,) = draw_image(tmp_path / "a.png", tmp_path).pages
    assert page.large is not None
    with Image.open(page.large.path) as shown:
        assert shown.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("content", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\nxxxx", b"GIF89a"])
def test_a_broken_picture_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)

    with pytest.raises(MediaRejected) as rejected:
        draw_image(tmp_path / "a", tmp_path)

    assert rejected.value.code == "image_broken"


def test_a_picture_that_cannot_be_made_small_by_quality_gets_fewer_pixels(tmp_path: Path) -> None:
    noise = Image.effect_noise((900, 900), 100).convert("RGB")

    path = save_within(noise, tmp_path / "a.webp", 20_000)

    assert path.stat().st_size <= 20_000
    with Image.open(path) as small:
        assert small.width < 900


@pytest.mark.parametrize("ending", ["avif", "bmp", "tiff", "webp", "gif"])
def test_other_kinds_of_pictures_are_shown(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    Image.new("RGB", (80, 60), "teal").save(path)

    made = draw_image(path, tmp_path)

    assert sniff_document(path) == ending
    assert made.pages[0].small is not None


def test_every_page_of_a_scanned_tiff_is_a_page(tmp_path: Path) -> None:
    pages = [Image.new("L", (80, 60), shade) for shade in (255, 128, 0)]
    pages[0].save(tmp_path / "a.tiff", save_all=True, append_images=pages[1:])

    made = draw_image(tmp_path / "a.tiff", tmp_path)

    assert (len(made.pages), made.page_count, made.copy) == (3, 3, None)


def test_sixteen_bits_of_grey_keep_their_shades(tmp_path: Path) -> None:
    Image.new("I;16", (50, 40), 32_768).save(tmp_path / "a.png")

    (page,) = draw_image(tmp_path / "a.png", tmp_path).pages

    assert page.large is not None
    with Image.open(page.large.path) as shown:
        grey = shown.convert("L").getpixel((5, 5))
        assert grey == pytest.approx(128, abs=12)


def test_a_place_and_a_name_in_a_photograph_are_in_nothing_that_is_served(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x013B] = "Somchai Jaidee"
    exif.get_ifd(0x8825).update({1: "N", 2: (13.0, 44.0, 11.1), 3: "E", 4: (100.0, 29.0, 0.0)})
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>Somchai Jaidee</x:xmpmeta>"
    path = tmp_path / "a.jpg"
    Image.effect_mandelbrot((900, 600), (-2, -1, 1, 1), 50).save(path, exif=exif, xmp=xmp)
    assert b"Somchai" in path.read_bytes()

    made = draw_image(path, tmp_path)

    (page,) = made.pages
    assert page.large
    assert page.small
    assert made.copy
    for served in (page.large.path, page.small.path, made.copy, made.poster):
        content = served.read_bytes()
        assert b"Somchai" not in content
        assert b"Exif" not in content
        assert b"xmpmeta" not in content


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "svg"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a -->\n<svg/>", "svg"),
        ("<?xml version='1.0'?><svg/>".encode("utf-16"), "svg"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "heic"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isomavc1", ""),
        (b"<?xml version='1.0'?><html/>", ""),
    ],
)
def test_kinds_that_are_refused_are_known_by_their_content(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    (tmp_path / "a.png").write_bytes(content)

    assert sniff_document(tmp_path / "a.png") == kind
